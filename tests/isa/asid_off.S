/* SPDX-License-Identifier: MIT */
/* --asid off: satp's ASID field is read-only 0; translation works the same.
 * options: --asid off
 * qemu: always has ASIDs */
#include "paging.h"

BEGIN
    PAGING
TEST(1)
    csrr a0, satp
    li a1, 0xffff << 44
    or a1, a0, a1
    csrw satp, a1
    csrr a2, satp
    CHECK_SAME(a2, a0)
TEST(2)
    SET_PTE(l0, 1, page1, RW)
    LOADS(PRV_S, 0x1000, page1)
END

PAGE_TABLES
