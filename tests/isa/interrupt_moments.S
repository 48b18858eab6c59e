/* SPDX-License-Identifier: MIT */
/* An interrupt that a write makes possible is taken before the next instruction
 * begins; mepc is that instruction's address. (3.1.6.1, 3.1.9: at once after
 * xRET and writes of mip, mie, mideleg, mstatus, sstatus, sie, sip; otherwise
 * within a bounded time.) */
#include "isa_test.h"

#define SSIP 2

/* Runs code; the interrupt must have been taken right after it. */
#define TAKEN_AFTER(...)    \
    li a5, 0;               \
    __VA_ARGS__;            \
1:  addi a6, zero, 1;       \
    CHECK(a5, 1)            \
    CHECK_ADDR(a4, 1b)
/* Runs code; no interrupt may be taken right after it. */
#define NOT_YET(...)        \
    li a5, 0;               \
    __VA_ARGS__;            \
    nop;                    \
    CHECK(a5, 0)
#define RESET               \
    csrci mstatus, MSTATUS_MIE | MSTATUS_SIE; \
    csrwi mip, 0;           \
    csrwi mie, 0;           \
    csrwi mideleg, 0;

BEGIN
    OPEN_PMP
    la t0, m_handler
    csrw mtvec, t0
    la t0, s_handler
    csrw stvec, t0
TEST(1) /* in M: mstatus, mie, mip, each written last */
    RESET
    NOT_YET(csrwi mie, SSIP; csrwi mip, SSIP)
    TAKEN_AFTER(csrsi mstatus, MSTATUS_MIE)
    RESET
    NOT_YET(csrsi mstatus, MSTATUS_MIE; csrwi mip, SSIP)
    TAKEN_AFTER(csrwi mie, SSIP)
    RESET
    NOT_YET(csrsi mstatus, MSTATUS_MIE; csrwi mie, SSIP)
    TAKEN_AFTER(csrsi mip, SSIP)
TEST(2) /* in M: mideleg written last, which ends the delegation */
    RESET
    csrwi mideleg, SSIP
    NOT_YET(csrsi mstatus, MSTATUS_MIE; csrwi mie, SSIP; csrwi mip, SSIP)
    TAKEN_AFTER(csrwi mideleg, 0)
TEST(3) /* mret that sets MIE */
    RESET
    csrwi mie, SSIP
    csrwi mip, SSIP
    li t0, MSTATUS_MPP | MSTATUS_MPIE
    csrs mstatus, t0
    la t0, 2f
    csrw mepc, t0
    li a5, 0
    mret
2:  CHECK(a5, 1)
    CHECK_ADDR(a4, 2b)
TEST(4) /* in S: sstatus, sie, sip */
    RESET
    csrwi mideleg, SSIP
    GO(PRV_S)
    NOT_YET(csrwi sie, SSIP; csrwi sip, SSIP)
    TAKEN_AFTER(csrsi sstatus, MSTATUS_SIE)
    csrci sstatus, MSTATUS_SIE
    csrwi sip, 0
    csrwi sie, 0
    NOT_YET(csrsi sstatus, MSTATUS_SIE; csrwi sip, SSIP)
    TAKEN_AFTER(csrwi sie, SSIP)
    csrwi sip, 0
    NOT_YET(csrwi sie, SSIP; csrsi sstatus, MSTATUS_SIE)
    TAKEN_AFTER(csrsi sip, SSIP)
    CHECK(a3, PRV_S)
    BACK(PRV_S)
TEST(5) /* sret to U: there S's interrupts are enabled whatever SIE is */
    RESET
    csrwi mideleg, SSIP
    csrwi mie, SSIP
    csrwi mip, SSIP
    li t0, MSTATUS_SPP | MSTATUS_SPIE
    csrc mstatus, t0
    la t0, 3f
    csrw sepc, t0
    li a5, 0
    sret
3:  CHECK(a5, 1)
    CHECK_ADDR(a4, 3b)
    BACK(PRV_U)
TEST(6) /* disabled or cleared in time: no interrupt comes */
    RESET
    csrwi mie, SSIP
    csrsi mstatus, MSTATUS_MIE
    csrci mstatus, MSTATUS_MIE
    csrwi mip, SSIP
    NOT_YET(csrci mip, SSIP; csrsi mstatus, MSTATUS_MIE)
TEST(7) /* mip written in a hot loop */
    RESET
    csrwi mie, SSIP
    csrsi mstatus, MSTATUS_MIE
    li s0, 2000
4:  li a5, 0
    csrsi mip, SSIP
5:  addi a6, zero, 1
    beqz a5, fail
    la t0, 5b
    bne a4, t0, fail
    addi s0, s0, -1
    bnez s0, 4b
END

.balign 4
m_handler:
    csrr t5, mcause
    bgez t5, on_trap
    addi a5, a5, 1
    csrr a4, mepc
    li a3, PRV_M
    csrci mip, SSIP
    mret
.balign 4
s_handler:
    addi a5, a5, 1
    csrr a4, sepc
    li a3, PRV_S
    csrci sip, SSIP
    sret
