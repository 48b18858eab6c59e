/* SPDX-License-Identifier: MIT */
/* 4.3BSD (1986): the clock with two hands, backed by a swapper.
 *
 * The loop of page frames is the same as in 4.2BSD and 3BSD (Babaoglu and
 * Joy, "Converting a Swap-Based System to do Paging in an Architecture
 * Lacking Page-Referenced Bits", SOSP 1981), but with memories of several
 * megabytes one revolution takes too long: so a second hand follows the
 * first at a fixed distance of 2 MB.
 *
 *            front: clears the mark
 *              |                          freemem
 *        . . .[*]. . . .                   lotsfree 512 KB: the daemon wakes
 *      .       \  2 MB  .                  desfree  200 KB: swapping, if the
 *      .        \       .                          load is 2 or more and
 *        . . . .[*]. . .                           paging is heavy
 *              back: takes pages           minfree   64 KB: the same, even if
 *              still unmarked                      paging is not heavy
 *
 *      4 times a second, if freemem < lotsfree, the hands pass
 *      (slowscan * v + fastscan * (lotsfree - v)) / lotsfree / 4 frames,
 *      where v = freemem - deficit
 *
 * Rules (sys/vm_page.c: vminit, pageout, checkpage; sys/vm_sched.c:
 * schedpaging). The back hand frees a page that has not been used since the
 * front hand passed. A modified page is written first, in a kluster: with it go
 * the process's next pages, up to 32 in all, as long as they are modified and
 * unused, too. At most maxpgio / 4 + 1 such requests are begun at a wake-up. A
 * freed page goes to the tail of the free list and can be reclaimed from there
 * until its frame is needed. A process of fewer than SAFERSS pages is left
 * alone, unless it has slept long. More than two revolutions that free nothing
 * end the wake-up. The deficit decays; it counts frames promised to a process
 * swapped in, or to the rest when one goes out: the daemon frees these ahead.
 *
 * The VAX had no reference bit: the front hand made the page invalid, and the
 * next use was a fault that cost no disk, a "reclaim". The machine does so
 * with --ad fault; else the hand clears the A bits that the hardware sets.
 *
 * Constants, in frames of 4 KiB, each the smaller of two: lotsfree 512 KB or
 * 1/4 of memory, desfree 200 KB or 1/8, minfree 64 KB or desfree / 2, fastscan
 * 200 a second or 1/5, the hands' distance 2 MB or 1/2. slowscan is half of
 * fastscan; maxpgio = 40 a second (60 revolutions * 2/3).
 *
 * In 4.3BSD a program waited when no frame was free. Here it waits somewhat
 * above minfree: the kernel (whose memory was static in 4.3BSD) needs the rest.
 *
 * If paging is not enough, policy/bsd/bsd43swap.c swaps out whole processes.
 * The rate of requests is limited, so overload lasts long: of six programs that
 * want four times the memory each (tests/guest/ends.t) the last is killed after
 * 93 to 145 s, by when they start and by the kernel's layout (under clock after
 * 8), and two compilers that just fit in 8 MiB need 13 to 34 s, depending on
 * the kernel's layout (under clock less than one).
 *
 * Left out: vadvise (sequential behaviour) and the limit of resident pages,
 * which let the front hand take pages at once; prepaging of 8 pages, 4 of text
 * (vm.page-cluster stands in for it); text as a kind of its own (here it lies
 * in the page cache). 4.3BSD had no page cache; its files lay in the buffer
 * cache. So here a file of six times the memory (16 MiB, fast timing) takes 18
 * times as long as under clock: its writer waits for the daemon, which works
 * four times a second. A page of the VAX has 512 bytes, so a kluster of 32
 * pages (KLMAX) has 16 KiB, 8 pages read ahead 4 KiB. Here both are eight times
 * as large (bsd43.kluster=4, vm.page-cluster=0 give the VAX's): 32 of our 2,048
 * frames are as large a part of memory as 32 pages of a VAX with 1 MB, and
 * maxpgio counts requests, however large. */
#include "policy/bsd/bsd43.h"

#define TICK   (SECOND / 4) /* RATETOSCHEDPAGING */
#define PUSHED 1u           /* policy_data: free the page once written */
#define KB(n)  ((n) / 4)

