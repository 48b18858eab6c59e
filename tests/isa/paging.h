/* SPDX-License-Identifier: MIT */
/* Page tables for tests of Sv39. After PAGING:
 *
 *     0x80000000  one gigapage, all rights of S: the test itself
 *     0x00000000  root[0] -> l1, l1[0] -> l0: 512 small pages, all invalid
 *     root[1], l1[1]...: free for superpages
 *
 * Tests run in M; AS(PRV_S) or AS(PRV_U) makes loads and stores up to the
 * next trap or AS_M act as that mode's. */
#pragma once

#include "isa_test.h"

#define RW  (PTE_V | PTE_R | PTE_W | PTE_A | PTE_D)
#define RX  (PTE_V | PTE_R | PTE_X | PTE_A)
#define RWX (RW | PTE_X)

#define MEGA 0x200000
#define GIGA 0x40000000

/* From here on macros of assembly text. */
/* clang-format off */
/* Sets table[index] to the page of `where` and flags or a raw value; fences. */
#define SET_PTE(table, index, where, flags) \
    la t0, where;                           \
    srli t0, t0, 12;                        \
    slli t0, t0, 10;                        \
    li t1, flags;                           \
    or t0, t0, t1;                          \
    la t1, table + 8 * (index);             \
    sd t0, 0(t1);                           \
    sfence.vma;
#define SET_PTE_RAW(table, index, value)    \
    li t0, value;                           \
    la t1, table + 8 * (index);             \
    sd t0, 0(t1);                           \
    sfence.vma;

#define PAGING                              \
    OPEN_PMP                                \
    SET_PTE(root, 2, _start, RWX)           \
    SET_PTE(root, 0, l1, PTE_V)             \
    SET_PTE(l1, 0, l0, PTE_V)               \
    la t0, root;                            \
    srli t0, t0, 12;                        \
    li t1, SATP_SV39;                       \
    or t0, t0, t1;                          \
    csrw satp, t0;                          \
    sfence.vma;

#define AS(prv)                             \
    li t0, MSTATUS_MPP;                     \
    csrc mstatus, t0;                       \
    li t0, (prv) << 11 | MSTATUS_MPRV;      \
    csrs mstatus, t0;
#define AS_M                                \
    li t0, MSTATUS_MPRV;                    \
    csrc mstatus, t0;

/* An access at va (in a0) must page-fault with its address as tval. */
#define LOAD_FAULTS(prv, va)                \
    li a0, va;                              \
    AS(prv)                                 \
    TRAPS(CAUSE_LOAD_PAGE)                  \
    ld a1, 0(a0);                           \
    TRAPPED                                 \
    AS_M                                    \
    CHECK_SAME(TVAL, a0)
#define STORE_FAULTS(prv, va)               \
    li a0, va;                              \
    AS(prv)                                 \
    TRAPS(CAUSE_STORE_PAGE)                 \
    sd a1, 0(a0);                           \
    TRAPPED                                 \
    AS_M                                    \
    CHECK_SAME(TVAL, a0)
/* A load at va must read, a store must write, the doubleword at `where`. */
#define LOADS(prv, va, where)               \
    li a0, va;                              \
    AS(prv)                                 \
    ld a1, 0(a0);                           \
    AS_M                                    \
    la a2, where;                           \
    ld a2, 0(a2);                           \
    CHECK_SAME(a1, a2)
#define STORES(prv, va, where)              \
    li a0, va;                              \
    AS(prv)                                 \
    sd a0, 0(a0);                           \
    AS_M                                    \
    la a2, where;                           \
    ld a2, 0(a2);                           \
    CHECK_SAME(a0, a2)
/* A load and a store of S at va must raise access faults. */
#define DATA_ACCESS_FAULTS(va)              \
    li a0, va;                              \
    AS(PRV_S)                               \
    TRAPS(CAUSE_LOAD_ACCESS)                \
    ld a1, 0(a0);                           \
    TRAPPED                                 \
    CHECK_SAME(TVAL, a0)                    \
    AS(PRV_S)                               \
    TRAPS(CAUSE_STORE_ACCESS)               \
    sd a1, 0(a0);                           \
    TRAPPED                                 \
    CHECK_SAME(TVAL, a0)                    \
    AS_M
/* A jump of S to the address in a0 must raise an access fault. */
#define FETCH_ACCESS_FAULTS                 \
    csrw mepc, a0;                          \
    li t0, MSTATUS_MPP;                     \
    csrc mstatus, t0;                       \
    li t0, PRV_S << 11;                     \
    csrs mstatus, t0;                       \
    TRAPS(CAUSE_FETCH_ACCESS)               \
    mret;                                   \
    TRAPPED                                 \
    CHECK_SAME(EPC, a0)
/* A jump to va in this mode must page-fault at va. */
#define FETCH_FAULTS(prv, va)               \
    li t0, MSTATUS_MPP;                     \
    csrc mstatus, t0;                       \
    li t0, (prv) << 11;                     \
    csrs mstatus, t0;                       \
    li a0, va;                              \
    csrw mepc, a0;                          \
    TRAPS(CAUSE_FETCH_PAGE)                 \
    mret;                                   \
    TRAPPED                                 \
    CHECK_SAME(EPC, a0)                     \
    CHECK_SAME(TVAL, a0)
/* A jump to va in this mode must run the ecall there. */
#define FETCHES(prv, va)                    \
    li t0, MSTATUS_MPP;                     \
    csrc mstatus, t0;                       \
    li t0, (prv) << 11;                     \
    csrs mstatus, t0;                       \
    li a0, va;                              \
    csrw mepc, a0;                          \
    TRAPS(8 + (prv))                        \
    mret;                                   \
    TRAPPED                                 \
    CHECK_SAME(EPC, a0)

#define PAGE_TABLES                         \
    .section .bss;                          \
    .balign 4096;                           \
root: .space 4096;                          \
l1: .space 4096;                            \
l0: .space 4096;                            \
root2: .space 4096;                         \
l1b: .space 4096;                           \
l0b: .space 4096;                           \
    .data;                                  \
    .balign 4096;                           \
page1: .dword 0x1111111111111111;           \
    .balign 4096;                           \
page2: .dword 0x2222222222222222;           \
    .balign 4096;                           \
code_page:                                  \
    .option push;                           \
    .option norvc;                          \
    ecall;                                  \
    .option pop;                            \
    .balign 4096;

/* Goes to a privilege with these bits of mstatus; TVM is clear unless given. */
#define IN_MODE(prv, bits) \
    li t0, MSTATUS_TVM;    \
    csrc mstatus, t0;      \
    li t0, bits;           \
    csrs mstatus, t0;      \
    GO(prv)
