/* SPDX-License-Identifier: MIT */
/* Half precision: boxing, loads, moves, conversions, rounding, FS.
 * (Values and flags: test_fp.)
 * options: --isa rv64gc_zfh
 * qemu-cpu: Zfh=true */
#include "isa_test.h"

    .option arch, +zfh

#define BITS(f, value) \
    fmv.x.d a0, f;     \
    CHECK(a0, value)

BEGIN
    li t0, MSTATUS_FS
    csrs mstatus, t0
TEST(1) /* flh boxes, fsh stores the low 16 bits whatever is above */
    la s0, half
    flh fa0, 0(s0)
    BITS(fa0, 0xffffffffffffc1f0)
    fld fa1, 8(s0)
    fsh fa1, 2(s0)
    lhu a0, 2(s0)
    CHECK(a0, 0xdef0)
    flh fa0, 1(s0) /* misaligned */
    BITS(fa0, 0xfffffffffffff0c1)
TEST(2) /* fmv.x.h extends the sign of the low 16 bits, boxed or not */
    fmv.x.h a0, fa1
    CHECK(a0, -0x2110)
    li a0, 0x12347e01
    fmv.h.x fa0, a0
    BITS(fa0, 0xffffffffffff7e01)
TEST(3) /* an operand that is not boxed counts as the canonical NaN */
    li a0, 0xfffeffffffff3c00
    fmv.d.x fa0, a0
    li a0, 0xffffffff00003c00 /* a single */
    fmv.d.x fa2, a0
    fsflags zero
    fadd.h fa3, fa0, fa0
    BITS(fa3, 0xffffffffffff7e00)
    fclass.h a0, fa0
    CHECK(a0, 1 << 9)
    fclass.h a0, fa2
    CHECK(a0, 1 << 9)
    fcvt.s.h fa3, fa2
    BITS(fa3, 0xffffffff7fc00000)
    fsgnjn.h fa3, fa0, fa0
    BITS(fa3, 0xfffffffffffffe00)
    li a0, 0x3c00
    fmv.h.x fa4, a0
    fmin.h fa3, fa0, fa4
    BITS(fa3, 0xffffffffffff3c00)
    frflags a0
    CHECK(a0, 0) /* no flag: that NaN is quiet */
TEST(4) /* a half's box makes it a NaN for single operations */
    fclass.s a0, fa4
    CHECK(a0, 1 << 9)
TEST(5) /* conversions box the result by its own width */
    fcvt.s.h fa3, fa4
    BITS(fa3, 0xffffffff3f800000)
    fcvt.d.h fa3, fa4
    BITS(fa3, 0x3ff0000000000000)
    fcvt.h.s fa5, fa4 /* fa4 is no single */
    BITS(fa5, 0xffffffffffff7e00)
    fcvt.h.d fa5, fa3
    BITS(fa5, 0xffffffffffff3c00)
TEST(6) /* static and dynamic rounding; 65520 is midway to infinity */
    li a2, 65520
    fsflags zero
    fcvt.h.w fa0, a2, rne
    BITS(fa0, 0xffffffffffff7c00)
    frflags a1
    CHECK(a1, 5) /* OF NX */
    fcvt.h.w fa0, a2, rtz
    BITS(fa0, 0xffffffffffff7bff)
    fsrmi 1
    fcvt.h.w fa0, a2, dyn
    BITS(fa0, 0xffffffffffff7bff)
    fsrmi 5 /* reserved */
    TRAPS(CAUSE_ILLEGAL)
    .word 0x04007053 /* fadd.h ft0, ft0, ft0, dyn */
    TRAPPED
    CHECK(TVAL, 0x04007053)
    fsrmi 0
    TRAPS(CAUSE_ILLEGAL)
    .word 0x04005053 /* fadd.h with rm 5 */
    TRAPPED
TEST(7) /* a load makes FS Dirty, a store does not */
    li t0, MSTATUS_FS
    csrc mstatus, t0
    li t0, 1 << 13
    csrs mstatus, t0
    fsh fa0, 0(s0)
    csrr a0, mstatus
    srli a0, a0, 13
    andi a0, a0, 3
    CHECK(a0, 1)
    flh fa0, 0(s0)
    csrr a0, mstatus
    srli a0, a0, 13
    andi a0, a0, 3
    CHECK(a0, 3)
TEST(8) /* FS off: Zfh's instructions trap */
    li t0, MSTATUS_FS
    csrc mstatus, t0
    .macro off insn:vararg
    TRAPS(CAUSE_ILLEGAL)
    \insn
    TRAPPED
    .endm
    off flh fa0, 0(s0)
    off fsh fa0, 0(s0)
    off fadd.h fa0, fa0, fa0
    off fmadd.h fa0, fa0, fa0, fa0
    off fsgnj.h fa0, fa0, fa0
    off feq.h a0, fa0, fa0
    off fmin.h fa0, fa0, fa0
    off fclass.h a0, fa0
    off fcvt.w.h a0, fa0
    off fcvt.h.l fa0, a0
    off fcvt.s.h fa0, fa0
    off fcvt.h.d fa0, fa0
    off fmv.x.h a0, fa0
    off fmv.h.x fa0, a0
    END

    .data
    .balign 16
half:
    .half 0xc1f0, 0xf0f0, 0, 0
    .dword 0x123456789abcdef0
