/* SPDX-License-Identifier: MIT */
/* The effect of a command on the rank's times, for all banks at once. Used by
 * dram_crowd.c, which keeps these times in registers during a turn. */
#ifndef CLOCKHAND_DRAM_RANK_H
#define CLOCKHAND_DRAM_RANK_H

#include "dram_crowd.h"
#include "time/dram/dram_lanes.h"

struct bank_times {
    lanes row, col, act, data[2], closed;
};

ALWAYS struct bank_times bank_times_get(const struct crowd_rank *r)
{
    return (struct bank_times){
        lanes_get(&r->row_at),
        lanes_get(&r->col_at),
        lanes_get(&r->act_at),
        {lanes_get(&r->data_at[0]), lanes_get(&r->data_at[1])},
        lanes_get(&r->closed)};
}

ALWAYS void bank_times_put(struct crowd_rank *r, const struct bank_times *v)
{
    lanes_put(&r->row_at, v->row);
    lanes_put(&r->col_at, v->col);
    lanes_put(&r->act_at, v->act);
    lanes_put(&r->data_at[0], v->data[0]);
    lanes_put(&r->data_at[1], v->data[1]);
    lanes_put(&r->closed, v->closed);
}

/* An absolute clock as the lanes count it. */
ALWAYS u32 bank_clock(const struct crowd_rank *r, u64 clock)
{
    return clock > r->base ? (u32)(clock - r->base) : 0;
}

/* Takes `within` for the banks of the command's group, `others` for the rest.
 * Eight banks are one group with equal distances (dram_crowd_new). */
ALWAYS lanes by_group(lanes within, lanes others, lanes bank)
{
    return DRAM_LANES == 8 ? within
                           : lanes_pick(within, others, lanes_apart(bank));
}

/* The following functions send a command at clock t to the bank whose lane is
 * `bank`. t has the clock in every lane; `at` is the same clock as a number. If
 * a command was legal at t, its bank's times are not after t, so they may be
 * overwritten: times only grow. */
ALWAYS void bank_precharge(const struct crowd_distances *after,
                           struct bank_times *v, lanes t, lanes bank)
{
    lanes free = lanes_plus(t, lanes_get(&after->rp));

    v->row = lanes_pick(v->row, free, bank);
    v->closed = lanes_or(v->closed, bank);
}

ALWAYS void bank_activate(struct dram_crowd *d, struct bank_times *v, lanes t,
                          lanes bank, u32 at)
{
    struct crowd_rank *r = &d->rank;
    const struct crowd_distances *after = &d->after;
    lanes next = by_group(lanes_plus(t, lanes_get(&after->rrd[1])),
                          lanes_plus(t, lanes_get(&after->rrd[0])), bank);
    u32 n = r->faw_next;

    r->faw[n] = (u16)(at + d->part->faw);
    r->faw_next = n = (n + 1) % ARRAY_LEN(r->faw);
    v->act = lanes_max(lanes_max(v->act, lanes_all(r->faw[n])), next);
    v->row = lanes_pick(v->row, lanes_plus(t, lanes_get(&after->ras)), bank);
    v->col = lanes_pick(v->col, lanes_plus(t, lanes_get(&after->rcd)), bank);
    v->closed = lanes_but(v->closed, bank);
}

ALWAYS void bank_column(const struct crowd_distances *after,
                        struct bank_times *v, bool write, lanes t, lanes bank)
{
    lanes next = by_group(lanes_plus(t, lanes_get(&after->ccd[1])),
                          lanes_plus(t, lanes_get(&after->ccd[0])), bank);
    lanes turn = lanes_plus(t, lanes_get(&after->turn[write][0]));
    lanes pre = lanes_plus(t, lanes_get(&after->pre[write]));

    if (write)
        turn =
            by_group(lanes_plus(t, lanes_get(&after->turn[1][1])), turn, bank);
    v->data[write] = lanes_max(v->data[write], next);
    v->data[!write] = lanes_max(v->data[!write], turn);
    v->row = lanes_max(v->row, lanes_and(pre, bank));
}

#endif
