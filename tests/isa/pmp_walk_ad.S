/* SPDX-License-Identifier: MIT */
/* PMP checks the walker's write of A and D as a store of S (3.7.2): a write to
 * a table that S may only read raises an access fault, also right after PMP has
 * allowed a load of that table.
 * qemu: 7.2 asks PMP for the walker's reads only */
#include "paging.h"

BEGIN
    PAGING
    SET_PTE(l0, 2, page1, RW & ~PTE_D)
    la t0, l0
    srli t0, t0, 2
    ori t0, t0, 511
    csrw pmpaddr0, t0
    csrwi pmpcfg0, 0x19 /* NAPOT, R */
    sfence.vma
TEST(1)
    la a0, l0
    li a2, 0x2000
    AS(PRV_S)
    ld a3, 0(a0)
    TRAPS(CAUSE_STORE_ACCESS)
    sd a3, 0(a2)
    TRAPPED
    AS_M
    CHECK_SAME(TVAL, a2)
TEST(2) /* D is not set */
    la t0, l0 + 16
    ld t1, 0(t0)
    andi t1, t1, 0xff
    CHECK(t1, RW & ~PTE_D)
END

PAGE_TABLES
