/* SPDX-License-Identifier: MIT */
/* Simultaneous interrupts to one mode come in the order MEI, MSI, MTI, SEI,
 * SSI, STI; those to M come before those to S (3.1.9). MEI is not raised here.
 * qemu: QEMU 7.2 without AIA takes the lowest number first */
#include "isa_test.h"

#define CLINT     0x2000000
#define MTIMECMP  0x2004000

BEGIN
    OPEN_PMP
    la t0, m_handler
    csrw mtvec, t0
    la t0, s_handler
    csrw stvec, t0
    li t0, 0xaaa
    csrw mie, t0
TEST(1) /* all to M */
    jal raise
    csrsi mstatus, MSTATUS_MIE
    nop
    csrci mstatus, MSTATUS_MIE
    CHECK(a7, 0x37915)
TEST(2) /* S's interrupts are delegated: from U, M's come before them */
    li t0, 0x222
    csrw mideleg, t0
    jal raise
    GO(PRV_U)
    nop
    CHECK(a7, 0x37915)
    BACK(PRV_U)
TEST(3) /* only SEI delegated: SSI and STI come before it, in M */
    li t0, 0x200
    csrw mideleg, t0
    jal raise
    GO(PRV_U)
    nop
    CHECK(a7, 0x37159)
    BACK(PRV_U)
END

raise:
    li a7, 0
    li t0, 0x222
    csrs mip, t0
    li t0, MTIMECMP
    sd zero, 0(t0)
    li t0, CLINT
    li t1, 1
    sw t1, 0(t0)
1:  csrr t0, mip
    li t1, 0x2aa
    bne t0, t1, 1b
    li t0, 0xaaa
    csrw mie, t0
    ret

.balign 4
m_handler:
    csrr t5, mcause
    bgez t5, on_trap
    andi t5, t5, 15
    slli a7, a7, 4
    or a7, a7, t5
    li t6, 3
    beq t5, t6, 3f
    li t6, 7
    beq t5, t6, 7f
    li t6, 1
    sll t6, t6, t5
    csrc mip, t6
    mret
3:  li t6, CLINT
    sw zero, 0(t6)
    j 8f
7:  li t6, MTIMECMP
    li t5, -1
    sd t5, 0(t6)
8:  csrr t6, mip
    andi t6, t6, 0x88
    li t5, 0x88
    beq t6, t5, 8b
    mret

/* S cannot clear SEIP and STIP: its handler disables what it has taken. */
.balign 4
s_handler:
    csrr t5, scause
    andi t5, t5, 15
    slli a7, a7, 4
    or a7, a7, t5
    li t6, 1
    sll t6, t6, t5
    csrc sie, t6
    sret
