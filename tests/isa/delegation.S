/* SPDX-License-Identifier: MIT */
/* Delegated traps go to S from S and U, never from M; sret. */
#include "isa_test.h"

BEGIN
    OPEN_PMP
    la t0, s_handler
    csrw stvec, t0
    li a5, 0
TEST(1) /* from U */
    li t0, 1 << CAUSE_ECALL_U | 1 << CAUSE_ILLEGAL
    csrw medeleg, t0
    csrsi sstatus, MSTATUS_SIE
    GO(PRV_U)
1:  ecall
    CHECK(a5, 1)            /* back in U by sret */
    CHECK(a2, CAUSE_ECALL_U)
    CHECK_ADDR(a3, 1b)
    CHECK(a4, 0)
    andi a6, a6, MSTATUS_SIE | MSTATUS_SPIE
    CHECK(a6, MSTATUS_SPIE)
2:  .word 0xffffffff
    CHECK(a5, 2)
    CHECK(a2, CAUSE_ILLEGAL)
    CHECK(a4, 0xffffffff)
TEST(2) /* a cause that is not delegated goes to M */
    li a1, 0x40000000
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a0, 0(a1)
    TRAPPED
    CHECK(a5, 2)
    srli a0, STATUS, 11
    andi a0, a0, 3
    CHECK(a0, PRV_U)
TEST(3) /* from S to S: SPP is set */
    GO(PRV_S)
    .word 0xffffffff
    CHECK(a5, 3)
    andi a7, a7, MSTATUS_SPP
    CHECK(a7, MSTATUS_SPP)
    BACK(PRV_S)
TEST(4) /* from M always to M */
    TRAPS(CAUSE_ILLEGAL)
    .word 0xffffffff
    TRAPPED
    CHECK(a5, 3)
END

.balign 4
s_handler:
    addi a5, a5, 1
    csrr a2, scause
    csrr a3, sepc
    csrr a4, stval
    csrr a6, sstatus
    mv a7, a6
    addi t0, a3, 4
    csrw sepc, t0
    sret
