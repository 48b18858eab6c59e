/* SPDX-License-Identifier: MIT */
/* A and D left to software: accesses that would set them fault instead.
 * options: --ad fault
 * qemu: sets them itself */
#include "paging.h"

#define N (PTE_V | PTE_R | PTE_W | PTE_X)

BEGIN
    PAGING
TEST(1)
    SET_PTE(l0, 1, page1, N)
    LOAD_FAULTS(PRV_S, 0x1000)
    STORE_FAULTS(PRV_S, 0x1000)
    FETCH_FAULTS(PRV_S, 0x1000)
    la t0, l0 + 8
    ld t1, 0(t0)
    andi t1, t1, 0xff
    CHECK(t1, N)
TEST(2) /* A without D allows loads and fetches, no stores */
    SET_PTE(l0, 2, page1, N | PTE_A)
    LOADS(PRV_S, 0x2000, page1)
    STORE_FAULTS(PRV_S, 0x2000)
    SET_PTE(l0, 3, code_page, N | PTE_A)
    FETCHES(PRV_S, 0x3000)
TEST(3) /* A and D allow stores */
    SET_PTE(l0, 2, page1, N | PTE_A | PTE_D)
    STORES(PRV_S, 0x2000, page1)
TEST(4) /* D without A */
    SET_PTE(l0, 2, page1, N | PTE_D)
    LOAD_FAULTS(PRV_S, 0x2000)
    STORE_FAULTS(PRV_S, 0x2000)
END

PAGE_TABLES
