/* SPDX-License-Identifier: MIT */
/* The choice of the row to open next, and the effects of ACT. Compiled as part
 * of dram_serial.c. */
#ifndef CLOCKHAND_DRAM_ROWS_H
#define CLOCKHAND_DRAM_ROWS_H

#include "time/dram/dram.h"
#include "time/dram/dram_lanes.h"

/* Parts of eight banks have one group, which needs no check. */
#define GROUPS (DRAM_LANES > 8)

static inline u32 least(u32 a, u32 b)
{
    return a < b ? a : b;
}

/* The banks' lanes in registers; stale in memory until rows_put. */
struct rows {
    lanes pre, act, oldest_write; /* pre_at, act_at, oldest_write */
};

ALWAYS struct rows rows_get(const struct dram *d)
{
    return (struct rows){lanes_get(&d->pre_at), lanes_get(&d->act_at),
                         lanes_get(&d->oldest_write)};
}

ALWAYS void rows_put(struct dram *d, const struct rows *t)
{
    lanes_put(&d->pre_at, t->pre);
    lanes_put(&d->act_at, t->act);
    lanes_put(&d->oldest_write, t->oldest_write);
}

/* The bank's row may not be closed before `pre`. */
ALWAYS void rows_hold(const struct dram *d, struct rows *t, u32 bank, u32 pre)
{
    lanes me = lanes_one(bank);

    t->pre = lanes_max(t->pre, lanes_and(lanes_all(pre), me));
    t->act = lanes_max(t->act, lanes_and(lanes_all(pre + d->after.rp), me));
}

/* The bank's row may be closed, and another opened, from `pre` on. */
ALWAYS void rows_free(const struct dram *d, struct rows *t, u32 bank, u32 pre)
{
    lanes me = lanes_one(bank);

    t->pre = lanes_pick(t->pre, lanes_all(pre), me);
    t->act = lanes_pick(t->act, lanes_all(pre + d->after.rp), me);
}

/* True if a column is sent at that clock. */
ALWAYS bool bus_has(const struct dram *d, u32 clock)
{
    return d->bus[clock % ARRAY_LEN(d->bus)] == clock;
}

/* The waiting write whose row may be opened first, not before act_from; of
 * writes with the same clock the oldest. clock: never, if no write waits. */
struct next_row {
    u32 clock, place;
};

ALWAYS struct next_row rows_next(const struct dram *d, const struct rows *t)
{
    lanes from = lanes_all(d->act_from), far = lanes_all(1022);
    lanes wait = lanes_minus(lanes_max(t->act, from), from);
    u32 key = lanes_least(
        lanes_or(lanes_times_64(lanes_min(wait, far)), t->oldest_write));
    u32 clock = d->act_from + (key >> 6);

    static_assert(DRAM_PLACES == 64, "six bits of a key");
    /* a column sent in that clock has precedence */
    clock += bus_has(d, clock);
    clock |= 0u - !d->waiting;
    return (struct next_row){clock, key % DRAM_PLACES};
}

/* Sends ACT: sets the earliest next ACT of the rank and of the bank's group. */
ALWAYS void rows_activate(struct dram *d, struct rows *t, u32 bank, u32 row,
                          u32 clock)
{
    const struct dram_distances *after = &d->after;
    u32 n = d->faw_next;

    d->faw[n] = (u16)(clock + after->faw);
    n = (n + 1) % ARRAY_LEN(d->faw);
    d->faw_next = (u16)n;
    d->act_from = most(clock + after->rrd[0], d->faw[n]);
    if (GROUPS)
        t->act = lanes_max(t->act, lanes_and(lanes_all(clock + after->rrd[1]),
                                             lanes_group_of(bank)));
    d->open |= 1u << bank;
    d->row[bank] = row;
}

/* Sets the writes that wait for the bank. */
ALWAYS void rows_wait(struct dram *d, struct rows *t, u32 bank, u64 all)
{
    u32 oldest = dram_oldest(all) | (0u - !all); /* without a branch */

    static_assert(DRAM_NOBODY == 0xffff, "all ones");
    d->of[bank] = all;
    t->oldest_write =
        lanes_pick(t->oldest_write, lanes_all(oldest), lanes_one(bank));
}

#endif
