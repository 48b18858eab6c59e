/* SPDX-License-Identifier: MIT */
/* Converts between formats, and from and to integers. */
#include "hart/fp_core.h"

/* Rounds u to an integer by rm. Sets *value to its magnitude, and *inexact if
 * bits were lost. Returns false if the magnitude is 2^64 or more. */
static bool round_to_int(struct unpacked u, unsigned rm, u64 *value,
                         bool *inexact)
{
    *inexact = false;
    *value = 0;
    if (u.kind == FPK_ZERO)
        return true;
    if (u.exp > 63)
        return false;
    u64 whole = u.exp < 0 ? 0 : u.sig >> (63 - u.exp);
    /* bit 63 of frac is worth 1/2; bit 0 also stands for lost bits */
    u64 frac = u.exp == 63  ? 0
               : u.exp >= 0 ? u.sig << (u.exp + 1)
                            : fp_jam64(u.sig, (unsigned)(-1 - u.exp));
    const u64 half = 1ull << 63;
    bool up = false;
    if (rm == FRM_RNE)
        up = frac > half || (frac == half && whole & 1);
    else if (rm == FRM_RMM)
        up = frac >= half;
    else if (rm == FRM_RDN)
        up = u.sign && frac;
    else if (rm == FRM_RUP)
        up = !u.sign && frac;
    *inexact = frac != 0;
    *value = whole + up;
    return *value || !up; /* false: a carry out of bit 63 */
}

/* Limits of an integer type, as magnitudes. */
struct int_limits {
    u64 max, min;
};
static const struct int_limits lim_s32 = {0x7fffffff, 0x80000000};
static const struct int_limits lim_u32 = {0xffffffff, 0};
static const struct int_limits lim_s64 = {~0ull >> 1, 1ull << 63};
static const struct int_limits lim_u64 = {~0ull, 0};

static u64 to_int(const struct fpfmt *f, u64 a, struct int_limits lim,
                  struct fpstate *fs)
{
    struct unpacked u = fp_unpack(f, a);
    bool nan = u.kind >= FPK_QNAN, inexact = false;
    bool negative = u.sign && !nan;
    u64 v = 0, most = negative ? lim.min : lim.max;
    bool fits = u.kind <= FPK_FINITE && round_to_int(u, fs->rm, &v, &inexact);

    if (!fits || v > most) {
        fs->flags |= FFLAG_NV;
        v = most;
    } else if (inexact) {
        fs->flags |= FFLAG_NX;
    }
    return negative ? 0 - v : v;
}

static u64 from_int(const struct fpfmt *f, bool sign, u64 v, struct fpstate *fs)
{
    if (!v)
        return fp_zero(f, false);
    int up = __builtin_clzll(v);
    return fp_round_pack(f, sign, 63 - up, v << up, fs);
}

static u64 to_format(const struct fpfmt *to, const struct fpfmt *from, u64 a,
                     struct fpstate *fs)
{
    struct unpacked u = fp_unpack(from, a);
    switch (u.kind) {
    case FPK_SNAN:
        fs->flags |= FFLAG_NV;
        return fp_nan(to);
    case FPK_QNAN:
        return fp_nan(to);
    case FPK_INF:
        return fp_inf(to, u.sign);
    case FPK_ZERO:
        return fp_zero(to, u.sign);
    default:
        return fp_round_pack(to, u.sign, u.exp, u.sig, fs);
    }
}

#define FORMAT(T, P, F)                                                        \
    u64 P##_to_s32(T a, struct fpstate *fs)                                    \
    {                                                                          \
        return (u64)(s32)to_int(&F, a, lim_s32, fs);                           \
    }                                                                          \
    u64 P##_to_u32(T a, struct fpstate *fs)                                    \
    {                                                                          \
        return (u64)(s32)to_int(&F, a, lim_u32, fs);                           \
    }                                                                          \
    u64 P##_to_s64(T a, struct fpstate *fs)                                    \
    {                                                                          \
        return to_int(&F, a, lim_s64, fs);                                     \
    }                                                                          \
    u64 P##_to_u64(T a, struct fpstate *fs)                                    \
    {                                                                          \
        return to_int(&F, a, lim_u64, fs);                                     \
    }                                                                          \
    T P##_from_s64(s64 v, struct fpstate *fs)                                  \
    {                                                                          \
        u64 magnitude = v < 0 ? 0 - (u64)v : (u64)v;                           \
        return (T)from_int(&F, v < 0, magnitude, fs);                          \
    }                                                                          \
    T P##_from_u64(u64 v, struct fpstate *fs)                                  \
    {                                                                          \
        return (T)from_int(&F, false, v, fs);                                  \
    }

FORMAT(u16, fp16, fp_f16)
FORMAT(u32, fp32, fp_f32)
FORMAT(u64, fp64, fp_f64)

#define CONVERT(T, TO, FROM_T, FROM)                                           \
    T fp##TO##_from_fp##FROM(FROM_T a, struct fpstate *fs)                     \
    {                                                                          \
        return (T)to_format(&fp_f##TO, &fp_f##FROM, a, fs);                    \
    }

CONVERT(u16, 16, u32, 32)
CONVERT(u16, 16, u64, 64)
CONVERT(u32, 32, u16, 16)
CONVERT(u32, 32, u64, 64)
CONVERT(u64, 64, u16, 16)
CONVERT(u64, 64, u32, 32)
