/* SPDX-License-Identifier: MIT */
/* Accesses cross the end of the canonical addresses, of the address space
 * (which wraps around), of a usable page, and of the memory that PMP allows.
 * The part that fails gives tval and cause, and nothing is stored. */
#include "paging.h"

#define LOW_END  0x3ffffff000 /* the last page of the lower half */
#define HIGH_END (-4096)      /* the last page of all */

/* A store that fails must leave the word at the end of page1 alone. */
#define UNTOUCHED               \
    la a2, page1 + 4092;        \
    lwu a3, 0(a2);              \
    CHECK(a3, 0x44332211)

BEGIN
    PAGING
    la t0, page1 + 4092
    li t1, 0x44332211
    sw t1, 0(t0)
    SET_PTE(root, 255, l1b, PTE_V)
    SET_PTE(root, 511, l1b, PTE_V)
    SET_PTE(l1b, 511, l0b, PTE_V)
    SET_PTE(l0b, 511, page1, RW)
TEST(1) /* beyond the last canonical address of the lower half */
    li a0, LOW_END + 4092
    AS(PRV_S)
    lwu a1, 0(a0)
    TRAPS(CAUSE_LOAD_PAGE)
    ld a2, 0(a0)
    TRAPPED
    CHECK(a1, 0x44332211)
    CHECK(TVAL, 0x4000000000)
    AS(PRV_S)
    TRAPS(CAUSE_STORE_PAGE)
    sd a0, 1(a0)
    TRAPPED
    CHECK(TVAL, 0x4000000000)
    AS_M
    UNTOUCHED
TEST(2) /* the addresses between the halves are not canonical: each faults */
    LOAD_FAULTS(PRV_S, 0x4000000000)
    LOAD_FAULTS(PRV_S, 0xffffffbffffffff8)
    STORE_FAULTS(PRV_S, 0xffffffc000000000 - 1)
    STORE_FAULTS(PRV_S, 1 << 39)
    LOAD_FAULTS(PRV_S, 1 << 63)
    FETCH_FAULTS(PRV_S, 0x4000000000)
    FETCH_FAULTS(PRV_S, 0x8000003fffffeffe)
TEST(3) /* a four-byte instruction across the end of the lower half */
    SET_PTE(l0b, 511, code_end, RX)
    li a0, LOW_END + 4094
    csrw mepc, a0
    li t0, 1 << 12
    csrc mstatus, t0
    li t0, 1 << 11
    csrs mstatus, t0
    TRAPS(CAUSE_FETCH_PAGE)
    mret
    TRAPPED
    CHECK_SAME(EPC, a0)
    CHECK(TVAL, 0x4000000000)
TEST(4) /* after the last address comes the first */
    SET_PTE(l0b, 511, page1, RW)
    SET_PTE(l0, 0, page2, RW)
    li a0, HIGH_END + 4092
    AS(PRV_S)
    ld a1, 0(a0)
    AS_M
    CHECK(a1, 0x2222222244332211)
    SET_PTE_RAW(l0, 0, 0)
    AS(PRV_S)
    TRAPS(CAUSE_STORE_PAGE)
    sd a0, 0(a0)
    TRAPPED
    CHECK(TVAL, 0)
    AS_M
    UNTOUCHED
TEST(5) /* only the first part fails */
    SET_PTE(l0, 2, page1, RW)
    SET_PTE_RAW(l0, 1, 0)
    LOAD_FAULTS(PRV_S, 0x1ffd)
    STORE_FAULTS(PRV_S, 0x1fff)
TEST(6) /* the second part is on a page that may not be written, or is U's */
    SET_PTE(l0, 1, page1, RW)
    SET_PTE(l0, 2, page2, PTE_V | PTE_R | PTE_A)
    li a0, 0x1ffc
    AS(PRV_S)
    ld a1, 0(a0)
    CHECK(a1, 0x2222222244332211)
    TRAPS(CAUSE_STORE_PAGE)
    sd a0, 0(a0)
    TRAPPED
    CHECK(TVAL, 0x2000)
    AS_M
    UNTOUCHED
    SET_PTE(l0, 2, page2, RW | PTE_U)
    AS(PRV_S)
    TRAPS(CAUSE_LOAD_PAGE)
    ld a1, 0(a0)
    TRAPPED
    CHECK(TVAL, 0x2000)
    AS_M
TEST(7) /* PMP forbids the second page. (If both pages had adjacent frames,
         * QEMU 7.2 would check all 8 bytes already for the first page.) */
    SET_PTE(l0, 2, code_page, RW)
    la t0, code_page
    srli t0, t0, 2
    ori t0, t0, 511
    csrw pmpaddr0, t0
    csrwi pmpcfg0, PMP_NAPOT | PMP_R /* 4 KiB */
    sfence.vma
    AS(PRV_S)
    ld a1, 0(a0)
    TRAPS(CAUSE_STORE_ACCESS)
    sd a0, 0(a0)
    TRAPPED
    CHECK(TVAL, 0x2000)
    AS_M
    UNTOUCHED
    csrwi pmpcfg0, PMP_NAPOT
    sfence.vma
    AS(PRV_S)
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a1, 0(a0)
    TRAPPED
    CHECK(TVAL, 0x2000)
    AS_M
TEST(8) /* an instruction whose second half PMP forbids */
    SET_PTE(l0, 3, code_end, RX)
    SET_PTE(l0, 4, code_page, RX)
    li a0, 0x3ffe
    FETCH_ACCESS_FAULTS
    CHECK(TVAL, 0x4000)
    csrwi pmpcfg0, 0
    END

    PAGE_TABLES
    .balign 4096
code_end:
    .space 4094
    .half 0x0013 /* addi zero, zero, imm: its lower half */
    .half 0x0070
    .balign 4096
