/* SPDX-License-Identifier: MIT */
/* Floating point as the hart sees it: FS, fcsr, rounding modes, NaN boxing.
 * The arithmetic itself is checked against MPFR (test_fp). */
#include "isa_test.h"

#define FS_OFF                  \
    li t0, MSTATUS_FS;          \
    csrc mstatus, t0;
#define FS_INITIAL              \
    FS_OFF                      \
    li t0, 1 << 13;             \
    csrs mstatus, t0;
#define CHECK_FS(value)         \
    csrr t0, mstatus;           \
    srli t0, t0, 13;            \
    andi t0, t0, 3;             \
    CHECK(t0, value)

BEGIN
    la a4, data
TEST(1) /* off: every instruction and fcsr are illegal */
    FS_OFF
    TRAPS(CAUSE_ILLEGAL)
1:  fadd.d fa0, fa0, fa0
    TRAPPED
    CHECK_ADDR(EPC, 1b)
    TRAPS(CAUSE_ILLEGAL)
    fld fa0, 0(a4)
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    fsw fa0, 0(zero)    /* before its address is looked at */
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    fmv.x.d a0, fa0
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    fclass.s a0, fa0
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    frflags a0
    TRAPPED
    .option push
    .option rvc
    TRAPS(CAUSE_ILLEGAL)
    c.fld fa0, 0(a4)
    TRAPPED
    .option pop
TEST(2) /* instructions that make the state dirty */
    FS_INITIAL
    fmv.x.d a0, fa0
    CHECK_FS(1)
    fmv.d.x fa0, zero
    CHECK_FS(3)
    csrr a0, mstatus
    srli a0, a0, 63     /* SD */
    CHECK(a0, 1)
    FS_INITIAL
    csrr a0, mstatus
    srli a0, a0, 63
    CHECK(a0, 0)
    fld fa0, 0(a4)
    CHECK_FS(3)
    FS_INITIAL
    fsflags zero
    CHECK_FS(3)
TEST(3) /* flags accumulate; fsrm, fsflags, fscsr */
    fsflags zero
    li a1, 1
    fcvt.d.w fa1, a1
    fcvt.d.w fa2, zero
    fdiv.d fa3, fa1, fa2
    frflags a0
    CHECK(a0, 8)
    li a1, 3
    fcvt.d.w fa2, a1
    fdiv.d fa3, fa1, fa2
    frflags a0
    CHECK(a0, 9)
    fsrmi a0, 2
    CHECK(a0, 0)
    frcsr a0
    CHECK(a0, 0x49)
    fsflagsi a0, 4
    CHECK(a0, 9)
    fscsr a0, zero
    CHECK(a0, 0x44)
TEST(4) /* dynamic rounding: 1/3 down and up differ by one */
    fsrmi 2
    fdiv.d fa3, fa1, fa2
    fmv.x.d a0, fa3
    fsrmi 3
    fdiv.d fa3, fa1, fa2
    fmv.x.d a1, fa3
    sub a1, a1, a0
    CHECK(a1, 1)
    fdiv.d fa3, fa1, fa2, rdn   /* a static mode overrules frm */
    fmv.x.d a1, fa3
    CHECK_SAME(a1, a0)
TEST(5) /* ties away from zero */
    li a1, 5
    fcvt.d.w fa1, a1
    li a1, 2
    fcvt.d.w fa2, a1
    fdiv.d fa1, fa1, fa2        /* 2.5 */
    fcvt.w.d a0, fa1, rmm
    CHECK(a0, 3)
    fcvt.w.d a0, fa1, rne
    CHECK(a0, 2)
    fneg.d fa1, fa1
    fcvt.w.d a0, fa1, rmm
    CHECK(a0, -3)
