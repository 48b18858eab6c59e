/* SPDX-License-Identifier: MIT */
/* Multiplies and divides integers where C's own operators are not enough:
 * unprivileged manual, chapter 7 (M). Its table 7.1 gives the results of
 * division by zero and of overflow, which never trap. */
#pragma once

#include "base/wide.h"

/* These return bits 127..64 of the product; u: unsigned, s: signed factors. A
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

/* Division by -1 is done as negation, right for the most negative number, too:
 * its quotient by -1 overflows, which is undefined in C and traps on x86. */
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

/* divw, remw, divuw, remuw use the low words, and all sign-extend the result,
 * even the unsigned two. Computed in 64 bits, -2^31 / -1 does not overflow. */
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
