/* SPDX-License-Identifier: MIT */
/* mstatus.TVM, TW and TSR: instructions of S that trap to M. */
#include "isa_test.h"

#define SET(bit)                \
    li t0, bit;                 \
    csrs mstatus, t0;
#define CLEAR(bit)              \
    li t0, bit;                 \
    csrc mstatus, t0;
#define S_TRAPS(...)            \
    GO(PRV_S)                   \
    TRAPS(CAUSE_ILLEGAL)        \
    __VA_ARGS__;                \
    TRAPPED

BEGIN
    OPEN_PMP
TEST(1) /* TVM: satp and sfence.vma in S */
    SET(MSTATUS_TVM)
    csrr a0, satp
    sfence.vma
    S_TRAPS(csrr a0, satp)
    S_TRAPS(csrw satp, zero)
    S_TRAPS(sfence.vma)
    S_TRAPS(sfence.vma a0, a1)
    CLEAR(MSTATUS_TVM)
    GO(PRV_S)
    csrr a0, satp
    csrw satp, a0
    sfence.vma
    BACK(PRV_S)
TEST(2) /* TSR: sret in S */
    SET(MSTATUS_TSR)
    S_TRAPS(sret)
    CLEAR(MSTATUS_TSR)
    GO(PRV_S)
    la t0, 1f
    csrw sepc, t0
    li t0, MSTATUS_SPP
    csrs sstatus, t0
    sret
    j fail
1:  csrr a0, sstatus    /* still S; SPP is now U */
    andi a0, a0, MSTATUS_SPP
    CHECK(a0, 0)
    BACK(PRV_S)
TEST(3) /* TW: wfi in S */
    SET(MSTATUS_TW)
    S_TRAPS(wfi)
    CLEAR(MSTATUS_TW)
TEST(4) /* in U: sfence.vma, sret, satp never */
    GO(PRV_U)
    TRAPS(CAUSE_ILLEGAL)
    sfence.vma
    TRAPPED
    GO(PRV_U)
    TRAPS(CAUSE_ILLEGAL)
    csrr a0, satp
    TRAPPED
    GO(PRV_U)
    TRAPS(CAUSE_ILLEGAL)
    wfi
    TRAPPED
END
