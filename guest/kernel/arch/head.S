/* SPDX-License-Identifier: MIT */
/* The entry point. The firmware jumps here, at physical 0x80200000, with a0 =
 * hart, a1 = the device tree's physical address, the MMU off. This code turns
 * the MMU on with a table of gigapages and continues at the linked address. */
    .equ SATP_SV39, 8 << 60
    .equ PTE_V, 1
    .equ PTE_RW, 6
    .equ PTE_X, 8
    .equ PTE_G, 1 << 5
    .equ PTE_AD, 3 << 6
    .section .text.boot, "ax"
    .globl _start
_start:
    csrw sie, zero
    csrw sscratch, zero
    la t0, bss_start
    la t1, bss_end
1:  bgeu t0, t1, 2f
    sd zero, 0(t0)
    addi t0, t0, 8
    j 1b
2:  la t0, boot_table
    srli t0, t0, 12
    li t1, SATP_SV39
    or t0, t0, t1
    sfence.vma
    csrw satp, t0
    sfence.vma
    li t2, 0xffffffc000000000
    la t0, 3f
    add t0, t0, t2
    jr t0
3:  la sp, boot_stack_top
    li tp, 0 /* current: no process */
    call kernel_main
4:  wfi
    j 4b

/* An identity mapping for the jump, then the direct map: devices (0..1 GiB) and
 * RAM (GIGAPAGES from 2 GiB on, the most that --ram gives; the device tree may
 * be at the end of RAM). vm/boot.c replaces this table by one with 2 MiB leaves
 * for the RAM that exists. */
    .set GIGAPAGES, 64
    .data
    .balign 4096
boot_table:
    .zero 8 * 2
    .quad (0x80000000 >> 2) | PTE_AD | PTE_X | PTE_RW | PTE_V
    .zero 8 * 253
    .quad PTE_AD | PTE_G | PTE_RW | PTE_V /* devices */
    .zero 8
    .set pa, 0x80000000
    .rept GIGAPAGES
    .quad (pa >> 2) | PTE_AD | PTE_G | PTE_X | PTE_RW | PTE_V
    .set pa, pa + (1 << 30)
    .endr
    .zero 8 * (254 - GIGAPAGES)
    .globl boot_reach
boot_reach: /* bytes of RAM that the table maps */
    .quad GIGAPAGES << 30

    .bss
    .balign 16
    .globl boot_stack
boot_stack:
    .zero 8192
boot_stack_top:
    .section .note.GNU-stack, "", @progbits
