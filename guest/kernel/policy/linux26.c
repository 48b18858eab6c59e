/* SPDX-License-Identifier: MIT */
/* Linux 2.6.9, the kernel of the slides' OOM report.
 *
 * System and year. Linux 2.6.9 (October 2004), mm/vmscan.c: Andrew Morton's
 * rewrite of 2.5 on Rik van Riel's reverse map, with Con Kolivas's and
 * Morton's swappiness.
 *
 *       anonymous pages                      files' pages
 *             |                                   |
 *             v         refill_inactive_zone      v
 *      [ head  active  tail ] --------------> [ head  inactive  tail ] --> out
 *             ^      mapped ones only if            |
 *             |      mapped/2 + distress            |
 *             +----- + swappiness >= 100 -----------+ used, and mapped
 *
 * Rules. One pair of lists a zone for all pages. Each round moves pages from
 * the active list's end; those that programs map stay unless swap_tendency =
 * mapped_ratio / 2 + distress + swappiness has reached 100, where distress is
 * 100 >> the priority at which the last round succeeded: in good times only
 * the page cache is robbed, in bad ones everybody. Then those that were used
 * stay, the others go to the inactive list, from whose end pages are taken
 * (shrink_list): used and mapped ones go back, anonymous ones get a slot and
 * are written, dirty pages of files are written and go the next time. Both
 * lists are looked at in proportion: (length >> priority) + 1, saved up until
 * it is a batch of 32; priorities from 12 to 0.
 *
 * Constants. DEF_PRIORITY 12, SWAP_CLUSTER_MAX 32, swappiness 60; min from
 * min_free_kbytes = sqrt(16 * KiB), low and high twice and three times that
 * (min:low:high 1:2:3, as in the report). all_unreclaimable after pages_scanned
 * has passed four times the pages on the lists with none freed: then a zone is
 * looked at with priority 12 alone, until a frame of it comes free.
 *
 * Uses. mark_page_accessed (mm/swap.c): the first sets PG_referenced, the next
 * one activates an inactive page. read() and write() call it, and so does every
 * fault that maps a page of a file, of shared memory or of the swap cache
 * (filemap_nopage, shmem_nopage, do_swap_page): a library that a second
 * program faults in is active at once.
 *
 * Killing (mm/oom_kill.c, out_of_memory). A failed ladder of a process counts;
 * somebody is killed at the tenth within five seconds of each other, not before
 * the first of them is a second old, and not within five seconds of the last
 * kill. A process that has failed waits for 20 ms (mm/page_alloc.c) or for a
 * frame, and tries again.
 *
 * Left out. Zones but one (the report's DMA and HighMem), slab caches (ours
 * shrink by themselves), laptop mode; the naps of 100 ms between priorities
 * (blk_congestion_wait), which make ten failures last longer. There a file's
 * page is also in use if somebody maps any part of the file. In 2.6.9 it is the
 * allocating process itself that may write dirty files' pages; here it asks
 * kflushd, since it may hold locks of the file system. */
#include "policy/marks.h"
#include "vm/policy.h"

#define DEF_PRIORITY 12
#define CLUSTER      32u
#define SECOND       1000000000ull
#define OOM_FAILURES 10u
#define OOM_NAP      (SECOND / 50)

enum { ACTIVE = 1, INACTIVE };
static const struct policy_list lists[] = {
    {"active", LIST_ACTIVE}, {"inactive", LIST_INACTIVE}, {0}};
enum { ALL_UNRECLAIMABLE, PREV_PRIORITY, SWAP_TENDENCY };
static struct policy_mark marks[] = {{"unreclaimable", 0},
                                     {"prev_priority", DEF_PRIORITY},
                                     {"swap_tendency", 0},
                                     {0}};
#define zone(mark) marks[mark].value

#define REFERENCED 1u /* PG_referenced, in policy_data */

static uint64_t nr_scan[3]; /* saved up, by list */
static bool waits;          /* a page was met that goes once it is written */

/* out_of_memory: times of the first failure that counts, of the last one, of
 * the last kill; failures since the first. */
static uint64_t oom_first, oom_last, oom_killed, oom_count;

static void set_marks(uint64_t nframes, struct policy_levels *l)
{
    l->min = linux_min(nframes);
    l->low = 2 * l->min;
    l->high = 3 * l->min;
}

static void init(uint32_t nframes)
{
    (void)nframes;
    nr_scan[ACTIVE] = nr_scan[INACTIVE] = 0;
    zone(ALL_UNRECLAIMABLE) = 0;
    zone(PREV_PRIORITY) = DEF_PRIORITY;
    oom_first = oom_count = 0;
    oom_last = oom_killed = 0 - 6 * SECOND; /* long ago */
}

/* ---- coming and being used (mm/memory.c, mm/filemap.c, mm/swap.c) ---- */

/* lru_cache_add_active for anonymous pages, lru_cache_add for files'. */
static void page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    bool file = policy_kind(frame) == KIND_FILE;
    (void)shadow;
    if (!file && why == CAME_FAULT)
        *policy_data(frame) = REFERENCED;
    policy_add_head(file ? INACTIVE : ACTIVE, frame);
}

/* A frame came free: the zone may be worth a look again (free_pages_bulk). */
static void page_gone(uint32_t frame)
{
    (void)frame;
    zone(ALL_UNRECLAIMABLE) = 0;
}

/* mark_page_accessed, by whatever use */
static void page_touched(uint32_t frame, enum policy_why why)
{
    uint32_t *data = policy_data(frame);
    (void)why;
    if (policy_list_of(frame) == INACTIVE && (*data & REFERENCED)) {
        *data &= ~REFERENCED;
        policy_add_head(ACTIVE, frame);
    } else {
        *data |= REFERENCED;
    }
}

