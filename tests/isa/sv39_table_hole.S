/* SPDX-License-Identifier: MIT */
/* A page table where there is no memory, or that PMP forbids reading, raises an
 * access fault of the original access's kind (4.3.2, step 2).
 * qemu: 7.2 raises a page fault where there is no memory */
#include "paging.h"

BEGIN
    PAGING
    SET_PTE_RAW(l1, 3, 0x40000000 >> 2 | PTE_V)
TEST(1)
    DATA_ACCESS_FAULTS(3 * MEGA)
TEST(2)
    FETCH_ACCESS_FAULTS
    CHECK_SAME(TVAL, a0)
TEST(3) /* PMP entry 0 takes l0's read permission away */
    SET_PTE(l0, 3, page1, RW)
    LOADS(PRV_S, 0x3000, page1)
    la t0, l0
    srli t0, t0, 2
    ori t0, t0, 511
    csrw pmpaddr0, t0
    csrwi pmpcfg0, PMP_NAPOT
    sfence.vma
    DATA_ACCESS_FAULTS(0x3008)
TEST(4) /* readable but not writable: A and D cannot be set */
    csrwi pmpcfg0, PMP_NAPOT | PMP_R
    SET_PTE(l0, 4, page1, PTE_V | PTE_R | PTE_W | PTE_A)
    sfence.vma
    li a0, 0x4008
    AS(PRV_S)
    ld a1, 0(a0)
    TRAPS(CAUSE_STORE_ACCESS)
    sd a1, 0(a0)
    TRAPPED
    AS_M
    CHECK_SAME(TVAL, a0)
END

PAGE_TABLES
