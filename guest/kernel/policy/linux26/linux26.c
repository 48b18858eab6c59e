/* SPDX-License-Identifier: MIT */
/* Linux 2.6.9, the kernel of the OOM report in the slides (CONTRACT.md, 002).
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
 * Rules. Each zone has a pair of lists for all pages. Each round moves pages
 * from the active list's end to the inactive list. Pages that programs map stay
 * active until swap_tendency = mapped_ratio / 2 + distress + swappiness reaches
 * 100, and after that if they are in use. distress is 100 >> the lowest
 * priority that this scan or the last has reached: at first only the page cache
 * loses pages; under distress programs do, too. From the inactive list's end
 * pages are taken (shrink_list): used and mapped ones go back, anonymous ones
 * get a slot and are written, dirty pages of files are written, and freed at
 * the next look. Of each list (length >> priority) + 1 pages are due, saved up
 * until they are 32; priorities from 12 to 0.
 *
 * Zones, where the machine has more than one (vm/zone.h). An allocation takes
 * from the highest zone that it may use and whose low mark is kept, down to
 * DMA; kswapd goes on until all have their high marks, and looks at the zones
 * from DMA up to the highest below its mark; a process that frees memory looks
 * from its highest down. A caller that could use higher zones must leave free
 * lower_zone_protection (by default 0, as in 2.6.9) times their low marks.
 *
 * Constants. DEF_PRIORITY 12, SWAP_CLUSTER_MAX 32, swappiness 60; min is
 * min_free_kbytes = sqrt(KiB of DMA and Normal), within 128..16384 KiB, low
 * twice and high three times min (as in the report; 2.6.10 has sqrt(16 * KiB)
 * and min:low:high 4:5:6). A zone is all_unreclaimable when four times the
 * pages on its lists have been scanned and none was freed: then it is looked at
 * with priority 12 alone, until a frame of it comes free.
 *
 * Swap. If the disk's queue is full, a process ends its scan; kswapd waits, and
 * goes on with the same zone's 32 pages (may_write_to_queue), so that these get
 * slots side by side. A fault, on shared memory, too, reads the aligned
 * 2^page-cluster slots around its own, whatever pages they hold
 * (swapin_readahead; a window that shrinks with misses is 3.14's).
 *
 * Uses. mark_page_accessed (mm/swap.c): the first call sets PG_referenced, the
 * next activates an inactive page. read() and write() call it, and so does
 * every fault that maps a page of a file, of shared memory or of the swap cache
 * (filemap_nopage, shmem_nopage, do_swap_page): a library that a second
 * program faults in is active at once.
 *
 * Killing (mm/oom_kill.c, out_of_memory). A process fails when its reclaim has
 * gone down the ladder of priorities in vain. Of the failures a second or more
 * after the first, the tenth kills a process, unless the last kill was less
 * than five seconds ago; five seconds without a failure start a new count. A
 * process that fails waits for 20 ms (mm/page_alloc.c) or a frame, and retries.
 *
 * Left out. Slab caches (ours shrink by themselves), laptop mode; the naps of
 * 100 ms between priorities (blk_congestion_wait), which make ten failures last
 * longer. In 2.6.9 a file's page is also in use if any part of the file is
 * mapped. There the allocating process may write dirty pages of files itself;
 * here it asks kflushd, since it may hold file-system locks. */
#include "policy/marks.h"
#include "vm/policy.h"

#define DEF_PRIORITY 12
#define CLUSTER      32u
#define SECOND       1000000000ull
#define MOST_MIN     16384u /* KiB */
#define OOM_FAILURES 10u
#define OOM_NAP      (SECOND / 50)

/* A pair of lists for each zone; those of absent zones stay empty. */
static const struct policy_list lists[] = {{"active", LIST_ACTIVE},
                                           {"inactive", LIST_INACTIVE},
                                           {"active_dma", LIST_ACTIVE},
                                           {"inactive_dma", LIST_INACTIVE},
                                           {"active_high", LIST_ACTIVE},
                                           {"inactive_high", LIST_INACTIVE},
                                           {0}};