/* page_referenced: PG_referenced or any PTE's bit; clears them. (A use by
 * read() alone is PG_referenced's business.) */
static bool referenced(uint32_t frame)
{
    uint32_t *data = policy_data(frame);
    bool was = *data & REFERENCED;
    bool used = policy_clear_used(frame) && policy_mapped(frame);
    *data &= ~REFERENCED;
    return was || used;
}

/* ---- refill_inactive_zone ---- */

static bool reclaim_mapped(void)
{
    uint64_t distress = 100 >> zone(PREV_PRIORITY);
    uint64_t mapped = policy_mapped_frames() * 100 / policy_frames();
    zone(SWAP_TENDENCY) =
        mapped / 2 + distress + (uint64_t)policy_tunable(TUN_SWAPPINESS);
    return zone(SWAP_TENDENCY) >= 100;
}

static bool any_swap(void)
{
    return policy_swap_free() + policy_swap_used() != 0;
}

static void refill_inactive(uint64_t n)
{
    bool all = reclaim_mapped();
    for (; n && policy_count(ACTIVE); n--) {
        uint32_t frame = policy_last(ACTIVE);
        bool anon = policy_kind(frame) != KIND_FILE;
        policy_may_take(frame); /* looked at */
        if (policy_mapped(frame) &&
            (!all || (anon && !any_swap()) || referenced(frame)))
            policy_add_head(ACTIVE, frame);
        else
            policy_add_head(INACTIVE, frame);
    }
}

/* ---- shrink_cache, shrink_list ---- */

/* 1: it is free or on its way; 0: it stays on the inactive list. */
static uint64_t shrink_page(uint32_t frame)
{
    bool was = referenced(frame);
    bool anon = policy_kind(frame) != KIND_FILE, dirty = policy_dirty(frame);
    if (was && (policy_mapped(frame) || anon)) { /* page_mapping_inuse */
        policy_add_head(ACTIVE, frame);
        return 0;
    }
    if (dirty && was)
        return 0;
    if (dirty && !anon) {
        policy_launder(frame);
        waits = true;
        return 0;
    }
    return policy_take(frame) >= 0;
}

static uint64_t shrink_cache(uint64_t n)
{
    uint64_t got = 0;
    for (; n && policy_count(INACTIVE) && policy_write_room(); n--) {
        uint32_t frame = policy_last(INACTIVE);
        policy_add_head(INACTIVE, frame);
        if (policy_may_take(frame))
            got += shrink_page(frame);
    }
    return got;
}

/* ---- shrink_zone ---- */

static uint64_t due(unsigned list, int priority)
{
    uint64_t n = nr_scan[list] += (policy_count(list) >> priority) + 1;
    if (n < CLUSTER)
        return 0;
    nr_scan[list] = 0;
    return n;
}

static uint64_t shrink_zone(int priority, uint64_t want)
{
    uint64_t active = due(ACTIVE, priority), inactive = due(INACTIVE, priority);
    uint64_t got = 0;
    while ((active || inactive) && got < want) {
        uint64_t a = active < CLUSTER ? active : CLUSTER;
        uint64_t i = inactive < CLUSTER ? inactive : CLUSTER;
        active -= a;
        inactive -= i;
        refill_inactive(a);
        got += shrink_cache(i);
        if (!policy_write_room())
            break;
    }
    return got;
}

/* try_to_free_pages and balance_pgdat: the same ladder. */
static uint64_t ladder(uint64_t want)
{
    uint64_t got = 0, temp = DEF_PRIORITY;
    for (int p = DEF_PRIORITY; p >= 0 && got < want; p--) {
        if (zone(ALL_UNRECLAIMABLE) && p != DEF_PRIORITY)
            break;
        temp = (uint64_t)p;
        if (temp < zone(PREV_PRIORITY)) /* distress now, not next time */
            zone(PREV_PRIORITY) = temp;
        got += shrink_zone(p, want - got);
        if (!policy_write_room())
            break;
    }
    zone(PREV_PRIORITY) = temp;
    uint64_t pages = policy_count(ACTIVE) + policy_count(INACTIVE);
    if (!got && !waits && policy_scanned() > 4 * pages)
        zone(ALL_UNRECLAIMABLE) = 1;
    return got;
}

static uint64_t reclaim(uint64_t want)
{
    waits = false;
    return ladder(want);
}

/* out_of_memory: a process's ladder has failed. */
static bool may_kill(void)
{
    uint64_t now = policy_now(), since_last = now - oom_last;
    oom_last = now;
    if (since_last <= 5 * SECOND) {
        if (now - oom_first < SECOND || ++oom_count < OOM_FAILURES ||
            now - oom_killed < 5 * SECOND)
            return false;
        oom_killed = now;
    }
    oom_first = now;
    oom_count = 0;
    return since_last <= 5 * SECOND;
}

static bool all_unreclaimable(void)
{
    return zone(ALL_UNRECLAIMABLE);
}

const struct policy_ops policy_linux26 = {
    .name = "linux26",
    .notions = POLICY_HAS(SCANNER) | POLICY_HAS(LISTS),
    .set_marks = set_marks,
    .marks = marks,
    .lists = lists,
    .init = init,
    .page_in = page_in,
    .page_gone = page_gone,
    .page_touched = page_touched,
    .reclaim = reclaim,
    .may_kill = may_kill,
    .oom_nap = OOM_NAP,
    .all_unreclaimable = all_unreclaimable,
    .daemon = "kswapd0",
};
