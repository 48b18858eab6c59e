/* SPDX-License-Identifier: MIT */
/* Linux 2.4.0-test2 to test4, summer of 2000: the stock kernel of document 004.
 *
 * System and year. The page cache and the swap cache have one list,
 * lru_cache; anonymous memory is on none. There is no way back from a frame to
 * its PTEs, so a mapped page can only be found through the page tables of an
 * address space. Memory is freed in two steps that know little of each other
 * (mm/vmscan.c, mm/filemap.c of 2.3.99 and 2.4.0-test2):
 *
 *     address spaces                        lru_cache
 *     mm 7 [....x..x....]   swap_out     +-> head .  .  .  .  . tail
 *     mm 9 [..x.........] --unmaps-------+        young      old | shrink_mmap
 *     mm12 [x...........]   what is not   (dirty: to the disk)   v  frees
 *       the largest shadow  marked                             what nobody maps
 *       of its rss first    as used                            or has used
 *
 * Rules. `try_to_free_pages` goes through priorities 64 to 0. At each it lets
 * `shrink_mmap` look at a (priority + 1)th of the list until 8 pages
 * (FREE_COUNT) are free: a page that is marked as used loses the mark and goes
 * to the head, as does a mapped page; a clean page that no process maps is
 * freed. Then `swap_out` unmaps pages until it has sent 17 dirty ones to disk
 * (SWAP_COUNT + 1). It takes the mm with the largest swap_cnt (a shadow of rss,
 * one less for each page taken, set anew when all are 0) and goes on where its
 * last walk through that mm ended. A PTE with the A bit loses it, and its page
 * becomes PG_referenced. So a program's page needs one pass to lose its A bit,
 * one to be unmapped, and one through the whole list to be freed.
 *
 * `kswapd` runs from low to high. A process that allocates and finds less than
 * min free does the same itself, page-out included; document 004's patch ends
 * that.
 *
 * Zones, if the machine has more than one: kswapd runs as long as a zone that
 * fell below low is below high, and frees pages of any zone.
 *
 * Constants. min is a 128th of RAM within 10..255 frames, low twice, high three
 * times min (mm/page_alloc.c; or linux24.freepages_min, _low, _high).
 * SWAP_COUNT, FREE_COUNT and 64 are mm/vmscan.c's; swap_out looks at
 * (mms << 2) >> (priority >> 2) mms at most, but at least at one.
 *
 * Out of memory. There is no killer yet: the process that cannot be given a
 * page dies (proc/oom.c).
 *
 * Left out. shrink_dcache_memory and shrink_icache_memory (our caches of
 * names have limits of their own), shm_swap (shared memory is on lru_cache
 * here), that shrink_mmap skips pages of a zone that has more than high,
 * bdflush and kupdate (kflushd writes), pager_daemon {512,32,32}: here a try
 * ends when the disk's queue, of 32 writes to swap, is full. */
#include "policy/linux24/lru24t.h"

/* Writes the page at once, as rw_swap_page(WRITE). */
static void write_now(uint32_t frame)
{
    policy_launder(frame);
}

static uint64_t reclaim(uint64_t want)
{
    (void)want; /* each try is for FREE_COUNT */
    return try_to_free_pages(write_now);
}

static struct policy_nap kswapd(uint64_t now)
{
    const struct policy_nap asleep = {NAP_LONG, W_KICK}, again = {0, 0},
                            written = {NAP_LONG, W_WRITTEN};
    if (!lru24t_wanted())
        return asleep;
    policy_count_event(C_KSWAPD_FREE, 1);
    if (try_to_free_pages(write_now))
        return again;
    if (policy_writing())
        return written;
    if (policy_free() < lru24t_levels.low)
        policy_hopeless();
    return (struct policy_nap){now + 50000000, 0};
}

static void init(uint32_t nframes)
{
    lru24t_init();
}

static const struct policy_thread threads[] = {
    {"kswapd", kswapd, ACTOR_PAGEOUT, true, false}, {0}};

const struct policy_ops policy_linux240t = {
    .name = "linux240t",
    .oom = OOM_THE_ALLOCATOR,
    .notions = POLICY_HAS(SCANNER) | POLICY_HAS(MM_SCAN),
    .set_marks = lru24t_set_marks,
    .zone_marks = lru24t_zone_marks,
    .lists = lru24t_lists,
    .init = init,
    .page_in = lru24t_page_in,
    .reclaim = reclaim,
    .threads = threads,
    .pressed = lru24t_pressed,
};
