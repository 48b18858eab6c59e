/* SPDX-License-Identifier: MIT */
/* Computes the place of a slot in a display from the display alone, because the
 * panel draws without a machine. */
#include "inspect/display.h"

u64 inspect_slot_index(const struct ins_display *d, u32 slot)
{
    u64 at = 0;
    for (unsigned i = 0; i < d->nswap_areas && d->slot; i++) {
        const struct ins_swap_area *a = &d->swap_area[i];
        if (slot >= a->slot && slot - a->slot < a->pages)
            return at + (slot - a->slot);
        at += a->pages;
    }
    return d->nslots;
}
