/* SPDX-License-Identifier: MIT */
/* Bits of a PTE that may have any value (4.3.1, 4.4.1): RSW is software's, in
 * leaves and pointers, and survives translation and A/D updates; G in a
 * pointer; every bit of PPN. */
#include "paging.h"

#define RSW (3 << 8)

BEGIN
    PAGING
TEST(1) /* RSW in a leaf and in both pointers */
    SET_PTE(root, 0, l1, PTE_V | RSW)
    SET_PTE(l1, 0, l0, PTE_V | 1 << 8)
    SET_PTE(l0, 1, page1, RW | RSW)
    LOADS(PRV_S, 0x1000, page1)
    STORES(PRV_S, 0x1008, page1 + 8)
TEST(2) /* the update of A and D keeps it */
    SET_PTE(l0, 2, page2, PTE_V | PTE_R | PTE_W | PTE_X | 2 << 8 | PTE_A | PTE_D)
    STORES(PRV_S, 0x2000, page2)
    la t0, l0 + 16
    ld t1, 0(t0)
    srli t1, t1, 8
    andi t1, t1, 3
    CHECK(t1, 2)
TEST(3) /* G in a pointer */
    SET_PTE(root, 0, l1, PTE_V | PTE_G)
    SET_PTE(l1, 0, l0, PTE_V | PTE_G)
    LOADS(PRV_S, 0x1000, page1)
TEST(4) /* the highest physical address there can be: an access fault */
    SET_PTE_RAW(l0, 3, 0xfffffffffff << 10 | RW)
    li a0, 0x3ff8
    AS(PRV_S)
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a1, 0(a0)
    TRAPPED
    AS_M
    CHECK_SAME(TVAL, a0)
    AS(PRV_S)
    TRAPS(CAUSE_STORE_ACCESS)
    sd a1, 0(a0)
    TRAPPED
    AS_M
TEST(5) /* X with W and without R is reserved; X alone, R X, R W X are not */
    SET_PTE(l0, 4, code_page, PTE_V | PTE_W | PTE_X | PTE_A | PTE_D)
    FETCH_FAULTS(PRV_S, 0x4000)
    SET_PTE(l0, 4, code_page, PTE_V | PTE_X | PTE_A)
    FETCHES(PRV_S, 0x4000)
    SET_PTE(l0, 4, code_page, PTE_V | PTE_R | PTE_X | PTE_A)
    FETCHES(PRV_S, 0x4000)
    SET_PTE(l0, 4, code_page, PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)
    FETCHES(PRV_S, 0x4000)
TEST(6) /* an invalid PTE may hold anything, at each level */
    SET_PTE_RAW(l0, 4, -2)
    LOAD_FAULTS(PRV_S, 0x4000)
    SET_PTE_RAW(l1, 1, -2)
    LOAD_FAULTS(PRV_S, MEGA)
    SET_PTE_RAW(root, 1, -2)
    FETCH_FAULTS(PRV_S, GIGA)
END

PAGE_TABLES
