/* SPDX-License-Identifier: MIT */
/* Zones are ranges of frames that differ in what they can be used for.
 *
 * This machine has no ISA bus and maps all of RAM, so it has one zone, Normal.
 * Under Linux's policies the boot arguments zone.dma=SIZE and highmem=SIZE (the
 * latter as on Linux's i386) divide RAM as on an i386: the first zone.dma bytes
 * are zone DMA, the last highmem bytes are HighMem, where kernel data and
 * page tables may not lie. Both sizes are 0 by default.
 *
 *     start of RAM       zone.dma               highmem       end of RAM
 *        | DMA              | Normal               | HighMem      |
 *          the last choice    the kernel's first     programs' and
 *                                                    files' first
 */
#pragma once

#include "vm/page.h"
#include "vm/policy.h"

/* Marks are in free frames: below low the daemon runs, until high is reached;
 * below min programs wait. */
struct zone {
    const char *name;
    u32 start, end;   /* frames; equal: there is no such zone */
    u64 managed;      /* frames free when the policy started */
    u64 free, cached; /* cached: on LIST_CACHED lists */
    struct policy_levels mark;
    u64 reserve[POLICY_ZONES]; /* kept free beyond a mark; index: the highest
                                * zone that the caller could use */
    u64 pages_scanned;         /* looked at since a frame was last freed */
    struct list free_list[MAX_ORDER + 1];
    u64 deferred, deferred_end; /* range of free blocks of the biggest order,
                                 * not used since the start and on no list */
};
extern struct zone zones[POLICY_ZONES]; /* [ZONE_ANY] has no frames */
/* The sums of all zones' marks. */
extern struct policy_levels memory_levels;

#define for_each_zone(z)                                                       \
    for (struct zone *z = &zones[ZONE_DMA]; z < zones + POLICY_ZONES; z++)     \
        if (z->start < z->end)

static inline struct zone *zone_of(u64 pfn)
{
    if (pfn >= zones[ZONE_HIGHMEM].start)
        return &zones[ZONE_HIGHMEM];
    return &zones[pfn < zones[ZONE_DMA].end ? ZONE_DMA : ZONE_NORMAL];
}
static inline u64 zone_present(const struct zone *z)
{
    return z->end - z->start;
}

/* Divides n frames into zones, which have no free frames yet. => before any
 * frame is given to the allocator */
void zones_init(u64 n);
u64 zone_blocks(const struct zone *, unsigned order); /* free blocks */
/* Counts the zone's pages on active and inactive lists, or used and unused
 * pages (vm/stats.c). */
void vm_zone_activity(const struct zone *, u64 *active, u64 *inactive);
/* Computes the marks of all zones again. */
void zones_set_marks(const struct policy_ops *);

/* Returns the highest zone in which a frame for this state may lie. */
enum policy_zone zone_top(enum frame_state);
/* zone_free: free frames as the policy counts them. zone_usable: frames free or
 * free with identity, less the reserve against callers that can use HighMem. */
u64 zone_free(const struct zone *);
u64 zone_usable(const struct zone *);
/* True if n frames of this zone may be taken now by a caller that could use the
 * zones up to top. low: only if its low mark plus reserve stay free. */
bool zone_may(const struct zone *, enum policy_grab, u64 n,
              enum policy_zone top, bool low);
/* True if each zone up to top has less free than its low mark plus reserve. */
bool zones_low(enum policy_zone top);
/* Returns how many frames the zones lack to reach their high marks, less
 * `coming`, the frames being freed. */
u64 zones_lack(u64 coming);
