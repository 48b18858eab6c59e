/* SPDX-License-Identifier: MIT */
/* Encodes instructions for random programs, in the formats of the unprivileged
 * manual (chapter 24), and makes random choices. */
#pragma once

#include "base/base.h"

static inline u32 r_type(unsigned f7, unsigned f3, unsigned rd, unsigned a,
                         unsigned b)
{
    return f7 << 25 | b << 20 | a << 15 | f3 << 12 | rd << 7 | 0x33;
}

static inline u32 i_type(unsigned op, unsigned f3, unsigned rd, unsigned a,
                         int imm)
{
    return (u32)imm << 20 | a << 15 | f3 << 12 | rd << 7 | op;
}

static inline u32 u_type(unsigned rd, unsigned imm)
{
    return imm << 12 | rd << 7 | 0x37;
}

static inline u32 store(unsigned f3, unsigned base, unsigned v, int imm)
{
    u32 i = (u32)imm;
    return (i >> 5 & 127) << 25 | v << 20 | base << 15 | f3 << 12 |
           (i & 31) << 7 | 0x23;
}

static inline u32 branch(unsigned f3, unsigned a, unsigned b, int to)
{
    u32 i = (u32)to;
    return (i >> 12 & 1) << 31 | (i >> 5 & 63) << 25 | b << 20 | a << 15 |
           f3 << 12 | (i >> 1 & 15) << 8 | (i >> 11 & 1) << 7 | 0x63;
}

static inline u32 jump(int to)
{
    u32 i = (u32)to;
    return (i >> 20 & 1) << 31 | (i >> 1 & 0x3ff) << 21 | (i >> 11 & 1) << 20 |
           (i >> 12 & 255) << 12 | 0x6f;
}

static inline unsigned below(u64 *seed, unsigned n)
{
    return (unsigned)((rand_step(seed) >> 20) % n);
}

#define ONE_OF(seed, ...)                                                      \
    ((const int[]){__VA_ARGS__}[below(                                         \
        seed, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))])
