/* SPDX-License-Identifier: MIT */
/* For page permissions, PMP, A and D, cbo.zero is a store. The other cbo
 * instructions need a load's permissions, set A and leave D. Every fault is a
 * store fault, with rs1 itself in mtval (CMO 1.0.1, 2.5.4).
 * qemu: 7.2 lacks Zicbom and Zicboz */
#include "paging.h"

    .option arch, +zicbom, +zicboz

#define N (PTE_V | PTE_R | PTE_W)
#define FAULTS(op, prv, va, cause)              \
    li a0, va;                                  \
    AS(prv)                                     \
    TRAPS(cause)                                \
    op (a0);                                    \
    TRAPPED                                     \
    AS_M                                        \
    CHECK_SAME(TVAL, a0)
#define WORKS(op, prv, va)                      \
    li a0, va;                                  \
    AS(prv)                                     \
    op (a0);                                    \
    AS_M
#define CHECK_PTE(index, flags)                 \
    la t0, l0 + 8 * (index);                    \
    ld t1, 0(t0);                               \
    andi t1, t1, 0xff;                          \
    CHECK(t1, flags)

BEGIN
    PAGING
TEST(1) /* cbo.zero through a page clears its own block only */
    SET_PTE(l0, 1, page1, RW)
    WORKS(cbo.zero, PRV_S, 0x1065)
    la t0, page1
    ld t1, 0(t0)
    CHECK(t1, 0x1111111111111111)
TEST(2)
    WORKS(cbo.zero, PRV_S, 0x103f)
    WORKS(cbo.zero, PRV_S, 0x1000)
    la t0, page1
    ld t1, 0(t0)
    CHECK(t1, 0)
TEST(3) /* read-only: zero faults, the others work */
    SET_PTE(l0, 2, page2, PTE_V | PTE_R | PTE_A)
    FAULTS(cbo.zero, PRV_S, 0x2fff, CAUSE_STORE_PAGE)
    WORKS(cbo.clean, PRV_S, 0x2fff)
    WORKS(cbo.flush, PRV_S, 0x2000)
    WORKS(cbo.inval, PRV_S, 0x2001)
    la t0, page2
    ld t1, 0(t0)
    CHECK(t1, 0x2222222222222222)
TEST(4) /* invalid pages, addresses that are not canonical, U's pages */
    FAULTS(cbo.zero, PRV_S, 0x3003, CAUSE_STORE_PAGE)
    FAULTS(cbo.clean, PRV_S, 0x3003, CAUSE_STORE_PAGE)
    FAULTS(cbo.flush, PRV_S, 0x3fff, CAUSE_STORE_PAGE)
    FAULTS(cbo.inval, PRV_S, 0x3000, CAUSE_STORE_PAGE)
    FAULTS(cbo.clean, PRV_S, 0x8000000000000011, CAUSE_STORE_PAGE)
    FAULTS(cbo.zero, PRV_S, 0x8000000000000011, CAUSE_STORE_PAGE)
    SET_PTE(l0, 4, page1, RW | PTE_U)
    FAULTS(cbo.zero, PRV_S, 0x4000, CAUSE_STORE_PAGE)
    FAULTS(cbo.inval, PRV_S, 0x4000, CAUSE_STORE_PAGE)
    WORKS(cbo.inval, PRV_U, 0x4000)
    WORKS(cbo.zero, PRV_U, 0x4000)
    li t0, MSTATUS_SUM
    csrs mstatus, t0
    WORKS(cbo.inval, PRV_S, 0x4000)
    WORKS(cbo.zero, PRV_S, 0x4000)
    li t0, MSTATUS_SUM
    csrc mstatus, t0
TEST(5) /* execute-only: no store, and a load only with MXR */
    SET_PTE(l0, 5, page1, PTE_V | PTE_X | PTE_A)
    FAULTS(cbo.clean, PRV_S, 0x5000, CAUSE_STORE_PAGE)
    FAULTS(cbo.zero, PRV_S, 0x5000, CAUSE_STORE_PAGE)
    li t0, MSTATUS_MXR
    csrs mstatus, t0
    WORKS(cbo.clean, PRV_S, 0x5000)
    FAULTS(cbo.zero, PRV_S, 0x5000, CAUSE_STORE_PAGE)
    li t0, MSTATUS_MXR
    csrc mstatus, t0
TEST(6) /* A and D */
    SET_PTE(l0, 6, page1, N)
    WORKS(cbo.flush, PRV_S, 0x6000)
    CHECK_PTE(6, N | PTE_A)
    WORKS(cbo.zero, PRV_S, 0x6000)
    CHECK_PTE(6, N | PTE_A | PTE_D)
    SET_PTE(l0, 7, page1, N)
    WORKS(cbo.zero, PRV_S, 0x7000)
    CHECK_PTE(7, N | PTE_A | PTE_D)
TEST(7) /* a page, and a table, where there is no memory */
    SET_PTE_RAW(l0, 8, 0x40000000 >> 2 | RW)
    FAULTS(cbo.zero, PRV_S, 0x8011, CAUSE_STORE_ACCESS)
    FAULTS(cbo.clean, PRV_S, 0x8011, CAUSE_STORE_ACCESS)
    SET_PTE_RAW(l1, 2, 0x50000000 >> 2 | PTE_V)
    FAULTS(cbo.clean, PRV_S, 2 * MEGA, CAUSE_STORE_ACCESS)
    FAULTS(cbo.flush, PRV_S, 2 * MEGA, CAUSE_STORE_ACCESS)
    FAULTS(cbo.inval, PRV_S, 2 * MEGA, CAUSE_STORE_ACCESS)
TEST(8) /* PMP: page2 read-only, the upper half of one block not at all */
    la t0, page2
    srli t0, t0, 2
    ori t1, t0, 0x1ff
    csrw pmpaddr1, t1
    ori t0, t0, 27
    csrw pmpaddr0, t0 /* 32 bytes from page2 + 96: NAPOT ..011 */
    li t0, 0x1918
    csrs pmpcfg0, t0
    SET_PTE(l0, 9, page2, RW)
    FAULTS(cbo.zero, PRV_S, 0x9007, CAUSE_STORE_ACCESS)
    WORKS(cbo.clean, PRV_S, 0x9007)
    FAULTS(cbo.clean, PRV_S, 0x9047, CAUSE_STORE_ACCESS)
    FAULTS(cbo.flush, PRV_S, 0x907f, CAUSE_STORE_ACCESS)
    WORKS(cbo.inval, PRV_S, 0x9080)
END

PAGE_TABLES
