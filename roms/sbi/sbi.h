/* SPDX-License-Identifier: MIT */
/* A small SBI 2.0 firmware for one hart on the virt board.
 *
 *   entry.S    start, trap entry and exit, guarded accesses
 *   start.c    prepares the hart: delegation, PMP, counters, device tree
 *   trap.c     timer and software interrupts, ecalls, traps for the kernel
 *   calls.c    dispatch by extension; the extensions, one function each
 *   console.c  the UART
 * Specification: RISC-V SBI 2.0 (2024); chapter numbers refer to it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define UART     0x10000000ul
#define CLINT    0x02000000ul
#define MSIP     (CLINT + 0)
#define MTIMECMP (CLINT + 0x4000)
#define FINISHER 0x00100000ul

enum { /* chapter 3 */
       SBI_OK = 0,
       SBI_FAILED = -1,
       SBI_NOT_SUPPORTED = -2,
       SBI_INVALID_PARAM = -3,
       SBI_DENIED = -4,
       SBI_INVALID_ADDRESS = -5,
       SBI_ALREADY_AVAILABLE = -6
};

enum { /* chapter 5: legacy extensions; each has one function */
       LEGACY_SET_TIMER,
       LEGACY_PUTCHAR,
       LEGACY_GETCHAR,
       LEGACY_CLEAR_IPI,
       LEGACY_SEND_IPI,
       LEGACY_FENCE_I,
       LEGACY_SFENCE_VMA,
       LEGACY_SFENCE_VMA_ASID,
       LEGACY_SHUTDOWN
};

/* Registers of the trapped kernel or process; register a0 is x[10]. */
struct frame {
    u64 x[32];
    u64 mepc, mstatus;
};
_Static_assert(sizeof(struct frame) == FRAME_BYTES, "entry.S agrees");
struct ret {
    s64 error;
    u64 value;
};

#define csr_read(name)                                                         \
    ({                                                                         \
        u64 v_;                                                                \
        __asm__ volatile("csrr %0, " #name : "=r"(v_));                        \
        v_;                                                                    \
    })
#define csr_write(name, v)                                                     \
    __asm__ volatile("csrw " #name ", %0" ::"rK"(v) : "memory")
#define csr_set(name, v)                                                       \
    __asm__ volatile("csrs " #name ", %0" ::"rK"(v) : "memory")
#define csr_clear(name, v)                                                     \
    __asm__ volatile("csrc " #name ", %0" ::"rK"(v) : "memory")

#define MIP_SSIP      (1ul << 1)
#define MIP_STIP      (1ul << 5)
#define MIP_MTIP      (1ul << 7)
#define MIP_SEIP      (1ul << 9)
#define MSTATUS_SIE   (1ul << 1)
#define MSTATUS_SPIE  (1ul << 5)
#define MSTATUS_SPP   (1ul << 8)
#define MSTATUS_MPP   (3ul << 11)
#define MSTATUS_MPP_S (1ul << 11)
#define MENVCFG_STCE  (1ul << 63)
#define MENVCFG_PBMTE (1ul << 62)
#define MENVCFG_ADUE  (1ul << 61)
#define MENVCFG_CBO   0xf0ul /* CBIE: invalidate; CBCFE; CBZE */
#define COUNTEREN_ALL 7ul    /* CY, TM, IR: cycle, time, instret */

/* A byte of pmpcfg. */
#define PMP_RWX   0x07ul
#define PMP_TOR   0x08ul
#define PMP_NAPOT 0x18ul

enum { /* values for the finisher; bits 31:16 are a failure's status */
       FINISHER_FAIL = 0x3333,
       FINISHER_PASS = 0x5555,
       FINISHER_RESET = 0x7777
};

extern char _start[], _end[];

/* entry.S */
u64 guarded_load(const void *pa, int *failed);
u64 guarded_load_virtual(const void *va, int *failed);
void guarded_store(void *pa, u64 byte, int *failed);
bool guarded_csr_menvcfg(u64 bits);

/* start.c */
extern bool has_sstc;

/* calls.c */
struct ret sbi_call(struct frame *f);
s64 sbi_legacy(struct frame *f);
_Noreturn void finish(u32 value); /* writes it to the finisher */

/* console.c */
void console_init(void);
void console_put(u8 byte);
int console_get(void); /* -1: no byte has arrived */
