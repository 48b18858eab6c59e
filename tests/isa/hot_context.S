/* SPDX-License-Identifier: MIT */
/* Cached translations and decoded code must be dropped in time: the same loads,
 * stores and jumps run often while privilege, SUM, MXR, MPRV, FS, satp, PMP and
 * the page tables change. */
#include "paging.h"

#define SATP(reg, r, asid)              \
    la reg, r;                          \
    srli reg, reg, 12;                  \
    li t1, SATP_SV39 | (asid) << 44;    \
    or reg, reg, t1;

BEGIN
    PAGING
    SET_PTE(l0, 1, page1, RW | PTE_U)
    SET_PTE(l0, 2, page2, PTE_V | PTE_X | PTE_A)
    SET_PTE(l0, 3, page1, RW)
TEST(1) /* SUM on and off, 1000 times */
    li a6, 1000
    li a0, 0x1000
    la a3, page1
    ld a3, 0(a3)
1:  li t0, MSTATUS_SUM
    csrs mstatus, t0
    AS(PRV_S)
    ld a1, 0(a0)
    sd a1, 0(a0)
    AS_M
    CHECK_SAME(a1, a3)
    li t0, MSTATUS_SUM
    csrc mstatus, t0
    AS(PRV_S)
    TRAPS(CAUSE_LOAD_PAGE)
    ld a1, 0(a0)
    TRAPPED
    AS(PRV_S)
    TRAPS(CAUSE_STORE_PAGE)
    sd a1, 0(a0)
    TRAPPED
    AS(PRV_U)
    ld a1, 0(a0)
    AS_M
    CHECK_SAME(a1, a3)
    addi a6, a6, -1
    bnez a6, 1b
TEST(2) /* MXR on and off, 1000 times */
    li a6, 1000
    li a0, 0x2000
2:  li t0, MSTATUS_MXR
    csrs mstatus, t0
    AS(PRV_S)
    ld a1, 0(a0)
    AS_M
    li t0, MSTATUS_MXR
    csrc mstatus, t0
    AS(PRV_S)
    TRAPS(CAUSE_LOAD_PAGE)
    ld a1, 0(a0)
    TRAPPED
    AS_M
    addi a6, a6, -1
    bnez a6, 2b
TEST(3) /* one address, untranslated in M and translated in S */
    SET_PTE(root, 2, _start, RWX)
    la s0, page1
    li a6, 500
3:  ld a1, 0(s0)
    AS(PRV_S)
    ld a2, 0(s0)
    AS_M
    CHECK_SAME(a1, a2)
    addi a6, a6, -1
    bnez a6, 3b
TEST(4) /* two spaces by ASID, no fence between */
    SET_PTE(root2, 2, _start, RWX)
    SET_PTE(root2, 0, l1b, PTE_V)
    SET_PTE(l1b, 0, l0b, PTE_V)
    SET_PTE(l0b, 3, page2, PTE_V | PTE_R | PTE_A)
    SATP(s0, root, 1)
    SATP(s1, root2, 2)
    sfence.vma
    la a3, page1
    ld a3, 0(a3)
    la a4, page2
    ld a4, 0(a4)
    li a6, 1000
    li a0, 0x3000
4:  csrw satp, s0
    AS(PRV_S)
    ld a1, 0(a0)
    sd a1, 0(a0)
    AS_M
    CHECK_SAME(a1, a3)
    csrw satp, s1
    AS(PRV_S)
    ld a1, 0(a0)
    AS_M
    CHECK_SAME(a1, a4)
    AS(PRV_S)
    TRAPS(CAUSE_STORE_PAGE)
    sd a1, 0(a0)
    TRAPPED
    AS_M
    addi a6, a6, -1
    bnez a6, 4b
    csrw satp, s0
TEST(5) /* a page remapped, with sfence.vma, every time around */
    li a6, 1000
    la s2, page1
    la s3, page2
5:  mv t0, s2
    andi t1, a6, 1
    beqz t1, 6f
    mv t0, s3
6:  ld a3, 0(t0)
    srli t0, t0, 2
    ori t0, t0, RW
    la t1, l0 + 24
    sd t0, 0(t1)
    sfence.vma a0, zero
    AS(PRV_S)
    ld a1, 0(a0)
    AS_M
    CHECK_SAME(a1, a3)
    addi a6, a6, -1
    bnez a6, 5b
TEST(6) /* PMP takes the page away, and gives it back */
    la t0, page1
    srli t0, t0, 2
    ori t0, t0, 511
    csrw pmpaddr0, t0
    SET_PTE(l0, 3, page1, RW)
    li a6, 1000
    la a3, page1
    ld a3, 0(a3)
7:  csrwi pmpcfg0, PMP_NAPOT | PMP_R | PMP_W
    AS(PRV_S)
    ld a1, 0(a0)
    sd a1, 0(a0)
    AS_M
    CHECK_SAME(a1, a3)
    csrwi pmpcfg0, PMP_NAPOT | PMP_R
    AS(PRV_S)
    ld a1, 0(a0)
    TRAPS(CAUSE_STORE_ACCESS)
    sd a1, 0(a0)
    TRAPPED
    csrwi pmpcfg0, PMP_NAPOT
    AS(PRV_S)
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a1, 0(a0)
    TRAPPED
    AS_M
    addi a6, a6, -1
    bnez a6, 7b
    csrwi pmpcfg0, 0
TEST(7) /* PMP takes X from a page of hot code, and gives it back */
    la t0, code_page
    srli t0, t0, 2
    ori t0, t0, 511
    csrw pmpaddr0, t0
    SET_PTE(l0, 5, code_page, RX)
    li a6, 300
8:  csrwi pmpcfg0, PMP_NAPOT | PMP_X
    FETCHES(PRV_S, 0x5000)
    csrwi pmpcfg0, PMP_NAPOT | PMP_R
    FETCH_ACCESS_FAULTS
    addi a6, a6, -1
    bnez a6, 8b
    csrwi pmpcfg0, 0
TEST(8) /* the PTE of a page of hot code loses X, then has U */
    li a6, 300
9:  SET_PTE(l0, 5, code_page, RX)
    FETCHES(PRV_S, 0x5000)
    SET_PTE(l0, 5, code_page, RW)
    FETCH_FAULTS(PRV_S, 0x5000)
    SET_PTE(l0, 5, code_page, RX | PTE_U)
    FETCH_FAULTS(PRV_S, 0x5000)
    FETCHES(PRV_U, 0x5000)
    addi a6, a6, -1
    bnez a6, 9b
TEST(9) /* FS turned off under hot floating-point code */
    li a6, 1000
10: li t0, MSTATUS_FS
    csrs mstatus, t0
    li a5, 0
11: fmv.d.x fa0, zero
    fadd.d fa0, fa0, fa0
    addi a5, a5, 1
    li t0, 3
    bltu a5, t0, 11b
    li t0, MSTATUS_FS
    csrc mstatus, t0
    TRAPS(CAUSE_ILLEGAL)
    fadd.d fa0, fa0, fa0
    TRAPPED
    addi a6, a6, -1
    bnez a6, 10b
END

PAGE_TABLES
