/* SPDX-License-Identifier: MIT */
/* Unpacks, rounds and packs floating-point formats: IEEE 754-2008, clauses 3.4,
 * 4.3, 7. */
#include "hart/fp_core.h"

/* Returns the largest exponent of a normal number; the least is 1 - emax. */
static int emax(const struct fpfmt *f)
{
    return (1 << (f->width - f->prec - 1)) - 1;
}

static u64 fraction_mask(const struct fpfmt *f)
{
    return (1ull << (f->prec - 1)) - 1;
}

static u64 with_sign(const struct fpfmt *f, bool sign, u64 magnitude)
{
    return (u64)sign << (f->width - 1) | magnitude;
}

u64 fp_zero(const struct fpfmt *f, bool sign)
{
    return with_sign(f, sign, 0);
}

u64 fp_inf(const struct fpfmt *f, bool sign)
{
    return with_sign(f, sign, (u64)(2 * emax(f) + 1) << (f->prec - 1));
}

u64 fp_nan(const struct fpfmt *f)
{
    return fp_inf(f, false) | 1ull << (f->prec - 2);
}

struct unpacked fp_unpack(const struct fpfmt *f, u64 a)
{
    const unsigned frac_bits = f->prec - 1u;
    u64 frac = a & fraction_mask(f);
    int biased = (int)(a >> frac_bits) & (2 * emax(f) + 1);
    struct unpacked u = {.sign = a >> (f->width - 1) & 1};

    if (biased == 2 * emax(f) + 1) {
        u.kind = !frac                     ? FPK_INF
                 : frac >> (frac_bits - 1) ? FPK_QNAN
                                           : FPK_SNAN;
    } else if (biased) {
        u.kind = FPK_FINITE;
        u.exp = biased - emax(f);
        u.sig = (frac | 1ull << frac_bits) << (63 - frac_bits);
    } else if (frac) {
        int up = __builtin_clzll(frac);
        u.kind = FPK_FINITE;
        u.sig = frac << up;
        u.exp = 1 - emax(f) + (int)(63 - frac_bits) - up;
    }
    return u;
}

u64 fp_jam64(u64 x, unsigned n)
{
    if (n == 0)
        return x;
    if (n > 63)
        return x != 0;
    return x >> n | (x << (64 - n) != 0);
}

u128 fp_jam128(u128 x, unsigned n)
{
    if (n == 0)
        return x;
    if (n > 127)
        return wide_of((x.hi | x.lo) != 0);
    u128 lost = wide_left(x, 128 - n), kept = wide_right(x, n);
    kept.lo |= (lost.hi | lost.lo) != 0;
    return kept;
}

/* Returns 1 if rounding by rm increments the bits `kept`, i.e. goes away from
 * zero, else 0. `rest` holds the `drop` (1..64) bits below them. */
static unsigned round_up(u64 kept, u64 rest, unsigned drop, bool sign,
                         unsigned rm)
{
    u64 half = 1ull << (drop - 1);
    switch (rm) {
    case FRM_RNE:
        return rest > half || (rest == half && kept & 1);
    case FRM_RMM:
        return rest >= half;
    case FRM_RDN:
        return sign && rest;
    case FRM_RUP:
        return !sign && rest;
    default: /* FRM_RTZ */
        return 0;
    }
}

static u64 overflow(const struct fpfmt *f, bool sign, struct fpstate *fs)
{
    bool to_max = fs->rm == FRM_RTZ || (fs->rm == FRM_RDN && !sign) ||
                  (fs->rm == FRM_RUP && sign);
    fs->flags |= FFLAG_OF | FFLAG_NX;
    return fp_inf(f, sign) - to_max; /* infinity - 1: the largest number */
}

u64 fp_round_pack(const struct fpfmt *f, bool sign, int exp, u64 sig,
                  struct fpstate *fs)
{
    const unsigned drop = 64u - f->prec;
    const u64 rest_mask = (1ull << drop) - 1;
    const int emin = 1 - emax(f);
    bool tiny = false;

    if (exp < emin) {
        /* Tiny, unless rounding with an unbounded exponent reaches the smallest
         * normal number. */
        u64 kept = sig >> drop;
        tiny = exp < emin - 1 ||
               kept + round_up(kept, sig & rest_mask, drop, sign, fs->rm) <
                   1ull << f->prec;
        sig = fp_jam64(sig, (unsigned)(emin - exp));
    }
    u64 rest = sig & rest_mask, kept = sig >> drop;
    kept += round_up(kept, rest, drop, sign, fs->rm);
    if (rest)
        fs->flags |= (u8)(FFLAG_NX | (tiny ? FFLAG_UF : 0));
    if (exp < emin) /* a carry gives the smallest normal number */
        return with_sign(f, sign, kept);
    if (kept >> f->prec) {
        kept >>= 1;
        exp++;
    }
    if (exp > emax(f))
        return overflow(f, sign, fs);
    return with_sign(f, sign,
                     ((u64)(exp + emax(f)) << (f->prec - 1)) +
                         (kept & fraction_mask(f)));
}

u64 fp_normal_pack(const struct fpfmt *f, bool sign, int exp, u128 sig,
                   struct fpstate *fs)
{
    assert(sig.hi | sig.lo);
    int up = sig.hi ? __builtin_clzll(sig.hi) : 64 + __builtin_clzll(sig.lo);
    sig = wide_left(sig, (unsigned)up);
    return fp_round_pack(f, sign, exp - up, sig.hi | (sig.lo != 0), fs);
}
