/* SPDX-License-Identifier: MIT */
/* Device start-up, for main.c. */
#ifndef DRV_DRV_H
#define DRV_DRV_H

#include "lib/kernel.h"

/* => after irq_init and the allocator; finds uart, rtc and disks in the tree,
 * registers their interrupts, and takes kprintf over. Does not sleep. */
void drv_init(void);

/* drv/rtc.c: reads the clock once; wall_ns() (proc/time.h) counts on from
 * there. Without a clock the world began at 0. */
void rtc_init(void);
void rtc_set_wall_ns(u64 ns); /* clock_settime */

#endif
