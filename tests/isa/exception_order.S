/* SPDX-License-Identifier: MIT */
/* If an instruction could raise several exceptions, table 3.7 (3.1.15) orders
 * them. An interrupt comes before any of them. */
#include "paging.h"

#define PMP_ENTRY0(where)       \
    la t0, where;               \
    srli t0, t0, 2;             \
    ori t0, t0, 511;            \
    csrw pmpaddr0, t0;          \
    csrwi pmpcfg0, PMP_NAPOT;   \
    sfence.vma;

BEGIN
    PAGING
TEST(1) /* a page that may not be written and that PMP forbids: page fault */
    SET_PTE(l0, 1, page1, PTE_V | PTE_R | PTE_A)
    PMP_ENTRY0(page1)
    STORE_FAULTS(PRV_S, 0x1000)
    li a0, 0x1000
    AS(PRV_S)
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a1, 0(a0)
    TRAPPED
    AS_M
TEST(2) /* a fetch that page table and PMP forbid: page fault */
    FETCH_FAULTS(PRV_S, 0x1000)
    SET_PTE(l0, 1, page1, RX)
    li t0, MSTATUS_MPP
    csrc mstatus, t0
    li t0, 1 << 11
    csrs mstatus, t0
    li a0, 0x1000
    csrw mepc, a0
    TRAPS(CAUSE_FETCH_ACCESS)
    mret
    TRAPPED
    CHECK_SAME(TVAL, a0)
    csrwi pmpcfg0, 0
TEST(3) /* illegal comes before the fault of the operand's address */
    li t0, MSTATUS_FS
    csrc mstatus, t0
    li a0, 0x9000
    GO(PRV_S)
    TRAPS(CAUSE_ILLEGAL)
    fld fa0, 0(a0)
    TRAPPED
TEST(4) /* a fetch fault before an illegal instruction at that address */
    SET_PTE(l0, 2, ones, RW)
    FETCH_FAULTS(PRV_S, 0x2000)
    SET_PTE(l0, 2, ones, RX)
    li t0, 1 << 11
    csrs mstatus, t0
    li a0, 0x2000
    csrw mepc, a0
    li t0, 1 << 12
    csrc mstatus, t0
    TRAPS(CAUSE_ILLEGAL)
    mret
    TRAPPED
    CHECK_SAME(EPC, a0)
TEST(5) /* a jump to where nothing can be fetched has retired: rd is written,
         * the fault is the target's */
    li a0, 0x9000
    GO(PRV_S)
    TRAPS(CAUSE_FETCH_PAGE)
    jalr a1, a0
1:  TRAPPED
    CHECK_SAME(EPC, a0)
    CHECK_ADDR(a1, 1b)
TEST(6) /* an access crosses two invalid pages: the first one's fault counts */
    SET_PTE_RAW(l0, 3, 0)
    SET_PTE_RAW(l0, 4, 0)
    LOAD_FAULTS(PRV_S, 0x3ffd)
    STORE_FAULTS(PRV_S, 0x3ffc)
TEST(7) /* a pending interrupt comes before the instruction's exception */
    la t0, m_handler
    csrw mtvec, t0
    csrwi mie, 2
    csrwi mip, 2
    li a5, 0
    GO(PRV_S)
2:  .word 0xffffffff
    CHECK(a5, 1)
    CHECK_ADDR(a4, 2b)
    la t0, on_trap
    csrw mtvec, t0
TEST(8) /* a pending interrupt comes before the fault of a fetch */
    la t0, m_handler
    csrw mtvec, t0
    csrwi mip, 2
    li a0, 0x9000
    la t1, 3f
    csrw mepc, a0
    li t0, 1 << 12
    csrc mstatus, t0
    li t0, 1 << 11
    csrs mstatus, t0
    mret
    j fail
3:  CHECK(a5, 2)
    CHECK_SAME(a4, a0)
END

/* Handles the interrupt (cause 1). In test 7 the handler continues after the
 * bad instruction, in test 8 at t1, both in M. */
.balign 4
m_handler:
    csrr t5, mcause
    bgez t5, on_trap
    addi a5, a5, 1
    csrr a4, mepc
    csrci mip, 2
    la t5, 2b
    bne a4, t5, 4f
    addi t5, t5, 4
    jr t5
4:  jr t1

PAGE_TABLES
.balign 4096
ones: .word 0xffffffff
.balign 4096
