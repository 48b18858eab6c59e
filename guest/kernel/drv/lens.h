/* SPDX-License-Identifier: MIT */
/* The lens (guest/abi/abi.h), through which the machine reads the kernel's
 * tables. QEMU has none; then these functions do nothing. */
#pragma once

#include "vm/lens.h"

/* Finds the device and, if there is one, gives it the address of info.
 * => call once, after the device mappings and the frame table are set up */
void lens_init(struct lens_info *info);

static inline bool lens_present(void)
{
    return lens_regs != NULL;
}

void lens_want_input(void);     /* a console reader is about to sleep */
void lens_poweroff(int status); /* => returns only without a lens */
