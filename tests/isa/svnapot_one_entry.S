/* SPDX-License-Identifier: MIT */
/* Our TLB holds a NAPOT range as one entry: a change of any of its 16 PTEs takes
 * effect for no access before a fence, and for every access after a fence of any
 * address in the range. (Software must be prepared for one entry and for 16:
 * manual 5 lets one read of a NAPOT PTE stand for all 16.)
 * options: --isa rv64gc_svnapot
 * qemu: its TLB holds 4 KiB pages */
#include "paging.h"

#define PTE_N (1 << 63)

/* l0[16 .. 31] = t0, no fence */
#define ALL_SIXTEEN    \
    la t1, l0 + 8 * 16;\
    li t2, 16;         \
1:  sd t0, 0(t1);      \
    addi t1, t1, 8;    \
    addi t2, t2, -1;   \
    bnez t2, 1b;

BEGIN
    PAGING
TEST(1) /* one page touched: the other 15 are cached, too */
    SET_PTE(l0, 16, area + 0x8000, PTE_N | RW)
    LOADS(PRV_S, 0x10000, area)
    LOADS(PRV_S, 0x1c000, area + 0xc000) /* l0[28] is not even valid */
TEST(2) /* stale entry: all sixteen PTEs cleared */
    li t0, 0
    ALL_SIXTEEN
    LOADS(PRV_S, 0x10000, area)
    LOADS(PRV_S, 0x13000, area + 0x3000)
    li a0, 0x20000 /* beside the range */
    sfence.vma a0, zero
    li a0, 0xf000
    sfence.vma a0, zero
    LOADS(PRV_S, 0x1f000, area + 0xf000)
TEST(3) /* a fence of one address drops the whole entry */
    li a0, 0x17000
    sfence.vma a0, zero
    LOAD_FAULTS(PRV_S, 0x10000)
    LOAD_FAULTS(PRV_S, 0x17000)
    LOAD_FAULTS(PRV_S, 0x1f000)
TEST(4) /* from 64 KiB to small pages: the TLB has one entry for an address */
    SET_PTE(l0, 16, area + 0x8000, PTE_N | RW)
    LOADS(PRV_S, 0x10000, area)
    la t0, page1
    srli t0, t0, 12
    slli t0, t0, 10
    ori t0, t0, RW
    la t1, l0 + 8 * 17
    sd t0, 0(t1)
    LOADS(PRV_S, 0x11000, area + 0x1000)
    li a0, 0x11000
    sfence.vma a0, zero
    LOADS(PRV_S, 0x11000, page1)
    LOAD_FAULTS(PRV_S, 0x12000) /* its own PTE decides, and is not valid */
    LOADS(PRV_S, 0x10000, area)
    LOADS(PRV_S, 0x12000, area + 0x2000) /* from l0[16], loaded again */
    LOADS(PRV_S, 0x11000, area + 0x1000) /* l0[16]'s entry replaced l0[17]'s */
    END

    PAGE_TABLES
    .balign 65536
area: .space 65536
