/* SPDX-License-Identifier: MIT */
/* Reads the slots of swap from the kernel's own map, because no PTE names a
 * slot of shared memory, or a slot that only the swap cache uses. */
#include "inspect/symbols.h"
#include "inspect/display/update.h"

#include <stdlib.h>

#define AREAS_TABLE "areas"

struct area {
    struct ins_swap_area is;
    u64 map_va;
};

static unsigned linux_swap_areas(struct machine *m, u64 total, struct area *out)
{
    struct linux_area a[LINUX_SWAP_AREAS];
    _Static_assert(LINUX_SWAP_AREAS <= INS_SWAP_AREAS, "room for all");
    unsigned n = linux_areas(ins_linux(m), a);
    u64 sum = 0;
    for (unsigned i = 0; i < n; i++) {
        out[i] = (struct area){{a[i].number << GUEST_SLOT_BITS, a[i].pages},
                               a[i].map};
        sum += a[i].pages - 1;
    }
    return sum >= total ? n : 0;
}

/* Lists the areas in use, returns their number; 0: no swap or unsound rows. */
static unsigned swap_areas(struct machine *m, u64 total, struct area *out)
{
    u64 table, sum = 0, direct;
    unsigned n = 0;
    if (total && ins_linux(m))
        return linux_swap_areas(m, total, out);
    if (!total || !ins_lens(m) || !inspect_symbol(m, AREAS_TABLE, &table))
        return 0;
    direct = ins_lens(m)->info->direct_va;
    for (u32 i = 0; i < INS_SWAP_AREAS; i++) {
        struct lens_swap_area row;
        if (!machine_peek(m, table - direct + i * sizeof row, &row, sizeof row))
            return 0;
        if (!row.dev)
            continue;
        if (!row.pages || row.pages > 1u << GUEST_SLOT_BITS)
            return 0;
        out[n++] = (struct area){{i << GUEST_SLOT_BITS, row.pages}, row.map_va};
        sum += row.pages - 1;
    }
    return sum == total ? n : 0;
}

static u8 slot_kind(u16 entry)
{
    return !entry                     ? SLOT_FREE
           : entry & LENS_SLOT_CACHED ? SLOT_CACHED
                                      : SLOT_USED;
}

static void read_linux_slots(struct machine *m, const struct area *a, u8 *slot)
{
    struct linux_area is = {.pages = a->is.pages, .map = a->map_va};
    u8 entry[1024];
    for (u64 from = 0, n; from < is.pages; from += n) {
        n = is.pages - from;
        n = n < ARRAY_LEN(entry) ? n : ARRAY_LEN(entry);
        if (!linux_area_read(ins_linux(m), &is, from, entry, n))
            memset(entry, 0, sizeof entry);
        for (u64 i = 0; i < n; i++)
            slot[from + i] = !entry[i]                     ? SLOT_FREE
                             : linux_slot_bad(entry[i])    ? SLOT_BAD
                             : linux_slot_cached(entry[i]) ? SLOT_CACHED
                                                           : SLOT_USED;
    }
}

static void read_slots(struct machine *m, const struct area *a, u8 *slot)
{
    u64 direct = ins_lens(m)->info->direct_va, piece;
    u16 entry[4096 / sizeof(u16)];
    for (u64 from = 0, n; from < a->is.pages; from += n) {
        n = a->is.pages - from;
        n = n < ARRAY_LEN(entry) ? n : ARRAY_LEN(entry);
        u64 at = a->map_va + from / ARRAY_LEN(entry) * sizeof piece;
        if (!machine_peek(m, at - direct, &piece, sizeof piece) ||
            !machine_peek(m, piece - direct, entry, n * sizeof *entry))
            memset(entry, 0, sizeof entry);
        for (u64 i = 0; i < n; i++)
            slot[from + i] = slot_kind(entry[i]);
    }
}

static void resize_slots(struct ins_display *d, const struct area *a,
                         unsigned n)
{
    u64 slots = 0;
    for (unsigned i = 0; i < n; i++) {
        d->swap_area[i] = a[i].is;
        slots += a[i].is.pages;
    }
    d->nswap_areas = n;
    if (slots == d->nslots)
        return;
    free(d->slot);
    d->slot = slots ? xcalloc(slots, 1) : NULL;
    d->nslots = slots;
}

void ins_update_slots(struct machine *m, struct ins_display *d)
{
    struct area a[INS_SWAP_AREAS];
    unsigned n = d->vm.swap ? swap_areas(m, d->vm.swap_total, a) : 0;
    resize_slots(d, a, n);
    u8 *slot = d->slot;
    for (unsigned i = 0; i < n; slot += a[i++].is.pages) {
        (ins_linux(m) ? read_linux_slots : read_slots)(m, &a[i], slot);
        *slot = SLOT_BAD; /* the header */
    }
}
