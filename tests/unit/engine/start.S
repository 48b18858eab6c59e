/* SPDX-License-Identifier: MIT */
/* Bare-metal start of the engine's test programs: calls main in M-mode; trap
 * entries save the x registers and call trap_m(frame) or trap_s(frame). */
    .equ MSTATUS_FS, 3 << 13
    .equ MSTATUS_MPP, 3 << 11
    .equ COUNTEREN_ALL, 7 /* cycle, time, instret */
    .equ ENVCFG_CBO, 0xf0 /* CBIE, CBCFE, CBZE */
    .equ PMP_NAPOT, 0x18
    .equ PMP_RWX, 7
    .section .text.start
    .globl _start
_start:
    la sp, stack_top
    la t0, trap_entry_m
    csrw mtvec, t0
    la t0, trap_entry_s
    csrw stvec, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, PMP_NAPOT | PMP_RWX
    csrw pmpcfg0, t0
    li t0, COUNTEREN_ALL
    csrw mcounteren, t0
    csrw scounteren, t0
    li t0, ENVCFG_CBO
    csrs menvcfg, t0
    csrs senvcfg, t0
    li t0, MSTATUS_FS
    csrs mstatus, t0
    la t0, m_stack_top
    csrw mscratch, t0
    call main
finish:
    slli a0, a0, 1
    ori a0, a0, 1
    li t0, 0x100000
    sd a0, 0(t0)
1:  j 1b

    .macro SAVE_ALL
    addi sp, sp, -256
    .irp r, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19
    sd x\r, \r * 8(sp)
    .endr
    .irp r, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd x\r, \r * 8(sp)
    .endr
    .endm
    .macro LOAD_ALL
    .irp r, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19
    ld x\r, \r * 8(sp)
    .endr
    .irp r, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld x\r, \r * 8(sp)
    .endr
    addi sp, sp, 256
    .endm

    .text
    .align 2
trap_entry_m:
    csrrw sp, mscratch, sp
    SAVE_ALL
    mv a0, sp
    call trap_m
    LOAD_ALL
    csrrw sp, mscratch, sp
    mret

    .align 2
trap_entry_s:
    csrrw sp, sscratch, sp
    SAVE_ALL
    mv a0, sp
    call trap_s
    LOAD_ALL
    csrrw sp, sscratch, sp
    sret

/* enter(pc, sp, mode): goes to pc in U (0) or S (1) by mret; never returns */
    .globl enter
enter:
    csrw mepc, a0
    mv sp, a1
    li t0, MSTATUS_MPP
    csrc mstatus, t0
    slli a2, a2, 11
    csrs mstatus, a2
    mret

    .bss
    .align 4
    .space 8192
stack_top:
    .space 4096
m_stack_top:
    .space 4096
    .globl s_stack_top
s_stack_top:
