/* SPDX-License-Identifier: MIT */
/* Converts between core cycles and DRAM clocks. A line access is presented in
 * the clock that contains the current cycle, and ends at the first cycle not
 * before the clock that dram_read (dram_write) returns. The conversion is exact
 * for 64-bit numbers, and needs no division for numbers of the usual size. */
#pragma once

#include "base/wide.h"

/* num clocks take den cycles. */
struct clocks {
    u64 num, den;
    u64 by_num, by_den; /* floor of (2^64 - 1) / num, (2^64 - 1) / den */
    u64 cycles, clocks; /* up to so many cycles (clocks) clocks_at (clocks_wait)
                         * multiplies by by_den (by_num) and need not divide */
};

/* The beginning of a cycle, in DRAM clocks. */
struct clock_place {
    u64 clock; /* the clock that contains it */
    u64 rest;  /* from that clock's beginning to it, in 1 / den of a clock */
};

static inline struct clocks clocks_of(u64 num, u64 den)
{
    u64 a = num, b = den;

    while (b) { /* their gcd */
        u64 t = a % b;
        a = b;
        b = t;
    }
    num /= a;
    den /= a;
    struct clocks c = {
        .num = num, .den = den, .by_num = ~0ull / num, .by_den = ~0ull / den};
    /* clocks_divide then accepts cycles * num + 1 and clocks * den + num */
    c.cycles = (c.by_den - 1) / num;
    if (c.by_num > num)
        c.clocks = (c.by_num - num) / den;
    return c;
}

/* Returns (x - 1) / d, where `by` is ~0ull / d, for x from 1 to `by`. With
 * e = 2^64 - by * d, which is 1 to d, the quotient x * by / 2^64 is below x / d
 * by x * e / (d * 2^64), which is less than 1 / d. */
static inline u64 clocks_divide(u64 x, u64 by)
{
    return wide_mul(x, by).hi;
}

/* These do the work of clocks_at and clocks_wait for any numbers. */
static __attribute__((noinline, cold, unused)) struct clock_place
clocks_at_any(const struct clocks *c, u64 cycle)
{
    u128 x = wide_mul(cycle, c->num);
    struct clock_place m;

    if (!x.hi) /* 64 bits, which the host can divide */
        return (struct clock_place){x.lo / c->den, x.lo % c->den};
    m.clock = wide_divide(x, c->den, &m.rest).lo;
    return m;
}

static __attribute__((noinline, cold, unused)) u64
clocks_wait_any(const struct clocks *c, struct clock_place m, u64 clocks)
{
    u64 rest;
    u128 x = wide_add(wide_mul(clocks, c->den), wide_of(c->num - 1));

    x = wide_sub(x, wide_of(m.rest));
    return x.hi ? wide_divide(x, c->num, &rest).lo : x.lo / c->num;
}

static inline struct clock_place clocks_at(const struct clocks *c, u64 cycle)
{
    if (unlikely(cycle > c->cycles))
        return clocks_at_any(c, cycle);
    u64 x = cycle * c->num, clock = clocks_divide(x + 1, c->by_den);
    return (struct clock_place){clock, x - clock * c->den};
}

/* Returns the cycles from m to the first cycle not before the clock that is
 * `clocks` (at least one) later than m.clock. */
static inline u64 clocks_wait(const struct clocks *c, struct clock_place m,
                              u64 clocks)
{
    if (unlikely(clocks > c->clocks))
        return clocks_wait_any(c, m, clocks);
    return clocks_divide(clocks * c->den + c->num - m.rest, c->by_num);
}
