/* SPDX-License-Identifier: MIT */
/* Bare-metal start of the benchmark programs, for Clockhand and for QEMU's
 * virt board alike. With -DSV39, main() runs in S-mode, RAM identity mapped by
 * 4 KiB pages. The finisher gets 0x5555 (status 0) or status << 16 | 0x3333. */
    .equ MSTATUS_FS, 3 << 13
    .equ MSTATUS_MPP, 3 << 11
    .equ MSTATUS_MPP_S, 1 << 11
    .equ COUNTEREN_ALL, 7 /* cycle, time, instret */
    .equ PMP_NAPOT, 0x18
    .equ PMP_RWX, 7
    .section .text.start
    .globl _start
_start:
    la sp, stack_top
    la t0, unexpected
    csrw mtvec, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, PMP_NAPOT | PMP_RWX
    csrw pmpcfg0, t0
    li t0, COUNTEREN_ALL
    csrw mcounteren, t0
    li t0, MSTATUS_FS
    csrs mstatus, t0
    call prepare
#ifdef SV39
    csrw satp, a0
    sfence.vma
    la t0, 1f
    csrw mepc, t0
    li t0, MSTATUS_MPP
    csrc mstatus, t0
    li t0, MSTATUS_MPP_S
    csrs mstatus, t0
    mret
1:
#endif
    call main
    .globl finish
finish:
    li t1, 0x5555
    beqz a0, 1f
    slli a0, a0, 16
    li t1, 0x3333
    or t1, t1, a0
1:  li t0, 0x100000
    sw t1, 0(t0)
2:  j 2b

    .align 2
unexpected:
    li a0, 99
    j finish

    .bss
    .align 4
    .space 65536
stack_top:
