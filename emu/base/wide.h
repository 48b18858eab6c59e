/* SPDX-License-Identifier: MIT */
/* Computes with unsigned numbers of 128 bits, also if the compiler has none (on
 * 32-bit hosts). Sums and products wrap. */
#pragma once

#include "base/base.h"

#if defined(__SIZEOF_INT128__) && !defined(WIDE_PORTABLE)
#define WIDE_NATIVE 1
typedef unsigned __int128 wide_native;
#else
#define WIDE_NATIVE 0
#endif

typedef struct {
    u64 hi, lo;
} u128;

static inline u128 wide_of(u64 lo)
{
    return (u128){0, lo};
}

static inline u128 wide_mul(u64 a, u64 b)
{
#if WIDE_NATIVE
    wide_native p = (wide_native)a * b;

    return (u128){(u64)(p >> 64), (u64)p};
#else
    u64 a_lo = (u32)a, a_hi = a >> 32, b_lo = (u32)b, b_hi = b >> 32;
    u64 one = a_hi * b_lo + (a_lo * b_lo >> 32); /* never overflows */
    u64 other = a_lo * b_hi + (u32)one;          /* never overflows */

    return (u128){a_hi * b_hi + (one >> 32) + (other >> 32), a * b};
#endif
}

static inline u128 wide_add(u128 a, u128 b)
{
    u64 lo = a.lo + b.lo;

    return (u128){a.hi + b.hi + (lo < b.lo), lo};
}

static inline u128 wide_sub(u128 a, u128 b)
{
    return (u128){a.hi - b.hi - (a.lo < b.lo), a.lo - b.lo};
}

static inline bool wide_less(u128 a, u128 b)
{
    return a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo);
}

static inline bool wide_equal(u128 a, u128 b)
{
    return a.hi == b.hi && a.lo == b.lo;
}

/* Shifts left by n, at most 127. */
static inline u128 wide_left(u128 a, unsigned n)
{
    if (n >= 64)
        return (u128){a.lo << (n - 64), 0};
    return n ? (u128){a.hi << n | a.lo >> (64 - n), a.lo << n} : a;
}

static inline u128 wide_right(u128 a, unsigned n)
{
    if (n >= 64)
        return (u128){0, a.hi >> (n - 64)};
    return n ? (u128){a.hi >> n, a.lo >> n | a.hi << (64 - n)} : a;
}

/* Returns a / d, with the remainder in *rest. d must not be 0. */
static inline u128 wide_divide(u128 a, u64 d, u64 *rest)
{
#if WIDE_NATIVE
    wide_native n = (wide_native)a.hi << 64 | a.lo, q = n / d;

    *rest = (u64)(n % d);
    return (u128){(u64)(q >> 64), (u64)q};
#else
    u128 q = {a.hi / d, 0};
    u64 r = a.hi % d;

    for (int i = 63; i >= 0; i--) {
        bool carry = r >> 63;
        r = r << 1 | (a.lo >> i & 1);
        if (carry || r >= d) {
            r -= d;
            q.lo |= 1ull << i;
        }
    }
    *rest = r;
    return q;
#endif
}
