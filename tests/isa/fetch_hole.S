/* SPDX-License-Identifier: MIT */
/* Fetching where there is no memory raises an access fault at the missing part.
 * qemu: 7.2 ends with "trying to execute code outside RAM or ROM" */
#include "paging.h"

#define FETCH_AT(va, tval)  \
    li a0, va;              \
    FETCH_ACCESS_FAULTS     \
    CHECK(TVAL, tval)

BEGIN
    PAGING
TEST(1) /* the whole instruction is missing */
    SET_PTE_RAW(l0, 4, 0x40000000 >> 2 | RX)
    FETCH_AT(0x4000, 0x4000)
TEST(2) /* the second half of an instruction */
    SET_PTE(l0, 3, code_end, RX)
    FETCH_AT(0x3ffe, 0x4000)
TEST(3) /* the second half on a page whose table is in a hole */
    SET_PTE_RAW(l0, 4, 0)
    SET_PTE_RAW(l1, 3, 0x40000000 >> 2 | PTE_V)
    SET_PTE(l1, 2, l0b, PTE_V)
    SET_PTE(l0b, 511, code_end, RX)
    FETCH_AT(3 * MEGA - 2, 3 * MEGA)
TEST(4) /* M's own jump */
    li a0, 0x40000000
    TRAPS(CAUSE_FETCH_ACCESS)
    jr a0
    TRAPPED
    CHECK_SAME(EPC, a0)
    CHECK_SAME(TVAL, a0)
    li a0, 0x80000000 /* 1 << 59: no physical address */
    slli a0, a0, 28
    TRAPS(CAUSE_FETCH_ACCESS)
    jr a0
    TRAPPED
    CHECK_SAME(TVAL, a0)
    END

    PAGE_TABLES
    .balign 4096
code_end:
    .space 4094
    .half 0x0013 /* addi zero, zero, imm: its lower half */
    .half 0x0070
    .balign 4096
