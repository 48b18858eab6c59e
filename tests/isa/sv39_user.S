/* SPDX-License-Identifier: MIT */
/* PTE.U, SUM and MXR decide which accesses fault; MPRV affects no fetch. */
#include "paging.h"

#define ON(bit)             \
    li t0, bit;             \
    csrs mstatus, t0;
#define OFF(bit)            \
    li t0, bit;             \
    csrc mstatus, t0;

BEGIN
    PAGING
    SET_PTE(l0, 1, page1, RW | PTE_U)
    SET_PTE(l0, 2, page2, RW)
    SET_PTE(l0, 3, code_page, RX | PTE_U)
    SET_PTE(l0, 4, code_page, PTE_V | PTE_X | PTE_A)
    SET_PTE(l0, 5, code_page, PTE_V | PTE_X | PTE_A | PTE_U)
TEST(1) /* U sees U's pages only */
    LOADS(PRV_U, 0x1000, page1)
    STORES(PRV_U, 0x1008, page1 + 8)
    LOAD_FAULTS(PRV_U, 0x2000)
    STORE_FAULTS(PRV_U, 0x2000)
    FETCH_FAULTS(PRV_U, 0x4000)
    LOAD_FAULTS(PRV_U, 0x80100000)
TEST(2) /* S accesses U's pages only with SUM */
    LOAD_FAULTS(PRV_S, 0x1000)
    STORE_FAULTS(PRV_S, 0x1000)
    ON(MSTATUS_SUM)
    LOADS(PRV_S, 0x1000, page1)
    STORES(PRV_S, 0x1010, page1 + 16)
    LOADS(PRV_S, 0x3000, code_page)
TEST(3) /* S never executes from U's pages */
    FETCH_FAULTS(PRV_S, 0x3000)
    OFF(MSTATUS_SUM)
    FETCH_FAULTS(PRV_S, 0x3000)
    FETCHES(PRV_U, 0x3000)
TEST(4) /* SUM back off: no cached translation ignores it */
    LOAD_FAULTS(PRV_S, 0x1000)
TEST(5) /* MXR makes executable pages readable, not writable */
    LOAD_FAULTS(PRV_S, 0x4000)
    LOAD_FAULTS(PRV_U, 0x5000)
    ON(MSTATUS_MXR)
    LOADS(PRV_S, 0x4000, code_page)
    LOADS(PRV_U, 0x5000, code_page)
    STORE_FAULTS(PRV_S, 0x4000)
    LOAD_FAULTS(PRV_U, 0x4000)
    LOAD_FAULTS(PRV_S, 0x5000)
    ON(MSTATUS_SUM)
    LOADS(PRV_S, 0x5000, code_page)
    OFF(MSTATUS_MXR | MSTATUS_SUM)
    LOAD_FAULTS(PRV_S, 0x4000)
TEST(6) /* MPRV does nothing to fetches */
    li t0, MSTATUS_MPP
    csrc mstatus, t0
    li t0, MSTATUS_MPRV
    csrs mstatus, t0
    nop
    csrc mstatus, t0
TEST(7) /* S sets and clears SUM itself: its next access obeys */
    li a0, 0x1000
    li s1, MSTATUS_SUM
    GO(PRV_S)
    csrs sstatus, s1
    ld a1, 0(a0)
    csrc sstatus, s1
    TRAPS(CAUSE_LOAD_PAGE)
    ld a1, 0(a0)
    TRAPPED
END

PAGE_TABLES
