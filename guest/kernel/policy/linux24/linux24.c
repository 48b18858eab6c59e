/* SPDX-License-Identifier: MIT */
/* Linux 2.4.0, January 2001: page ageing and three kinds of lists.
 *
 * System and year. Rik van Riel's VM, with FreeBSD's ideas: a page that seems
 * idle is first deactivated, then laundered, then free with identity; a process
 * that wants it meanwhile gets it back (mm/vmscan.c, swap.c, page_alloc.c).
 *
 *   anonymous    active            inactive_dirty      inactive_clean    free
 *   (no list)    age 1..64         age 0, unmapped     clean
 *      |           |   used: +3       |                    |
 *      | swap_out: |   not: / 2       | page_launder:      | kreclaimd,
 *      | age 0     |   0: ----------->| clean ------------>| allocations
 *      +-----------+------------------+ dirty: to the disk +--------------->
 *                  ^------ used ------+--------------------+
 *
 * Rules. A page comes with age 2. Each look at a page adds 3, up to 64, if the
 * page was used, and else halves the age. `refill_inactive_scan` looks at a
 * 64th of the active list or more, and treats a mapped page as unused. Only
 * `swap_out` looks at PTEs, and it does not halve the age of an active page. It
 * takes the address space with the largest swap_cnt (set to rss / 32, at least
 * 8) and looks at that many pages; nothing else unmaps pages. `page_launder`
 * goes through inactive_dirty once for clean pages, and if there is still a
 * shortage once more to write: to swap as much as the disk takes, of files
 * 4 << page_cluster pages. The wanted number of inactive pages follows
 * demand: memory_pressure counts allocations and pages reclaimed from the clean
 * list, less what is freed, and loses a 64th each second; a 64th of it, at most
 * a quarter of RAM, is inactive_target. kswapd works if free + inactive_clean
 * is below high + inactive_target / 3, or if free and all inactive together are
 * below high + inactive_target; it pauses for a second unless both hold. Each
 * run ends with a look at a 64th of the active list. Sequential reading
 * deactivates the pages that it has passed (mm/filemap.c, drop_behind).
 *
 * Allocations go on while free + inactive_clean is above min (the kernel's and
 * dying processes' above min / 4, daemons' above 0), else wait for kswapd
 * (wakeup_kswapd(1)), which then unmaps or deactivates only a cluster of pages.
 * Allocations wake kswapd below low, or when free pages are short and over half
 * of inactive_target is missing; bdflush if laundering alone would do.
 *
 * Constants. min, low, high: mm24.c. Ages 2, 3, 64 (include/linux/swap.h);
 * bdflush's {30%, 64, 64, 256, 5 s, 30 s, 60%} (fs/buffer.c), of which the
 * first, fifth and sixth are used: it writes all if frames are short or 30% of
 * what files could have is dirty, and each 5 s pages that were dirty for 30 s.
 *
 * Zones, if the machine has more than one: each has its own marks and its own
 * inactive_clean list; all zones share the other lists and the targets. A zone
 * below min counts as a shortage even if all zones together have enough.
 *
 * Left out. The caches of names and inodes (they have limits of their own);
 * bdflush's 60% at which writers wait; that a process with file-system locks
 * frees memory for itself; kswapd's waits for the disk in page_launder (here it
 * naps); that freed kernel memory lowers memory_pressure. */
#include "policy/linux24/linux24.h"

#define DIRTY_PERCENT 30
#define VAIN          64 /* runs in vain (our number): by then each age is 0 */
#define SECOND        1000000000ull
#define FLUSH_EVERY   (5 * SECOND)
#define FLUSH_AGE     (30 * SECOND)

static const struct policy_list lists[] = {{"anon", LIST_PLAIN},
                                           {"active", LIST_ACTIVE},
                                           {"inactive_dirty", LIST_INACTIVE},
                                           {"inactive_clean", LIST_CACHED},
                                           {"clean_dma", LIST_CACHED},
                                           {"clean_high", LIST_CACHED},
                                           {0, LIST_PLAIN}};
static const enum policy_zone list_zone[] = {
    ZONE_ANY, ZONE_ANY, ZONE_ANY, ZONE_NORMAL, ZONE_DMA, ZONE_HIGHMEM};
struct policy_mark lin24_marks[] = {
    {"memory_pressure", 0}, {"inactive_target", 0}, {0, 0}};
struct policy_levels lin24_levels;
uint64_t lin24_frames;
static uint64_t recalculated, flushed; /* times */
static unsigned vain;                  /* runs of kswapd in vain */

static void set_marks(uint64_t nframes, struct policy_levels *l)
{
    mm24_levels(nframes, l);
    lin24_levels = *l;
    lin24_frames = nframes;
}

static void zone_marks(const uint64_t present[POLICY_ZONES],
                       struct policy_zone_marks m[POLICY_ZONES])
{
    mm24_zone_marks(present, 32, m);
    lin24_levels = mm24_sum(m);
    lin24_frames = 0;
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++)
        lin24_frames += present[z];
}

/* ---- threads ---- */

