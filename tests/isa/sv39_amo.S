/* SPDX-License-Identifier: MIT */
/* Page faults of an LR are load faults, those of SC and AMO store faults, also
 * where nothing can be read.
 * qemu: 7.2 reports the AMO's read as a load */
#include "paging.h"

BEGIN
    PAGING
    li a0, 0x3000
TEST(1) /* read only */
    SET_PTE(l0, 3, page1, PTE_V | PTE_R | PTE_A)
    AS(PRV_S)
    lr.d a1, (a0)
    TRAPS(CAUSE_STORE_PAGE)
    amoadd.d a1, a1, (a0)
    TRAPPED
    AS_M
    CHECK_SAME(TVAL, a0)
    AS(PRV_S)
    TRAPS(CAUSE_STORE_PAGE)
    sc.d a1, a1, (a0)
    TRAPPED
    AS_M
    la a2, page1
    ld a1, 0(a2)
    CHECK(a1, 0x1111111111111111)
TEST(2) /* absent */
    SET_PTE_RAW(l0, 3, 0)
    AS(PRV_S)
    TRAPS(CAUSE_LOAD_PAGE)
    lr.d a1, (a0)
    TRAPPED
    AS_M
    AS(PRV_S)
    TRAPS(CAUSE_STORE_PAGE)
    amoswap.w a1, a1, (a0)
    TRAPPED
    AS_M
    CHECK_SAME(TVAL, a0)
TEST(3) /* execute only, and MXR: readable, still no store */
    SET_PTE(l0, 3, code_page, PTE_V | PTE_X | PTE_A)
    li t0, MSTATUS_MXR
    csrs mstatus, t0
    AS(PRV_S)
    lr.w a1, (a0)
    TRAPS(CAUSE_STORE_PAGE)
    amoor.w a1, zero, (a0)
    TRAPPED
    AS_M
END

PAGE_TABLES
