/* SPDX-License-Identifier: MIT */
/* mstatus.FS = Off (3.1.6.6): every instruction of F and D, 32 and 16 bits,
 * and the three CSRs are illegal, whatever their operands; with FS Initial
 * each of them is legal. */
#include "isa_test.h"

BEGIN
    la a2, slot
TEST(1) /* off: each one traps, with its bits */
    la a4, table
1:  ld a3, 0(a4)
    beqz a3, 2f
    li t0, MSTATUS_FS
    csrc mstatus, t0
    sw a3, 0(a2)
    fence.i
    la a0, cell
    mv sp, a0
    TRAPS(CAUSE_ILLEGAL)
    jalr a2
    TRAPPED
    CHECK_SAME(EPC, a2)
    andi t0, a3, 3          /* 16 bits of it, or 32 */
    addi t0, t0, -3
    beqz t0, 3f
    slli a3, a3, 48
    srli a3, a3, 48
3:  CHECK_SAME(TVAL, a3)
    addi a4, a4, 8
    j 1b
2:
TEST(2) /* on: none does */
    la a4, table
4:  ld a3, 0(a4)
    beqz a3, 5f
    li t0, MSTATUS_FS
    csrc mstatus, t0
    li t0, 1 << 13
    csrs mstatus, t0
    sw a3, 0(a2)
    fence.i
    la a0, cell
    mv sp, a0
    jalr a2
    addi a4, a4, 8
    j 4b
5:
TEST(3) /* an instruction that traps for FS leaves it Off */
    li t0, MSTATUS_FS
    csrc mstatus, t0
    TRAPS(CAUSE_ILLEGAL)
    fsflags zero
    TRAPPED
    li t0, MSTATUS_FS
    and a0, STATUS, t0
    CHECK(a0, 0)
END

.balign 64
slot:
    .word 0
    .option norvc
    ret
    .option rvc

.data
/* Registers: fa0 to fa3, a0 or a1; addresses by a0 or sp. */
.balign 8
table:
    /* flw fld fsw fsd */
    .dword 0x00052507, 0x00053507, 0x00a52027, 0x00a53027
    /* f[n]m{add,sub}.s .d */
    .dword 0x60b57543, 0x62b57543, 0x60b57547, 0x62b57547
    .dword 0x60b5754b, 0x62b5754b, 0x60b5754f, 0x62b5754f
    /* fadd fsub fmul fdiv */
    .dword 0x00b57553, 0x02b57553, 0x08b57553, 0x0ab57553
    .dword 0x10b57553, 0x12b57553, 0x18b57553, 0x1ab57553
    /* fsqrt fsgnj fsgnjn fsgnjx fmin fmax */
    .dword 0x58057553, 0x5a057553, 0x20b50553, 0x22b50553, 0x20b51553
    .dword 0x22b51553, 0x20b52553, 0x22b52553, 0x28b50553, 0x2ab50553
    .dword 0x28b51553, 0x2ab51553
    /* fcvt between formats */
    .dword 0x40157553, 0x42050553
    /* feq flt fle fclass */
    .dword 0xa0b525d3, 0xa2b525d3, 0xa0b515d3, 0xa2b515d3, 0xa0b505d3
    .dword 0xa2b505d3, 0xe00515d3, 0xe20515d3
    /* fcvt to w wu l lu, from w wu l lu */
    .dword 0xc00575d3, 0xc01575d3, 0xc02575d3, 0xc03575d3
    .dword 0xc20575d3, 0xc21575d3, 0xc22575d3, 0xc23575d3
    .dword 0xd0057553, 0xd0157553, 0xd0257553, 0xd0357553
    .dword 0xd2050553, 0xd2150553, 0xd2257553, 0xd2357553
    /* fmv */
    .dword 0xe00505d3, 0xe20505d3, 0xf0050553, 0xf2050553
    /* fflags frm fcsr, read and written */
    .dword 0x001025f3, 0x002025f3, 0x003025f3
    .dword 0x00101073, 0x00201073, 0x00301073
    /* c.fld c.fsd c.fldsp c.fsdsp, then c.nop */
    .dword 0x00012108, 0x0001a108, 0x00012502, 0x0001a02a
    .dword 0
.balign 8
cell: .dword 0
