/* SPDX-License-Identifier: MIT */
/* PMP checks the walker's reads as loads of S, for an access of any privilege
 * (3.7.2): at each level, a table that S may not read raises an access fault
 * of that access's kind. PMP checks the access itself by physical address. */
#include "paging.h"

#define PMP_OFF csrwi pmpcfg0, 0;
/* Entry 0 restricts the page of `where` to the rights in cfg. */
#define FORBID(where, cfg)              \
    la t0, where;                       \
    srli t0, t0, 2;                     \
    ori t0, t0, 511;                    \
    csrw pmpaddr0, t0;                  \
    csrwi pmpcfg0, cfg;                 \
    sfence.vma;
#define ACCESS_FAULTS(va)               \
    DATA_ACCESS_FAULTS(va)              \
    FETCH_ACCESS_FAULTS                 \
    CHECK_SAME(TVAL, a0)

BEGIN
    PAGING
    SET_PTE(l0, 1, page1, RWX)
    LOADS(PRV_S, 0x1000, page1)
TEST(1) /* each level */
    FORBID(root, 0x18)
    ACCESS_FAULTS(0x1000)
    FORBID(l1, 0x18)
    ACCESS_FAULTS(0x1000)
    FORBID(l0, 0x18)
    ACCESS_FAULTS(0x1000)
TEST(2) /* execute-only is not readable */
    FORBID(l0, 0x1c)
    ACCESS_FAULTS(0x1000)
TEST(3) /* read-only is enough when A and D are there */
    FORBID(l0, 0x19)
    LOADS(PRV_S, 0x1000, page1)
    STORES(PRV_S, 0x1000, page1)
TEST(4) /* the page itself, by its physical address */
    FORBID(page1, 0x18)
    ACCESS_FAULTS(0x1000)
    FORBID(page1, 0x19)
    LOADS(PRV_S, 0x1000, page1)
    li a0, 0x1000
    AS(PRV_S)
    TRAPS(CAUSE_STORE_ACCESS)
    sd a1, 0(a0)
    TRAPPED
    AS_M
TEST(5) /* a part of a page, exact to the byte */
    la t0, page1 + 64
    srli t0, t0, 2
    ori t0, t0, 7
    csrw pmpaddr0, t0
    csrwi pmpcfg0, PMP_NAPOT
    sfence.vma
    li a0, 0x1000
    AS(PRV_S)
    ld a1, 56(a0)
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a1, 64(a0)
    TRAPPED
    AS(PRV_S)
    ld a1, 128(a0)
    TRAPS(CAUSE_LOAD_ACCESS)
    lw a1, 62(a0)           /* partly forbidden */
    TRAPPED
    AS_M
TEST(6) /* the rights given back */
    PMP_OFF
    sfence.vma
    LOADS(PRV_S, 0x1000, page1)
END

PAGE_TABLES
