/* SPDX-License-Identifier: MIT */
/* The first instructions, as in QEMU's virt board, so that any firmware can
 * run. a0 = hart, a1 = device tree, a2 = struct fw_dynamic_info. The machine
 * appends the firmware's address, the tree's address and the struct. */
    .equ START, 24 /* offsets of the appended words from _start */
    .equ TREE, 32
    .equ INFO, 40
    .option norvc
    .text
    .globl _start
_start:
    auipc t0, 0
    addi a2, t0, INFO
    csrr a0, mhartid
    ld a1, TREE(t0)
    ld t0, START(t0)
    jr t0
    .if . - _start - START
    .error "the appended words begin elsewhere"
    .endif
