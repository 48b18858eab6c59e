/* SPDX-License-Identifier: MIT */
/* Each device takes some access widths. Every other width, a misaligned access
 * and one outside all devices raise an access fault, with nothing read or
 * written, as on QEMU's virt board.
 * board: virt */
#include "isa_test.h"

#define BYTE   1
#define HALF   2
#define WORD   4
#define DOUBLE 8

BEGIN
    la a4, table
TEST(1) /* every width at every address of the table */
next:
    ld a0, 0(a4)
    beqz a0, done
    lw s1, 8(a4)            /* the widths that the device takes */
    lw s3, 12(a4)           /* 1: stores are tested, too */
    li s2, 1
    la a5, loads
1:  and t0, s1, s2
    beqz t0, 2f
    jalr a5
    beqz s3, 3f
    addi a5, a5, 32         /* stores: a1 back to its place */
    jalr a5
    addi a5, a5, -32
    j 3f
2:  TRAPS(CAUSE_LOAD_ACCESS)
    jalr a5
    TRAPPED
    CHECK_SAME(TVAL, a0)
    addi a5, a5, 32
    TRAPS(CAUSE_STORE_ACCESS)
    jalr a5
    TRAPPED
    CHECK_SAME(TVAL, a0)
    addi a5, a5, -32
3:  addi a5, a5, 8
    slli s2, s2, 1
    li t0, 16
    bne s2, t0, 1b
    addi a4, a4, 16
    j next
done:
TEST(2) /* misaligned */
    li a0, 0x200bffc            /* mtime, 8 bytes from its middle */
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a1, 0(a0)
    TRAPPED
    li a0, 0x2004002
    TRAPS(CAUSE_STORE_ACCESS)
    sw a1, 0(a0)
    TRAPPED
END

.balign 8
    .option norvc
loads:
    lbu a1, 0(a0)
    ret
    lhu a1, 0(a0)
    ret
    lwu a1, 0(a0)
    ret
    ld a1, 0(a0)
    ret
stores:
    sb a1, 0(a0)
    ret
    sh a1, 0(a0)
    ret
    sw a1, 0(a0)
    ret
    sd a1, 0(a0)
    ret
    .option rvc

.data
.balign 8
.macro row address, widths, stored
    .dword \address
    .word \widths, \stored
.endm
table:
    row 0x2000000, WORD, 1              /* CLINT: msip */
    row 0x2004000, WORD | DOUBLE, 1     /* mtimecmp */
    row 0x200bff8, WORD | DOUBLE, 0     /* mtime */
    row 0xc000028, WORD, 1              /* PLIC: source 10's priority */
    row 0xc002000, WORD, 1              /* enable */
    row 0xc200000, WORD, 1              /* threshold */
    row 0x10000000, BYTE | HALF | WORD | DOUBLE, 0  /* UART: data */
    row 0x10000008, 0, 0                /* after the UART */
    row 0x10009000, 0, 0                /* no device */
    row 0x200c000, 0, 0                 /* after mtime */
    row 0xc600000, 0, 0                 /* after the PLIC */
    .dword 0
