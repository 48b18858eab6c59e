/* SPDX-License-Identifier: MIT */
/* kpaged: Ludovic's patch to Linux 2.4.0-test2 (July 2000; CONTRACT.md, 004).
 *
 * System and year. linux240t's kswapd does two jobs: it finds old pages, and it
 * frees memory. The patch gives the first job to a thread of its own, which
 * runs like the idle thread, and keeps for each virtual mapping (address space;
 * threads share one) the set of its old pages:
 *
 *     kpaged, idle      mm 7 [ a . a . . ]    kswapd, below low
 *     all frames,       mm 9 [ . . . . . ]      1. does the cache yield easily?
 *     mapping by        mm12 [ . a . a a ]      2. the largest set of old pages
 *     mapping: used? ->   ^ a: aged             3. no set: largest rss, as
 *     younger; not:       |                        linux240t ("overload")
 *     older               +-- taken out -----> pending -> disk, 16 at a time
 *                                              allocation: clean page, or wait
 *
 * Rules. A page unused in more than AGE_OLD rounds of kpaged belongs to the set
 * of the mapping in which it was found. kswapd wakes below low and runs to
 * high. A try first frees FREE_COUNT pages of lru_cache, if each look at a 7th
 * of the list (`shrink_mmap`, EASY) yields one. Otherwise it unmaps up to
 * SWAP_COUNT pages of the largest set that have still not been used; if it
 * finds none there, kpaged is too slow, and rss decides. Dirty pages gather
 * until there are DEFER of them, kswapd has had nothing to do for 1 s, or
 * memory is too short to gather more; a page that a fault finds meanwhile is
 * not written. An allocation never swaps out: it asks lru_cache for clean pages
 * or waits for kswapd, and fails only if kswapd can free none.
 *
 * Document 004 does not define the colours of its SysRq line. Here a colour
 * stands for the fewest frames that were free since kpaged's last run: green
 * for high or more, yellow for low or more, orange for min or more, red below.
 * A run looks at an 8th, 4th, half, all of the frames, and the next may come
 * 1 s, .2 s, 50 ms, 10 ms later, if no other task wants the hart.
 *
 * Constants. Those of linux240t; AGE_OLD, EASY, DEFER, the colours' shares and
 * pauses are ours: the patch is lost, and the letter about it gives none.
 *
 * Left out. That read-ahead gives up when memory is short (004-8): under all
 * policies vm/readahead.c does so. */
#include "policy/linux24/lru24t.h"

#define AGE_OLD 2u
#define EASY    6  /* priority: a 7th of lru_cache */
#define DEFER   16 /* dirty pages */
#define EVERY   1000000000u

enum { AGED };
static struct policy_mark marks[] = {{"aged", 0}, {0, 0}};

static bool stuck;
static uint64_t settled; /* when the gathered pages are to be written */
static uint64_t lowest;  /* fewest free frames since kpaged's last run */
static uint32_t round;   /* of kpaged, 1..255 */
static uint64_t at_mm;   /* address space that kpaged looks at next */
static uint64_t at_va;   /* address in it */

/* ---- the sets ---- */

static void leave_set(uint32_t frame)
{
    uint32_t *data = policy_data(frame);
    if (!(*data & PG_AGED))
        return;
    struct mm *mm = mm_of(*data >> PG_MM_SHIFT);
    if (mm && mm->aged)
        mm->aged--;
    marks[AGED].value--;
    *data &= PG_REFERENCED | PG_ROUND;
}

static void join_set(uint32_t frame, struct mm *mm)
{
    uint32_t *data = policy_data(frame);
    *data |= PG_AGED | (uint32_t)mm->id << PG_MM_SHIFT;
    mm->aged++;
    marks[AGED].value++;
}

/* Ages a page once a round, in the first mapping that has it. */
static void age(struct mm *mm, uint32_t frame)
{
    uint32_t *data = policy_data(frame);
    if ((*data & PG_ROUND) == round << 4)
        return;
    *data = (*data & ~PG_ROUND) | round << 4;
    if (policy_clear_used(frame)) {
        leave_set(frame);
        *data = (*data & ~PG_AGE) | PG_REFERENCED;
    } else if ((*data & PG_AGE) < AGE_OLD * PG_AGE_1) {
        *data += PG_AGE_1;
    } else if (!(*data & PG_AGED)) {
        join_set(frame, mm);
    }
}

/* Ages the next n pages. False at the end of all mappings. */
static bool age_some(uint64_t n)
{
    mm_refresh();
    while (n) {
        struct mm *mm = mm_of(at_mm);
        uint32_t frame = mm ? policy_space_frame(at_mm, &at_va) : POLICY_NONE;
        if (frame == POLICY_NONE) {
            at_mm = policy_space_after(at_mm);
            at_va = 0;
            if (!at_mm)
                return false;
            continue;
        }
        age(mm, frame);
        at_va += 4096;
        n--;
    }
    return true;
}

static struct policy_nap kpaged(uint64_t now)
{
    static const struct {
        enum counter runs;
        uint32_t share; /* of the frames: 1 / 2^share */
        uint64_t pause;
    } colours[] = {{C_KPAGED_GREEN, 3, EVERY},
                   {C_KPAGED_YELLOW, 2, EVERY / 5},
                   {C_KPAGED_ORANGE, 1, EVERY / 20},
                   {C_KPAGED_RED, 0, EVERY / 100}};
    unsigned c = lowest >= lru24t_levels.high  ? 0
                 : lowest >= lru24t_levels.low ? 1
                 : lowest >= lru24t_levels.min ? 2
                                               : 3;
    lowest = policy_free();
    policy_count_event(colours[c].runs, 1);
    if (!age_some((policy_frames() >> colours[c].share) + 1))
        round = round % 255 + 1;
    return (struct policy_nap){now + colours[c].pause, 0};
}