static struct policy_nap kswapd(uint64_t now)
{
    bool got = true;
    if (lin24_inactive_shortage() || lin24_free_shortage()) {
        policy_count_event(C_KSWAPD_FREE, 1);
        got = lin24_try_to_free(policy_waiters());
    }
    lin24_refill_scan(6, false);
    if (now >= recalculated + SECOND) {
        recalculated = now;
        lin24_marks[M_PRESSURE].value -=
            lin24_marks[M_PRESSURE].value >> PRESSURE_SHIFT;
    }
    policy_wake(~0u);
    vain = got || policy_writing() ? 0 : vain + 1;
    if (vain >= VAIN && lin24_free_shortage()) {
        policy_hopeless();
        return (struct policy_nap){now + SECOND / 20, 0};
    }
    if (!lin24_free_shortage() || !lin24_inactive_shortage())
        return (struct policy_nap){now + SECOND,
                                   W_KICK | (got ? 0 : W_WRITTEN)};
    if (got ? policy_write_room() : !policy_writing())
        return (struct policy_nap){0, 0};
    return (struct policy_nap){NAP_LONG, W_WRITTEN};
}

/* Keeps plain free frames for allocations that cannot wait. */
static struct policy_nap kreclaimd(uint64_t now)
{
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++)
        while (policy_zone_free(z) < policy_zone_levels(z)->low &&
               policy_zone_reuse_cached(z))
            lin24_marks[M_PRESSURE].value++;
    return (struct policy_nap){NAP_LONG, W_KICK};
}

static struct policy_nap bdflush(uint64_t now)
{
    uint64_t could = policy_free() + policy_count(ACTIVE) +
                     policy_count(INACTIVE_DIRTY) + policy_cached();
    if (policy_dirty_files() * 100 > could * DIRTY_PERCENT ||
        lin24_free_shortage())
        policy_write_older(now);
    else if (now >= flushed + FLUSH_EVERY && now > FLUSH_AGE)
        policy_write_older(now - FLUSH_AGE);
    flushed = now;
    return (struct policy_nap){now + FLUSH_EVERY, W_KICK};
}

/* ---- allocations: __alloc_pages ---- */

static bool may_grab(unsigned zone, enum policy_grab kind, uint64_t n)
{
    uint64_t min = policy_zone_levels(zone)->min;
    uint64_t leave = kind == GRAB_DAEMON                         ? 0
                     : kind == GRAB_KERNEL || kind == GRAB_DYING ? min / 4
                                                                 : min;
    return policy_zone_free(zone) + policy_zone_cached(zone) >= n + leave;
}

static uint32_t pressed(void)
{
    lin24_marks[M_PRESSURE].value++;
    uint64_t target = lin24_target(), missing = lin24_free_shortage(),
             washable = policy_count(INACTIVE_DIRTY);
    uint32_t mask = 0;
    if (lin24_freeable() < lin24_levels.low ||
        (missing && lin24_inactive_shortage() > target / 2))
        mask |= 1u << T_KSWAPD;
    else if (missing && washable > missing && washable >= lin24_levels.high)
        mask |= 1u << T_BDFLUSH;
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++)
        if (policy_zone_free(z) < policy_zone_levels(z)->min)
            mask |= 1u << T_KRECLAIMD;
    return mask;
}

static uint32_t wakes(void)
{
    return lin24_freeable() > lin24_levels.min ? ~0u : 0;
}

/* mm/oom_kill.c, out_of_memory. With swap left 2.4.0 would try for ever; here
 * VAIN runs of kswapd that gain nothing are enough. */
static bool may_kill(void)
{
    return policy_free() <= lin24_levels.min &&
           lin24_freeable() <= lin24_levels.low &&
           (!policy_swap_free() || vain >= VAIN);
}

static void init(uint32_t nframes)
{
    mm_forget();
    recalculated = flushed = 0;
    vain = 0;
    lin24_marks[M_PRESSURE].value = lin24_marks[M_TARGET].value = 0;
}

static const struct policy_thread threads[] = {
    {"kswapd", kswapd, ACTOR_PAGEOUT, true, false},
    {"kreclaimd", kreclaimd, ACTOR_PAGEOUT, true, false},
    {"bdflush", bdflush, ACTOR_WRITER, true, false},
    {0}};

const struct policy_ops policy_linux24 = {
    .name = "linux24",
    .oom = OOM_LINUX_2_4,
    .notions = POLICY_HAS(SCANNER) | POLICY_HAS(LISTS) | POLICY_HAS(RECLAIM) |
               POLICY_HAS(MM_SCAN),
    .set_marks = set_marks,
    .zone_marks = zone_marks,
    .marks = lin24_marks,
    .lists = lists,
    .list_zone = list_zone,
    .init = init,
    .page_in = lin24_page_in,
    .page_touched = lin24_page_touched,
    .behind = lin24_behind,
    .page_gone = lin24_page_gone,
    .threads = threads,
    .waits_only = true,
    .own_writeback = true,
    .zone_may_grab = may_grab,
    .pressed = pressed,
    .wakes = wakes,
    .may_kill = may_kill,
};
