/* SPDX-License-Identifier: MIT */
/* Small arithmetic that several policies need. */
#pragma once

#include "vm/policy.h"

#define SECOND 1000000000ull /* in nanoseconds */

static inline uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}
static inline uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}
/* Returns a - b, but at least 0. */
static inline uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}
/* Returns a threshold's tunable if it is set, > `above` and < `below`; else
 * `computed`. Reports a set value outside these bounds (policy_unusable). */
static inline uint64_t set_or(enum tunable t, uint64_t above, uint64_t below,
                              uint64_t computed)
{
    uint64_t set = (uint64_t)policy_tunable(t);
    if (set > above && set < below)
        return set;
    if (set)
        policy_unusable(t, above + 1, below - 1);
    return computed;
}
/* Returns the next moment after now that is a multiple of period. */
static inline uint64_t next_beat(uint64_t now, uint64_t period)
{
    return (now / period + 1) * period;
}
/* Returns a scan rate or share: low if free reaches limit, high at 0, linear in
 * between (4.3BSD's and SunOS' schedpaging). */
static inline uint64_t between(uint64_t low, uint64_t high, uint64_t free,
                               uint64_t limit)
{
    free = smaller(free, limit);
    return (low * free + high * (limit - free)) / larger(limit, 1);
}

/* True if processes that wait for memory cannot be helped. Either: the caller
 * found nothing in some revolutions, and swap is full or no write is under way.
 * Or: for 20 ticks (5 s) swap was full, a process waited and most of memory was
 * mapped: programs lose pages that they need again at once. (A reader of a file
 * larger than memory waits as often, but most of memory is not mapped then.)
 * Called once a tick, that is each quarter of a second. */
static inline bool is_hopeless(bool nothing_found, unsigned *ticks)
{
    bool full = !policy_swap_free();
    bool mapped = 2 * policy_mapped_frames() > policy_frames();
    *ticks = full && mapped && policy_waiters() ? *ticks + 1 : 0;
    if (!policy_waiters() || !(nothing_found || *ticks >= 20) ||
        (policy_writing() && !full))
        return false;
    *ticks = 0;
    return true;
}
