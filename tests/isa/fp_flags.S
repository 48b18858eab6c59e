/* SPDX-License-Identifier: MIT */
/* fflags accumulate (unprivileged manual 11.2): an operation adds its flags and
 * clears none; loads, moves and sign injections raise none, whatever they
 * carry; each flag on its own. */
#include "isa_test.h"

#define FLAGS(value)    \
    frflags a2;         \
    CHECK(a2, value)

BEGIN
    li t0, MSTATUS_FS
    csrs mstatus, t0
    li a0, 0x3ff0000000000000
    fmv.d.x fa1, a0             /* 1 */
    fmv.d.x fa0, zero           /* 0 */
    li a0, 0x7fefffffffffffff
    fmv.d.x fa3, a0             /* the largest */
    li a0, 0x0010000000000000
    fmv.d.x fa4, a0             /* the smallest normal */
    li a0, 0x4008000000000000
    fmv.d.x fa5, a0             /* 3 */
    li a0, 0x7ff0000000000001
    fmv.d.x fa6, a0             /* a signalling NaN */
    fsflags zero
TEST(1) /* each on its own */
    fdiv.d fa2, fa1, fa5
    FLAGS(1)                    /* NX */
    fsflags zero
    fmul.d fa2, fa4, fa4
    FLAGS(3)                    /* UF NX */
    fsflags zero
    fadd.d fa2, fa3, fa3
    FLAGS(5)                    /* OF NX */
    fsflags zero
    fdiv.d fa2, fa1, fa0
    FLAGS(8)                    /* DZ */
    fsflags zero
    fdiv.d fa2, fa0, fa0
    FLAGS(16)                   /* NV */
TEST(2) /* they add up, and exact results leave them */
    fsflags zero
    fdiv.d fa2, fa1, fa5
    fdiv.d fa2, fa1, fa0
    fadd.d fa2, fa1, fa1
    FLAGS(9)
    fadd.d fa2, fa3, fa3
    FLAGS(13)
    fsub.d fa2, fa1, fa1
    FLAGS(13)
TEST(3) /* instructions that raise none */
    fsflags zero
    la a0, cell
    fsd fa6, 0(a0)
    fld fa7, 0(a0)
    fmv.x.d a1, fa6
    fmv.d.x fa7, a1
    fsgnj.d fa7, fa6, fa6
    fsgnjn.d fa7, fa6, fa1
    fsgnjx.d fa7, fa6, fa6
    fclass.d a1, fa6
    FLAGS(0)
TEST(4) /* an exact subnormal does not underflow */
    li a0, 0x3fe0000000000000
    fmv.d.x fa2, a0
    fmul.d fa2, fa4, fa2
    FLAGS(0)
TEST(5) /* tininess is judged after rounding, with unbounded exponent */
    li a0, 0x3fefffffffffffff   /* 1 - 2^-53 */
    fmv.d.x fa2, a0
    fsflags zero
    fmul.d fa2, fa4, fa2
    fmv.x.d a1, fa2
    CHECK(a1, 0x0010000000000000)
    FLAGS(3)                    /* exact there, and below: UF NX */
    li a0, 0x0010000000000001
    fmv.d.x fa7, a0             /* 2^-1022 (1 + 2^-52) */
    li a0, 0x3feffffffffffffe
    fmv.d.x fa2, a0             /* 1 - 2^-52 */
    fsflags zero
    fmul.d fa2, fa7, fa2
    fmv.x.d a1, fa2
    CHECK(a1, 0x0010000000000000)
    FLAGS(1)                    /* rounds up there, too: NX alone */
TEST(6) /* every operation that computes makes a NaN the canonical one */
    fsflags zero
    fadd.d fa2, fa6, fa1
    fmv.x.d a1, fa2
    CHECK(a1, 0x7ff8000000000000)
    FLAGS(16)
    fcvt.s.d fa2, fa6
    fmv.x.d a1, fa2
    CHECK(a1, 0xffffffff7fc00000)
    fsqrt.d fa2, fa6
    fmv.x.d a1, fa2
    CHECK(a1, 0x7ff8000000000000)
TEST(7) /* an invalid product counts even beside a quiet NaN */
    li a0, 0x7ff8000000000000
    fmv.d.x fa2, a0
    li a0, 0x7ff0000000000000
    fmv.d.x fa7, a0
    fsflags zero
    fmadd.d fa2, fa7, fa0, fa2
    FLAGS(16)
END

.data
.balign 8
cell: .dword 0
