/* SPDX-License-Identifier: MIT */
/* The exact arithmetic under fp.h, for any IEEE binary format of up to 64 bits:
 * it unpacks, computes with integers, and rounds once. */
#pragma once

#include "base/wide.h"
#include "hart/fp.h"

/* A format: its bits, and its bits of precision including the hidden bit. */
struct fpfmt {
    u8 width, prec;
};
static const struct fpfmt fp_f16 = {.width = 16, .prec = 11};
static const struct fpfmt fp_f32 = {.width = 32, .prec = 24};
static const struct fpfmt fp_f64 = {.width = 64, .prec = 53};

/* An unpacked value. FPK_FINITE: (-1)^sign * sig * 2^(exp - 63), with bit 63 of
 * sig set: sig * 2^-63 is in [1, 2). */
enum fpkind { FPK_ZERO, FPK_FINITE, FPK_INF, FPK_QNAN, FPK_SNAN };
struct unpacked {
    enum fpkind kind;
    bool sign;
    int exp;
    u64 sig;
};

struct unpacked fp_unpack(const struct fpfmt *f, u64 a);

/* Rounds by fs->rm, and raises NX, UF, OF. Requires bit 63 of sig to be set;
 * bit 0 also stands for any set bits below it (sticky). */
u64 fp_round_pack(const struct fpfmt *f, bool sign, int exp, u64 sig,
                  struct fpstate *fs);
/* Rounds sig * 2^(exp - 127) likewise; the top bit of sig may be anywhere. */
u64 fp_normal_pack(const struct fpfmt *f, bool sign, int exp, u128 sig,
                   struct fpstate *fs);

u64 fp_zero(const struct fpfmt *f, bool sign);
u64 fp_inf(const struct fpfmt *f, bool sign);
u64 fp_nan(const struct fpfmt *f);

/* These return x >> n, with bit 0 set if a set bit is lost; n may be any. */
u64 fp_jam64(u64 x, unsigned n);
u128 fp_jam128(u128 x, unsigned n);

u64 fp_add(const struct fpfmt *f, u64 a, u64 b, struct fpstate *fs);
u64 fp_mul(const struct fpfmt *f, u64 a, u64 b, struct fpstate *fs);
u64 fp_div(const struct fpfmt *f, u64 a, u64 b, struct fpstate *fs);
u64 fp_sqrt(const struct fpfmt *f, u64 a, struct fpstate *fs);
u64 fp_fma(const struct fpfmt *f, u64 a, u64 b, u64 c, struct fpstate *fs);
