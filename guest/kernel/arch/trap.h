/* SPDX-License-Identifier: MIT */
/* Entry from user mode, and the trap frame. */
#pragma once

#include "abi/trapframe.h"
#include "lib/kernel.h"

struct trapframe { /* at the top of the kernel stack */
    u64 x[32];     /* x[0] is unused; pc has its own field */
    u64 pc, status, cause, tval;
    u64 orig_a0;   /* a0 at the ecall, for restarting it */
    u64 kernel_tp; /* current, when in user mode */
};
#define TRAPFRAME_IS(field, place)                                             \
    _Static_assert(offsetof(struct trapframe, field) == 8 * (place), #field)
TRAPFRAME_IS(pc, TRAPFRAME_PC);
TRAPFRAME_IS(status, TRAPFRAME_STATUS);
TRAPFRAME_IS(cause, TRAPFRAME_CAUSE);
TRAPFRAME_IS(tval, TRAPFRAME_TVAL);
TRAPFRAME_IS(orig_a0, TRAPFRAME_A0);
TRAPFRAME_IS(kernel_tp, TRAPFRAME_TP);
_Static_assert(sizeof(struct trapframe) == 8 * TRAPFRAME_WORDS, "no more");
enum { REG_RA = 1, REG_SP = 2, REG_TP = 4, REG_A0 = 10, REG_A7 = 17 };

#define SYSCALL_NONE (~0ul) /* value of cause: no system call to restart */

void trap_init(void);
/* Handles a trap from user mode, from entry to return. */
void trap_from_user(struct trapframe *);
/* Called before every return to user mode: frees dead tasks, delivers signals,
 * waits while the space is swapped out, reschedules, accounts the time. */
void return_to_user(struct trapframe *);
void trap_from_kernel(struct trapframe *) __noreturn;
