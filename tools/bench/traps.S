/* SPDX-License-Identifier: MIT */
/* Measures ecall from U to S and back: 16 instructions a round. */
#ifndef ROUNDS
#define ROUNDS 4000000
#endif
    .globl main
main:
    la t0, handler
    csrw stvec, t0
    la t0, m_back
    csrw mtvec, t0
    la t0, save
    csrw sscratch, t0
    li t0, 0x100 /* ecall from U goes to S */
    csrw medeleg, t0
    la t0, user
    csrw mepc, t0
    li t0, 0x1800
    csrc mstatus, t0
    mret

    .align 4
handler:
    csrrw t0, sscratch, t0
    sd t1, 0(t0)
    sd t2, 8(t0)
    csrr t1, scause
    csrr t2, sepc
    addi t2, t2, 4
    csrw sepc, t2
    addi a1, a1, 1
    ld t1, 0(t0)
    ld t2, 8(t0)
    csrrw t0, sscratch, t0
    sret

    .align 4
user:
    li a0, ROUNDS
    li a1, 0
1:  mv a2, a0
    ecall
    addi a0, a0, -1
    bnez a0, 1b
    ebreak /* to M: the end */

    .align 2
m_back:
    li a0, 0
    tail finish

    .bss
    .align 4
save: .space 16
