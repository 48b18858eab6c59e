/* SPDX-License-Identifier: MIT */
/* Interrupts: the moment at which they are taken, and the mode; vectored mode;
 * SSIP, MSIP and MTIP. */
#include "isa_test.h"

#define CLINT     0x2000000
#define MTIMECMP  0x2004000
#define IRQ(n)    (1 << 63 | (n))

BEGIN
    OPEN_PMP
    la t0, m_vectors + 1
    csrw mtvec, t0
    la t0, s_handler
    csrw stvec, t0
    li a5, 0                /* interrupts taken */
    li t0, MTIMECMP
    li t1, -1
    sd t1, 0(t0)
TEST(1) /* pending and enabled, but MIE off: not taken in M */
    li t0, 0xaaa
    csrw mie, t0
    li t0, CLINT
    li t1, 1
    sw t1, 0(t0)
1:  csrr t2, mip
    andi t2, t2, 1 << 3
    beqz t2, 1b
    nop
    CHECK(a5, 0)
TEST(2) /* taken as soon as MIE is set, and MIE is off in the handler */
    csrsi mstatus, MSTATUS_MIE
    nop
    CHECK(a5, 1)
    CHECK(a2, IRQ(3))
    CHECK(a6, 3)            /* came through vector 3 */
    andi a3, a3, MSTATUS_MIE | MSTATUS_MPIE
    CHECK(a3, MSTATUS_MPIE)
    csrr t0, mip
    andi t0, t0, 1 << 3
    CHECK(t0, 0)            /* the handler has put the wire down */
    csrci mstatus, MSTATUS_MIE
TEST(3) /* SSIP not delegated: taken in M, even out of S with MIE off */
    csrwi mip, 2
    GO(PRV_S)
    nop
    CHECK(a5, 2)
    CHECK(a2, IRQ(1))
    BACK(PRV_S)
TEST(4) /* delegated: in S only with SIE, in U always, in M never */
    csrwi mideleg, 2
    csrwi mip, 2
    csrsi mstatus, MSTATUS_MIE
    nop
    CHECK(a5, 2)
    csrci mstatus, MSTATUS_MIE
    csrci mstatus, MSTATUS_SIE
    GO(PRV_S)
    nop
    nop
    CHECK(a5, 2)
    csrsi sstatus, MSTATUS_SIE
    nop
    CHECK(a5, 3)
    CHECK(a2, IRQ(1))
    CHECK(a6, -1)
    csrci sstatus, MSTATUS_SIE
    BACK(PRV_S)
    csrwi mip, 2
    GO(PRV_U)
    nop
    CHECK(a5, 4)
    CHECK(a6, -1)
    BACK(PRV_U)
TEST(5) /* the timer */
    li t0, CLINT + 0xbff8
    ld t1, 0(t0)
    addi t1, t1, 50
    li t0, MTIMECMP
    sd t1, 0(t0)
    csrsi mstatus, MSTATUS_MIE
    li t0, 10000000
3:  addi t0, t0, -1
    beqz t0, fail
    li t1, 5
    beq a5, t1, 4f
    j 3b
4:  CHECK(a2, IRQ(7))
    CHECK(a6, 7)
    csrci mstatus, MSTATUS_MIE
TEST(6) /* mtvec direct: exceptions and interrupts share the base */
    la t0, direct
    csrw mtvec, t0
    csrwi mideleg, 0
    csrwi mip, 2
    csrsi mstatus, MSTATUS_MIE
    nop
    CHECK(a5, 6)
    CHECK(a6, 99)
    CHECK(a2, IRQ(1))
END

.balign 4
direct:
    li a6, 99
    j m_common

/* Exceptions at the base, interrupt n at base + 4 n. */
.balign 256
    .option norvc
m_vectors:
    j on_trap
    j vector1
    j fail
    j vector3
    j fail
    j fail
    j fail
    j vector7
    .rept 8
    j fail
    .endr
    .option rvc
vector1:
    li a6, 1
    j m_common
vector3:
    li a6, 3
    j m_common
vector7:
    li a6, 7
m_common:
    addi a5, a5, 1
    csrr a2, mcause
    csrr a3, mstatus
    andi t5, a2, 15
    addi t6, t5, -1
    bnez t6, 4f
    csrci mip, 2            /* one source a visit */
    mret
4:  li t5, CLINT
    sw zero, 0(t5)
5:  csrr t6, mip
    andi t6, t6, 8
    bnez t6, 5b
    li t5, MTIMECMP
    li t6, -1
    sd t6, 0(t5)
6:  csrr t6, mip
    andi t6, t6, 128
    bnez t6, 6b
    mret

.balign 4
s_handler:
    addi a5, a5, 1
    csrr a2, scause
    csrci sip, 2
    li a6, -1
    sret
