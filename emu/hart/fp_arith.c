/* SPDX-License-Identifier: MIT */
/* Adds, multiplies, divides, takes square roots and does fused multiply-adds on
 * unpacked values (fp_core.h). Each function computes enough bits of the true
 * result, the last one sticky, and rounds once. */
#include "hart/fp_core.h"

static bool is_nan(struct unpacked u)
{
    return u.kind >= FPK_QNAN;
}

static u64 invalid(const struct fpfmt *f, struct fpstate *fs)
{
    fs->flags |= FFLAG_NV;
    return fp_nan(f);
}

/* Returns the result if at least one operand is a NaN. */
static u64 propagate(const struct fpfmt *f, bool signalling, struct fpstate *fs)
{
    return signalling ? invalid(f, fs) : fp_nan(f);
}

/* Returns the zero of x - x: negative only when rounding down. */
static u64 cancelled(const struct fpfmt *f, struct fpstate *fs)
{
    return fp_zero(f, fs->rm == FRM_RDN);
}

/* (-1)^sign * sig * 2^(exp - 127); bit 127 or 126 of sig is set as a rule. */
struct wide {
    bool sign;
    int exp;
    u128 sig;
};

/* Returns a + b, rounded. Bits of the smaller one are lost (jammed) only when
 * it is so much smaller that at most one leading bit can cancel. */
static u64 add_wide(const struct fpfmt *f, struct wide a, struct wide b,
                    struct fpstate *fs)
{
    /* A shift by 2 makes room for the carry and loses no bit: products have at
     * most 106 bits and numbers 64, so the low bits are 0. */
    a.sig = fp_jam128(a.sig, 2);
    b.sig = fp_jam128(b.sig, 2);
    a.exp += 2;
    b.exp += 2;
    if (a.exp < b.exp || (a.exp == b.exp && wide_less(a.sig, b.sig))) {
        struct wide t = a;
        a = b;
        b = t;
    }
    b.sig = fp_jam128(b.sig, (unsigned)(a.exp - b.exp));
    if (a.sign == b.sign)
        return fp_normal_pack(f, a.sign, a.exp, wide_add(a.sig, b.sig), fs);
    if (wide_equal(a.sig, b.sig))
        return cancelled(f, fs);
    bool flip = wide_less(a.sig, b.sig); /* although a.exp >= b.exp */
    u128 diff = flip ? wide_sub(b.sig, a.sig) : wide_sub(a.sig, b.sig);
    return fp_normal_pack(f, a.sign ^ flip, a.exp, diff, fs);
}

static struct wide widen(struct unpacked u)
{
    return (struct wide){u.sign, u.exp, {.hi = u.sig}};
}

u64 fp_add(const struct fpfmt *f, u64 a, u64 b, struct fpstate *fs)
{
    struct unpacked x = fp_unpack(f, a), y = fp_unpack(f, b);
    if (is_nan(x) || is_nan(y))
        return propagate(f, x.kind == FPK_SNAN || y.kind == FPK_SNAN, fs);
    if (x.kind == FPK_INF || y.kind == FPK_INF) {
        if (x.kind == y.kind && x.sign != y.sign)
            return invalid(f, fs);
        return x.kind == FPK_INF ? a : b;
    }
    if (x.kind == FPK_ZERO && y.kind == FPK_ZERO)
        return x.sign == y.sign ? a : cancelled(f, fs);
    if (x.kind == FPK_ZERO)
        return b;
    if (y.kind == FPK_ZERO)
        return a;
    return add_wide(f, widen(x), widen(y), fs);
}

u64 fp_mul(const struct fpfmt *f, u64 a, u64 b, struct fpstate *fs)
{
    struct unpacked x = fp_unpack(f, a), y = fp_unpack(f, b);
    bool sign = x.sign ^ y.sign;
    if (is_nan(x) || is_nan(y))
        return propagate(f, x.kind == FPK_SNAN || y.kind == FPK_SNAN, fs);
    if (x.kind == FPK_INF || y.kind == FPK_INF) {
        if (x.kind == FPK_ZERO || y.kind == FPK_ZERO)
            return invalid(f, fs);
        return fp_inf(f, sign);
    }
    if (x.kind == FPK_ZERO || y.kind == FPK_ZERO)
        return fp_zero(f, sign);
    return fp_normal_pack(f, sign, x.exp + y.exp + 1, wide_mul(x.sig, y.sig),
                          fs);
}

