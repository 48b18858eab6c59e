/* SPDX-License-Identifier: MIT */
/* Computes floating point exactly with integers: unprivileged manual, chapters
 * 11 (F), 12 (D) and Zfh 1.0, IEEE 754-2008. The host's FPU is used only where
 * its result is known to be the same (fp_fast.c).
 *
 * Values are raw bits: u16 half and u32 single (already unboxed), u64 double.
 * Every NaN that an operation makes is the canonical one. Tininess is detected
 * after rounding. */
#pragma once

#include "base/base.h"

/* Values of frm and of the field rm, in this order: to nearest even, to zero,
 * down, up, to nearest with ties away from zero; 7: as frm says. */
enum { FRM_RNE, FRM_RTZ, FRM_RDN, FRM_RUP, FRM_RMM, FRM_DYN = 7 };
/* fflags */
enum { FFLAG_NX = 1, FFLAG_UF = 2, FFLAG_OF = 4, FFLAG_DZ = 8, FFLAG_NV = 16 };

struct fpstate {
    u8 rm;     /* FRM_RNE .. FRM_RMM */
    u8 flags;  /* functions OR flags into it, and never clear one */
    u8 sticky; /* fcsr's flags so far; if NX is set, it need not be computed */
};

#define FP16_SIGN 0x8000u
#define FP32_SIGN 0x80000000u
#define FP64_SIGN (1ull << 63)
#define FP16_NAN  0x7e00u
#define FP32_NAN  0x7fc00000u

static inline u16 fp16_unbox(u64 f)
{
    return f >> 16 == 0xffffffffffff ? (u16)f : FP16_NAN;
}

static inline u64 fp16_box(u16 v)
{
    return 0xffffffffffff0000ull | v;
}

static inline u32 fp32_unbox(u64 f)
{
    return f >> 32 == 0xffffffff ? (u32)f : FP32_NAN;
}

static inline u64 fp32_box(u32 v)
{
    return 0xffffffff00000000ull | v;
}

/* These return the magnitude of a with the sign of b. */
static inline u16 fp16_sgnj(u16 a, u16 b)
{
    return (u16)((a & ~FP16_SIGN) | (b & FP16_SIGN));
}

static inline u32 fp32_sgnj(u32 a, u32 b)
{
    return (a & ~FP32_SIGN) | (b & FP32_SIGN);
}

static inline u64 fp64_sgnj(u64 a, u64 b)
{
    return (a & ~FP64_SIGN) | (b & FP64_SIGN);
}

u16 fp16_add(u16 a, u16 b, struct fpstate *fs);
u16 fp16_sub(u16 a, u16 b, struct fpstate *fs);
u16 fp16_mul(u16 a, u16 b, struct fpstate *fs);
u16 fp16_div(u16 a, u16 b, struct fpstate *fs);
u16 fp16_sqrt(u16 a, struct fpstate *fs);
u16 fp16_fma(u16 a, u16 b, u16 c, struct fpstate *fs); /* a * b + c */
u32 fp32_add(u32 a, u32 b, struct fpstate *fs);
u32 fp32_sub(u32 a, u32 b, struct fpstate *fs);
u32 fp32_mul(u32 a, u32 b, struct fpstate *fs);
u32 fp32_div(u32 a, u32 b, struct fpstate *fs);
u32 fp32_sqrt(u32 a, struct fpstate *fs);
u32 fp32_fma(u32 a, u32 b, u32 c, struct fpstate *fs);
u64 fp64_add(u64 a, u64 b, struct fpstate *fs);
u64 fp64_sub(u64 a, u64 b, struct fpstate *fs);
u64 fp64_mul(u64 a, u64 b, struct fpstate *fs);
u64 fp64_div(u64 a, u64 b, struct fpstate *fs);
u64 fp64_sqrt(u64 a, struct fpstate *fs);
u64 fp64_fma(u64 a, u64 b, u64 c, struct fpstate *fs);

/* minimumNumber and maximumNumber of F 2.2: -0 < +0; a number is preferred to
 * any NaN. */
u16 fp16_min(u16 a, u16 b, struct fpstate *fs);
u16 fp16_max(u16 a, u16 b, struct fpstate *fs);
u32 fp32_min(u32 a, u32 b, struct fpstate *fs);
u32 fp32_max(u32 a, u32 b, struct fpstate *fs);
u64 fp64_min(u64 a, u64 b, struct fpstate *fs);
u64 fp64_max(u64 a, u64 b, struct fpstate *fs);

/* These return 0 or 1. lt and le raise NV for any NaN, eq only for a signalling
 * one. */
u64 fp16_eq(u16 a, u16 b, struct fpstate *fs);
u64 fp16_lt(u16 a, u16 b, struct fpstate *fs);
u64 fp16_le(u16 a, u16 b, struct fpstate *fs);
u64 fp32_eq(u32 a, u32 b, struct fpstate *fs);
u64 fp32_lt(u32 a, u32 b, struct fpstate *fs);
u64 fp32_le(u32 a, u32 b, struct fpstate *fs);
u64 fp64_eq(u64 a, u64 b, struct fpstate *fs);
u64 fp64_lt(u64 a, u64 b, struct fpstate *fs);
u64 fp64_le(u64 a, u64 b, struct fpstate *fs);

/* These return the class as in table 11.5: one of ten bits. */
u64 fp16_class(u16 a);
u64 fp32_class(u32 a);
u64 fp64_class(u64 a);

/* These convert to integers. The result is the x register's value, so that even
 * to_u32 sign-extends from bit 31. Out of range and for a NaN, the result is
 * that of table 11.4, and only NV is raised. */
u64 fp16_to_s32(u16 a, struct fpstate *fs);
u64 fp16_to_u32(u16 a, struct fpstate *fs);
u64 fp16_to_s64(u16 a, struct fpstate *fs);
u64 fp16_to_u64(u16 a, struct fpstate *fs);
u64 fp32_to_s32(u32 a, struct fpstate *fs);
u64 fp32_to_u32(u32 a, struct fpstate *fs);
u64 fp32_to_s64(u32 a, struct fpstate *fs);
u64 fp32_to_u64(u32 a, struct fpstate *fs);
u64 fp64_to_s32(u64 a, struct fpstate *fs);
u64 fp64_to_u32(u64 a, struct fpstate *fs);
u64 fp64_to_s64(u64 a, struct fpstate *fs);
u64 fp64_to_u64(u64 a, struct fpstate *fs);

u16 fp16_from_s64(s64 v, struct fpstate *fs);
u16 fp16_from_u64(u64 v, struct fpstate *fs);
u32 fp32_from_s64(s64 v, struct fpstate *fs);
u32 fp32_from_u64(u64 v, struct fpstate *fs);
u64 fp64_from_s64(s64 v, struct fpstate *fs);
u64 fp64_from_u64(u64 v, struct fpstate *fs);
u16 fp16_from_fp32(u32 a, struct fpstate *fs);
u16 fp16_from_fp64(u64 a, struct fpstate *fs);
u32 fp32_from_fp16(u16 a, struct fpstate *fs);
u32 fp32_from_fp64(u64 a, struct fpstate *fs);
u64 fp64_from_fp16(u16 a, struct fpstate *fs);
u64 fp64_from_fp32(u32 a, struct fpstate *fs);
