/* SPDX-License-Identifier: MIT */
/* Start, trap entry and exit, and accesses that may fault.
 *
 * mscratch holds the firmware's stack pointer while the kernel or a process
 * runs, and 0 in the firmware's C code: a trap that finds 0 came from there. */
#include "layout.h"

    .section .text.start
    .globl _start
_start: /* a0 = hart, a1 = device tree, a2 = struct fw_dynamic_info or 0 */
    csrw mie, zero
    csrr t0, mhartid
    bnez t0, park
    la sp, _stack_top
    la t0, trap
    csrw mtvec, t0
    csrw mscratch, zero
    la t0, _bss
    la t1, _bss_end
1:  bgeu t0, t1, 2f
    sd zero, (t0)
    addi t0, t0, 8
    j 1b
2:  call start              /* sets mepc, mstatus; returns a0, a1 */
    csrw mscratch, sp
    mret

    .globl park
park: /* harts other than 0 wait here for ever */
    csrw mie, zero
    wfi
    j park

    .balign 4
trap:
    csrrw sp, mscratch, sp
    beqz sp, own_trap
    addi sp, sp, -FRAME_BYTES
    sd x1, 1*8(sp)
    .irp n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sd x\n, \n*8(sp)
    .endr
    csrrw t0, mscratch, zero
    csrr t1, mepc
    csrr t2, mstatus
    sd t0, 2*8(sp)
    sd t1, FRAME_MEPC(sp)
    sd t2, FRAME_MSTATUS(sp)
    mv a0, sp
    call trapped
    ld t0, 2*8(sp)
    ld t1, FRAME_MEPC(sp)
    ld t2, FRAME_MSTATUS(sp)
    csrw mepc, t1
    csrw mstatus, t2
    addi t1, sp, FRAME_BYTES
    csrw mscratch, t0       /* the kernel's sp, until the csrrw below */
    ld x1, 1*8(sp)
    .irp n, 3,4,5,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ld x\n, \n*8(sp)
    .endr
    ld t1, 6*8(sp)
    addi sp, sp, FRAME_BYTES
    csrrw sp, mscratch, sp
    mret

own_trap: /* the firmware has trapped: a bug or missing memory; power off */
    call fatal

/* u64 guarded_load(const void *pa, int *failed): a byte at a physical address.
 * u64 guarded_load_virtual(...): eight bytes at a kernel virtual address.
 * void guarded_store(void *pa, u64 byte, int *failed)
 * bool guarded_csr_menvcfg(u64 bits): sets bits; false if there is no menvcfg.
 * A fault in these functions changes mepc, mstatus and mcause. No harm: the
 * kernel's values are in the frame or set later, and mcause has been read. */
    .macro GUARD
    la t0, 9f
    csrw mtvec, t0
    .endm
    .macro UNGUARD
    la t0, trap
    csrw mtvec, t0
    .endm

    .globl guarded_load
guarded_load:
    GUARD
    lbu a0, (a0)
    UNGUARD
    ret
    .balign 4
9:  li t0, 1
    sw t0, (a1)
    UNGUARD
    ret

    .globl guarded_load_virtual
guarded_load_virtual:
    GUARD
    li t1, 1 << MSTATUS_MPRV_BIT /* loads then use MPP: the kernel's mode */
    csrs mstatus, t1
    ld a0, (a0)
    csrc mstatus, t1
    UNGUARD
    ret
    .balign 4
9:  li t1, 1 << MSTATUS_MPRV_BIT
    csrc mstatus, t1
    li t0, 1
    sw t0, (a1)
    UNGUARD
    ret

    .globl guarded_store
guarded_store:
    GUARD
    sb a1, (a0)
    UNGUARD
    ret
    .balign 4
9:  li t0, 1
    sw t0, (a2)
    UNGUARD
    ret

    .globl guarded_csr_menvcfg
guarded_csr_menvcfg:
    GUARD
    csrs menvcfg, a0
    li a0, 1
    UNGUARD
    ret
    .balign 4
9:  li a0, 0
    UNGUARD
    ret
