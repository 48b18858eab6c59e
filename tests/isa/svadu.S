/* SPDX-License-Identifier: MIT */
/* Svadu: while menvcfg.ADUE is 1, as after reset, the walker sets A and D;
 * while it is 0, accesses that would set them fault.
 * options: --isa rv64gc_svadu
 * qemu: 7.2 has no Svadu */
#include "paging.h"

#define N    (PTE_V | PTE_R | PTE_W | PTE_X)
#define ADUE (1 << 61)

BEGIN
    PAGING
    li s0, ADUE
TEST(1)
    csrr a0, menvcfg
    and a0, a0, s0
    CHECK_SAME(a0, s0)
    SET_PTE(l0, 1, page1, N)
    STORES(PRV_S, 0x1000, page1)
    la t0, l0 + 8
    ld t1, 0(t0)
    andi t1, t1, 0xff
    CHECK(t1, N | PTE_A | PTE_D)
TEST(2) /* ADUE off: such accesses fault */
    csrc menvcfg, s0
    SET_PTE(l0, 2, page1, N)
    LOAD_FAULTS(PRV_S, 0x2000)
    SET_PTE(l0, 2, page1, N | PTE_A)
    LOADS(PRV_S, 0x2000, page1)
    STORE_FAULTS(PRV_S, 0x2000)
TEST(3) /* ADUE on again */
    csrs menvcfg, s0
    sfence.vma
    STORES(PRV_S, 0x2000, page1)
END

PAGE_TABLES