static const enum policy_zone list_zone[] = {
    ZONE_NORMAL, ZONE_NORMAL, ZONE_DMA, ZONE_DMA, ZONE_HIGHMEM, ZONE_HIGHMEM};
enum { ALL_UNRECLAIMABLE, PREV_PRIORITY, SWAP_TENDENCY };
static struct policy_mark marks[] = {{"unreclaimable", 0},
                                     {"prev_priority", DEF_PRIORITY},
                                     {"swap_tendency", 0},
                                     {0}};

/* The fields of struct zone that concern the lists. */
static struct pair {
    unsigned zone, active, inactive;
    uint64_t scan_active, scan_inactive; /* nr_scan: saved up */
    uint64_t prev_priority;
    bool all_unreclaimable;
} pairs[POLICY_ZONES];

#define REFERENCED 1u /* PG_referenced, in policy_data */

static bool waits; /* the scan met a page that goes once it is written */

/* out_of_memory: times of the first failure that counts, the last failure and
 * the last kill; how many failures came a second or more after the first. */
static uint64_t oom_first, oom_last, oom_killed, oom_count;

/* setup_per_zone_pages_min, setup_per_zone_protection */
static void zone_marks(const uint64_t present[POLICY_ZONES],
                       struct policy_zone_marks m[POLICY_ZONES])
{
    uint64_t protect = (uint64_t)policy_tunable(TUN_LOWER_ZONE_PROTECTION);
    uint64_t low = present[ZONE_DMA] + present[ZONE_NORMAL];
    linux_share_min(linux_min(low, 1, MOST_MIN), present, m);
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++) {
        m[z].levels.low = 2 * m[z].levels.min;
        m[z].levels.high = 3 * m[z].levels.min;
    }
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++)
        for (unsigned top = z + 1; top < POLICY_ZONES; top++)
            m[z].reserve[top] =
                m[z].reserve[top - 1] + m[top].levels.low * protect;
}

static void set_marks(uint64_t nframes, struct policy_levels *l)
{
    const uint64_t present[POLICY_ZONES] = {[ZONE_NORMAL] = nframes};
    struct policy_zone_marks m[POLICY_ZONES] = {0};
    zone_marks(present, m);
    *l = m[ZONE_NORMAL].levels;
}

static void init(uint32_t nframes)
{
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++)
        pairs[z] = (struct pair){.zone = z, .prev_priority = DEF_PRIORITY};
    for (unsigned i = 0; lists[i].name; i++)
        *(lists[i].kind == LIST_ACTIVE ? &pairs[list_zone[i]].active
                                       : &pairs[list_zone[i]].inactive) = i + 1;
    marks[ALL_UNRECLAIMABLE].value = 0;
    marks[PREV_PRIORITY].value = DEF_PRIORITY;
    oom_first = oom_count = 0;
    oom_last = oom_killed = 0 - 6 * SECOND; /* long ago */
}

static struct pair *pair_of(uint32_t frame)
{
    return &pairs[policy_zone_of(frame)];
}

/* Sets the gauges: how many zones are given up, the zones' lowest priority. */
static void set_gauges(void)
{
    marks[ALL_UNRECLAIMABLE].value = 0;
    marks[PREV_PRIORITY].value = DEF_PRIORITY;
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++) {
        marks[ALL_UNRECLAIMABLE].value += pairs[z].all_unreclaimable;
        if (pairs[z].prev_priority < marks[PREV_PRIORITY].value)
            marks[PREV_PRIORITY].value = pairs[z].prev_priority;
    }
}

/* ---- coming and being used (mm/memory.c, mm/filemap.c, mm/swap.c) ---- */

