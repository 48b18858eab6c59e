/* SPDX-License-Identifier: MIT */
/* The ends of Sv39 (4.4.1): the highest address of the lower half and the
 * lowest of the upper one work, accesses and jumps over either end fault
 * there. */
#include "paging.h"

BEGIN
    PAGING
    /* the last gigapage of the lower half, the first of the upper */
    SET_PTE_RAW(root, 255, 0x80000000 >> 2 | RWX)
    SET_PTE_RAW(root, 256, 0x80000000 >> 2 | RWX)
TEST(1)
    la a4, page1
    ld a5, 0(a4)
    li a3, 0x80000000
    sub a4, a4, a3
    li a0, 0x3fc0000000
    add a0, a0, a4
    AS(PRV_S)
    ld a1, 0(a0)
    AS_M
    CHECK_SAME(a1, a5)
    li a0, -0x4000000000
    add a0, a0, a4
    AS(PRV_S)
    ld a1, 0(a0)
    AS_M
    CHECK_SAME(a1, a5)
TEST(2) /* one bit further each way */
    LOAD_FAULTS(PRV_S, 0x4000000000)
    STORE_FAULTS(PRV_S, 0x4000000000)
    FETCH_FAULTS(PRV_S, 0x4000000000)
    LOAD_FAULTS(PRV_S, -0x4000000008)
    FETCH_FAULTS(PRV_S, -0x4000000002)
TEST(3) /* each of the bits 39 to 63 alone */
    li s0, 39
1:  li a0, 1
    sll a0, a0, s0
    AS(PRV_S)
    TRAPS(CAUSE_LOAD_PAGE)
    ld a1, 0(a0)
    TRAPPED
    AS_M
    CHECK_SAME(TVAL, a0)
    not a0, a0
    andi a0, a0, -8
    AS(PRV_S)
    TRAPS(CAUSE_STORE_PAGE)
    sd a1, 0(a0)
    TRAPPED
    AS_M
    CHECK_SAME(TVAL, a0)
    addi s0, s0, 1
    li t0, 64
    bne s0, t0, 1b
TEST(4) /* a jump out of the lower half, from code that runs in S */
    li a0, 0x4000000000
    GO(PRV_S)
    TRAPS(CAUSE_FETCH_PAGE)
    jalr a1, a0
    TRAPPED
    CHECK_SAME(EPC, a0)
    CHECK_SAME(TVAL, a0)
TEST(5) /* a branch over the top: addresses wrap, and fault at their place */
    li a0, 4
    GO(PRV_S)
    TRAPS(CAUSE_FETCH_PAGE)
    jr -8(a0)
    TRAPPED
    CHECK(EPC, -4)
TEST(6) /* Bare: no canonical addresses */
    csrw satp, zero
    li a0, 1 << 40
    AS(PRV_S)
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a1, 0(a0)
    TRAPPED
    AS_M
    CHECK_SAME(TVAL, a0)
END

PAGE_TABLES
