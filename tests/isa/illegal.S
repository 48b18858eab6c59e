/* SPDX-License-Identifier: MIT */
/* Encodings that no ratified extension of this machine has: each is illegal,
 * with its own bits in mtval and its own address in mepc. (Extensions that can
 * be switched off: zNAME_off.S.) */
#include "isa_test.h"

BEGIN
    li t0, MSTATUS_FS
    csrs mstatus, t0
    la a4, table
    la a1, slot
TEST(1)
1:  lwu a0, 0(a4)
    beqz a0, 2f
    sw a0, 0(a1)
    fence.i
    TRAPS(CAUSE_ILLEGAL)
    jr a1
    TRAPPED
    CHECK_SAME(TVAL, a0)
    CHECK_SAME(EPC, a1)
    addi a4, a4, 4
    j 1b
2:  la a0, table_end
    CHECK_SAME(a4, a0)
END

.balign 64
    .option norvc
slot:
    .word 0
    j fail
    .option rvc

.data
table:
    /* opcodes: custom 0 to 3, reserved, OP-P */
    .word 0x0000000b, 0x0000002b, 0x0000005b, 0x0000007b, 0x0000006b
    .word 0x00000077
    /* the beginning of 48, 64, 80 bits and more */
    .word 0x0000001f, 0x0000003f, 0x0000005f, 0x0000007f, 0xffffffff
    /* LOAD and STORE widths */
    .word 0x00007003, 0x00004023, 0x00005023, 0x00006023, 0x00007023
    /* BRANCH 2 and 3, JALR 1 to 7, MISC-MEM 3 to 7 */
    .word 0x00002063, 0x00003063
    .word 0x00001067, 0x00002067, 0x00004067, 0x00007067
    .word 0x0000300f, 0x0000400f, 0x0000700f
    /* shifts: amounts and upper bits */
    .word 0x04001013, 0x04005013, 0x80005013, 0x0200101b, 0x0200501b
    .word 0x4200501b, 0x8000501b
    /* OP-IMM-32, OP, OP-32 */
    .word 0x0000201b, 0x0000301b, 0x0000401b, 0x0000601b, 0x0000701b
    .word 0xfe000033, 0x04000033, 0x40001033, 0xfe00003b, 0x0200103b
    .word 0x0200203b, 0x0200303b, 0x0000203b, 0x4000103b
    /* AMO: widths, lr with rs2, functions */
    .word 0x0000502f, 0x0000602f, 0x0000702f, 0x1010202f, 0x11f0302f
    .word 0xf800202f, 0x3800302f
    /* SYSTEM: fields of ecall, ebreak, xret, wfi, sfence.vma; uret, dret,
     * hfence, funct3 4 */
    .word 0x000000f3, 0x00008073, 0x001000f3, 0x00108073, 0x102000f3
    .word 0x10208073, 0x302000f3, 0x105000f3, 0x120000f3, 0x00200073
    .word 0x22000073, 0x62000073, 0x00004073, 0x60004073
    /* FP: quad format, reserved rounding, functions, rs2, widths */
    .word 0x06000053, 0x06000043, 0x00005053, 0x00006053, 0x02005053
    .word 0x02006053, 0x00005043, 0x0200604f, 0x20003053, 0x22007053
    .word 0x28004053, 0xa0003053, 0xa2007053, 0x58100053, 0x5a200053
    .word 0xc0400053, 0xd2400053, 0xe0002053, 0xf0001053, 0xe0200053
    .word 0x40000053, 0x42100053, 0x42005053, 0x30000053, 0x48000053
    .word 0x00000007, 0x00004007, 0x00004027
table_end:
    .word 0
