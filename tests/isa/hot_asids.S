/* SPDX-License-Identifier: MIT */
/* Enters seven ASIDs in turn (the host TLB has tables for four). In each, M
 * loads and stores as S by MPRV, then S runs code. Each ASID always maps an
 * address to the same page: no fence. Loads that need MXR fault without it. */
#include "paging.h"

#define SPACES 7

/* ENTER_SPACE sets satp to root, with a6 as ASID. PTE_OF makes a PTE in t0. */
#define ENTER_SPACE             \
    la t0, root;                \
    srli t0, t0, 12;            \
    slli t1, a6, 44;            \
    or t0, t0, t1;              \
    li t1, SATP_SV39;           \
    or t0, t0, t1;              \
    csrw satp, t0;
#define PTE_OF(reg, flags)      \
    srli t0, reg, 12;           \
    slli t0, t0, 10;            \
    ori t0, t0, flags;
/* reg = address of page a6 of `area` */
#define PAGE_OF_SPACE(reg, area)\
    la reg, area;               \
    slli t0, a6, 12;            \
    add reg, reg, t0;

/* S jumps to 0x2000, whose code ends with an ecall at 0x2004. */
#define FETCHES_AT_2000         \
    li t0, MSTATUS_MPP;         \
    csrc mstatus, t0;           \
    li t0, 1 << 11;             \
    csrs mstatus, t0;           \
    li t0, 0x2000;              \
    csrw mepc, t0;              \
    TRAPS(CAUSE_ECALL_S)        \
    mret;                       \
    TRAPPED

BEGIN
    PAGING
    li a6, 1 /* each page of data, and each of code, has its space's number */
1:  PAGE_OF_SPACE(t1, data)
    sd a6, 16(t1)
    PAGE_OF_SPACE(t1, code)
    li t2, 0x00000593 /* li a1, the number in a6 */
    slli t0, a6, 20
    or t2, t2, t0
    sw t2, 0(t1)
    li t2, 0x73 /* ecall */
    sw t2, 4(t1)
    addi a6, a6, 1
    li t0, SPACES + 1
    bne a6, t0, 1b
    fence.i
    li a7, 50 /* rounds */
TEST(1)
round:
    li a6, 1
2:  PAGE_OF_SPACE(t2, data)
    PTE_OF(t2, RW)
    la t1, l0 + 8
    sd t0, 0(t1)
    PAGE_OF_SPACE(t2, code)
    PTE_OF(t2, RX)
    la t1, l0 + 16
    sd t0, 0(t1)
    ENTER_SPACE
    li a0, 0x1000
    AS(PRV_S)
    ld a1, 16(a0)
    ld a2, 16(a0)
    sd a7, 24(a0)
    sd a7, 24(a0)
    AS_M
    CHECK_SAME(a1, a6)
    CHECK_SAME(a2, a6)
    PAGE_OF_SPACE(t2, data)
    ld a2, 24(t2)
    CHECK_SAME(a2, a7)
    li a1, 0
    FETCHES_AT_2000
    CHECK_SAME(a1, a6)
    li a1, 0
    FETCHES_AT_2000
    CHECK_SAME(a1, a6)
    addi a6, a6, 1
    li t0, SPACES + 1
    bne a6, t0, 2b
    addi a7, a7, -1
    bnez a7, round
TEST(2) /* U, MXR on and off, hot */
    SET_PTE(l0, 3, data, PTE_V | PTE_X | PTE_U | PTE_A)
    li a0, 0x3000
    li a7, 50
3:  li t0, MSTATUS_MXR
    csrs mstatus, t0
    AS(PRV_U)
    ld a1, 0(a0)
    ld a1, 0(a0)
    AS_M
    li t0, MSTATUS_MXR
    csrc mstatus, t0
    AS(PRV_U)
    TRAPS(CAUSE_LOAD_PAGE)
    ld a1, 0(a0)
    TRAPPED
    AS_M
    addi a7, a7, -1
    bnez a7, 3b
TEST(3) /* code runs only in every fourth space that is entered */
    li a7, 50
    li a5, 0
4:  li a6, 1
5:  PAGE_OF_SPACE(t2, code)
    PTE_OF(t2, RX)
    la t1, l0 + 16
    sd t0, 0(t1)
    PAGE_OF_SPACE(t2, data)
    PTE_OF(t2, RW)
    la t1, l0 + 8
    sd t0, 0(t1)
    ENTER_SPACE
    li a0, 0x1000
    AS(PRV_S)
    ld a1, 16(a0)
    AS_M
    CHECK_SAME(a1, a6)
    andi t0, a5, 3
    bnez t0, 6f
    li a1, 0
    FETCHES_AT_2000
    CHECK_SAME(a1, a6)
6:  addi a5, a5, 1
    addi a6, a6, 1
    li t0, SPACES + 1
    bne a6, t0, 5b
    addi a7, a7, -1
    bnez a7, 4b
    END

    PAGE_TABLES
    .balign 4096
data: .space 4096 * (SPACES + 1)
code: .space 4096 * (SPACES + 1)
