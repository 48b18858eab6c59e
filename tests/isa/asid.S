/* SPDX-License-Identifier: MIT */
/* Address-space identifiers and global pages: switching satp needs no fence
 * as long as each ASID has one meaning; every form of sfence.vma works. */
#include "paging.h"

/* satp for root page r and this ASID, in reg */
#define SATP(reg, r, asid)              \
    la reg, r;                          \
    srli reg, reg, 12;                  \
    li t1, SATP_SV39 | (asid) << 44;    \
    or reg, reg, t1;

BEGIN
    PAGING
    /* two spaces that differ in page 1; page 2 is global in both */
    SET_PTE(l0, 1, page1, RW)
    SET_PTE(l0, 2, page1, RW | PTE_G)
    SET_PTE(root2, 2, _start, RWX)
    SET_PTE(root2, 0, l1b, PTE_V)
    SET_PTE(l1b, 0, l0b, PTE_V)
    SET_PTE(l0b, 1, page2, RW)
    SET_PTE(l0b, 2, page1, RW | PTE_G)
    SATP(s0, root, 1)
    SATP(s1, root2, 0x1234)
    sfence.vma
TEST(1)
    csrw satp, s0
    LOADS(PRV_S, 0x1000, page1)
    csrw satp, s1
    LOADS(PRV_S, 0x1000, page2)
    csrw satp, s0
    LOADS(PRV_S, 0x1000, page1)
    LOADS(PRV_S, 0x2000, page1)
    csrw satp, s1
    LOADS(PRV_S, 0x1000, page2)
    LOADS(PRV_S, 0x2000, page1)
TEST(2) /* one address of one space */
    la t0, page1
    srli t0, t0, 12
    slli t0, t0, 10
    ori t0, t0, RW
    la t1, l0b + 8
    sd t0, 0(t1)
    li a0, 0x1000
    li a1, 0x1234
    sfence.vma a0, a1
    LOADS(PRV_S, 0x1000, page1)
TEST(3) /* one address of every space, also global */
    la t0, page2
    srli t0, t0, 12
    slli t0, t0, 10
    ori t0, t0, RW | PTE_G
    la t1, l0b + 16
    sd t0, 0(t1)
    la t1, l0 + 16
    sd t0, 0(t1)
    li a0, 0x2000
    sfence.vma a0, zero
    LOADS(PRV_S, 0x2000, page2)
    csrw satp, s0
    LOADS(PRV_S, 0x2000, page2)
TEST(4) /* a whole space */
    la t0, page2
    srli t0, t0, 12
    slli t0, t0, 10
    ori t0, t0, RW
    la t1, l0 + 8
    sd t0, 0(t1)
    li a1, 1
    sfence.vma zero, a1
    LOADS(PRV_S, 0x1000, page2)
TEST(5) /* everything */
    la t0, page1
    srli t0, t0, 12
    slli t0, t0, 10
    ori t0, t0, RW
    la t1, l0 + 8
    sd t0, 0(t1)
    sfence.vma
    LOADS(PRV_S, 0x1000, page1)
TEST(6) /* satp = Bare again */
    csrw satp, zero
    la a0, page1
    AS(PRV_S)
    ld a1, 0(a0)
    AS_M
    ld a2, 0(a0)
    CHECK_SAME(a1, a2)
END

PAGE_TABLES
