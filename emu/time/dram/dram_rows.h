/* SPDX-License-Identifier: MIT */
/* Chooses the row to open next; performs ACT. Compiled as part of
 * dram_serial.c. */
#pragma once

#include "time/dram/dram.h"

#define ALWAYS static inline __attribute__((always_inline))

static inline u32 least(u32 a, u32 b)
{
    return a < b ? a : b;
}

/* Forbids closing the bank's row before `pre`. */
ALWAYS void rows_hold(struct dram *d, u32 bank, u32 pre)
{
    d->pre_at[bank] = (u16)most(d->pre_at[bank], pre);
    d->act_at[bank] = (u16)most(d->act_at[bank], pre + d->after.rp);
}

/* Allows closing the bank's row from `pre` on, to open another. */
ALWAYS void rows_free(struct dram *d, u32 bank, u32 pre)
{
    d->pre_at[bank] = (u16)pre;
    d->act_at[bank] = (u16)(pre + d->after.rp);
}

/* True if a column is sent at that clock. */
ALWAYS bool bus_has(const struct dram *d, u32 clock)
{
    return d->bus[clock % ARRAY_LEN(d->bus)] == clock;
}

/* The waiting write whose row may be opened first, not before act_from; of
 * several, the oldest. clock: the clock of that ACT; ~0: no write waits. */
struct next_row {
    u32 clock, place;
};

ALWAYS struct next_row rows_next(const struct dram *d)
{
    u32 from = d->act_from, key = DRAM_NOBODY;

    for (u32 left = d->waits; left; left &= left - 1) {
        u32 bank = (u32)__builtin_ctz(left);
        u32 wait = least(most(d->act_at[bank], from) - from, 1022);
        key = least(key, wait << 6 | (u32)__builtin_ctzll(d->of[bank]));
    }
    static_assert(DRAM_PLACES == 64, "six bits of a key");
    u32 clock = from + (key >> 6);
    /* a column sent in that clock has precedence */
    clock += bus_has(d, clock);
    clock |= 0u - !d->waiting;
    return (struct next_row){clock, key % DRAM_PLACES};
}

/* Sends ACT: sets the earliest next ACT of the rank and of the bank's group. */
ALWAYS void rows_activate(struct dram *d, u32 bank, u32 row, u32 clock)
{
    const struct dram_distances *after = &d->after;
    u32 n = d->faw_next;

    d->faw[n] = (u16)(clock + after->faw);
    n = (n + 1) % ARRAY_LEN(d->faw);
    d->faw_next = (u16)n;
    d->act_from = most(clock + after->rrd[0], d->faw[n]);
    if (d->part->bank_groups > 1)
        for (u32 i = bank & ~3u; i < (bank & ~3u) + 4; i++) /* its group */
            d->act_at[i] = (u16)most(d->act_at[i], clock + after->rrd[1]);
    d->open |= 1u << bank;
    d->row[bank] = row;
}

/* Makes `all` the set of writes that wait for the bank. */
ALWAYS void rows_wait(struct dram *d, u32 bank, u64 all)
{
    d->of[bank] = all;
    d->waits = (d->waits & ~(1u << bank)) | (u32) !!all << bank;
}

/* Returns those places of `among` whose row is `row`. */
ALWAYS u64 same_row(const struct dram *d, u32 row, u64 among)
{
    u64 set = 0;

    for (; among; among &= among - 1) {
        u32 place = (u32)__builtin_ctzll(among);
        set |= (u64)(d->row_of[place] == row) << place;
    }
    return set;
}
