/* SPDX-License-Identifier: MIT */
/* mcounteren and scounteren (3.1.11, 4.1.5): cycle, time and instret for each
 * privilege and each setting of both: S needs M's bit, U both, M none.
 * board: virt */
#include "isa_test.h"

BEGIN
    OPEN_PMP
    li s0, 0                /* mcounteren 0..7 */
TEST(1)
next_m:
    li s1, 0                /* scounteren 0..7 */
next_s:
    li s2, 0                /* counter 0..2 */
next_counter:
    csrw mcounteren, s0
    csrw scounteren, s1
    csrr t0, mcounteren
    andi t0, t0, 7
    CHECK_SAME(t0, s0)
    csrr t0, scounteren
    andi t0, t0, 7
    CHECK_SAME(t0, s1)
    la a0, slots
    slli t0, s2, 3
    add a0, a0, t0          /* csrr a1, counter; ecall */
    srl s3, s0, s2          /* may S? may U? */
    andi s3, s3, 1
    srl s4, s1, s2
    and s4, s4, s3
    li a2, CAUSE_ECALL_S
    bnez s3, 1f
    li a2, CAUSE_ILLEGAL
1:  li a3, 1 << 11
    jal run
    li a2, CAUSE_ECALL_U
    bnez s4, 2f
    li a2, CAUSE_ILLEGAL
2:  li a3, 0
    jal run
    li a2, CAUSE_ECALL_M
    li a3, 3 << 11
    jal run
    addi s2, s2, 1
    li t0, 3
    bne s2, t0, next_counter
    addi s1, s1, 1
    li t0, 8
    bne s1, t0, next_s
    addi s0, s0, 1
    li t0, 8
    bne s0, t0, next_m
END

/* The slot a0 with MPP a3 ends in cause a2. */
run:
    li t0, MSTATUS_MPP
    csrc mstatus, t0
    csrs mstatus, a3
    csrw mepc, a0
    mv s10, a2
    la s11, 1f
    mret
1:  li t0, CAUSE_ILLEGAL
    beq a2, t0, 2f
    addi a0, a0, 4          /* the ecall */
    bne EPC, a0, fail
    addi a0, a0, -4
    ret
2:  bne EPC, a0, fail
    ret

.balign 8
    .option norvc
slots:
    csrr a1, cycle
    ecall
    csrr a1, time
    ecall
    csrr a1, instret
    ecall
    .option rvc
