/* SPDX-License-Identifier: MIT */
/* Repeats the kernel's calls to the policy; row: the function's in seam.def. */
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

/* Keeps the marks between calls, as mechanism does, because a policy may leave
 * those of an absent zone unchanged. */
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
    if (nframes || !n || !entries)
        record_bad("the kernel starts twice, or without frames");
    nframes = n;
    framelist_init(&policy_lists, entries);
    if (replayed->init)
        replayed->init(n);
}

/* Calls page_in; only a page that has come back keeps its entry's `data`. */
static void page_in(const uint64_t *v)
{
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

static void call(enum seam_row row, const uint64_t *v, uint64_t *returned)
{
    switch (row) {
    case SEAM_OP_set_marks:
        set_marks(v, returned);
        return;
    case SEAM_OP_zone_marks:
        zone_marks(v, returned);
        return;
    case SEAM_OP_init:
        start((uint32_t)v[0]);
        return;
    case SEAM_OP_page_in:
        page_in(v);
        return;
    case SEAM_OP_victim:
        returned[1] = v[0];
        returned[0] = replayed->victim(&returned[1]);
        return;
#define U(i) (uint32_t) v[i]
#define SEAM_OP(name, text, ...)                                               \
    case SEAM_OP_##name:                                                       \
        returned[0] = replayed->name(__VA_ARGS__);                             \
        return;
#define SEAM_OP_DO(name, text, ...)                                            \
    case SEAM_OP_##name:                                                       \
        replayed->name(__VA_ARGS__);                                           \
        return;
#define SEAM_OP_KEPT(name, text)
#include "abi/seam.def"
    default:
        run(&replayed->threads[row - SEAM_RUN_0], v[0], returned);
    }
}

/* False: the replayed policy lacks the function that the kernel called. */
static bool is_there(enum seam_row row)
{
    const struct policy_thread *t = replayed->threads;
    switch (row) {
#define SEAM_OP(name, text, ...)                                               \
    case SEAM_OP_##name:                                                       \
        return replayed->name != NULL;
#include "abi/seam.def"
    default:
        for (unsigned i = SEAM_RUN_0; t && t->name && i < row; i++)
            t++;
        return t && t->name != NULL;
    }
}

void op_call(const struct refs_record *r, uint64_t returned[SEAM_WORDS])
{
    if (!replayed || (!nframes && r->row > SEAM_OP_init))
        record_bad("it does not begin with the kernel's start");
    if (r->row >= SEAM_OP_page_in && r->row <= SEAM_OP_idle &&
        r->value[0] >= nframes) /* these calls' first word is a frame */
        record_bad("a frame that does not exist");
    if (r->row != SEAM_OP_init && !is_there(r->row))
        differ_lacks(r);
    call(r->row, r->value, returned);
}
