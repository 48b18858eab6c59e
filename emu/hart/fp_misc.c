/* SPDX-License-Identifier: MIT */
/* Compares and classifies without rounding. */
#include "hart/fp_core.h"

/* Maps the bits of numbers to integers of the same order: x < y exactly when
 * order(x) < order(y). -0 and +0 are neighbours, in that order. */
static s64 order(const struct fpfmt *f, u64 a)
{
    s64 magnitude = (s64)(a & ((1ull << (f->width - 1)) - 1));
    return a >> (f->width - 1) & 1 ? -1 - magnitude : magnitude;
}

static bool both_zero(const struct fpfmt *f, u64 a, u64 b)
{
    return ((a | b) & ((1ull << (f->width - 1)) - 1)) == 0;
}

/* A NaN has a magnitude above infinity's; a quiet one has the highest fraction
 * bit set. */
static bool is_nan_bits(const struct fpfmt *f, u64 a)
{
    u64 magnitude = a & ((1ull << (f->width - 1)) - 1);
    u64 inf = (1ull << (f->width - 1)) - (1ull << (f->prec - 1));
    return magnitude > inf;
}

static bool is_snan(const struct fpfmt *f, u64 a)
{
    return is_nan_bits(f, a) && !(a >> (f->prec - 2) & 1);
}

/* Raises NV for a signalling NaN, or for any NaN if `all`; true if a or b is a
 * NaN. */
static bool unordered(const struct fpfmt *f, u64 a, u64 b, bool all,
                      struct fpstate *fs)
{
    if (likely(!is_nan_bits(f, a) && !is_nan_bits(f, b)))
        return false;
    if (all || is_snan(f, a) || is_snan(f, b))
        fs->flags |= FFLAG_NV;
    return true;
}

static u64 compare_eq(const struct fpfmt *f, u64 a, u64 b, struct fpstate *fs)
{
    return !unordered(f, a, b, false, fs) && (a == b || both_zero(f, a, b));
}

static u64 compare_lt(const struct fpfmt *f, u64 a, u64 b, struct fpstate *fs)
{
    return !unordered(f, a, b, true, fs) && order(f, a) < order(f, b) &&
           !both_zero(f, a, b);
}

static u64 compare_le(const struct fpfmt *f, u64 a, u64 b, struct fpstate *fs)
{
    return !unordered(f, a, b, true, fs) &&
           (order(f, a) <= order(f, b) || both_zero(f, a, b));
}

static u64 choose(const struct fpfmt *f, u64 a, u64 b, bool max,
                  struct fpstate *fs)
{
    if (unordered(f, a, b, false, fs)) {
        if (is_nan_bits(f, a))
            return is_nan_bits(f, b) ? fp_nan(f) : b;
        return a;
    }
    return (order(f, a) < order(f, b)) ^ max ? a : b;
}

/* Returns a bit: 0 -inf, 1 -normal, 2 -subnormal, 3 -0, 4 +0, 5 +subnormal, 6
 * +normal, 7 +inf, 8 signalling NaN, 9 quiet NaN. */
static u64 classify(const struct fpfmt *f, u64 a)
{
    struct unpacked u = fp_unpack(f, a);
    int emin = 2 - (1 << (f->width - f->prec - 1));
    unsigned rank; /* of the magnitude: 0 zero ... 3 infinity */
    switch (u.kind) {
    case FPK_SNAN:
        return 1u << 8;
    case FPK_QNAN:
        return 1u << 9;
    case FPK_ZERO:
        rank = 0;
        break;
    case FPK_INF:
        rank = 3;
        break;
    default:
        rank = u.exp < emin ? 1 : 2;
    }
    return 1u << (u.sign ? 3 - rank : 4 + rank);
}

#define FORMAT(T, P, F)                                                        \
    u64 P##_eq(T a, T b, struct fpstate *fs)                                   \
    {                                                                          \
        return compare_eq(&F, a, b, fs);                                       \
    }                                                                          \
    u64 P##_lt(T a, T b, struct fpstate *fs)                                   \
    {                                                                          \
        return compare_lt(&F, a, b, fs);                                       \
    }                                                                          \
    u64 P##_le(T a, T b, struct fpstate *fs)                                   \
    {                                                                          \
        return compare_le(&F, a, b, fs);                                       \
    }                                                                          \
    T P##_min(T a, T b, struct fpstate *fs)                                    \
    {                                                                          \
        return (T)choose(&F, a, b, false, fs);                                 \
    }                                                                          \
    T P##_max(T a, T b, struct fpstate *fs)                                    \
    {                                                                          \
        return (T)choose(&F, a, b, true, fs);                                  \
    }                                                                          \
    u64 P##_class(T a)                                                         \
    {                                                                          \
        return classify(&F, a);                                                \
    }

FORMAT(u16, fp16, fp_f16)
FORMAT(u32, fp32, fp_f32)
FORMAT(u64, fp64, fp_f64)
