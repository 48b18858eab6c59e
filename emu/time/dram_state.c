/* SPDX-License-Identifier: MIT */
/* What is saved of the DRAM: the rank's times and the requests that wait.
 * Clocks are absolute there, and 0 for any that is past: what the machine
 * happens to count from does not show. */
#include "time/dram.h"

/* In what is saved: a row was opened for this one (with enum served). */
static const u8 OWNER = 0x80;

void dram_queues_init(struct dram *d)
{
    d->order = 0;
    memset(d->lines, 0, sizeof(d->lines));
    for (unsigned w = 0; w < 2; w++) {
        struct dram_queue *q = &d->queue[w];
        memset(q, 0, sizeof(*q));
        memset(q->low, 0xff, sizeof(q->low)); /* DRAM_NOBODY */
        memset(q->after, 0xff, sizeof(q->after));
        q->lows[DRAM_NO_SLOT] = DRAM_NOBODY;
    }
}

static void clock_state(const struct dram *d, u16 *at, struct state *s)
{
    u64 clock = d->rank.base + *at;

    if (clock <= d->clock || !*at)
        clock = 0;
    state_val(s, clock);
    if (!state_loading(s))
        return;
    clock = clock > d->rank.base ? clock - d->rank.base : 0;
    state_check(s, clock < 1 << 15, "the DRAM's times");
    *at = (u16)(clock < 1 << 15 ? clock : 0);
}

static void lanes_state(const struct dram *d, struct dram_lanes *v, unsigned n,
                        struct state *s)
{
    for (unsigned i = 0; i < n; i++)
        clock_state(d, &v->of[i], s);
}

static void rank_state(struct dram *d, unsigned banks, struct state *s)
{
    struct dram_rank *r = &d->rank;
    u16 faw[ARRAY_LEN(r->faw)]; /* oldest first */

    state_val(s, r->open);
    state_check(s, !(r->open >> banks), "open DRAM banks");
    for (unsigned i = 0; i < banks; i++) {
        u32 row = r->open >> i & 1 ? r->row[i] : 0;
        state_val(s, row);
        r->row[i] = state_loading(s) ? row : r->row[i];
        r->closed.of[i] = r->open >> i & 1 ? 0 : 0xffff;
    }
    lanes_state(d, &r->row_at, banks, s);
    lanes_state(d, &r->col_at, banks, s);
    lanes_state(d, &r->act_at, banks, s);
    lanes_state(d, &r->data_at[0], banks, s);
    lanes_state(d, &r->data_at[1], banks, s);
    for (unsigned i = 0; i < ARRAY_LEN(faw); i++) {
        faw[i] = r->faw[(r->faw_next + i) % ARRAY_LEN(faw)];
        clock_state(d, &faw[i], s);
    }
    if (state_loading(s)) {
        memcpy(r->faw, faw, sizeof(faw));
        r->faw_next = 0;
    }
}

static void request_state(struct dram_request *r, struct state *s)
{
    state_val(s, r->line);
    state_val(s, r->accepted);
    state_val(s, r->touched);
    bool ok = (r->touched & ~OWNER) < SERVED_COUNT;
    state_check(s, ok, "a DRAM request");
    if (!ok)
        r->touched = 0;
}

static void writes_state(struct dram *d, struct state *s)
{
    struct dram_queue *q = &d->writes;
    u32 n = dram_pending(q);
    u64 left = q->used;

    state_val(s, n);
    state_check(s, n <= DRAM_SLOTS, "a DRAM queue");
    if (n > DRAM_SLOTS)
        n = 0;
    if (state_loading(s))
        dram_queues_init(d);
    for (u32 i = 0; i < n; i++) {
        struct dram_request r = {0};
        if (!state_loading(s)) {
            u32 slot = dram_oldest(left);
            left &= ~(1ull << slot);
            r = q->r[slot];
            if (q->owned >> r.bank & 1 && dram_oldest(q->hit[r.bank]) == slot)
                r.touched |= OWNER;
        }
        request_state(&r, s);
        bool owner = r.touched & OWNER;
        r.touched &= (u8)~OWNER;
        if (state_loading(s))
            d->run->restore(d, true, &r, owner);
    }
    bool ok = q->waiting <= DRAM_QUEUE;
    state_check(s, ok, "a DRAM queue");
    if (state_loading(s) && !ok)
        dram_queues_init(d);
}

void dram_state(struct dram *d, struct state *s)
{
    struct dram_rank *r = &d->rank;
    unsigned banks = (unsigned)d->part->bank_groups * d->part->banks;
    const u64 far = 1 << 14; /* beyond any constraint */

    dram_calm_over(d);
    state_tag(s, d->part->name);
    state_val(s, d->clock);
    state_val(s, r->refresh_at);
    state_val(s, r->refreshes);
    bool ok = d->clock < 1ull << 62 && r->refresh_at < 1ull << 62 &&
              r->refresh_at >= d->part->refi && d->clock <= r->refresh_at + far;
    state_check(s, ok, "the DRAM's times");
    if (state_loading(s) && !ok) {
        dram_rank_init(d);
        d->clock = 0;
    }
    if (state_loading(s)) {
        /* whatever has been written here may be yet to come there */
        d->calm.wrote = 0;
        memset(d->calm.wrote_to, 0, sizeof(d->calm.wrote_to));
        /* no command can come before the last refresh either */
        u64 last = r->refresh_at - d->part->refi;
        r->base = last > d->clock ? last : d->clock;
        d->quiet = d->others = 0;
    }
    rank_state(d, banks, s);
    assert(!d->reads.banks); /* a read is over when it returns */
    writes_state(d, s);
    state_flag(s, &d->writing);
    state_val(s, d->stats);
    state_val(s, d->first);
}
