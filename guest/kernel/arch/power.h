/* SPDX-License-Identifier: MIT */
#pragma once

#include "lib/kernel.h"

/* Powers off; status 0 is success. If there is a test finisher (QEMU's virt,
 * Clockhand), the machine's exit status is `status`; otherwise it is 0 or 1,
 * by the firmware. */
void power_off(u8 status) __noreturn;
