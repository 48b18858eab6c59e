/* SPDX-License-Identifier: MIT */
/* Manipulates bits where C has no operator, after the pseudocode of the
 * unprivileged manual, chapters "B" (Zba, Zbb, Zbc, Zbs) and "Scalar
 * cryptography" (Zbkb, Zbkx). */
#pragma once

#include "base/base.h"

/* These count leading or trailing zeros; the width if all bits are zero. */
static inline u64 clz64(u64 a)
{
    return a ? (u64)__builtin_clzll(a) : 64;
}

static inline u64 ctz64(u64 a)
{
    return a ? (u64)__builtin_ctzll(a) : 64;
}

static inline u64 clz32(u32 a)
{
    return a ? (u64)__builtin_clz(a) : 32;
}

static inline u64 ctz32(u32 a)
{
    return a ? (u64)__builtin_ctz(a) : 32;
}

static inline u64 rol64(u64 a, u64 n)
{
    return a << (n & 63) | a >> (-n & 63);
}

static inline u64 ror64(u64 a, u64 n)
{
    return a >> (n & 63) | a << (-n & 63);
}

static inline u32 rol32(u32 a, u64 n)
{
    return a << (n & 31) | a >> (-n & 31);
}

static inline u32 ror32(u32 a, u64 n)
{
    return a >> (n & 31) | a << (-n & 31);
}

/* Puts all ones into each byte that is not 0. A byte of `t` is 0x80 if the byte
 * of a is not 0, else 0; no sum carries into the next byte. */
static inline u64 orc_b(u64 a)
{
    const u64 low = 0x7f7f7f7f7f7f7f7full;
    u64 t = (((a & low) + low) | a) & ~low;
    return (t >> 7) * 0xff;
}

/* Reverses the bits of each byte. */
static inline u64 brev8(u64 a)
{
    a = (a & 0x5555555555555555ull) << 1 | (a >> 1 & 0x5555555555555555ull);
    a = (a & 0x3333333333333333ull) << 2 | (a >> 2 & 0x3333333333333333ull);
    return (a & 0x0f0f0f0f0f0f0f0full) << 4 | (a >> 4 & 0x0f0f0f0f0f0f0f0full);
}

/* clmul_low returns bits 63..0 of the carry-less product, _reversed 126..63,
 * _high 127..64. The loop runs once for each set bit of b. */
static inline u64 clmul_low(u64 a, u64 b)
{
    u64 p = 0;
    for (; b; b &= b - 1)
        p ^= a << __builtin_ctzll(b);
    return p;
}

static inline u64 clmul_reversed(u64 a, u64 b)
{
    u64 p = 0;
    for (; b; b &= b - 1)
        p ^= a >> (63 - __builtin_ctzll(b));
    return p;
}

static inline u64 clmul_high(u64 a, u64 b)
{
    return clmul_reversed(a, b) >> 1;
}

/* Looks up elements of n bits, 4 or 8. Element k of the result is the element
 * of a whose number is element k of b, or 0 if a has no such element. */
static inline u64 xperm(u64 a, u64 b, unsigned n)
{
    u64 mask = (1u << n) - 1, r = 0;
    for (unsigned k = 0; k < 64; k += n) {
        u64 at = (b >> k & mask) * n;
        if (at < 64)
            r |= (a >> at & mask) << k;
    }
    return r;
}
