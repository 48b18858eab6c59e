/* SPDX-License-Identifier: MIT */
/* Uses the host's arithmetic where its result is certain. The host (IEEE 754,
 * rounding to nearest even, as every C program starts) gives the right bits if
 * its result is a normal number above the smallest exponent: then no operand
 * was a NaN, and nothing overflowed or was tiny. Reading NX from the host is
 * expensive. So the host is used only if NX is set already (sticky), or if the
 * error is 0 or easily computed. All other cases go to fp_arith.c. */
#include <float.h>
#include <math.h>
#include "hart/fp_core.h"

_Static_assert(FLT_EVAL_METHOD == 0,
               "float and double must be computed as such (no x87)");

static double as_double(u64 bits)
{
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

static u64 double_bits(double d)
{
    u64 bits;
    memcpy(&bits, &d, sizeof bits);
    return bits;
}

static float as_float(u32 bits)
{
    float d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

static u32 float_bits(float d)
{
    u32 bits;
    memcpy(&bits, &d, sizeof bits);
    return bits;
}

/* True for normal numbers except those with the smallest exponent, which may
 * have been rounded up from tiny values. */
static bool plain64(u64 r)
{
    unsigned biased = r >> 52 & 0x7ff;
    return biased - 2 < 0x7ff - 2;
}

static bool plain32(u32 r)
{
    unsigned biased = r >> 23 & 0xff;
    return biased - 2 < 0xff - 2;
}

static bool nearest(const struct fpstate *fs)
{
    return fs->rm == FRM_RNE;
}

static bool known_inexact(const struct fpstate *fs)
{
    return fs->rm == FRM_RNE && fs->sticky & FFLAG_NX;
}

/* A sum's rounding error is itself a double: Knuth's TwoSum computes it. */
u64 fp64_add(u64 a, u64 b, struct fpstate *fs)
{
    if (likely(nearest(fs))) {
        double x = as_double(a), y = as_double(b), r = x + y;
        u64 bits = double_bits(r);
        if (likely(plain64(bits))) {
            double part = r - x;
            if ((x - (r - part)) + (y - part) != 0)
                fs->flags |= FFLAG_NX;
            return bits;
        }
    }
    return fp_add(&fp_f64, a, b, fs);
}

u64 fp64_sub(u64 a, u64 b, struct fpstate *fs)
{
    u64 negated = b ^ FP64_SIGN; /* a NaN stays a NaN of the same kind */
    return fp64_add(a, negated, fs);
}

/* True if the product of two normal numbers is surely exact: their significands
 * without trailing zeros total at most 53 bits, as those of small integers. */
static bool exact_product(u64 a, u64 b)
{
    const u64 hidden = 1ull << 52;
    return __builtin_ctzll(a | hidden) + __builtin_ctzll(b | hidden) >= 53;
}

u64 fp64_mul(u64 a, u64 b, struct fpstate *fs)
{
    if (likely(known_inexact(fs) || (nearest(fs) && exact_product(a, b)))) {
        u64 bits = double_bits(as_double(a) * as_double(b));
        if (likely(plain64(bits)))
            return bits;
    }
    return fp_mul(&fp_f64, a, b, fs);
}

u64 fp64_div(u64 a, u64 b, struct fpstate *fs)
{
    if (likely(known_inexact(fs))) {
        u64 bits = double_bits(as_double(a) / as_double(b));
        if (likely(plain64(bits)))
            return bits;
    }
    return fp_div(&fp_f64, a, b, fs);
}

u64 fp64_sqrt(u64 a, struct fpstate *fs)
{
    if (likely(known_inexact(fs))) {
        u64 bits = double_bits(sqrt(as_double(a)));
        if (likely(plain64(bits)))
            return bits;
    }
    return fp_sqrt(&fp_f64, a, fs);
}

u64 fp64_fma(u64 a, u64 b, u64 c, struct fpstate *fs)
{
    if (likely(known_inexact(fs))) {
        u64 bits = double_bits(fma(as_double(a), as_double(b), as_double(c)));
        if (likely(plain64(bits)))
            return bits;
    }
    return fp_fma(&fp_f64, a, b, c, fs);
}

u32 fp32_add(u32 a, u32 b, struct fpstate *fs)
{
    if (likely(nearest(fs))) {
        float x = as_float(a), y = as_float(b), r = x + y;
        u32 bits = float_bits(r);
        if (likely(plain32(bits))) {
            float part = r - x;
            if ((x - (r - part)) + (y - part) != 0)
                fs->flags |= FFLAG_NX;
            return bits;
        }
    }
    return (u32)fp_add(&fp_f32, a, b, fs);
}

u32 fp32_sub(u32 a, u32 b, struct fpstate *fs)
{
    return fp32_add(a, b ^ FP32_SIGN, fs);
}

/* In double the product of two floats is exact. */
u32 fp32_mul(u32 a, u32 b, struct fpstate *fs)
{
    if (likely(nearest(fs))) {
        double exact = (double)as_float(a) * (double)as_float(b);
        float r = (float)exact;
        u32 bits = float_bits(r);
        if (likely(plain32(bits))) {
            if ((double)r != exact)
                fs->flags |= FFLAG_NX;
            return bits;
        }
    }
    return (u32)fp_mul(&fp_f32, a, b, fs);
}

u32 fp32_div(u32 a, u32 b, struct fpstate *fs)
{
    if (likely(known_inexact(fs))) {
        u32 bits = float_bits(as_float(a) / as_float(b));
        if (likely(plain32(bits)))
            return bits;
    }
    return (u32)fp_div(&fp_f32, a, b, fs);
}

u32 fp32_sqrt(u32 a, struct fpstate *fs)
{
    if (likely(known_inexact(fs))) {
        u32 bits = float_bits(sqrtf(as_float(a)));
        if (likely(plain32(bits)))
            return bits;
    }
    return (u32)fp_sqrt(&fp_f32, a, fs);
}

u32 fp32_fma(u32 a, u32 b, u32 c, struct fpstate *fs)
{
    if (likely(known_inexact(fs))) {
        u32 bits = float_bits(fmaf(as_float(a), as_float(b), as_float(c)));
        if (likely(plain32(bits)))
            return bits;
    }
    return (u32)fp_fma(&fp_f32, a, b, c, fs);
}
