/* SPDX-License-Identifier: MIT */
/* The calls from kernel to policy: members of struct policy_ops, by row. */
#include "tools/vmsim/replay/parts.h"

#include <stdlib.h>
#include <string.h>

static void set_marks(const uint64_t *v, uint64_t *returned)
{
    struct policy_levels l = {0};
    replayed->set_marks(v[0], &l);
    returned[0] = l.min;
    returned[1] = l.low;
    returned[2] = l.high;
}

/* The marks are kept between calls, as mechanism keeps them: a policy may leave
 * those of an absent zone as they were. */
static void zone_marks(const uint64_t *v, uint64_t *returned)
{
    static struct policy_zone_marks marks[POLICY_ZONES];
    _Static_assert(sizeof marks == 28 * sizeof *returned, "abi/seam.def: M");
    replayed->zone_marks(v, marks);
    memcpy(returned, marks, sizeof marks);
}

static void start(uint32_t n)
{
    struct frame_entry *entries = calloc(n, sizeof *entries);
    if (nframes || !entries)
        record_bad("the kernel starts twice");
    nframes = n;
    framelist_init(&policy_lists, entries);
    if (replayed->init)
        replayed->init(n);
}

/* A page that has come back keeps the policy's word about it. */
static void page_in(const uint64_t *v)
{
    if (v[0] >= nframes)
        record_bad("a frame that there is not");
    if (v[1] != CAME_BACK)
        policy_lists.entry[v[0]].data = 0;
    replayed->page_in((uint32_t)v[0], (enum policy_why)v[1], (uint32_t)v[2]);
}

static void run(const struct policy_thread *t, uint64_t now, uint64_t *returned)
{
    struct policy_nap nap = t->run(now);
    returned[0] = nap.until;
    returned[1] = nap.wake;
}

/* Calls without a result; false: the call has one. */
static bool call_without_result(enum seam_row row, const uint64_t *v)
{
    uint32_t f = (uint32_t)v[0];
    switch (row) {
    case SEAM_OP_init:
        start(f);
        return true;
    case SEAM_OP_page_in:
        page_in(v);
        return true;
    case SEAM_OP_page_gone:
        replayed->page_gone(f);
        return true;
    case SEAM_OP_page_touched:
        replayed->page_touched(f, (enum policy_why)v[1]);
        return true;
    case SEAM_OP_behind:
        replayed->behind(f);
        return true;
    case SEAM_OP_read_past:
        replayed->read_past(f, v[1]);
        return true;
    case SEAM_OP_written:
        replayed->written(f);
        return true;
    case SEAM_OP_locked:
        replayed->locked(f, v[1]);
        return true;
    case SEAM_OP_idle:
        replayed->idle(f);
        return true;
    case SEAM_OP_balance:
        replayed->balance();
        return true;
    default:
        return false;
    }
}

static void call_with_result(enum seam_row row, const uint64_t *v,
                             uint64_t *returned)
{
    uint32_t f = (uint32_t)v[0];
    switch (row) {
    case SEAM_OP_set_marks:
        set_marks(v, returned);
        return;
    case SEAM_OP_zone_marks:
        zone_marks(v, returned);
        return;
    case SEAM_OP_evicted:
        returned[0] = replayed->evicted(f);
        return;
    case SEAM_OP_victim:
        returned[1] = v[0];
        returned[0] = replayed->victim(&returned[1]);
        return;
    case SEAM_OP_reclaim:
        returned[0] = replayed->reclaim(v[0]);
        return;
    case SEAM_OP_own_victim:
        returned[0] = replayed->own_victim(v[0]);
        return;
    case SEAM_OP_may_grab:
        returned[0] = replayed->may_grab((enum policy_grab)v[0], v[1]);
        return;
    case SEAM_OP_zone_may_grab:
        returned[0] = replayed->zone_may_grab(f, (enum policy_grab)v[1], v[2]);
        return;
    case SEAM_OP_pressed:
        returned[0] = replayed->pressed();
        return;
    case SEAM_OP_wakes:
        returned[0] = replayed->wakes();
        return;
    case SEAM_OP_may_kill:
        returned[0] = replayed->may_kill();
        return;
    case SEAM_OP_all_unreclaimable:
        returned[0] = replayed->all_unreclaimable(f);
        return;
    default:
        run(&replayed->threads[row - SEAM_RUN_0], v[0], returned);
    }
}

void op_call(const struct refs_record *r, uint64_t returned[SEAM_WORDS])
{
    if (!replayed || (!nframes && r->row > SEAM_OP_init))
        record_bad("it does not begin with the kernel's start");
    if (!call_without_result(r->row, r->value))
        call_with_result(r->row, r->value, returned);
}
