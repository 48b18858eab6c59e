/* SPDX-License-Identifier: MIT */
/* fmin, fmax, comparisons (unprivileged manual 11.6, 11.8): -0 < +0 in fmin and
 * fmax only. Of a NaN and a number these give the number, of two NaNs the
 * canonical NaN. Signalling NaNs raise NV in all, quiet ones in flt and fle. */
#include "isa_test.h"

#define QNAN  0x7ff8000000000001
#define SNAN  0x7ff0000000000001
#define CANON 0x7ff8000000000000
#define ONE   0x3ff0000000000000
#define MINUS 0x8000000000000000
#define NV    0x10

#define OP(insn, a, b, want, flags)     \
    li a0, a;                           \
    li a1, b;                           \
    fmv.d.x fa0, a0;                    \
    fmv.d.x fa1, a1;                    \
    fsflags zero;                       \
    insn fa2, fa0, fa1;                 \
    fmv.x.d a2, fa2;                    \
    CHECK(a2, want)                     \
    frflags a3;                         \
    CHECK(a3, flags)
#define CMP(insn, a, b, want, flags)    \
    li a0, a;                           \
    li a1, b;                           \
    fmv.d.x fa0, a0;                    \
    fmv.d.x fa1, a1;                    \
    fsflags zero;                       \
    insn a2, fa0, fa1;                  \
    CHECK(a2, want)                     \
    frflags a3;                         \
    CHECK(a3, flags)

BEGIN
    li t0, MSTATUS_FS
    csrs mstatus, t0
TEST(1) /* zeros */
    OP(fmin.d, 0, MINUS, MINUS, 0)
    OP(fmin.d, MINUS, 0, MINUS, 0)
    OP(fmax.d, 0, MINUS, 0, 0)
    OP(fmax.d, MINUS, 0, 0, 0)
    OP(fmax.d, MINUS, MINUS, MINUS, 0)
TEST(2) /* quiet NaNs */
    OP(fmin.d, QNAN, ONE, ONE, 0)
    OP(fmin.d, ONE, QNAN, ONE, 0)
    OP(fmax.d, QNAN, ONE, ONE, 0)
    OP(fmax.d, ONE, QNAN, ONE, 0)
    OP(fmin.d, QNAN, QNAN, CANON, 0)
    OP(fmax.d, QNAN | MINUS, QNAN, CANON, 0)
TEST(3) /* signalling: they lose as well, and NV */
    OP(fmin.d, SNAN, ONE, ONE, NV)
    OP(fmin.d, ONE, SNAN, ONE, NV)
    OP(fmax.d, SNAN, ONE, ONE, NV)
    OP(fmin.d, SNAN, QNAN, CANON, NV)
    OP(fmax.d, SNAN, SNAN, CANON, NV)
TEST(4)
    CMP(feq.d, 0, MINUS, 1, 0)
    CMP(flt.d, MINUS, 0, 0, 0)
    CMP(fle.d, 0, MINUS, 1, 0)
    CMP(feq.d, QNAN, QNAN, 0, 0)
    CMP(feq.d, SNAN, ONE, 0, NV)
    CMP(flt.d, QNAN, ONE, 0, NV)
    CMP(fle.d, ONE, QNAN, 0, NV)
    CMP(flt.d, SNAN, SNAN, 0, NV)
TEST(5) /* infinities */
    OP(fmin.d, 0x7ff0000000000000, ONE, ONE, 0)
    OP(fmax.d, 0xfff0000000000000, ONE, ONE, 0)
    CMP(flt.d, 0xfff0000000000000, 0x7ff0000000000000, 1, 0)
TEST(6) /* singles: the same, with boxing; one that is not boxed is a NaN */
    li a0, 0x80000000
    fmv.w.x fa0, a0
    fmv.w.x fa1, zero
    fmin.s fa2, fa0, fa1
    fmv.x.d a2, fa2
    CHECK(a2, 0xffffffff80000000)
    fmax.s fa2, fa0, fa1
    fmv.x.d a2, fa2
    CHECK(a2, 0xffffffff00000000)
    li a0, 0x3f800000
    fmv.d.x fa0, a0             /* upper half 0 */
    fsflags zero
    fmin.s fa2, fa0, fa1
    fmv.x.w a2, fa2
    CHECK(a2, 0)
    feq.s a2, fa0, fa0
    CHECK(a2, 0)
    frflags a2
    CHECK(a2, 0)
    flt.s a2, fa1, fa0
    CHECK(a2, 0)
    frflags a2
    CHECK(a2, NV)
END
