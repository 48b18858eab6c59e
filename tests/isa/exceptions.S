/* SPDX-License-Identifier: MIT */
/* Causes, mepc and mtval of synchronous traps. */
#include "isa_test.h"

BEGIN
    OPEN_PMP
TEST(1) /* ecall from each privilege */
    TRAPS(CAUSE_ECALL_M)
1:  ecall
    TRAPPED
    CHECK_ADDR(EPC, 1b)
    CHECK(TVAL, 0)
    GO(PRV_S)
    TRAPS(CAUSE_ECALL_S)
    ecall
    TRAPPED
    GO(PRV_U)
    TRAPS(CAUSE_ECALL_U)
    ecall
    TRAPPED
TEST(2) /* illegal: mtval holds the bits */
    TRAPS(CAUSE_ILLEGAL)
    .word 0xffffffff
    TRAPPED
    CHECK(TVAL, 0xffffffff)
    TRAPS(CAUSE_ILLEGAL)
    .half 0x0000
    TRAPPED
    CHECK(TVAL, 0)
    TRAPS(CAUSE_ILLEGAL)
    .half 0x8002            /* c.jr x0, reserved */
    TRAPPED
    CHECK(TVAL, 0x8002)
    TRAPS(CAUSE_ILLEGAL)
1:  .word 0x0000707b        /* custom-3 */
    TRAPPED
    CHECK_ADDR(EPC, 1b)
    CHECK(TVAL, 0x0000707b)
TEST(3) /* holes of the memory map */
    li a1, 0x40000000
    li a0, 5
    TRAPS(CAUSE_LOAD_ACCESS)
1:  ld a0, 0(a1)
    TRAPPED
    CHECK_ADDR(EPC, 1b)
    CHECK_SAME(TVAL, a1)
    CHECK(a0, 5)
    TRAPS(CAUSE_STORE_ACCESS)
    sb a0, 3(a1)
    TRAPPED
    addi a2, a1, 3
    CHECK_SAME(TVAL, a2)
    TRAPS(CAUSE_FETCH_ACCESS)
    jr a1
    TRAPPED
    CHECK_SAME(EPC, a1)
    CHECK_SAME(TVAL, a1)
TEST(4) /* mret and sret where they are not allowed; mret's effects */
    GO(PRV_S)
    TRAPS(CAUSE_ILLEGAL)
    mret
    TRAPPED
    GO(PRV_U)
    TRAPS(CAUSE_ILLEGAL)
    sret
    TRAPPED
    li t0, MSTATUS_MPIE
    csrs mstatus, t0
    li t0, MSTATUS_MIE
    csrc mstatus, t0
    GO(PRV_M)
    csrr a0, mstatus
    li a1, MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP
    and a0, a0, a1
    CHECK(a0, MSTATUS_MIE | MSTATUS_MPIE)
    csrci mstatus, MSTATUS_MIE
TEST(5) /* the trap's effects on mstatus */
    li a1, MSTATUS_MPIE
    csrc mstatus, a1
    csrsi mstatus, MSTATUS_MIE
    TRAPS(CAUSE_ECALL_M)
    ecall
    TRAPPED
    li a1, MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP
    and a0, STATUS, a1
    CHECK(a0, MSTATUS_MPIE | MSTATUS_MPP)
END
