/* SPDX-License-Identifier: MIT */
/* Integer multiply and divide where C's own operators are not enough:
 * unprivileged manual, chapter 7 (M); table 7.1 gives the results of division
 * by zero and of overflow. They never trap. */
#pragma once

#include "base/wide.h"

/* Return bits 127..64 of the product: unsigned, signed by unsigned, signed. A
 * negative number is 2^64 less than its bits read as unsigned. */
static inline u64 mul_high_uu(u64 a, u64 b)
{
    return wide_mul(a, b).hi;
}

static inline u64 mul_high_su(u64 a, u64 b)
{
    return mul_high_uu(a, b) - ((s64)a < 0 ? b : 0);
}

static inline u64 mul_high_ss(u64 a, u64 b)
{
    return mul_high_su(a, b) - ((s64)b < 0 ? a : 0);
}

static inline u64 div_u64(u64 a, u64 b)
{
    return b ? a / b : ~0ull;
}

static inline u64 rem_u64(u64 a, u64 b)
{
    return b ? a % b : a;
}

/* Division by -1 is negation: also right for the most negative number, whose
 * quotient does not fit (C leaves that undefined, x86 traps). */
static inline u64 div_s64(u64 a, u64 b)
{
    if (b == ~0ull)
        return 0 - a;
    return b ? (u64)((s64)a / (s64)b) : ~0ull;
}

static inline u64 rem_s64(u64 a, u64 b)
{
    if (b == ~0ull)
        return 0;
    return b ? (u64)((s64)a % (s64)b) : a;
}

/* The .w forms use the low words and sign-extend the result, divuw and remuw
 * too. In 64 bits -2^31 / -1 does not overflow. */
static inline s64 div_s32(u64 a, u64 b)
{
    return (s32)b ? (s32)((s64)(s32)a / (s32)b) : -1;
}

static inline s64 rem_s32(u64 a, u64 b)
{
    return (s32)b ? (s32)((s64)(s32)a % (s32)b) : (s32)a;
}

static inline s64 div_u32(u64 a, u64 b)
{
    return (u32)b ? (s32)((u32)a / (u32)b) : -1;
}

static inline s64 rem_u32(u64 a, u64 b)
{
    return (u32)b ? (s32)((u32)a % (u32)b) : (s32)a;
}