TEST(6) /* reserved modes: static always, dynamic when frm holds one */
    TRAPS(CAUSE_ILLEGAL)
    .word 0x02b55553            /* fadd.d fa0, fa0, fa1, rm = 5 */
    TRAPPED
    fsrmi 5
    fmv.d fa3, fa1              /* no rounding mode: legal */
    feq.d a0, fa1, fa1
    TRAPS(CAUSE_ILLEGAL)
    fadd.d fa3, fa1, fa1
    TRAPPED
    fadd.d fa3, fa1, fa1, rne
    fsrmi 7
    TRAPS(CAUSE_ILLEGAL)
    fcvt.w.d a0, fa1, dyn
    TRAPPED
    fsrmi 0
TEST(7) /* NaN boxing */
    fld fa0, 8(a4)              /* a double whose low half is 1.0f */
    fmv.w.x fa1, zero
    fadd.s fa2, fa0, fa1        /* not boxed: reads as the canonical NaN */
    fmv.x.d a0, fa2
    CHECK(a0, 0xffffffff7fc00000)
    fmv.x.w a0, fa0             /* moves take the bits as they are */
    CHECK(a0, 0x3f800000)
    fsw fa0, 16(a4)
    lwu a0, 16(a4)
    CHECK(a0, 0x3f800000)
    flw fa0, 16(a4)
    fmv.x.d a0, fa0
    CHECK(a0, 0xffffffff3f800000)
    fld fa0, 8(a4)
    fsgnj.s fa2, fa0, fa0
    fmv.x.d a0, fa2
    CHECK(a0, 0xffffffff7fc00000)
    fclass.s a0, fa0
    CHECK(a0, 1 << 9)
    fcvt.d.s fa2, fa0
    fmv.x.d a0, fa2
    CHECK(a0, 0x7ff8000000000000)
    li a1, 0x80000000
    fmv.w.x fa2, a1
    fmv.x.w a0, fa2
    CHECK(a0, -0x80000000)
TEST(8) /* conversions saturate, and words are sign extended */
    li a1, 0x41f0000000000000   /* 2^32 */
    fmv.d.x fa0, a1
    fsflags zero
    fcvt.wu.d a0, fa0, rtz
    CHECK(a0, -1)
    fcvt.w.d a0, fa0, rtz
    CHECK(a0, 0x7fffffff)
    frflags a0
    CHECK(a0, 0x10)
    li a1, 0x41efffffffe00000   /* 2^32 - 1 */
    fmv.d.x fa0, a1
    fcvt.wu.d a0, fa0, rtz
    CHECK(a0, -1)
    fneg.d fa0, fa0
    fcvt.lu.d a0, fa0, rtz
    CHECK(a0, 0)
    li a1, -1
    fcvt.d.wu fa0, a1
    fmv.x.d a0, fa0
    CHECK(a0, 0x41efffffffe00000)
    fld fa0, 0(a4)
    fcvt.l.d a0, fa0, rtz       /* NaN: the most positive */
    CHECK(a0, 0x7fffffffffffffff)
TEST(9) /* fused: one rounding; signs of the four */
    li a1, 0x3ff0000000000001
    fmv.d.x fa0, a1             /* 1 + e */
    li a1, -0x400ffffffffffffe
    fmv.d.x fa1, a1             /* -(1 + 2e) */
    fmadd.d fa2, fa0, fa0, fa1  /* e^2 */
    fmv.x.d a0, fa2
    CHECK(a0, 0x3970000000000000)
    li a1, 0x4000000000000000
    fmv.d.x fa0, a1             /* 2 */
    li a1, 0x3ff0000000000000
    fmv.d.x fa1, a1             /* 1 */
    fmsub.d fa2, fa0, fa0, fa1
    fcvt.w.d a0, fa2
    CHECK(a0, 3)
    fnmsub.d fa2, fa0, fa0, fa1
    fcvt.w.d a0, fa2
    CHECK(a0, -3)
    fnmadd.d fa2, fa0, fa0, fa1
    fcvt.w.d a0, fa2
    CHECK(a0, -5)
END

.data
.balign 8
data:
    .dword 0x7ff0000000000001
    .dword 0x400921fb3f800000
    .dword 0
