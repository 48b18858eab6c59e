/* SPDX-License-Identifier: MIT */
/* Each form of sfence.vma (4.2.1) must make changes visible: permissions taken
 * and given, a leaf that became a pointer and back, a superpage split into
 * small pages, a pointer moved. rs1 = x0 and rs2 = x0 are not the same as other
 * registers that hold 0. */
#include "paging.h"

/* Sets table[index] to the page of `where` and flags, without a fence. */
#define QUIETLY(table, index, where, flags) \
    la t0, where;                           \
    srli t0, t0, 12;                        \
    slli t0, t0, 10;                        \
    li t1, flags;                           \
    or t0, t0, t1;                          \
    la t1, table + 8 * (index);             \
    sd t0, 0(t1);

BEGIN
    PAGING
    SET_PTE(l0, 1, page1, RW)
    SET_PTE(l0, 2, page2, RW)
    LOADS(PRV_S, 0x1000, page1)
    LOADS(PRV_S, 0x2000, page2)
TEST(1) /* W taken and given, fenced by address */
    li a3, 0x1ff8               /* any address within the page */
    QUIETLY(l0, 1, page1, PTE_V | PTE_R | PTE_A)
    sfence.vma a3, zero
    STORE_FAULTS(PRV_S, 0x1000)
    QUIETLY(l0, 1, page1, RW)
    sfence.vma a3, zero
    STORES(PRV_S, 0x1000, page1)
TEST(2) /* by address and ASID 0, in registers */
    li a4, 0
    QUIETLY(l0, 1, page2, RW)
    sfence.vma a3, a4
    LOADS(PRV_S, 0x1000, page2)
TEST(3) /* by ASID alone: satp's ASID is 0, as is the register */
    QUIETLY(l0, 1, page1, RW)
    QUIETLY(l0, 2, page1, RW)
    sfence.vma zero, a4
    LOADS(PRV_S, 0x1000, page1)
    LOADS(PRV_S, 0x2000, page1)
TEST(4) /* address 0 in a register: page 0 */
    SET_PTE(l0, 0, page1, RW)
    LOADS(PRV_S, 0, page1)
    QUIETLY(l0, 0, page2, RW)
    sfence.vma a4, zero
    LOADS(PRV_S, 0, page2)
TEST(5) /* a pointer moved: fence without address or ASID */
    SET_PTE(l0b, 1, page2, RW)
    QUIETLY(l1, 0, l0b, PTE_V)
    sfence.vma
    LOADS(PRV_S, 0x1000, page2)
    LOAD_FAULTS(PRV_S, 0x2000)
TEST(6) /* a superpage split and joined: fence without address or ASID */
    SET_PTE_RAW(l1, 2, 0x80000000 >> 2 | RW)
    li a3, 2 * MEGA
    la a5, page1
    li t0, 0x80000000
    sub a5, a5, t0
    add a5, a5, a3              /* page1 through the superpage */
    AS(PRV_S)
    ld a1, 0(a5)
    AS_M
    la s2, page1
    ld s2, 0(s2)
    CHECK_SAME(a1, s2)
    QUIETLY(l1, 2, l0, PTE_V)
    QUIETLY(l0, 5, page2, RW)
    sfence.vma
    LOADS(PRV_S, 2 * MEGA + 0x5000, page2)
    SET_PTE_RAW(l1, 2, 0x80000000 >> 2 | RW)
    AS(PRV_S)
    ld a1, 0(a5)
    AS_M
    CHECK_SAME(a1, s2)
TEST(7) /* a page of hot code made invalid */
    li a6, 300
1:  QUIETLY(l0b, 3, code_page, RX)
    sfence.vma
    FETCHES(PRV_S, 0x3000)
    QUIETLY(l0b, 3, code_page, RX & ~PTE_V)
    li a3, 0x3000
    sfence.vma a3, zero
    FETCH_FAULTS(PRV_S, 0x3000)
    addi a6, a6, -1
    bnez a6, 1b
TEST(8) /* misaligned and non-canonical addresses and ASID -1 do not trap */
    li a3, 0x3001
    sfence.vma a3, zero
    li a3, 1 << 50
    sfence.vma a3, zero
    li a4, -1
    sfence.vma a3, a4
END

PAGE_TABLES