struct policy_mark bsd_marks[] = {[LOTSFREE] = {"lotsfree", 0},
                                  [DESFREE] = {"desfree", 0},
                                  [MINFREE] = {"minfree", 0},
                                  [SLOWSCAN] = {"slowscan", 0},
                                  [FASTSCAN] = {"fastscan", 0},
                                  [HANDSPREAD] = {"handspread", 0},
                                  [DEFICIT] = {"deficit", 0},
                                  [SWAPPED] = {"swapped", 0},
                                  {NULL, 0}};
static const struct policy_list lists[] = {{"freelist", LIST_CACHED}, {0}};

static uint32_t count;
enum { BACK, FRONT };
static uint64_t hand[2];                           /* the hands' frames */
static uint64_t pushes, fruitless, tick, requests; /* requests: page I/O */
static unsigned starving;

/* Sets the mark to its tunable; to `usual` if the tunable is not set or not
 * below the limit (our rule). */
static void put(enum bsd_mark m, enum tunable t, uint64_t limit, uint64_t usual)
{
    bsd_marks[m].value = set_or(t, 0, limit, usual);
}

static void set_marks(uint64_t nframes, struct policy_levels *l)
{
    struct policy_mark *m = bsd_marks;
    put(LOTSFREE, TUN_BSD_LOTSFREE, nframes, smaller(KB(512), nframes / 4));
    put(DESFREE, TUN_BSD_DESFREE, nframes, smaller(KB(200), nframes / 8));
    put(MINFREE, TUN_BSD_MINFREE, nframes / 4,
        smaller(KB(64), m[DESFREE].value / 2));
    put(FASTSCAN, TUN_BSD_FASTSCAN, UINT64_MAX, smaller(200, nframes / 5));
    put(SLOWSCAN, TUN_BSD_SLOWSCAN, UINT64_MAX, m[FASTSCAN].value / 2);
    put(HANDSPREAD, TUN_BSD_HANDSPREAD, UINT64_MAX, KB(2048));
    m[HANDSPREAD].value = smaller(m[HANDSPREAD].value, nframes / 2);
    *l = (struct policy_levels){m[MINFREE].value + BSD_KERNEL_ROOM,
                                m[DESFREE].value, m[LOTSFREE].value};
}

static void init(uint32_t nframes)
{
    count = nframes;
    hand[BACK] = 0;
    pushes = fruitless = requests = tick = starving = 0;
    bsd_marks[DEFICIT].value = bsd_marks[SWAPPED].value = 0;
    bsd_swapper_init();
    hand[FRONT] = bsd_marks[HANDSPREAD].value % count;
}

uint64_t bsd_freemem(void)
{
    return policy_free() + policy_cached();
}

uint64_t bsd_requests(void)
{
    uint64_t n = requests;
    requests = 0;
    return n;
}

static uint32_t pressed(void)
{
    return bsd_freemem() < bsd_marks[LOTSFREE].value;
}

static bool may_grab(enum policy_grab kind, uint64_t n)
{
    uint64_t left = bsd_marks[MINFREE].value;
    if (kind == GRAB_PROGRAM || kind == GRAB_FILE)
        left += BSD_KERNEL_ROOM;
    else
        left = kind == GRAB_DAEMON || kind == GRAB_DEFAULT_PAGER ? 0 : left / 4;
    return bsd_freemem() >= n + left;
}

/* Counts requests: a page that comes in clean has come from a disk. */
static void page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    requests += (why == CAME_FAULT || why == CAME_READ) && !policy_dirty(frame);
}

/* True if the page's process is so small that its pages would not help. */
static bool too_small(uint32_t frame)
{
    struct policy_space s;
    if (policy_kind(frame) != KIND_ANON ||
        !policy_space(policy_object(frame), &s))
        return false;
    uint64_t safe = (uint64_t)policy_tunable(TUN_BSD_SAFERSS);
    return s.rss < less(safe, s.slept_ns / SECOND);
}

static bool free_page(uint32_t frame)
{
    if (policy_kind(frame) == KIND_SHMEM)
        return policy_take(frame) > 0;
    return policy_cache(FREELIST, frame, false);
}

/* Begins to write the page; `written` (shared memory: policy_take) frees it. */
static bool push_page(uint32_t frame)
{
    if (policy_kind(frame) == KIND_SHMEM)
        return policy_take(frame) >= 0;
    *policy_data(frame) |= PUSHED;
    if (policy_unmap(frame) && policy_dirty(frame) &&
        policy_launder(frame) >= 0)
        return true;
    *policy_data(frame) &= ~PUSHED;
    return false;
}

