/* SPDX-License-Identifier: MIT */
/* Core cycles and the DRAM's clocks. Each line from memory is presented in the
 * clock in which a cycle falls, and waited for until the first cycle not before
 * another clock: exact for all 64 bits, and without dividing where numbers are
 * as small as they mostly are. */
#ifndef CLOCKHAND_CLOCKS_H
#define CLOCKHAND_CLOCKS_H

#include "base/wide.h"

/* num clocks take den cycles. */
struct clocks {
    u64 num, den;
    u64 by_num, by_den; /* 2^64 / each, rounded down, but never up to it */
    u64 cycles, clocks; /* how far multiplying by those two is exact */
};

struct moment {
    u64 clock; /* that a cycle falls in, */
    u64 rest;  /* and how far: of den */
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
    /* see clocks_divide: cycles * num + 1 and clocks * den + num */
    c.cycles = (c.by_den - 1) / num;
    if (c.by_num > num)
        c.clocks = (c.by_num - num) / den;
    return c;
}

/* (x - 1) / d where by is ~0ull / d: right for x up to that. Being e / d less
 * than 2^64 / d, e from 1 to d, it takes less than 1 / d from x / d. */
static inline u64 clocks_divide(u64 x, u64 by)
{
    return wide_mul(x, by).hi;
}

/* The same two for any numbers. */
static __attribute__((noinline, cold, unused)) struct moment
clocks_at_any(const struct clocks *c, u64 cycle)
{
    u128 x = wide_mul(cycle, c->num);
    struct moment m;

    if (!x.hi) /* the host does that by itself */
        return (struct moment){x.lo / c->den, x.lo % c->den};
    m.clock = wide_divide(x, c->den, &m.rest).lo;
    return m;
}

static __attribute__((noinline, cold, unused)) u64
clocks_wait_any(const struct clocks *c, struct moment m, u64 clocks)
{
    u64 rest;
    u128 x = wide_add(wide_mul(clocks, c->den), wide_of(c->num - 1));

    x = wide_sub(x, wide_of(m.rest));
    return x.hi ? wide_divide(x, c->num, &rest).lo : x.lo / c->num;
}

static inline struct moment clocks_at(const struct clocks *c, u64 cycle)
{
    if (unlikely(cycle > c->cycles))
        return clocks_at_any(c, cycle);
    u64 x = cycle * c->num, clock = clocks_divide(x + 1, c->by_den);
    return (struct moment){clock, x - clock * c->den};
}

/* Cycles from then to the first one not before the clock that comes so many
 * clocks, at least one, later. */
static inline u64 clocks_wait(const struct clocks *c, struct moment m,
                              u64 clocks)
{
    if (unlikely(clocks > c->clocks))
        return clocks_wait_any(c, m, clocks);
    return clocks_divide(clocks * c->den + c->num - m.rest, c->by_num);
}

#endif
