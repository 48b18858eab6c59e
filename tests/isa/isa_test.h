/* SPDX-License-Identifier: MIT */
/* Macros for the test of one rule: start, checks, expected traps, end.
 *
 *     #include "isa_test.h"
 *     BEGIN
 *     TEST(1)                     number reported when a check fails
 *         li a0, 3
 *         CHECK(a0, 3)
 *         TRAPS(CAUSE_ILLEGAL)    the next instruction must raise this
 *         csrr a0, 0x5c0
 *         TRAPPED                 execution goes on here, in M-mode
 *         CHECK(TVAL, 0x5c002573)
 *     END
 *
 * A trap that is not expected fails the test. After an expected trap, EPC,
 * TVAL and STATUS hold mepc, mtval and mstatus as they were in the handler.
 * Reserved registers: gp (test number), s7 to s11, t5, t6.
 *
 * To run in a lower privilege: GO(PRV_U) ... BACK(PRV_U). */
#pragma once

#define CAUSE_FETCH_ACCESS     1
#define CAUSE_ILLEGAL          2
#define CAUSE_BREAKPOINT       3
#define CAUSE_LOAD_MISALIGNED  4
#define CAUSE_LOAD_ACCESS      5
#define CAUSE_STORE_MISALIGNED 6
#define CAUSE_STORE_ACCESS     7
#define CAUSE_ECALL_U          8
#define CAUSE_ECALL_S          9
#define CAUSE_ECALL_M          11
#define CAUSE_FETCH_PAGE       12
#define CAUSE_LOAD_PAGE        13
#define CAUSE_STORE_PAGE       15

#define PRV_U 0
#define PRV_S 1
#define PRV_M 3

#define MSTATUS_SIE  (1 << 1)
#define MSTATUS_MIE  (1 << 3)
#define MSTATUS_SPIE (1 << 5)
#define MSTATUS_MPIE (1 << 7)
#define MSTATUS_SPP  (1 << 8)
#define MSTATUS_MPP  (3 << 11)
#define MSTATUS_FS   (3 << 13)
#define MSTATUS_MPRV (1 << 17)
#define MSTATUS_SUM  (1 << 18)
#define MSTATUS_MXR  (1 << 19)
#define MSTATUS_TVM  (1 << 20)
#define MSTATUS_TW   (1 << 21)
#define MSTATUS_TSR  (1 << 22)

#define EPC    s8
#define TVAL   s9
#define STATUS s7

#define PTE_V 0x01
#define PTE_R 0x02
#define PTE_W 0x04
#define PTE_X 0x08
#define PTE_U 0x10
#define PTE_G 0x20
#define PTE_A 0x40
#define PTE_D 0x80

#define SATP_SV39 (8 << 60)

/* The bits of a byte of pmpcfg. */
#define PMP_R     0x01
#define PMP_W     0x02
#define PMP_X     0x04
#define PMP_RWX   0x07
#define PMP_TOR   0x08
#define PMP_NA4   0x10
#define PMP_NAPOT 0x18
#define PMP_L     0x80

/* From here on macros of assembly text. */
/* clang-format off */
/* On a board without HTIF (isa.t: `board: virt`) the finisher ends the test. */
#ifdef VIRT
#define FINISHER                                \
    srli t5, t5, 1;                             \
    slli t5, t5, 16;                            \
    li t6, 0x3333;                              \
    or t6, t5, t6;                              \
    bnez t5, 1f;                                \
    li t6, 0x5555;                              \
1:  li t5, 0x100000;                            \
    sw t6, 0(t5);
#else
#define FINISHER
#endif

#define BEGIN                                   \
    .section .text.start, "ax";                 \
    .globl _start;                              \
_start:                                         \
    li gp, 0;                                   \
    li s10, -1;                                 \
    la t6, on_trap;                             \
    csrw mtvec, t6;                             \
    j test_begins;                              \
    .balign 4;                                  \
on_trap:                                        \
    csrr t5, mcause;                            \
    bne t5, s10, fail;                          \
    li s10, -1;                                 \
    csrr EPC, mepc;                             \
    csrr TVAL, mtval;                           \
    csrr STATUS, mstatus;                       \
    jr s11;                                     \
fail:                                           \
    slli t5, gp, 1;                             \
    ori t5, t5, 1;                              \
    j finish;                                   \
pass:                                           \
    li t5, 1;                                   \
finish:                                         \
    la t6, tohost;                              \
    sd t5, 0(t6);                               \
    FINISHER                                    \
    j finish;                                   \
    .section .tohost, "aw";                     \
    .balign 64;                                 \
    .type tohost, @object;                      \
    .size tohost, 8;                            \
    .globl tohost;                              \
tohost:                                         \
    .dword 0;                                   \
    .balign 64;                                 \
    .type fromhost, @object;                    \
    .size fromhost, 8;                          \
    .globl fromhost;                            \
fromhost:                                       \
    .dword 0;                                   \
    .text;                                      \
test_begins:

#define END j pass;

#define TEST(n) li gp, n;

#define CHECK(reg, value)                       \
    li t6, value;                               \
    bne reg, t6, fail;
#define CHECK_ADDR(reg, symbol)                 \
    la t6, symbol;                              \
    bne reg, t6, fail;
#define CHECK_SAME(a, b) bne a, b, fail;

/* The next instruction must raise this cause (taken in M). Local label 77. */
#define TRAPS(cause)                            \
    li s10, cause;                              \
    la s11, 77f;
#define TRAPPED                                 \
    j fail;                                     \
77:
    .macro illegal insn:vararg
    TRAPS(CAUSE_ILLEGAL)
    \insn
    TRAPPED
    .endm

/* GO continues in a lower privilege (local label 78), and BACK returns from it
 * by an ecall. PMP must allow that privilege to execute: see OPEN_PMP. */
#define GO(prv)                                 \
    li t6, MSTATUS_MPP;                         \
    csrc mstatus, t6;                           \
    li t6, (prv) << 11;                         \
    csrs mstatus, t6;                           \
    la t6, 78f;                                 \
    csrw mepc, t6;                              \
    mret;                                       \
78:
#define BACK(prv)                               \
    TRAPS(8 + (prv))                            \
    ecall;                                      \
    TRAPPED

/* Entry 15 opens all memory to all privileges; the other entries precede it. */
#define OPEN_PMP                                \
    li t6, -1;                                  \
    csrw pmpaddr15, t6;                         \
    li t6, (PMP_NAPOT | PMP_RWX) << 56;         \
    csrs pmpcfg2, t6;
