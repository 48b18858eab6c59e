/* SPDX-License-Identifier: MIT */
/* mret to a lower privilege and sret clear MPRV (1.12: 3.3.2); in M
 * nothing forbids sret, not even TSR.
 * qemu: 7.2 leaves MPRV set */
#include "isa_test.h"

BEGIN
    OPEN_PMP
TEST(1)
    li t0, MSTATUS_MPRV
    csrs mstatus, t0
    GO(PRV_U)
    BACK(PRV_U)
    li t0, MSTATUS_MPRV
    and a0, STATUS, t0
    CHECK(a0, 0)
TEST(2) /* mret to M keeps MPRV */
    li t0, 3 << 11
    csrs mstatus, t0
    la t0, 1f
    csrw mepc, t0
    li t0, MSTATUS_MPRV
    csrs mstatus, t0
    mret
    j fail
1:  csrr a0, mstatus
    li t0, MSTATUS_MPRV
    and a0, a0, t0
    CHECK_SAME(a0, t0)
TEST(3)
    csrc mstatus, t0
    li t0, MSTATUS_SPP | MSTATUS_TSR
    csrs mstatus, t0
    la t0, 2f
    csrw sepc, t0
    li t0, 3 << 11          /* MPP = M: loads go on as M's */
    csrs mstatus, t0
    li t0, MSTATUS_MPRV
    csrs mstatus, t0
    sret
    j fail
2:  BACK(PRV_S)
    li t0, MSTATUS_MPRV
    and a0, STATUS, t0
    CHECK(a0, 0)
END
