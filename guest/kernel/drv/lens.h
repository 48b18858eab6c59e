/* SPDX-License-Identifier: MIT */
/* The lens (guest/abi/abi.h): the machine's window on our tables. Absent
 * under QEMU; then every call here is nothing. */
#ifndef DRV_LENS_H
#define DRV_LENS_H

#include "lib/kernel.h"
#include "abi/abi.h"

/* Mapped registers, NULL without a lens. Only drv/lens.c writes it. */
extern volatile u64 *lens_regs;

/* Finds the node and, if there is one, announces info.
 * => call once, after the device mappings and the frame table stand. */
void lens_init(struct lens_info *info);

static inline bool lens_present(void)
{
    return lens_regs != NULL;
}

/* One page event; va is the address it is about, 0 if none. */
static inline void lens_emit(u64 event, u64 va)
{
    if (!lens_regs)
        return;
    if (va)
        lens_regs[LENS_EVENT_VA / 8] = va;
    lens_regs[LENS_EVENT / 8] = event;
}

void lens_want_input(void);     /* a console reader is about to sleep */
void lens_poweroff(int status); /* => returns only without a lens */

#endif