/* lru_cache_add_active for anonymous pages, lru_cache_add for files'. */
static void page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    bool file = policy_kind(frame) == KIND_FILE;
    if (!file && why == CAME_FAULT)
        *policy_data(frame) = REFERENCED;
    struct pair *p = pair_of(frame);
    policy_add_head(file ? p->inactive : p->active, frame);
}

/* A frame came free: the zone is no longer given up (free_pages_bulk). */
static void page_gone(uint32_t frame)
{
    struct pair *p = pair_of(frame);
    marks[ALL_UNRECLAIMABLE].value -= p->all_unreclaimable;
    p->all_unreclaimable = false;
}

/* mark_page_accessed, at each use that the kernel sees */
static void page_touched(uint32_t frame, enum policy_why why)
{
    uint32_t *data = policy_data(frame);
    struct pair *p = pair_of(frame);
    if (policy_list_of(frame) == p->inactive && (*data & REFERENCED)) {
        *data &= ~REFERENCED;
        policy_add_head(p->active, frame);
    } else {
        *data |= REFERENCED;
    }
}

/* page_referenced: true if PG_referenced or a PTE's A bit was set; clears them.
 * (A page that only read() uses has PG_referenced.) */
static bool referenced(uint32_t frame)
{
    uint32_t *data = policy_data(frame);
    bool was = *data & REFERENCED;
    bool used = policy_clear_used(frame) && policy_mapped(frame);
    *data &= ~REFERENCED;
    return was || used;
}

/* ---- refill_inactive_zone ---- */

static bool reclaim_mapped(const struct pair *p)
{
    uint64_t distress = 100 >> p->prev_priority;
    uint64_t mapped = policy_mapped_frames() * 100 / policy_frames();
    uint64_t tendency =
        mapped / 2 + distress + (uint64_t)policy_tunable(TUN_SWAPPINESS);
    marks[SWAP_TENDENCY].value = tendency;
    return tendency >= 100;
}

static bool any_swap(void)
{
    return policy_swap_free() + policy_swap_used() != 0;
}

static void refill_inactive(const struct pair *p, uint64_t n)
{
    bool all = reclaim_mapped(p);
    for (; n && policy_count(p->active); n--) {
        uint32_t frame = policy_last(p->active);
        bool anon = policy_kind(frame) != KIND_FILE;
        policy_may_take(frame); /* counts the look */
        if (policy_mapped(frame) &&
            (!all || (anon && !any_swap()) || referenced(frame)))
            policy_add_head(p->active, frame);
        else
            policy_add_head(p->inactive, frame);
    }
}

/* ---- shrink_cache, shrink_list ---- */

