/* SPDX-License-Identifier: MIT */
/* wfi ends when an enabled interrupt is pending, regardless of the global
 * enables and delegation. wfi does not wait if one is pending at its start. */
#include "isa_test.h"

#define CLINT     0x2000000
#define MTIMECMP  0x2004000

BEGIN
    OPEN_PMP
    li t0, MTIMECMP
    li t1, -1
    sd t1, 0(t0)
TEST(1) /* already pending: no wait, and no trap since MIE is off */
    csrwi mip, 2
    csrwi mie, 2
    wfi
TEST(2) /* also in S, delegated and not enabled by SIE */
    csrwi mideleg, 2
    GO(PRV_S)
    wfi
    BACK(PRV_S)
    csrwi mip, 0
    csrwi mie, 0
TEST(3) /* wakes at the timer, and not before mtime has reached mtimecmp */
    li t0, CLINT + 0xbff8
    ld a0, 0(t0)
    li t1, 2000
    add a1, a0, t1
    li t2, MTIMECMP
    sd a1, 0(t2)
    li t1, 1 << 7
    csrw mie, t1
    csrr t1, mip
    wfi
    ld a2, 0(t0)
    bltu a2, a1, fail
    csrr t1, mip
    andi t1, t1, 1 << 7
    CHECK(t1, 1 << 7)
TEST(4) /* with MIE on, the trap comes before the next instruction */
    la t0, handler
    csrw mtvec, t0
    li t0, CLINT + 0xbff8
    ld a0, 0(t0)
    li t1, 100000 /* far enough for a busy host under QEMU */
    add a1, a0, t1
    sd a1, 0(t2)
    li a3, 0
    csrsi mstatus, MSTATUS_MIE
1:  wfi
2:  addi a3, a3, 1
    CHECK_ADDR(a4, 2b)
    CHECK(a3, 1)
END

.balign 4
handler:
    csrr a4, mepc
    csrr a5, mcause
    li t1, -1
    sd t1, 0(t2)
    la t1, 2b
    bne a4, t1, fail
    mret
