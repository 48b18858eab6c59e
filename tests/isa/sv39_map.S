/* SPDX-License-Identifier: MIT */
/* Sv39 translation: three sizes of leaf, the walk, fetch, crossing pages. */
#include "paging.h"

BEGIN
    PAGING
TEST(1) /* small pages */
    SET_PTE(l0, 3, page1, RW)
    SET_PTE(l0, 511, page2, RW)
    LOADS(PRV_S, 0x3000, page1)
    LOADS(PRV_S, 0x1ff000, page2)
    STORES(PRV_S, 0x3008, page1 + 8)
    STORES(PRV_S, 0x1ffff8, page2 + 0xff8)
TEST(2) /* 2 MiB */
    SET_PTE_RAW(l1, 1, 0x80000000 >> 2 | RW)
    li a3, MEGA - 0x80000000
    la a4, page1
    add a0, a4, a3
    AS(PRV_S)
    ld a1, 0(a0)
    AS_M
    ld a2, 0(a4)
    CHECK_SAME(a1, a2)
TEST(3) /* 1 GiB */
    SET_PTE_RAW(root, 1, 0x80000000 >> 2 | RW)
    li a3, GIGA - 0x80000000
    add a0, a4, a3
    AS(PRV_S)
    ld a1, 0(a0)
    sd zero, 16(a0)
    AS_M
    CHECK_SAME(a1, a2)
TEST(4) /* the highest half, by sign extension */
    SET_PTE_RAW(root, 511, 0x80000000 >> 2 | RW)
    li a3, -GIGA - 0x80000000
    add a0, a4, a3
    AS(PRV_S)
    ld a1, 0(a0)
    AS_M
    CHECK_SAME(a1, a2)
TEST(5) /* execution */
    SET_PTE(l0, 4, code_page, RX)
    FETCHES(PRV_S, 0x4000)
    SET_PTE(l0, 5, code_page, RX | PTE_U)
    FETCHES(PRV_U, 0x5000)
    SET_PTE(l0, 6, code_page, PTE_V | PTE_X | PTE_A)
    FETCHES(PRV_S, 0x6000)
TEST(6) /* an instruction across two pages */
    SET_PTE(l0, 10, cross, RX)
    SET_PTE(l0, 11, cross_end, RX)
    li t0, 0xa000 + 0xffe
    li t1, 1 << 11
    csrs mstatus, t1
    li t1, 1 << 12
    csrc mstatus, t1
    csrw mepc, t0
    TRAPS(CAUSE_ECALL_S)
    mret
    TRAPPED
    CHECK(EPC, 0xb002)      /* addi zero, zero, 7 took 4 bytes; then ecall */
TEST(7) /* its second page is missing: tval says where */
    SET_PTE_RAW(l0, 11, 0)
    li t0, 0xa000 + 0xffe
    li t1, 1 << 11
    csrs mstatus, t1
    li t1, 1 << 12
    csrc mstatus, t1
    csrw mepc, t0
    TRAPS(CAUSE_FETCH_PAGE)
    mret
    TRAPPED
    CHECK(EPC, 0xaffe)
    CHECK(TVAL, 0xb000)
TEST(8) /* data across pages that are not neighbours in memory */
    SET_PTE(l0, 20, page2, RW)
    SET_PTE(l0, 21, page1, RW)
    li a0, 0x14ffd
    li a1, 0x0102030405060708
    AS(PRV_S)
    sd a1, 0(a0)
    ld a3, 0(a0)
    AS_M
    CHECK_SAME(a3, a1)
    la a2, page2
    addi a2, a2, 2045
    addi a2, a2, 2047
    lbu a3, 1(a2)
    CHECK(a3, 8)
    la a2, page1
    lwu a3, 0(a2)
    CHECK(a3, 0x02030405)
TEST(9) /* its second page is missing: tval is there, nothing is stored */
    SET_PTE_RAW(l0, 21, 0)
    la a2, page2
    li a3, 4092
    add a2, a2, a3
    sw zero, 0(a2)
    AS(PRV_S)
    TRAPS(CAUSE_STORE_PAGE)
    sd a1, 0(a0)
    TRAPPED
    AS_M
    CHECK(TVAL, 0x15000)
    lwu a3, 0(a2)
    CHECK(a3, 0)
    AS(PRV_S)
    TRAPS(CAUSE_LOAD_PAGE)
    ld a1, 0(a0)
    TRAPPED
    AS_M
    CHECK(TVAL, 0x15000)
TEST(10) /* M itself is not translated */
    la a0, page1
    ld a1, 0(a0)
    li a0, GIGA
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a1, 0(a0)
    TRAPPED
END

PAGE_TABLES
.balign 4096
cross:
    .space 4094
    .half 0x0013            /* addi zero, zero, imm: its lower half */
cross_end:
    .half 0x0070            /* its upper half: imm = 7 */
    .option norvc
    ecall
    .balign 4096
