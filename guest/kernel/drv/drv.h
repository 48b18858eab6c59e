/* SPDX-License-Identifier: MIT */
/* Device start-up and the console, for main.c. */
#ifndef DRV_DRV_H
#define DRV_DRV_H

#include "lib/kernel.h"

/* => after irq_init and the allocator; finds uart, rtc and disks in the tree,
 * registers their interrupts, and takes kprintf over. Does not sleep. */
void drv_init(void);

/* Nanoseconds since 1970 of the RTC, read once at start-up, 0 without one. */
u64 rtc_boot_wall_ns(void);
/* Puts the wall clock somewhere else (clock_settime). */
void rtc_set_wall_ns(u64 ns);
/* Nanoseconds since 1970 now. */
u64 wall_ns(void);

#endif