/* ---- kswapd ---- */

static void give_to_disk(void)
{
    uint32_t frame;
    while ((frame = policy_first(LRU_PENDING)) != POLICY_NONE &&
           policy_write_room()) {
        policy_add_head(LRU_CACHE, frame);
        policy_launder(frame);
    }
}

/* A gathered page that a fault finds before it is written stays in memory. */
static void page_touched(uint32_t frame, enum policy_why why)
{
    if (policy_list_of(frame) == LRU_PENDING)
        policy_add_head(LRU_CACHE, frame);
}

static void defer(uint32_t frame)
{
    policy_add_tail(LRU_PENDING, frame);
    if (policy_count(LRU_PENDING) >= DEFER)
        give_to_disk();
}

static unsigned to_take; /* pages of the set still to be unmapped */

static bool take_aged(struct mm *mm, uint32_t frame, uint64_t va)
{
    if (!(*policy_data(frame) & PG_AGED) || policy_space_clear_used(mm->id, va))
        return false;
    if (!lru24t_unmap(mm, frame, va))
        return false;
    leave_set(frame);
    if (policy_dirty(frame)) {
        policy_count_event(C_KSWAPD_MARKED, 1);
        defer(frame);
    }
    return !--to_take || !policy_write_room();
}

/* Unmaps pages of the largest set; returns their number. */
static unsigned swap_out_aged(void)
{
    struct mm *best = 0;
    unsigned n = mm_refresh();
    for (unsigned i = 0; i < n; i++)
        if (mm_at(i)->aged > (best ? best->aged : 0))
            best = mm_at(i);
    if (!best)
        return 0;
    policy_count_event(C_KSWAPD_IO, 1);
    to_take = SWAP_COUNT;
    uint64_t id = best->id;
    bool stopped = mm_walk(best, take_aged);
    if (!stopped && to_take && (best = mm_of(id)))
        mm_walk(best, take_aged); /* now from the first page on */
    if (to_take == SWAP_COUNT && (best = mm_of(id)))
        best->aged = 0; /* its pages were used again, or are gone */
    return SWAP_COUNT - to_take;
}

/* Tries once to free memory. True: something was freed, or is on its way. */
static bool free_or_swap_out(void)
{
    unsigned freed = 0;
    policy_count_event(C_KSWAPD_FREE, 1);
    while (freed < FREE_COUNT && shrink_mmap(EASY, true))
        freed++;
    if (freed == FREE_COUNT)
        return true;
    if (swap_out_aged())
        return true;
    policy_count_event(C_KSWAPD_OVERLOAD, 1);
    return try_to_free_pages(defer) + freed > 0;
}

static uint32_t pressed(void)
{
    uint64_t free = policy_free();
    lowest = free < lowest ? free : lowest;
    return lru24t_pressed();
}

/* Memory is free again. Writes the pages still gathered when kswapd has had
 * nothing to do for EVERY. */
static struct policy_nap settle(uint64_t now)
{
    settled = settled ? settled : now + EVERY;
    if (now >= settled)
        give_to_disk();
    uint64_t left = policy_count(LRU_PENDING);
    return (struct policy_nap){left && now < settled ? settled : NAP_LONG,
                               left && now >= settled ? W_WRITTEN : W_KICK};
}

static struct policy_nap kswapd(uint64_t now)
{
    const struct policy_nap again = {0, 0}, written = {NAP_LONG, W_WRITTEN};
    if (!lru24t_wanted())
        return settle(now);
    settled = 0;
    bool got = free_or_swap_out();
    if (!got || policy_free() < lru24t_levels.min)
        give_to_disk(); /* no time to gather more */
    stuck = !got && !policy_writing();
    if (!policy_write_room() || (!got && policy_writing()))
        return written; /* queue full, or all it can free is being written */
    if (got)
        return again;
    if (policy_free() < lru24t_levels.low)
        policy_hopeless();
    return (struct policy_nap){now + 50000000, 0};
}

/* ---- allocations ---- */

static uint64_t reclaim(uint64_t want)
{
    uint64_t got = 0;
    for (int priority = 2 * PRIORITY; priority && got < want;) {
        priority /= 2;
        while (got < want && shrink_mmap(priority, false))
            got++;
    }
    if (!got)
        policy_count_event(C_KSWAPD_SYNC, 1);
    return got;
}

static bool may_kill(void)
{
    return stuck;
}

static void init(uint32_t nframes)
{
    lru24t_init();
    stuck = false;
    lowest = ~0ull;
    round = 1;
    settled = at_mm = at_va = marks[AGED].value = 0;
}

static const struct policy_thread threads[] = {
    {"kswapd", kswapd, ACTOR_PAGEOUT, true, false},
    {"kpaged", kpaged, ACTOR_PAGEOUT, false, true},
    {0}};

const struct policy_ops policy_kpaged = {
    .name = "kpaged",
    .oom = OOM_THE_ALLOCATOR,
    .notions = POLICY_HAS(SCANNER) | POLICY_HAS(MM_SCAN) | POLICY_HAS(KPAGED),
    .set_marks = lru24t_set_marks,
    .zone_marks = lru24t_zone_marks,
    .marks = marks,
    .lists = lru24t_lists,
    .init = init,
    .page_in = lru24t_page_in,
    .page_gone = leave_set,
    .page_touched = page_touched,
    .reclaim = reclaim,
    .threads = threads,
    .pressed = pressed,
    .may_kill = may_kill,
};
