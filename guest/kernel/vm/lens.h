/* SPDX-License-Identifier: MIT */
/* The kernel's half of the lens (guest/abi/abi.h): where its tables are, and
 * the function that reports an event. Without a lens device that function does
 * nothing; the counters count all the same, for /proc. */
#pragma once

#include "abi/abi.h"
#include "lib/kernel.h"

extern struct lens_info lens_info; /* filled at start-up, by several files */
extern volatile u64 *lens_regs;    /* set by drv/lens.c; NULL: no lens */
extern u64 counters[C_COUNT];
extern enum actor lens_nobody; /* the actor when no process runs */

/* Raises a counter, e.g. COUNT(PGFAULT); COUNT_ADD(PGPGIN, 4). */
#define COUNT(id)        (counters[C_##id]++)
#define COUNT_ADD(id, n) (counters[C_##id] += (n))

/* lens_busy and lens_ready enclose a change of the tables that an observer must
 * not see half done. They nest; never sleep between them. */
static inline void lens_busy(void)
{
    lens_info.busy++;
    __asm__ volatile("" ::: "memory");
}
static inline void lens_ready(void)
{
    __asm__ volatile("" ::: "memory");
    lens_info.busy--;
}

/* From now on attributes events to this process, although another one runs;
 * NULL: to the running process again. Returns the old value. For interrupts. */
struct proc;
struct proc *lens_on_behalf(struct proc *);

/* Reports one event. pfn: frame number from the start of RAM, or LENS_NO_PFN
 * (then from and to are 0). Attributes the event to the running process, or to
 * that of lens_on_behalf, and to that process's actor. */
void lens_report(u32 pfn, enum frame_state from, enum frame_state to,
                 enum reason reason);
