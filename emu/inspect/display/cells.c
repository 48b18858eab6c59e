/* SPDX-License-Identifier: MIT */
/* Computes the places of slots and addresses in a display from the display
 * alone, because the panel draws without a machine. */
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

u64 inspect_cell_va(const struct ins_space *s, unsigned cell)
{
    for (unsigned i = 0; i < s->nareas; i++) {
        const struct ins_area *a = &s->area[i];
        if (cell >= a->first && cell < (unsigned)a->first + a->cells)
            return a->start +
                   ((u64)(cell - a->first) * s->pages_a_cell << PAGE_SHIFT);
    }
    return 0;
}

unsigned inspect_cell_of(const struct ins_space *s, u64 va)
{
    for (unsigned i = 0; i < s->nareas; i++) {
        const struct ins_area *a = &s->area[i];
        u64 page = (va - a->start) >> PAGE_SHIFT;
        if (va >= a->start && page < a->pages && s->pages_a_cell)
            return a->first + (unsigned)(page / s->pages_a_cell);
    }
    return INS_STRIP;
}
