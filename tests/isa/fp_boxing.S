/* SPDX-License-Identifier: MIT */
/* NaN boxing (unprivileged manual 12.2) for every single-precision
 * instruction: an operand whose upper half is not all ones is the canonical
 * NaN, in each place; every single result is boxed; moves and stores take the
 * low half as it is, double operations the whole register. */
#include "isa_test.h"

#define BOXED_NAN 0xffffffff7fc00000
/* fa0: 1.0f with upper half 0; fa1: 2.0f in its box */
#define IS_NAN(...)         \
    __VA_ARGS__;            \
    fmv.x.d a0, fa2;        \
    CHECK(a0, BOXED_NAN)
#define IS(want, ...)       \
    __VA_ARGS__;            \
    CHECK(a0, want)
#define BOXES(want, ...)    \
    __VA_ARGS__;            \
    fmv.x.d a0, fa2;        \
    CHECK(a0, 0xffffffff00000000 | (want))

BEGIN
    li t0, MSTATUS_FS
    csrs mstatus, t0
    li a1, 0x3f800000
    fmv.d.x fa0, a1
    li a1, 0x40000000
    fmv.w.x fa1, a1
    fsflags zero
TEST(1) /* either operand */
    IS_NAN(fadd.s fa2, fa0, fa1)
    IS_NAN(fadd.s fa2, fa1, fa0)
    IS_NAN(fsub.s fa2, fa0, fa1)
    IS_NAN(fmul.s fa2, fa1, fa0)
    IS_NAN(fdiv.s fa2, fa0, fa1)
    IS_NAN(fdiv.s fa2, fa1, fa0)
    IS_NAN(fsqrt.s fa2, fa0)
TEST(2) /* each of three */
    IS_NAN(fmadd.s fa2, fa0, fa1, fa1)
    IS_NAN(fmadd.s fa2, fa1, fa0, fa1)
    IS_NAN(fmadd.s fa2, fa1, fa1, fa0)
    IS_NAN(fmsub.s fa2, fa1, fa1, fa0)
    IS_NAN(fnmadd.s fa2, fa1, fa0, fa1)
    IS_NAN(fnmsub.s fa2, fa0, fa1, fa1)
TEST(3) /* signs are injected into the canonical NaN */
    IS_NAN(fsgnj.s fa2, fa0, fa1)
    BOXES(0xffc00000, fsgnjn.s fa2, fa0, fa1)
    BOXES(0x40000000, fsgnj.s fa2, fa1, fa0)
    BOXES(0xc0000000, fsgnjn.s fa2, fa1, fa0)
    IS_NAN(fsgnjx.s fa2, fa0, fa0)
TEST(4) /* a quiet NaN loses */
    BOXES(0x40000000, fmin.s fa2, fa0, fa1)
    BOXES(0x40000000, fmax.s fa2, fa1, fa0)
    IS(0, feq.s a0, fa0, fa0)
    IS(1 << 9, fclass.s a0, fa0)
    frflags a0
    CHECK(a0, 0)                /* none of these was invalid */
    IS(0, flt.s a0, fa0, fa1)
    IS(0, fle.s a0, fa1, fa0)
TEST(5) /* converted as a NaN */
    IS(0x7fffffff, fcvt.w.s a0, fa0)
    IS(-1, fcvt.wu.s a0, fa0)
    IS(0x7fffffffffffffff, fcvt.l.s a0, fa0)
    IS(-1, fcvt.lu.s a0, fa0)
    fcvt.d.s fa2, fa0
    fmv.x.d a0, fa2
    CHECK(a0, 0x7ff8000000000000)
TEST(6) /* moves and stores do not look */
    IS(0x3f800000, fmv.x.w a0, fa0)
    la a2, cell
    fsw fa0, 0(a2)
    lwu a0, 0(a2)
    CHECK(a0, 0x3f800000)
    BOXES(0x3f800000, flw fa2, 0(a2))
    li a1, 0x123456783f800000
    BOXES(0x3f800000, fmv.w.x fa2, a1)
TEST(7) /* every single result is boxed */
    BOXES(0x40800000, fadd.s fa2, fa1, fa1)
    BOXES(0, fsub.s fa2, fa1, fa1)
    BOXES(0x40800000, fmul.s fa2, fa1, fa1)
    BOXES(0x3f800000, fdiv.s fa2, fa1, fa1)
    BOXES(0x40c00000, fmadd.s fa2, fa1, fa1, fa1)
    li a1, 7
    BOXES(0x40e00000, fcvt.s.w fa2, a1)
    BOXES(0x40e00000, fcvt.s.wu fa2, a1)
    BOXES(0x40e00000, fcvt.s.l fa2, a1)
    BOXES(0x40e00000, fcvt.s.lu fa2, a1)
    li a1, 0x4000000000000000
    fmv.d.x fa3, a1
    BOXES(0x40000000, fcvt.s.d fa2, fa3)
TEST(8) /* a boxed single is a NaN to a double operation */
    fsflags zero
    fadd.d fa2, fa1, fa3
    fmv.x.d a0, fa2
    CHECK(a0, 0x7ff8000000000000)
    fclass.d a0, fa1
    CHECK(a0, 1 << 9)
    frflags a0
    CHECK(a0, 0)
TEST(9) /* one bit short of a box */
    .irp bit, 32,40,63
    li a1, 0xffffffff3f800000 & ~(1 << \bit)
    fmv.d.x fa0, a1
    IS(1 << 9, fclass.s a0, fa0)
    .endr
    li a1, 0xffffffff3f800000
    fmv.d.x fa0, a1
    IS(1 << 6, fclass.s a0, fa0)
END

.data
.balign 8
cell: .dword 0
