/* SPDX-License-Identifier: MIT */
/* wfi by privilege (3.1.6.5, 3.3.3): in S it traps if TW is set, interrupt
 * pending or not; in U always (here), since it could wait without bound; in M
 * never. It waits for the interrupts that mie enables, regardless of mstatus
 * and mideleg, and for no others.
 * board: virt */
#include "isa_test.h"

#define MTIMECMP 0x2004000

BEGIN
    OPEN_PMP
    li s1, MTIMECMP
    li s2, -1
    sd s2, 0(s1)
    csrwi mie, 2
TEST(1) /* TW binds S, also with an interrupt pending */
    li t0, MSTATUS_TW
    csrs mstatus, t0
    GO(PRV_S)
    TRAPS(CAUSE_ILLEGAL)
1:  wfi
    TRAPPED
    CHECK_ADDR(EPC, 1b)
    CHECK(TVAL, 0x10500073)
    csrwi mideleg, 2
    csrwi mip, 2
    csrci mstatus, MSTATUS_SIE
    GO(PRV_S)
    TRAPS(CAUSE_ILLEGAL)
    wfi
    TRAPPED
TEST(2) /* TW does not bind M */
    wfi
TEST(3) /* U, with TW and without */
    csrwi mip, 0
    GO(PRV_U)
    TRAPS(CAUSE_ILLEGAL)
    wfi
    TRAPPED
    li t0, MSTATUS_TW
    csrc mstatus, t0
    GO(PRV_U)
    TRAPS(CAUSE_ILLEGAL)
    wfi
    TRAPPED
TEST(4) /* U's wfi is an illegal instruction that can be delegated */
    li t0, 1 << CAUSE_ILLEGAL
    csrw medeleg, t0
    la t0, s_handler
    csrw stvec, t0
    TRAPS(CAUSE_ECALL_S)
    GO(PRV_U)
    wfi
    TRAPPED
    CHECK(a2, CAUSE_ILLEGAL)
    csrw medeleg, zero
TEST(5) /* mie does not enable the pending interrupt: wfi waits for the timer's
         * interrupt, which mie enables */
    csrwi mideleg, 0
    csrwi mip, 2
    rdtime a0
    li t0, 20000
    add a0, a0, t0
    sd a0, 0(s1)
    li t0, 1 << 7
    csrw mie, t0
    wfi
    rdtime a1
    bltu a1, a0, fail
TEST(6) /* S waits, too; M takes the timer's interrupt at once (it comes after
         * 200 ms, so that under QEMU a loaded host reaches the wfi first) */
    la t0, m_handler
    csrw mtvec, t0
    rdtime a0
    li t0, 2000000
    add a0, a0, t0
    sd a0, 0(s1)
    li a5, 0
    csrwi mcounteren, 7
    GO(PRV_S)
    wfi
2:  rdtime a1
    CHECK(a5, 1)
    CHECK_ADDR(a4, 2b)
    bltu a1, a0, fail
    BACK(PRV_S)
END

.balign 4
m_handler:
    csrr t5, mcause
    bgez t5, on_trap
    csrr a4, mepc
    addi a5, a5, 1
    sd s2, 0(s1)
    mret
.balign 4
s_handler:
    csrr a2, scause
    ecall
