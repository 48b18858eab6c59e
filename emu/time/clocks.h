/* SPDX-License-Identifier: MIT */
/* Core cycles and the DRAM's clocks. Each line from memory is presented in the
 * clock in which a cycle falls, and waited for until the first cycle not before
 * another clock: exact for all 64 bits, and without dividing where numbers are
 * as small as they mostly are. */
#ifndef CLOCKHAND_CLOCKS_H
#define CLOCKHAND_CLOCKS_H

#include "base/base.h"

/* num clocks take den cycles. */
struct clocks {
    u64 num, den;
    u64 by_num, by_den; /* 2^63 / each, rounded up */
    u64 cycles, clocks; /* how far multiplying by those two may be trusted */
};

struct moment {
    u64 clock; /* that a cycle falls in, */
    u64 rest;  /* and how far: of den */
};

static inline struct clocks clocks_of(u64 num, u64 den)
{
    const u64 top = 1ull << 63;
    u64 a = num, b = den;

    while (b) { /* their gcd */
        u64 t = a % b;
        a = b;
        b = t;
    }
    num /= a;
    den /= a;
    struct clocks c = {.num = num,
                       .den = den,
                       .by_num = (top - 1) / num + 1,
                       .by_den = (top - 1) / den + 1,
                       .cycles = (top - 1) / num};
    /* (clocks * den + num) * num < 2^63: then no quotient is one too large */
    if ((top - 1) / num > num)
        c.clocks = ((top - 1) / num - num) / den;
    return c;
}

/* x, below 2^63, by what `by` is the inverse of; at most one too large. */
static inline u64 clocks_divide(u64 x, u64 by)
{
    return (u64)((u128)x * by >> 63);
}

/* The same two for any numbers. */
static __attribute__((noinline, cold, unused)) struct moment
clocks_at_any(const struct clocks *c, u64 cycle)
{
    u128 x = (u128)cycle * c->num;

    return (struct moment){(u64)(x / c->den), (u64)(x % c->den)};
}

static __attribute__((noinline, cold, unused)) u64
clocks_wait_any(const struct clocks *c, struct moment m, u64 clocks)
{
    u128 x = (u128)clocks * c->den + (c->num - 1) - m.rest;

    return clocks ? (u64)(x / c->num) : 0;
}

static inline struct moment clocks_at(const struct clocks *c, u64 cycle)
{
    u64 x = cycle * c->num, clock = clocks_divide(x, c->by_den);
    u64 rest = x - clock * c->den;

    if (unlikely(cycle > c->cycles))
        return clocks_at_any(c, cycle);
    if (unlikely((s64)rest < 0)) {
        clock--;
        rest += c->den;
    }
    return (struct moment){clock, rest};
}

/* Cycles from then to the first one not before the clock that comes so many
 * clocks later; 0 if none. */
static inline u64 clocks_wait(const struct clocks *c, struct moment m,
                              u64 clocks)
{
    u64 x = clocks * c->den + (c->num - 1 - m.rest);

    return likely(clocks - 1 < c->clocks) ? clocks_divide(x, c->by_num)
                                          : clocks_wait_any(c, m, clocks);
}

#endif
