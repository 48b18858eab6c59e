/* SPDX-License-Identifier: MIT */
/* All 4096 CSR numbers (2.1): bits 9:8 are the least privilege, bits 11:10 at
 * 3 mean read-only; breaking either rule is illegal whether the CSR exists or
 * not, and nothing is written. */
#include "isa_test.h"

#define CSRR_A1 0x000025f3      /* csrrs a1, 0, zero */
#define CSRW_A1 0x00059073      /* csrrw zero, 0, a1 */

BEGIN
    OPEN_PMP
    la a0, slot
TEST(1) /* U may read none of S's and M's, S none of M's */
    li s0, 0
1:  srli a2, s0, 8
    andi a2, a2, 3
    li t0, CSRR_A1
    slli t1, s0, 20
    or t0, t0, t1
    sw t0, 0(a0)
    fence.i
    beqz a2, 2f
    li a3, 0
    jal illegal
2:  addi a2, a2, -2
    bltz a2, 3f
    li a3, 1 << 11
    jal illegal
3:  addi s0, s0, 1
    li t0, 4096
    bne s0, t0, 1b
TEST(2) /* M may write none of the last quarter */
    li s0, 0xc00
4:  li t0, CSRW_A1
    slli t1, s0, 20
    or t0, t0, t1
    sw t0, 0(a0)
    fence.i
    li a3, 3 << 11
    jal illegal
    addi s0, s0, 1
    li t0, 4096
    bne s0, t0, 4b
END

/* The slot a0 with MPP a3 is illegal, precisely; a1 keeps its value. */
illegal:
    li t0, MSTATUS_MPP
    csrc mstatus, t0
    csrs mstatus, a3
    csrw mepc, a0
    li a1, 0x5151
    TRAPS(CAUSE_ILLEGAL)
    mret
    TRAPPED
    bne EPC, a0, fail
    lw t0, 0(a0)
    slli t0, t0, 32
    srli t0, t0, 32
    bne TVAL, t0, fail
    CHECK(a1, 0x5151)
    ret

.balign 64
slot:
    .word 0
    .word 0xffffffff
