/* SPDX-License-Identifier: MIT */
/* The lens (guest/abi/abi.h): the machine's window on our tables. Absent
 * under QEMU; then every call here is nothing. */
#ifndef DRV_LENS_H
#define DRV_LENS_H

#include "vm/lens.h"

/* Finds the node and, if there is one, announces info.
 * => call once, after the device mappings and the frame table stand. */
void lens_init(struct lens_info *info);

static inline bool lens_present(void)
{
    return lens_regs != NULL;
}

void lens_want_input(void);     /* a console reader is about to sleep */
void lens_poweroff(int status); /* => returns only without a lens */

#endif
