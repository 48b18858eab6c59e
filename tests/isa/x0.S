/* SPDX-License-Identifier: MIT */
/* Every class of instruction that can name x0 as its destination does the
 * rest of its work, faults included, and leaves x0 at 0. */
#include "isa_test.h"

#define STILL               \
    bnez zero, fail;        \
    add a7, zero, zero;     \
    CHECK(a7, 0)

BEGIN
    li t0, MSTATUS_FS
    csrs mstatus, t0
    la a0, cell
    li a1, 7
    sd a1, 0(a0)
TEST(1) /* loads read, and fault */
    lb zero, 0(a0)
    lhu zero, 0(a0)
    lw zero, 0(a0)
    ld zero, 0(a0)
    STILL
    li a2, 0x40000000
    TRAPS(CAUSE_LOAD_ACCESS)
    ld zero, 0(a2)
    TRAPPED
    STILL
TEST(2) /* atomics store */
    amoadd.d zero, a1, (a0)
    STILL
    ld a3, 0(a0)
    CHECK(a3, 14)
    amoswap.w zero, a1, (a0)
    STILL
    lr.d zero, (a0)
    STILL
    li a4, 99
    sc.d zero, a4, (a0)
    STILL
    ld a3, 0(a0)
    CHECK(a3, 99)
TEST(3) /* jumps jump */
    .option norvc
    jal zero, 1f
    j fail
1:  STILL
    la a3, 2f
    jalr zero, 0(a3)
    j fail
2:  STILL
    .option rvc
TEST(4) /* CSRs are written, and read-only ones still trap */
    csrwi mscratch, 5
    csrrsi zero, mscratch, 2
    STILL
    csrr a3, mscratch
    CHECK(a3, 7)
    csrrw zero, mscratch, a1
    csrrc zero, mscratch, a1
    STILL
    csrr a3, mscratch
    CHECK(a3, 0)
    TRAPS(CAUSE_ILLEGAL)
    csrrw zero, 0x5c0, a1
    TRAPPED
TEST(5) /* floating point raises its flags */
    fsflags zero
    li a3, 0x7ff0000000000001
    fmv.d.x fa0, a3
    feq.d zero, fa0, fa0
    STILL
    frflags a3
    CHECK(a3, 0x10)
    fsflags zero
    fcvt.w.d zero, fa0
    STILL
    frflags a3
    CHECK(a3, 0x10)
    fmv.x.d zero, fa0
    fclass.d zero, fa0
    STILL
TEST(6) /* arithmetic */
    lui zero, 1
    auipc zero, 1
    addi zero, a1, 1
    mul zero, a1, a1
    div zero, a1, zero
    sraw zero, a1, a1
    STILL
TEST(7) /* as a source it is 0: base, index, operand, data */
    sd zero, 0(a0)
    ld a3, 0(a0)
    CHECK(a3, 0)
    sub a3, zero, a1
    CHECK(a3, -7)
    li a4, 3
    amoswap.d a3, zero, (a0)
    CHECK(a3, 0)
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a3, 0(zero)
    TRAPPED
    CHECK(TVAL, 0)
    fcvt.d.l fa0, zero
    fmv.x.d a3, fa0
    CHECK(a3, 0)
END

.data
.balign 8
cell: .dword 0
