/* SPDX-License-Identifier: MIT */
/* Starts the devices, for main.c. */
#pragma once

#include "lib/kernel.h"

/* Finds clock and disks in the device tree, and registers interrupts.
 * => irq_init and the allocator's init have run; does not sleep */
void drv_init(void);

/* drv/rtc.c: reads the clock once; wall_ns() (task/time.h) adds the time since
 * then. Without a clock the time at reset is 0. */
void rtc_init(void);
void rtc_set_wall_ns(u64 ns); /* clock_settime */
