/* SPDX-License-Identifier: MIT */
/* The kernel enters a program here: sp points at argc, argv, envp, auxv. */
    .globl _start
    .text
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    mv a0, sp
    andi sp, sp, -16
    call tiny_start

/* s64 tiny_syscall(s64 nr, s64 a..f): a..f move to a0..a5, nr to a7 */
    .globl tiny_syscall
tiny_syscall:
    mv t0, a0
    mv a0, a1
    mv a1, a2
    mv a2, a3
    mv a3, a4
    mv a4, a5
    mv a5, a6
    mv a7, t0
    ecall
    ret

    .section .note.GNU-stack, "", @progbits
