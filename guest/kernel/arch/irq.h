/* SPDX-License-Identifier: MIT */
/* Interrupts: PLIC (external), timer. Taken in user mode, polled elsewhere. */
#pragma once

#include "lib/kernel.h"

void irq_init(void); /* finds the PLIC in the device tree */
/* Enables the PLIC's source irq; fn(arg) then runs for each of its interrupts.
 * name: of the device, for /proc/interrupts; not copied, so it must stay valid.
 * -EINVAL, -EBUSY. => fn runs in interrupt context and must not sleep */
int irq_register(u32 irq, const char *name, void (*fn)(void *arg), void *arg);
/* Returns a registered source's name; NULL: not registered. */
const char *irq_name(u32 irq);
/* Serves all pending interrupts. */
void irq_poll(void);
extern bool irq_serving; /* inside irq_poll */
/* Counts by source, for /proc/interrupts; irq 0 is the timer. */
#define NIRQ 64
extern u64 irq_counts[NIRQ];