static bool can_join(uint32_t frame)
{
    return frame != POLICY_NONE && policy_kind(frame) == KIND_ANON &&
           policy_mapped(frame) == 1 && policy_dirty(frame) &&
           !policy_used(frame) && !policy_busy(frame) && !policy_locked(frame);
}

/* Pushes the page and those after it in its process, as long as they can join.
 * (Pages of files are klustered where they are written.) */
static bool push_kluster(uint32_t frame)
{
    bool anon = policy_kind(frame) == KIND_ANON;
    uint64_t id = policy_object(frame), va = policy_index(frame) * 4096;
    if (!push_page(frame))
        return false;
    for (int64_t n = 1; anon && n < policy_tunable(TUN_BSD_KLUSTER); n++) {
        uint64_t next = va + (uint64_t)n * 4096, at = next;
        frame = policy_space_frame(id, &at);
        if (at != next || !can_join(frame) || !policy_write_room() ||
            !push_page(frame))
            break;
    }
    return true;
}

/* Lets one hand look at the page. True: it is free, or will be when written. */
static bool checkpage(uint32_t frame, bool is_front)
{
    if (policy_kind(frame) == KIND_NONE || policy_list_of(frame) ||
        policy_locked(frame) || policy_busy(frame))
        return false;
    if (is_front) {
        policy_clear_used(frame);
        return false;
    }
    if (policy_used(frame)) {
        policy_event(frame, R_SCAN_SPARED);
        return false;
    }
    if (too_small(frame))
        return false;
    if (!policy_dirty(frame))
        return free_page(frame);
    if (pushes > (uint64_t)policy_tunable(TUN_BSD_MAXPGIO) / 4 ||
        !policy_write_room())
        return false;
    pushes++;
    requests++;
    return push_kluster(frame);
}

static void written(uint32_t frame)
{
    uint32_t *data = policy_data(frame);
    if (!(*data & PUSHED))
        return;
    *data &= ~PUSHED;
    if (!policy_mapped(frame) && !policy_dirty(frame))
        policy_cache(FREELIST, frame, false);
}

/* ---- the daemon ---- */

static void scan(uint64_t want)
{
    unsigned laps = 0;
    pushes = 0;
    for (uint64_t n = 0; n < want && pressed() && laps <= 2; n++) {
        checkpage((uint32_t)hand[FRONT], true);
        if (checkpage((uint32_t)hand[BACK], false))
            laps = 0, fruitless = 0;
        policy_count_event(C_PGSCAN_KSWAPD, 1);
        fruitless++;
        for (int i = BACK; i <= FRONT; i++)
            hand[i] = hand[i] + 1 == count ? 0 : hand[i] + 1;
        if (hand[FRONT] == 0) {
            policy_count_event(C_REV, 1);
            laps++;
        }
    }
}

static struct policy_nap pageout(uint64_t now)
{
    uint64_t free = bsd_freemem(), limit = bsd_marks[LOTSFREE].value;
    if (free >= limit) {
        fruitless = 0;
        return (struct policy_nap){NAP_LONG, W_KICK};
    }
    if (now < tick + TICK)
        return (struct policy_nap){tick + TICK, 0};
    tick = now / TICK * TICK;
    scan(between(bsd_marks[SLOWSCAN].value, bsd_marks[FASTSCAN].value,
                 less(free, bsd_marks[DEFICIT].value), limit) /
         4);
    if (is_hopeless(fruitless > 2ull * count, &starving)) {
        fruitless = 0;
        policy_hopeless();
    }
    return (struct policy_nap){tick + TICK, 0};
}

static const struct policy_thread threads[] = {
    {"pagedaemon", pageout, ACTOR_PAGEOUT, true, false},
    {"swapper", bsd_swapper, ACTOR_SWAPPER, true, false},
    {NULL, NULL, ACTOR_BOOT, false, false}};

const struct policy_ops policy_bsd43 = {
    .name = "bsd43",
    .notions = POLICY_HAS(SCANNER) | POLICY_HAS(RECLAIM) | POLICY_HAS(SWAPPER),
    .set_marks = set_marks,
    .marks = bsd_marks,
    .lists = lists,
    .init = init,
    .page_in = page_in,
    .written = written,
    .threads = threads,
    .waits_only = true,
    .kluster = 32, /* KLMAX */
    .cached_is_free = true,
    .may_grab = may_grab,
    .pressed = pressed,
    .hands = hand,
};