u64 fp_div(const struct fpfmt *f, u64 a, u64 b, struct fpstate *fs)
{
    struct unpacked x = fp_unpack(f, a), y = fp_unpack(f, b);
    bool sign = x.sign ^ y.sign;
    if (is_nan(x) || is_nan(y))
        return propagate(f, x.kind == FPK_SNAN || y.kind == FPK_SNAN, fs);
    if (x.kind == y.kind && (x.kind == FPK_INF || x.kind == FPK_ZERO))
        return invalid(f, fs);
    if (x.kind == FPK_INF)
        return fp_inf(f, sign);
    if (x.kind == FPK_ZERO || y.kind == FPK_INF)
        return fp_zero(f, sign);
    if (y.kind == FPK_ZERO) {
        fs->flags |= FFLAG_DZ;
        return fp_inf(f, sign);
    }
    /* x.sig * 2^63 / y.sig has 63 or 64 bits. */
    u64 rest, q = wide_divide(wide_left(wide_of(x.sig), 63), y.sig, &rest).lo;
    return fp_normal_pack(f, sign, x.exp - y.exp, (u128){q, rest != 0}, fs);
}

/* Returns floor(sqrt(x)), 64 bits as x >= 2^126. *inexact: x is no square. */
static u64 isqrt128(u128 x, bool *inexact)
{
    u64 root = 0;
    for (u64 bit = 1ull << 63; bit; bit >>= 1) {
        u64 t = root | bit;
        if (!wide_less(x, wide_mul(t, t)))
            root = t;
    }
    *inexact = !wide_equal(wide_mul(root, root), x);
    return root;
}

u64 fp_sqrt(const struct fpfmt *f, u64 a, struct fpstate *fs)
{
    struct unpacked x = fp_unpack(f, a);
    if (is_nan(x))
        return propagate(f, x.kind == FPK_SNAN, fs);
    if (x.kind == FPK_ZERO)
        return a;
    if (x.sign)
        return invalid(f, fs);
    if (x.kind == FPK_INF)
        return a;
    /* value = wide * 2^(x.exp - odd - 126), wide in [2^126, 2^128) */
    int odd = x.exp & 1;
    u128 wide = wide_left(wide_of(x.sig), 63 + (unsigned)odd);
    bool inexact;
    u64 root = isqrt128(wide, &inexact);
    return fp_round_pack(f, false, (x.exp - odd) / 2, root | inexact, fs);
}

u64 fp_fma(const struct fpfmt *f, u64 a, u64 b, u64 c, struct fpstate *fs)
{
    struct unpacked x = fp_unpack(f, a), y = fp_unpack(f, b),
                    z = fp_unpack(f, c);
    bool sign = x.sign ^ y.sign;
    bool snan = x.kind == FPK_SNAN || y.kind == FPK_SNAN || z.kind == FPK_SNAN;
    bool inf = x.kind == FPK_INF || y.kind == FPK_INF;
    bool zero = x.kind == FPK_ZERO || y.kind == FPK_ZERO;

    /* inf * 0 is invalid even when c is a quiet NaN (F 11.6). */
    if (!is_nan(x) && !is_nan(y) && inf && zero)
        return invalid(f, fs);
    if (is_nan(x) || is_nan(y) || is_nan(z))
        return propagate(f, snan, fs);
    if (inf) {
        if (z.kind == FPK_INF && z.sign != sign)
            return invalid(f, fs);
        return fp_inf(f, sign);
    }
    if (z.kind == FPK_INF)
        return c;
    if (zero) {
        if (z.kind != FPK_ZERO)
            return c;
        return z.sign == sign ? c : cancelled(f, fs);
    }
    u128 product = wide_mul(x.sig, y.sig);
    int exp = x.exp + y.exp + 1;
    if (z.kind == FPK_ZERO)
        return fp_normal_pack(f, sign, exp, product, fs);
    return add_wide(f, (struct wide){sign, exp, product}, widen(z), fs);
}

/* Half precision uses the functions above; fp_fast.c is for the others. */
u16 fp16_add(u16 a, u16 b, struct fpstate *fs)
{
    return (u16)fp_add(&fp_f16, a, b, fs);
}

u16 fp16_sub(u16 a, u16 b, struct fpstate *fs)
{
    return (u16)fp_add(&fp_f16, a, b ^ FP16_SIGN, fs);
}

u16 fp16_mul(u16 a, u16 b, struct fpstate *fs)
{
    return (u16)fp_mul(&fp_f16, a, b, fs);
}

u16 fp16_div(u16 a, u16 b, struct fpstate *fs)
{
    return (u16)fp_div(&fp_f16, a, b, fs);
}

u16 fp16_sqrt(u16 a, struct fpstate *fs)
{
    return (u16)fp_sqrt(&fp_f16, a, fs);
}

u16 fp16_fma(u16 a, u16 b, u16 c, struct fpstate *fs)
{
    return (u16)fp_fma(&fp_f16, a, b, c, fs);
}
