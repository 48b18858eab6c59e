/* SPDX-License-Identifier: MIT */
/* Powering off. */
#ifndef ARCH_POWER_H
#define ARCH_POWER_H

#include "lib/kernel.h"

/* Powers off; 0 is success. The machine's exit status is `status` where
 * there is a test finisher (QEMU's virt, Clockhand), else 0 or 1 as the
 * firmware has it. */
void power_off(u8 status) __noreturn;

#endif
