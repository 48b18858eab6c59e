/* SPDX-License-Identifier: MIT */
/* The lens (guest/abi/abi.h), through which the machine reads the kernel's
 * tables and hears of events. QEMU has none; then these functions do nothing,
 * and the counters count all the same, for /proc. */
#pragma once

#include "lib/counters.h"

extern struct lens_info lens_info; /* filled at start-up, by several files */
extern volatile u64 *lens_regs;    /* NULL: no lens */
extern enum actor lens_nobody;     /* the actor when no process runs */

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

/* Whom an event is attributed to. */
struct lens_by {
    enum actor actor;
    u32 tgid;
};
/* Returns what lens_on_behalf was given, else the running process and what it
 * is doing. */
struct lens_by lens_by_now(void);
/* From now on attributes events to `by`, although another process runs; NULL:
 * to the running process again. Returns the old value. For interrupts, whose
 * events are the work of those that asked for the transfer. */
const struct lens_by *lens_on_behalf(const struct lens_by *by);

/* Reports one event. pfn: frame number from the start of RAM, or LENS_NO_PFN
 * (then from and to are 0). Attributes the event to lens_by_now(). */
void lens_report(u32 pfn, enum frame_state from, enum frame_state to,
                 enum reason reason);

/* Finds the device and, if there is one, gives it the address of lens_info,
 * which is full by then. => call once, after the device mappings are set up */
void lens_init(u64 info_pa);

static inline bool lens_present(void)
{
    return lens_regs != NULL;
}

void lens_want_input(void);     /* a console reader is about to sleep */
void lens_poweroff(int status); /* => returns only without a lens */
