/* SPDX-License-Identifier: MIT */
/* Copies the floating-point registers to and from struct fpstate. No other file
 * of the kernel uses F and D instructions. */
    .text
/* void fp_save(struct fpstate *a0); sstatus.FS must not be off */
    .globl fp_save
fp_save:
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25
    fsd f\n, \n * 8(a0)
    .endr
    .irp n, 26,27,28,29,30,31
    fsd f\n, \n * 8(a0)
    .endr
    frcsr t0
    sw t0, 32 * 8(a0)
    ret

/* void fp_restore(const struct fpstate *a0) */
    .globl fp_restore
fp_restore:
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25
    fld f\n, \n * 8(a0)
    .endr
    .irp n, 26,27,28,29,30,31
    fld f\n, \n * 8(a0)
    .endr
    lw t0, 32 * 8(a0)
    fscsr t0
    ret
    .section .note.GNU-stack, "", @progbits
