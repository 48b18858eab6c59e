/* SPDX-License-Identifier: MIT */
/* While menvcfg.PBMTE is 0, the types of Svpbmt are reserved. Reset sets PBMTE.
 * options: --isa rv64gc_svpbmt
 * qemu: 7.2 has the bit, but its walker does not look at it (manual 3.1.18) */
#include "paging.h"

#define PBMT(n) ((n) << 61)
#define PBMTE   (1 << 62)

#define PBMTE_ON        \
    li t0, PBMTE;       \
    csrs menvcfg, t0;   \
    sfence.vma;
#define PBMTE_OFF       \
    li t0, PBMTE;       \
    csrc menvcfg, t0;   \
    sfence.vma;

BEGIN
    PAGING
TEST(1)
    SET_PTE(l0, 1, page1, RW | PBMT(1))
    SET_PTE(l0, 2, page1, RW | PBMT(2))
    SET_PTE(l0, 3, code_page, RX | PBMT(1))
    SET_PTE_RAW(l1, 1, 0x80000000 >> 2 | RW | PBMT(1))
    SET_PTE_RAW(root, 1, 0x80000000 >> 2 | RW | PBMT(2))
    LOADS(PRV_S, 0x1000, page1)
TEST(2) /* switched off: reserved */
    PBMTE_OFF
    LOAD_FAULTS(PRV_S, 0x1000)
    STORE_FAULTS(PRV_S, 0x2000)
    FETCH_FAULTS(PRV_S, 0x3000)
    LOAD_FAULTS(PRV_S, MEGA)
    LOAD_FAULTS(PRV_S, GIGA)
TEST(3) /* switched on again */
    PBMTE_ON
    LOADS(PRV_S, 0x1000, page1)
    END

    PAGE_TABLES
