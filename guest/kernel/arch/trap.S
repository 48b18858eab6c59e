/* SPDX-License-Identifier: MIT */
/* Entry to the kernel and return to user mode. In user mode sscratch holds the
 * running process's trap frame, in the kernel 0, so that the first instruction
 * tells where a trap comes from. */
#include "abi/trapframe.h"
#include "arch/sbi.h"

#define TF_PC     (8 * TRAPFRAME_PC)
#define TF_STATUS (8 * TRAPFRAME_STATUS)
#define TF_CAUSE  (8 * TRAPFRAME_CAUSE)
#define TF_TVAL   (8 * TRAPFRAME_TVAL)
#define TF_TP     (8 * TRAPFRAME_TP)
#define TF_BYTES  (8 * TRAPFRAME_WORDS)

/* Call-frame information, with which debuggers unwind through a trap to the
 * interrupted code (DWARF 5, 6.4; register numbers: RISC-V psABI). It goes to
 * .debug_frame, like the compiler's; column 64 is the interrupted pc. */
#define COLUMN_PC 64
#define CSR_SSCRATCH_COLUMN (4096 + 0x140)
#define CSR_SEPC_COLUMN     (4096 + 0x141)
    .cfi_sections .debug_frame
    .macro begin_trap
    .cfi_startproc simple
    .cfi_signal_frame
    .cfi_return_column COLUMN_PC
    .endm
    /* the registers are in the hart, as at the trap */
    .macro cfi_in_hart
    .cfi_def_cfa sp, 0
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25
    .cfi_same_value x\n
    .endr
    .irp n, 26,27,28,29,30,31
    .cfi_same_value x\n
    .endr
    .cfi_register COLUMN_PC, CSR_SEPC_COLUMN
    .endm
    /* the registers are in the trap frame at \base */
    .macro cfi_in_frame base
    .cfi_def_cfa \base, TF_BYTES
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25
    .cfi_offset x\n, \n * 8 - TF_BYTES
    .endr
    .irp n, 26,27,28,29,30,31
    .cfi_offset x\n, \n * 8 - TF_BYTES
    .endr
    .cfi_offset COLUMN_PC, TF_PC - TF_BYTES
    .endm

    .macro save_all_but_tp base
    .irp n, 1,2,3,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25
    sd x\n, \n * 8(\base)
    .endr
    .irp n, 26,27,28,29,30,31
    sd x\n, \n * 8(\base)
    .endr
    cfi_in_frame \base
    .cfi_register x4, CSR_SSCRATCH_COLUMN
    .cfi_register COLUMN_PC, CSR_SEPC_COLUMN
    csrr t0, sepc
    csrr t1, sstatus
    csrr t2, scause
    csrr t3, stval
    sd t0, TF_PC(\base)
    sd t1, TF_STATUS(\base)
    sd t2, TF_CAUSE(\base)
    sd t3, TF_TVAL(\base)
    csrr t0, sscratch
    sd t0, 4 * 8(\base)
    cfi_in_frame \base
    .endm

    .text
    .balign 4
    .globl trap_vector
trap_vector:
    begin_trap
    cfi_in_hart
    csrrw tp, sscratch, tp
    .cfi_register x4, CSR_SSCRATCH_COLUMN
    beqz tp, from_kernel
    save_all_but_tp tp
    csrw sscratch, zero
    mv a0, tp
    mv sp, tp /* the kernel stack begins below the frame */
    .cfi_def_cfa sp, TF_BYTES
    ld tp, TF_TP(a0)
    call trap_from_user
    mv a0, sp
    .cfi_endproc

/* void resume_user(struct trapframe *a0), never returns */
    .globl resume_user
resume_user:
    begin_trap
    cfi_in_frame a0
    csrw sscratch, a0
    sd tp, TF_TP(a0)
    ld t0, TF_PC(a0)
    ld t1, TF_STATUS(a0)
    csrw sepc, t0
    csrw sstatus, t1
    .irp n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25
    ld x\n, \n * 8(a0)
    .endr
    .irp n, 26,27,28,29,30,31
    ld x\n, \n * 8(a0)
    .endr
    ld a0, 10 * 8(a0)
    cfi_in_hart
    sret
    .cfi_endproc

/* A trap in the kernel is a bug: this code reports it on a separate stack that
 * is certainly valid. */
from_kernel:
    begin_trap
    cfi_in_hart
    .cfi_register x4, CSR_SSCRATCH_COLUMN
    la tp, panic_frame
    save_all_but_tp tp
    csrw sscratch, zero
    la t0, panicking
    lw t1, 0(t0)
    bnez t1, triple_fault
    li t1, 1
    sw t1, 0(t0)
    la sp, panic_frame /* the stack begins below it */
    mv a0, tp
    .cfi_def_cfa sp, TF_BYTES
    li tp, 0
    call trap_from_kernel
    .cfi_endproc

/* void panic(const char *fmt, ...): saves the registers at the call, except t0
 * and t1, and calls panic_with(fmt, ...). Keeps registers that a trap in the
 * kernel or an earlier panic has saved. */
    .globl panic
panic:
    la t0, panicking
    lw t0, 0(t0)
    bnez t0, panic_with
    la t0, panic_frame
    ld t1, TF_PC(t0)
    bnez t1, panic_with
    .irp n, 1,2,3,4,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25
    sd x\n, \n * 8(t0)
    .endr
    .irp n, 26,27,28,29,30,31
    sd x\n, \n * 8(t0)
    .endr
    sd ra, TF_PC(t0)
    li t1, TRAP_NONE
    sd t1, TF_CAUSE(t0)
    j panic_with

/* A trap while a trap in the kernel is being reported cannot be handled: this
 * code resets the machine (SBI SRST: cold reboot, system failure). */
triple_fault:
    li a7, SBI_EXT_SRST
    li a6, 0 /* system reset */
    li a0, SRST_COLD_REBOOT
    li a1, SRST_SYSTEM_FAILURE
    ecall
    j triple_fault

/* void switch_to(struct context *from, struct context *to) */
    .globl switch_to
switch_to:
    sd ra, 0(a0)
    sd sp, 8(a0)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11
    sd s\n, (\n + 2) * 8(a0)
    .endr
    ld ra, 0(a1)
    ld sp, 8(a1)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11
    ld s\n, (\n + 2) * 8(a1)
    .endr
    ret

/* A new task starts here: calls s0(s1), then goes to user mode. sp is its trap
 * frame. */
    .globl first_run
first_run:
    .cfi_startproc
    .cfi_undefined ra /* it has no caller */
    mv a0, s1
    jalr s0
    .cfi_endproc
    begin_trap
    cfi_in_frame sp
    mv a0, sp
    call return_to_user
    mv a0, sp
    j resume_user
    .cfi_endproc

    .bss
    .balign 16
panicking:
    .zero 16
panic_stack:
    .zero 4096
    .globl panic_frame
panic_frame: /* the stack's top */
    .zero TF_BYTES
    .section .note.GNU-stack, "", @progbits
