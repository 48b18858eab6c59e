/* SPDX-License-Identifier: MIT */
/* medeleg (3.1.8): each synchronous cause on its own. With its bit set alone
 * it goes to S, with scause, sepc, stval and SPP; with every other bit set
 * but its own, to M. (Cause 6: amo_misaligned.S.) */
#include "paging.h"

/* TO_S: the last argument, code run in prv, must trap to S with this cause. a5
 * counts S's traps. The handler in S leaves for M by another trap, which is not
 * delegated: `exit` is its cause. */
#define TO_S(cause, exit, prv, ...)             \
    li a5, 0;                                   \
    li t0, 1 << (cause);                        \
    csrw medeleg, t0;                           \
    li s10, exit;                               \
    la s11, 77f;                                \
    GO(prv)                                     \
76: __VA_ARGS__;                                \
    j fail;                                     \
77: CHECK(a5, 1)                                \
    CHECK(a2, cause)                            \
    andi a6, a6, MSTATUS_SPP;                   \
    CHECK(a6, (prv) << 8)
#define TO_M(cause, prv, ...)                   \
    li a5, 0;                                   \
    li t0, ~(1 << (cause));                     \
    csrw medeleg, t0;                           \
    TRAPS(cause)                                \
    GO(prv)                                     \
    __VA_ARGS__;                                \
    TRAPPED                                     \
    CHECK(a5, 0)
#define BOTH(cause, prv, ...)                   \
    TO_S(cause, CAUSE_ILLEGAL, prv, __VA_ARGS__) \
    TO_M(cause, prv, __VA_ARGS__)

BEGIN
    OPEN_PMP
    la t0, s_handler
    csrw stvec, t0
    li a1, 0x40000000       /* a hole */
TEST(1)
    BOTH(CAUSE_FETCH_ACCESS, PRV_U, jr a1)
    BOTH(CAUSE_FETCH_ACCESS, PRV_S, jr a1)
    CHECK_SAME(a3, a1)
    CHECK_SAME(a4, a1)
TEST(2)
    TO_S(CAUSE_ILLEGAL, CAUSE_ECALL_S, PRV_U, .word 0xffffffff)
    CHECK_ADDR(a3, 76b)
    CHECK(a4, 0xffffffff)
    TO_S(CAUSE_ILLEGAL, CAUSE_ECALL_S, PRV_S, .word 0xffffffff)
    TO_M(CAUSE_ILLEGAL, PRV_U, .word 0xffffffff)
    TO_M(CAUSE_ILLEGAL, PRV_S, .word 0xffffffff)
TEST(3)
    BOTH(CAUSE_BREAKPOINT, PRV_U, ebreak)
    BOTH(CAUSE_BREAKPOINT, PRV_S, ebreak)
TEST(4)
    la a7, page1 + 1
    BOTH(CAUSE_LOAD_MISALIGNED, PRV_U, lr.w a0, (a7))
    CHECK_SAME(a4, a7)
TEST(5)
    BOTH(CAUSE_LOAD_ACCESS, PRV_U, ld a0, 8(a1))
    BOTH(CAUSE_LOAD_ACCESS, PRV_S, ld a0, 8(a1))
    addi t0, a1, 8
    CHECK_SAME(a4, t0)
TEST(7)
    BOTH(CAUSE_STORE_ACCESS, PRV_U, sd a0, 16(a1))
    BOTH(CAUSE_STORE_ACCESS, PRV_S, sd a0, 16(a1))
    addi t0, a1, 16
    CHECK_SAME(a4, t0)
TEST(8)
    BOTH(CAUSE_ECALL_U, PRV_U, ecall)
    CHECK(a4, 0)
TEST(9)
    BOTH(CAUSE_ECALL_S, PRV_S, ecall)
    CHECK(a4, 0)
TEST(10) /* page faults */
    PAGING
    li a1, 0x5000
    BOTH(CAUSE_FETCH_PAGE, PRV_S, jr a1)
    CHECK_SAME(a3, a1)
    CHECK_SAME(a4, a1)
    BOTH(CAUSE_LOAD_PAGE, PRV_S, ld a0, 8(a1))
    addi t0, a1, 8
    CHECK_SAME(a4, t0)
    BOTH(CAUSE_STORE_PAGE, PRV_S, sd a0, 16(a1))
    addi t0, a1, 16
    CHECK_SAME(a4, t0)
TEST(11) /* a trap raised in M stays in M */
    li t0, -1
    csrw medeleg, t0
    TRAPS(CAUSE_BREAKPOINT)
    ebreak
    TRAPPED
    TRAPS(CAUSE_ECALL_M)
    ecall
    TRAPPED
END

.balign 4
s_handler:
    addi a5, a5, 1
    csrr a2, scause
    csrr a3, sepc
    csrr a4, stval
    csrr a6, sstatus
    li t5, CAUSE_ILLEGAL
    beq a2, t5, 1f
    csrr t5, mscratch
1:  ecall

PAGE_TABLES