/* Returns 1: the page is free or being written to swap; 0: it stays. */
static uint64_t shrink_page(uint32_t frame)
{
    bool was = referenced(frame);
    bool anon = policy_kind(frame) != KIND_FILE, dirty = policy_dirty(frame);
    if (was && (policy_mapped(frame) || anon)) { /* page_mapping_inuse */
        policy_add_head(pair_of(frame)->active, frame);
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

/* True if the disk's queue has room; kswapd waits for it. [sleeps] */
static bool write_room(void)
{
    if (policy_is_daemon())
        policy_wait_room();
    return policy_write_room();
}

static uint64_t shrink_cache(const struct pair *p, uint64_t n)
{
    uint64_t got = 0;
    /* write_room sleeps: the list may be empty when it returns. */
    for (; n && write_room() && policy_count(p->inactive); n--) {
        uint32_t frame = policy_last(p->inactive);
        policy_add_head(p->inactive, frame);
        if (policy_may_take(frame))
            got += shrink_page(frame);
    }
    return got;
}

/* ---- shrink_zone ---- */

static uint64_t due(unsigned list, int priority, uint64_t *saved)
{
    uint64_t n = *saved += (policy_count(list) >> priority) + 1;
    if (n < CLUSTER)
        return 0;
    *saved = 0;
    return n;
}

static uint64_t shrink_zone(struct pair *p, int priority, uint64_t want)
{
    uint64_t active = due(p->active, priority, &p->scan_active);
    uint64_t inactive = due(p->inactive, priority, &p->scan_inactive);
    uint64_t got = 0;
    while ((active || inactive) && got < want) {
        uint64_t a = active < CLUSTER ? active : CLUSTER;
        uint64_t i = inactive < CLUSTER ? inactive : CLUSTER;
        active -= a;
        inactive -= i;
        refill_inactive(p, a);
        got += shrink_cache(p, i);
        if (!write_room())
            break;
    }
    return got;
}

/* Shrinks one zone at one priority; a zone that is given up, only at 12. temp:
 * the priority that its ladder has reached. */
static uint64_t shrink_at(struct pair *p, int priority, uint64_t want,
                          uint64_t *temp)
{
    if (p->all_unreclaimable && priority != DEF_PRIORITY)
        return 0;
    *temp = (uint64_t)priority;
    if (*temp < p->prev_priority) /* distress now, not next time */
        p->prev_priority = *temp;
    return shrink_zone(p, priority, want);
}

/* Called when a ladder of priorities has freed `got` frames of the zone. */
static void end_scan(struct pair *p, uint64_t got, uint64_t temp)
{
    uint64_t pages = policy_count(p->active) + policy_count(p->inactive);
    p->prev_priority = temp;
    if (!got && !waits && policy_zone_scanned(p->zone) > 4 * pages)
        p->all_unreclaimable = true;
}

/* Returns the highest zone to look at: for kswapd the highest that is short of
 * its high mark, for a process the highest that it could use. */
static unsigned end_zone(void)
{
    unsigned z = policy_zone_top();
    while (policy_is_daemon() && z > ZONE_DMA &&
           (!policy_zone_present(z) ||
            policy_zone_free(z) >= policy_zone_levels(z)->high))
        z--;
    return z;
}

/* Goes down the ladder of priorities. At each, a process looks at zones from
 * the highest down (try_to_free_pages), kswapd upwards (balance_pgdat). */
static uint64_t scan_priorities(uint64_t want)
{
    uint64_t sum = 0, got[POLICY_ZONES] = {0}, temp[POLICY_ZONES];
    bool up = policy_is_daemon(), room = true;
    unsigned end = end_zone();
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++)
        temp[z] = DEF_PRIORITY;
    for (int p = DEF_PRIORITY; p >= 0 && sum < want && room; p--) {
        uint64_t rest = want - sum;
        for (unsigned i = ZONE_DMA; i <= end && room; i++) {
            unsigned z = up ? i : end + ZONE_DMA - i;
            if (!policy_zone_present(z))
                continue;
            uint64_t n = shrink_at(&pairs[z], p, rest, &temp[z]);
            got[z] += n;
            sum += n;
            room = write_room();
        }
    }
    for (unsigned z = ZONE_DMA; z <= end; z++)
        end_scan(&pairs[z], got[z], temp[z]);
    set_gauges();
    return sum;
}

static uint64_t reclaim(uint64_t want)
{
    waits = false;
    return scan_priorities(want);
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

static bool all_unreclaimable(unsigned zone)
{
    return pairs[zone].all_unreclaimable;
}

const struct policy_ops policy_linux26 = {
    .name = "linux26",
    .oom = OOM_LINUX_2_6,
    .notions = POLICY_HAS(SCANNER) | POLICY_HAS(LISTS),
    .set_marks = set_marks,
    .zone_marks = zone_marks,
    .marks = marks,
    .lists = lists,
    .list_zone = list_zone,
    .init = init,
    .page_in = page_in,
    .page_gone = page_gone,
    .page_touched = page_touched,
    .reclaim = reclaim,
    .may_kill = may_kill,
    .oom_nap = OOM_NAP,
    .all_unreclaimable = all_unreclaimable,
    .whole_clusters = true,
    .daemon = "kswapd0",
};
