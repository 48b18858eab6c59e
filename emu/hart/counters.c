/* SPDX-License-Identifier: MIT */
/* Computes the guest's counters and mtime. A counter is the machine's plus an
 * offset; while the counter is inhibited, the offset is its frozen value. */
#include "base/wide.h"
#include "hart/internal.h"

#define INHIBIT_CY 1u
#define INHIBIT_IR 4u

u64 hart_mcycle(const struct hart *h)
{
    u64 runs = h->mcountinhibit & INHIBIT_CY ? 0 : h->cycle;
    return runs + h->mcycle_offset;
}

u64 hart_minstret(const struct hart *h)
{
    u64 runs = h->mcountinhibit & INHIBIT_IR ? 0 : h->instret;
    return runs + h->minstret_offset;
}

/* A write replaces the increment by the writing instruction, so the next one
 * reads v (3.1.10). For mcycle this holds only if the write takes one cycle. */
void hart_mcycle_write(struct hart *h, u64 v)
{
    u64 next = h->mcountinhibit & INHIBIT_CY ? 0 : h->cycle + 1;
    h->mcycle_offset = v - next;
}

void hart_minstret_write(struct hart *h, u64 v)
{
    u64 next = h->mcountinhibit & INHIBIT_IR ? 0 : h->instret + 1;
    h->minstret_offset = v - next;
}

/* The instruction that inhibits a counter is not counted; the instruction that
 * ends the inhibition is. */
void hart_inhibit_write(struct hart *h, u32 v)
{
    u64 mcycle = hart_mcycle(h), minstret = hart_minstret(h);
    h->mcountinhibit = v & (INHIBIT_CY | INHIBIT_IR);
    h->mcycle_offset = mcycle - (v & INHIBIT_CY ? 0 : h->cycle);
    h->minstret_offset = minstret - (v & INHIBIT_IR ? 0 : h->instret);
}

/* Returns the ticks of the timebase since power-on. */
static u128 ticks(const struct hart *h)
{
    u64 rest;

    return wide_divide(wide_mul(h->cycle, h->timebase_hz), h->clock_hz, &rest);
}

u64 hart_mtime(const struct hart *h)
{
    u64 product; /* fits in 64 bits for the first minutes */
    if (likely(!__builtin_mul_overflow(h->cycle, h->timebase_hz, &product)))
        return product / h->clock_hz + h->mtime_offset;
    return ticks(h).lo + h->mtime_offset;
}

/* Returns the cycle of the more_ticks-th tick from now (mtime may wrap). */
static u64 cycle_in(const struct hart *h, u64 more_ticks)
{
    u64 rest;
    u128 at = wide_add(ticks(h), wide_of(more_ticks));
    u128 by = wide_mul(at.lo, h->clock_hz);
    by.hi += at.hi * h->clock_hz;
    by = wide_add(by, wide_of(h->timebase_hz - 1));
    u128 cycle = wide_divide(by, h->timebase_hz, &rest);
    return cycle.hi ? ~0ull : cycle.lo;
}

u64 hart_cycle_of_change(const struct hart *h, u64 t)
{
    u64 now = hart_mtime(h);
    if (now < t)
        return cycle_in(h, t - now);
    /* a wrap that is more than 2^63 ticks away never comes */
    return t && now >> 63 ? cycle_in(h, 0 - now) : ~0ull;
}
