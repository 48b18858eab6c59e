/* SPDX-License-Identifier: MIT */
/* MPRV is for loads and stores alone: M fetches from physical addresses, which
 * here no page maps (3.1.6.3). */
#include "paging.h"

BEGIN
    PAGING
    la a3, page1
    ld a3, 0(a3)
    SET_PTE(l0, 1, page1, RW)
    SET_PTE(l0, 2, page1, RW | PTE_U)
    SET_PTE_RAW(root, 2, 0)
TEST(1)
    li a0, 0x1000
    li a7, 200 /* often enough that the code gets hot */
1:  AS(PRV_S)
    ld a1, 0(a0)
    sd a1, 8(a0)
    j 2f
    .balign 64
2:  ld a2, 8(a0)
    AS_M
    CHECK_SAME(a1, a3)
    CHECK_SAME(a2, a3)
    addi a7, a7, -1
    bnez a7, 1b
TEST(2)
    li a0, 0x2000
    AS(PRV_U)
    ld a1, 0(a0)
    j 3f
    .balign 4096
3:  ld a2, 8(a0)
    AS_M
    CHECK_SAME(a1, a3)
    CHECK_SAME(a2, a3)
TEST(3) /* M's own memory is not mapped for its loads */
    la a0, root
    AS(PRV_S)
    TRAPS(CAUSE_LOAD_PAGE)
    ld a1, 0(a0)
    TRAPPED
    AS_M
    CHECK_SAME(TVAL, a0)
TEST(4) /* with MPP = M not even loads are translated */
    li t0, MSTATUS_MPP | MSTATUS_MPRV
    csrs mstatus, t0
    ld a1, 0(a0)
    AS_M
    END

    PAGE_TABLES
