/* SPDX-License-Identifier: MIT */
/* Names and macros for tests of physical memory protection. */
#pragma once

#include "isa_test.h"

/* From here on macros of assembly text. */
/* clang-format off */
/* M loads and stores as U until AS_M or the next trap, which sets MPP to M. */
#define AS_U                            \
    li t0, MSTATUS_MPP;                 \
    csrc mstatus, t0;                   \
    li t0, MSTATUS_MPRV;                \
    csrs mstatus, t0;
#define AS_M                            \
    li t0, MSTATUS_MPRV;                \
    csrc mstatus, t0;

/* PMP_ADDR sets a pmpaddr to the address `where`, PMP_RANGE to the NAPOT range
 * of `bytes` (a power of two) that begins there. */
#define PMP_ADDR(reg, where)            \
    la t0, where;                       \
    srli t0, t0, 2;                     \
    csrw reg, t0;
#define PMP_RANGE(reg, where, bytes)    \
    la t0, where;                       \
    srli t0, t0, 2;                     \
    li t1, (bytes) / 8 - 1;             \
    or t0, t0, t1;                      \
    csrw reg, t0;
/* Configures entries 0 to 7 by eight bytes, entry 0 by the lowest. */
#define PMP_CFG(value)                  \
    li t0, value;                       \
    csrw pmpcfg0, t0;                   \
    sfence.vma;

/* U reads or writes the byte at base + off; in the NO_ forms it must fault. */
#define BYTE(base, off, ...)            \
    li t1, off;                         \
    add t1, base, t1;                   \
    AS_U                                \
    __VA_ARGS__                         \
    AS_M
#define NO_BYTE(base, off, cause, ...)  \
    BYTE(base, off, TRAPS(cause) __VA_ARGS__ TRAPPED) \
    CHECK_SAME(TVAL, t1)
#define READS(base, off) BYTE(base, off, lb t2, 0(t1);)
#define NO_READ(base, off) NO_BYTE(base, off, CAUSE_LOAD_ACCESS, lb t2, 0(t1);)
#define WRITES(base, off) BYTE(base, off, sb zero, 0(t1);)
#define NO_WRITE(base, off) NO_BYTE(base, off, CAUSE_STORE_ACCESS, sb zero, 0(t1);)

/* U jumps to `where`, and must raise this trap. */
#define RUN(where, cause)           \
    li t6, MSTATUS_MPP;             \
    csrc mstatus, t6;               \
    la a0, where;                   \
    csrw mepc, a0;                  \
    TRAPS(cause)                    \
    mret;                           \
    TRAPPED
