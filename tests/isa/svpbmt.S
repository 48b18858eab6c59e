/* SPDX-License-Identifier: MIT */
/* Svpbmt: memory types 1 (NC) and 2 (IO) in leaves of every size, never in
 * pointers.
 * options: --isa rv64gc_svpbmt
 * qemu-cpu: svpbmt=true */
#include "paging.h"

#define PBMT(n) ((n) << 61)
#define PBMTE   (1 << 62)

#define PBMTE_ON        \
    li t0, PBMTE;       \
    csrs menvcfg, t0;   \
    sfence.vma;

BEGIN
    PAGING
TEST(1) /* menvcfg.PBMTE is there */
    PBMTE_ON
    csrr a0, menvcfg
    srli a0, a0, 62
    andi a0, a0, 1
    CHECK(a0, 1)
TEST(2) /* a page's contents are the same whatever its type */
    SET_PTE(l0, 1, page1, RW | PBMT(1))
    LOADS(PRV_S, 0x1000, page1)
    STORES(PRV_S, 0x1010, page1 + 16)
    SET_PTE(l0, 2, page1, RW | PBMT(2))
    LOADS(PRV_S, 0x2000, page1)
    STORES(PRV_S, 0x2018, page1 + 24)
    LOADS(PRV_S, 0x1018, page1 + 24)
    li a0, 0x2000 /* atomics, too */
    AS(PRV_S)
    amoadd.d a1, a0, (a0)
    lr.d a2, (a0)
    sc.d a3, a2, (a0)
    AS_M
    bnez a3, fail
    sub a2, a2, a0
    CHECK_SAME(a1, a2)
TEST(3) /* superpages */
    SET_PTE_RAW(l1, 1, 0x80000000 >> 2 | RW | PBMT(1))
    SET_PTE_RAW(root, 1, 0x80000000 >> 2 | RW | PBMT(2))
    la a0, page2
    li a1, MEGA - 0x80000000
    add a0, a0, a1
    li a1, GIGA - 0x80000000 - (MEGA - 0x80000000)
    add a1, a1, a0
    AS(PRV_S)
    ld a2, 0(a0)
    ld a3, 0(a1)
    AS_M
    CHECK(a2, 0x2222222222222222)
    CHECK(a3, 0x2222222222222222)
TEST(4) /* fetching */
    SET_PTE(l0, 3, code_page, RX | PBMT(1))
    FETCHES(PRV_S, 0x3000)
    SET_PTE(l0, 3, code_page, RX | PBMT(2))
    FETCHES(PRV_S, 0x3000)
TEST(5) /* a pointer has no type */
    SET_PTE(l1, 2, l0, PTE_V | PBMT(1))
    LOAD_FAULTS(PRV_S, 2 * MEGA + 0x1000)
    SET_PTE(l1, 2, l0, PTE_V | PBMT(2))
    STORE_FAULTS(PRV_S, 2 * MEGA + 0x1000)
    SET_PTE(l1, 2, l0, PTE_V)
    LOADS(PRV_S, 2 * MEGA + 0x1000, page1)
    END

    PAGE_TABLES
