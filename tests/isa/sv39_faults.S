/* SPDX-License-Identifier: MIT */
/* Under Sv39 these PTEs and addresses fault, with the right cause and tval. */
#include "paging.h"

BEGIN
    PAGING
TEST(1) /* permission bits */
    SET_PTE(l0, 1, page1, PTE_V | PTE_R | PTE_A)
    LOADS(PRV_S, 0x1000, page1)
    STORE_FAULTS(PRV_S, 0x1008)
    FETCH_FAULTS(PRV_S, 0x1000)
    SET_PTE(l0, 2, page1, PTE_V | PTE_X | PTE_A)
    LOAD_FAULTS(PRV_S, 0x2000)
    STORE_FAULTS(PRV_S, 0x2000)
    SET_PTE_RAW(l0, 3, 0)
    LOAD_FAULTS(PRV_S, 0x3000)
    STORE_FAULTS(PRV_S, 0x3ff8)
    FETCH_FAULTS(PRV_S, 0x3004)
TEST(2) /* V = 0 with R, W, X, A and D set */
    SET_PTE(l0, 3, page1, RWX & ~PTE_V)
    LOAD_FAULTS(PRV_S, 0x3000)
TEST(3) /* W without R is reserved */
    SET_PTE(l0, 3, page1, PTE_V | PTE_W | PTE_A | PTE_D)
    LOAD_FAULTS(PRV_S, 0x3000)
    STORE_FAULTS(PRV_S, 0x3000)
    SET_PTE(l0, 3, page1, PTE_V | PTE_W | PTE_X | PTE_A | PTE_D)
    STORE_FAULTS(PRV_S, 0x3000)
    FETCH_FAULTS(PRV_S, 0x3000)
TEST(4) /* a pointer in the last level */
    SET_PTE(l0, 3, page1, PTE_V)
    LOAD_FAULTS(PRV_S, 0x3000)
TEST(5) /* reserved bits 54 to 60 (61 to 63 are Svpbmt's and Svnapot's) */
    la a5, page1
    srli a5, a5, 12
    slli a5, a5, 10
    ori a5, a5, RW
    la a6, l0 + 8 * 3
    li a7, 1 << 54
    sd a5, 0(a6)
    sfence.vma
    LOADS(PRV_S, 0x3000, page1)
1:  or t0, a5, a7
    sd t0, 0(a6)
    sfence.vma
    LOAD_FAULTS(PRV_S, 0x3000)
    slli a7, a7, 1
    li t0, 1 << 61
    bne a7, t0, 1b
TEST(6) /* pointers with D, A or U set are reserved */
    SET_PTE(l0, 3, page1, RW)
    SET_PTE(l1, 0, l0, PTE_V | PTE_A)
    LOAD_FAULTS(PRV_S, 0x3000)
    SET_PTE(l1, 0, l0, PTE_V | PTE_D)
    LOAD_FAULTS(PRV_S, 0x3000)
    SET_PTE(l1, 0, l0, PTE_V | PTE_U)
    LOAD_FAULTS(PRV_S, 0x3000)
    SET_PTE(l1, 0, l0, PTE_V)
    LOADS(PRV_S, 0x3000, page1)
TEST(7) /* misaligned superpages */
    SET_PTE_RAW(l1, 1, (0x80000000 + 0x1000) >> 2 | RWX)
    LOAD_FAULTS(PRV_S, MEGA)
    FETCH_FAULTS(PRV_S, MEGA)
    SET_PTE_RAW(l1, 1, (0x80000000 + 0x100000) >> 2 | RWX)
    STORE_FAULTS(PRV_S, MEGA + 0x1000)
    SET_PTE_RAW(root, 1, (0x80000000 + MEGA) >> 2 | RWX)
    LOAD_FAULTS(PRV_S, GIGA)
    SET_PTE_RAW(root, 1, 0x80001000 >> 2 | RWX)
    LOAD_FAULTS(PRV_S, GIGA)
TEST(8) /* addresses whose upper bits are no sign extension */
    LOADS(PRV_S, 0x3000, page1)
    LOAD_FAULTS(PRV_S, 0x8000003000)
    STORE_FAULTS(PRV_S, 0x4000003000)
    LOAD_FAULTS(PRV_S, 0x8000000000003000)
    LOAD_FAULTS(PRV_S, -0x7fffffd000)
    STORE_FAULTS(PRV_S, 1 << 39)
    FETCH_FAULTS(PRV_S, 0x8000003000)
    FETCH_FAULTS(PRV_U, 0x4000000000)
TEST(9) /* absent at the upper levels */
    LOAD_FAULTS(PRV_S, 5 * GIGA)
    LOAD_FAULTS(PRV_S, 7 * MEGA)
TEST(10) /* a page outside memory */
    SET_PTE_RAW(l0, 7, 0x40000000 >> 2 | RW)
    DATA_ACCESS_FAULTS(0x7010)
END

PAGE_TABLES
