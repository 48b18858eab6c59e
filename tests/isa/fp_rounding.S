/* SPDX-License-Identifier: MIT */
/* Rounding modes (unprivileged manual 11.2, table 11.1): 5 and 6 in an
 * instruction are illegal; 7 takes frm, illegal while that holds 5, 6 or 7 -
 * for each instruction that rounds, and for none that does not. */
#include "isa_test.h"

/* Each with rm = 7; adding to bits 14:12 makes the others. */
#define DYN (7 << 12)

BEGIN
    li t0, MSTATUS_FS
    csrs mstatus, t0
    la a2, slot
    la a4, table
next:
    lwu a3, 0(a4)
    beqz a3, others
TEST(1) /* static 0 to 4 are legal, 5 and 6 are not */
    li s0, 0
1:  slli t0, s0, 12
    li t1, ~DYN
    and a5, a3, t1
    or a5, a5, t0
    sw a5, 0(a2)
    fence.i
    fsrmi 6                 /* does not matter to them */
    li t0, 5
    bgeu s0, t0, 2f
    jalr a2
    j 3f
2:  TRAPS(CAUSE_ILLEGAL)
    jalr a2
    TRAPPED
    CHECK_SAME(TVAL, a5)
3:  addi s0, s0, 1
    li t0, 7
    bne s0, t0, 1b
TEST(2) /* dynamic */
    sw a3, 0(a2)
    fence.i
    li s0, 0
4:  fsrm s0
    li t0, 5
    bgeu s0, t0, 5f
    jalr a2
    j 6f
5:  TRAPS(CAUSE_ILLEGAL)
    jalr a2
    TRAPPED
    CHECK_SAME(TVAL, a3)
    frrm t0                 /* and frm still holds it */
    CHECK_SAME(t0, s0)
6:  addi s0, s0, 1
    li t0, 8
    bne s0, t0, 4b
    addi a4, a4, 4
    j next
others:
TEST(3) /* no rounding mode: frm may hold anything */
    fsrmi 7
    fsgnj.d fa0, fa0, fa0
    fmin.s fa0, fa0, fa0
    feq.d a0, fa0, fa0
    fclass.s a0, fa0
    fmv.x.d a0, fa0
    fmv.d.x fa0, zero
    la a0, cell
    fld fa0, 0(a0)
    fsw fa0, 0(a0)
TEST(4) /* hot: legal, illegal and legal again at the same place */
    li s0, 500
7:  fsrmi 0
    jal 8f
    fsrmi 5
    TRAPS(CAUSE_ILLEGAL)
    jal 8f
    TRAPPED
    addi s0, s0, -1
    bnez s0, 7b
END

8:  fadd.d fa0, fa1, fa1
    ret

.balign 64
slot:
    .word 0
    .option norvc
    ret
    .option rvc

.data
.balign 8
table:
    .word 0x60b57543, 0x62b57543, 0x60b57547, 0x62b57547
    .word 0x60b5754b, 0x62b5754b, 0x60b5754f, 0x62b5754f
    .word 0x00b57553, 0x02b57553, 0x08b57553, 0x0ab57553
    .word 0x10b57553, 0x12b57553, 0x18b57553, 0x1ab57553
    .word 0x58057553, 0x5a057553, 0x40157553, 0x42057553
    .word 0xc00575d3, 0xc01575d3, 0xc02575d3, 0xc03575d3
    .word 0xc20575d3, 0xc21575d3, 0xc22575d3, 0xc23575d3
    .word 0xd0057553, 0xd0157553, 0xd0257553, 0xd0357553
    .word 0xd2057553, 0xd2157553, 0xd2257553, 0xd2357553
    .word 0
.balign 8
cell: .dword 0
