/* SPDX-License-Identifier: MIT */
/* Calls to the firmware (RISC-V SBI 2.0; legacy calls as a last resort). */
#pragma once

#define SBI_EXT_SRST        0x53525354
#define SRST_SHUTDOWN       0 /* types of reset */
#define SRST_COLD_REBOOT    1
#define SRST_SYSTEM_FAILURE 1 /* a reason of reset */

#ifndef __ASSEMBLER__
#include "lib/kernel.h"

void sbi_init(void); /* probes the extensions */
void sbi_putchar(char c);
void sbi_set_timer(u64 ticks);
/* Both call SRST. failed: makes the machine's exit status nonzero. */
void sbi_poweroff(bool failed) __noreturn;
void sbi_reboot(void) __noreturn;
#endif
