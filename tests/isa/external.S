/* SPDX-License-Identifier: MIT */
/* Takes external interrupts through the PLIC (their source is the UART's empty
 * transmitter): MEIP and SEIP, claim and complete, threshold. mip.SEIP reads as
 * the OR of the PLIC's wire and of a bit that software writes (3.1.9).
 * board: virt */
#include "isa_test.h"

#define PLIC      0xc000000
#define PRIORITY  (PLIC + 4 * 10)
#define ENABLE_M  (PLIC + 0x2000)
#define ENABLE_S  (PLIC + 0x2080)
#define THRESH_M  (PLIC + 0x200000)
#define THRESH_S  (PLIC + 0x201000)
#define CLAIM_M   (PLIC + 0x200004)
#define CLAIM_S   (PLIC + 0x201004)
#define UART_IER  0x10000001
#define UART_IIR  0x10000002

#define STORE_W(address, value)     \
    li t0, address;                 \
    li t1, value;                   \
    sw t1, 0(t0);
/* Bit 9 is SEIP, bit 11 is MEIP. */
#define CHECK_PENDING(bit, value)   \
    csrr t0, mip;                   \
    srli t0, t0, bit;               \
    andi t0, t0, 1;                 \
    CHECK(t0, value)

BEGIN
    OPEN_PMP
TEST(1) /* nothing is pending yet */
    CHECK_PENDING(9, 0)
    CHECK_PENDING(11, 0)
TEST(2) /* an interrupt to the M context */
    STORE_W(PRIORITY, 3)
    STORE_W(ENABLE_M, 1 << 10)
    li t0, UART_IER
    li t1, 2
    sb t1, 0(t0)
    CHECK_PENDING(11, 1)
    CHECK_PENDING(9, 0)
    STORE_W(THRESH_M, 3)        /* the priority is not above the threshold */
    CHECK_PENDING(11, 0)
    STORE_W(THRESH_M, 2)
    CHECK_PENDING(11, 1)
TEST(3) /* MEIP is a wire: software cannot clear it */
    li t0, 1 << 11
    csrc mip, t0
    CHECK_PENDING(11, 1)
TEST(4) /* taken with cause 11; a claim clears MEIP until completion */
    li t0, 1 << 11
    csrw mie, t0
    la t0, m_handler
    csrw mtvec, t0
    li a5, 0
    csrsi mstatus, MSTATUS_MIE
    nop
    csrci mstatus, MSTATUS_MIE
    CHECK(a5, 1)
    CHECK(a2, 1 << 63 | 11)
    CHECK(a3, 10)
    CHECK_PENDING(11, 0)
    li t0, CLAIM_M              /* nothing left to claim */
    lw a0, 0(t0)
    CHECK(a0, 0)
    sw a3, 0(t0)                /* complete; the wire is down by now */
    CHECK_PENDING(11, 0)
    la t0, on_trap
    csrw mtvec, t0
TEST(5) /* an interrupt to the S context */
    STORE_W(ENABLE_M, 0)
    STORE_W(ENABLE_S, 1 << 10)
    li t0, UART_IER
    sb zero, 0(t0)
    li t1, 2
    sb t1, 0(t0)
    CHECK_PENDING(9, 1)
    CHECK_PENDING(11, 0)
TEST(6) /* setting another bit of mip does not set software's SEIP */
    csrsi mip, 2
    li t0, CLAIM_S
    lw a0, 0(t0)
    CHECK(a0, 10)
    li t1, UART_IIR
    lbu t1, 0(t1)
    sw a0, 0(t0)
    CHECK_PENDING(9, 0)
    CHECK_PENDING(1, 1)
    csrci mip, 2
TEST(7) /* software's own bit stays when the wire goes up and down */
    li t0, 1 << 9
    csrs mip, t0
    CHECK_PENDING(9, 1)
    li t0, UART_IER
    sb zero, 0(t0)
    li t1, 2
    sb t1, 0(t0)
    CHECK_PENDING(9, 1)
    li t0, CLAIM_S
    lw a0, 0(t0)
    li t1, UART_IIR
    lbu t1, 0(t1)
    sw a0, 0(t0)
    CHECK_PENDING(9, 1)
    li t0, 1 << 9
    csrc mip, t0
    CHECK_PENDING(9, 0)
TEST(8) /* a delegated SEI: S takes it */
    li t0, 1 << 9
    csrw mideleg, t0
    csrw mie, t0
    la t0, s_handler
    csrw stvec, t0
    csrsi sstatus, MSTATUS_SIE
    li t0, UART_IER
    sb zero, 0(t0)
    li t1, 2
    sb t1, 0(t0)
    li a5, 0
    GO(PRV_S)
    nop
    CHECK(a5, 1)
    CHECK(a2, 1 << 63 | 9)
    CHECK(a3, 10)
    BACK(PRV_S)
END

.balign 4
m_handler:
    addi a5, a5, 1
    csrr a2, mcause
    li t5, CLAIM_M
    lw a3, 0(t5)
    li t5, UART_IIR
    lbu t6, 0(t5)
    mret
.balign 4
s_handler:
    addi a5, a5, 1
    csrr a2, scause
    li t5, CLAIM_S
    lw a3, 0(t5)
    li t6, UART_IIR
    lbu t6, 0(t6)
    sw a3, 0(t5)
    sret
