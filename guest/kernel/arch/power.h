/* SPDX-License-Identifier: MIT */
#pragma once

#include "lib/kernel.h"

/* Powers off; status 0 is success. If there is a test finisher (QEMU's virt,
 * Clockhand), the machine's exit status is `status`; otherwise the firmware
 * makes it 0 or 1. */
void power_off(u8 status) __noreturn;
