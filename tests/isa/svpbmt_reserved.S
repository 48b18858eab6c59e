/* SPDX-License-Identifier: MIT */
/* With Svpbmt on, type 3 is reserved, and bits 54 to 60 and N still are.
 * options: --isa rv64gc_svpbmt
 * qemu: 7.2 looks at none of these once PBMTE is set (manual 4.4.1, 5, 6) */
#include "paging.h"

BEGIN
    PAGING
    la a5, page1
    srli a5, a5, 12
    slli a5, a5, 10
    ori a5, a5, RW
    la a6, l0 + 8 * 3
TEST(1)
    li t0, 3 << 61
    or t0, t0, a5
    sd t0, 0(a6)
    sfence.vma
    LOAD_FAULTS(PRV_S, 0x3000)
    STORE_FAULTS(PRV_S, 0x3000)
    FETCH_FAULTS(PRV_S, 0x3000)
TEST(2)
    li a7, 1 << 54
1:  or t0, a5, a7
    li t1, 1 << 61 /* beside a good type */
    or t0, t0, t1
    sd t0, 0(a6)
    sfence.vma
    LOAD_FAULTS(PRV_S, 0x3000)
    slli a7, a7, 1
    li t0, 1 << 61
    bne a7, t0, 1b
TEST(3)
    SET_PTE(l0, 3, page1, RW | (1 << 63))
    LOAD_FAULTS(PRV_S, 0x3000)
    SET_PTE(l0, 3, area + 0x8000, RW | (1 << 63))
    LOAD_FAULTS(PRV_S, 0x3000)
    END

    PAGE_TABLES
    .balign 65536
area: .space 65536
