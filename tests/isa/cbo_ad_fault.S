/* SPDX-License-Identifier: MIT */
/* A and D left to software: every cbo instruction faults at a page with A = 0;
 * at a page with D = 0 only cbo.zero does.
 * options: --ad fault
 * qemu: 7.2 lacks Zicbom and Zicboz */
#include "paging.h"

    .option arch, +zicbom, +zicboz

#define N (PTE_V | PTE_R | PTE_W)
#define FAULTS(op, va)                          \
    li a0, va;                                  \
    AS(PRV_S)                                   \
    TRAPS(CAUSE_STORE_PAGE)                     \
    op (a0);                                    \
    TRAPPED                                     \
    AS_M                                        \
    CHECK_SAME(TVAL, a0)
#define WORKS(op, va)                           \
    li a0, va;                                  \
    AS(PRV_S)                                   \
    op (a0);                                    \
    AS_M

BEGIN
    PAGING
    SET_PTE(l0, 1, page1, N)
    SET_PTE(l0, 2, page2, N | PTE_A)
TEST(1)
    FAULTS(cbo.clean, 0x1013)
    FAULTS(cbo.flush, 0x1013)
    FAULTS(cbo.inval, 0x1013)
    FAULTS(cbo.zero, 0x1013)
TEST(2)
    WORKS(cbo.clean, 0x2013)
    WORKS(cbo.flush, 0x2013)
    WORKS(cbo.inval, 0x2013)
    FAULTS(cbo.zero, 0x2013)
END

PAGE_TABLES
