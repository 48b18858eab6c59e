/* SPDX-License-Identifier: MIT */
#include "vm/zone.h"
#include "arch/fdt.h"
#include "vm/seam.h"

struct zone zones[POLICY_ZONES] = {[ZONE_DMA] = {.name = "DMA"},
                                   [ZONE_NORMAL] = {.name = "Normal"},
                                   [ZONE_HIGHMEM] = {.name = "HighMem"}};
struct policy_levels memory_levels;

/* ---- start-up ---- */

/* Returns the value of a boot argument in frames; the argument is a size in
 * bytes, or with a suffix K, M or G. */
static u64 boot_frames_of(const char *name)
{
    char text[24] = "", *end;
    if (!boot_arg(name, text, sizeof text))
        return 0;
    u64 size = strtou64(text, &end, 10);
    const char *unit = "KMG", *at = unit;
    while (*at && *at != *end)
        at++;
    if (*at)
        size <<= 10 * (at - unit + 1);
    if (end == text || (*at ? end[1] : *end) || size & (PAGE_SIZE - 1))
        panic("%s=%s: a size in bytes, K, M or G, whole pages", name, text);
    return size >> PAGE_SHIFT;
}

#define LEAST 256u /* the fewest frames of a zone */

void zones_init(u64 n)
{
    u64 dma = 0, high = 0;
    if (named_policy()->zone_marks) {
        dma = boot_frames_of("zone.dma");
        high = boot_frames_of("highmem");
    }
    if (dma + high >= n)
        panic("zone.dma and highmem leave nothing of %lu KiB", n * 4);
    /* The marks have minimum values, which a smaller zone could never reach. */
    if ((dma && dma < LEAST) || (high && high < LEAST))
        panic("zone.dma, highmem: a zone has %u KiB at least", LEAST * 4);
    zones[ZONE_DMA].end = zones[ZONE_NORMAL].start = (u32)dma;
    zones[ZONE_NORMAL].end = zones[ZONE_HIGHMEM].start = (u32)(n - high);
    zones[ZONE_HIGHMEM].end = (u32)n;
    for (unsigned i = 0; i < POLICY_ZONES; i++)
        for (unsigned k = 0; k <= MAX_ORDER; k++)
            list_init(&zones[i].free_list[k]);
}

void zones_set_marks(const struct policy_ops *p)
{
    struct policy_zone_marks marks[POLICY_ZONES] = {0};
    u64 present[POLICY_ZONES] = {0};
    struct policy_levels sum = {0};
    for (unsigned i = ZONE_DMA; i < POLICY_ZONES; i++)
        present[i] = zone_present(&zones[i]);
    if (p->zone_marks)
        p->zone_marks(present, marks);
    else
        p->set_marks(nframes, &marks[ZONE_NORMAL].levels);
    for (unsigned i = ZONE_DMA; i < POLICY_ZONES; i++) {
        zones[i].mark = marks[i].levels;
        memcpy(zones[i].reserve, marks[i].reserve, sizeof zones[i].reserve);
        sum.min += marks[i].levels.min;
        sum.low += marks[i].levels.low;
        sum.high += marks[i].levels.high;
    }
    memory_levels = sum;
}

u64 zone_blocks(const struct zone *z, unsigned order)
{
    u64 n = 0;
    struct page *block;
    list_for_each_entry(block, &z->free_list[order], link) n++;
    if (order == MAX_ORDER)
        n += (z->deferred_end - z->deferred) >> MAX_ORDER;
    return n;
}

/* ---- admission to frames ---- */

enum policy_zone zone_top(enum frame_state s)
{
    return state_reclaimable(s) ? ZONE_HIGHMEM : ZONE_NORMAL;
}

u64 zone_free(const struct zone *z)
{
    return z->free + (policy && policy->cached_is_free ? z->cached : 0);
}

u64 zone_usable(const struct zone *z)
{
    u64 free = z->free + z->cached;
    return free - MIN(free, z->reserve[ZONE_HIGHMEM]);
}

bool zone_may(const struct zone *z, enum policy_grab kind, u64 n,
              enum policy_zone top, bool low)
{
    static const u64 share[GRAB_KINDS] = {[GRAB_KERNEL] = 4, [GRAB_DYING] = 4};
    u64 reserve = z->reserve[top];
    if (low)
        return zone_free(z) >= n + z->mark.low + reserve;
    if (policy && policy->may_grab)
        return policy->may_grab(kind, n);
    if (policy && policy->zone_may_grab)
        return policy->zone_may_grab((unsigned)(z - zones), kind, n);
    if (kind == GRAB_DAEMON)
        return zone_free(z) >= n;
    if (kind == GRAB_DYING)
        reserve = 0;
    return zone_free(z) >= n + z->mark.min / MAX(share[kind], 1ul) + reserve;
}

bool zones_low(enum policy_zone top)
{
    for_each_zone(z)
    {
        if (z <= &zones[top] && zone_free(z) >= z->mark.low + z->reserve[top])
            return false;
    }
    return true;
}

u64 zones_lack(u64 coming)
{
    u64 lack = 0;
    for_each_zone(z)
    {
        u64 wanted = z->mark.high, free = zone_free(z);
        lack += wanted - MIN(wanted, free);
    }
    return lack - MIN(lack, coming);
}

/* ---- for policies ---- */

unsigned policy_zone_of(u32 pfn)
{
    return (unsigned)(zone_of(pfn) - zones);
}

u64 policy_zone_present(unsigned zone)
{
    return zone_present(&zones[zone]);
}

u64 policy_zone_free(unsigned zone)
{
    return zones[zone].free;
}

u64 policy_zone_cached(unsigned zone)
{
    return zones[zone].cached;
}

u64 policy_zone_scanned(unsigned zone)
{
    return zones[zone].pages_scanned;
}

const struct policy_levels *policy_zone_levels(unsigned zone)
{
    return &zones[zone].mark;
}
