/* SPDX-License-Identifier: MIT */
/* The page scanner of SunOS 5 (vm_pageout.c: schedpaging, pageout_scanner,
 * checkpage, pageout), as policy/sun/sunos.c and policy/sun/solaris8.c use it.
 * The essays of these files describe its purpose.
 *
 * The thread `pageout` plans each quarter of a second: schedpaging says how
 * many frames are to be looked at in it, the hands look at them, and the queue
 * of modified pages is pushed. In SunOS these are a clock routine and two
 * threads that wait for it. */
#include "policy/sun/sun.h"

#define TICK      (SECOND / 4) /* RATETOSCHEDPAGING, SCHEDPAGING_HZ */
#define PUSH_MAX  256          /* async_list_size */
#define SHARE_MIN 8            /* MIN_PO_SHARE */
#define SHARE_MAX (8u << 24)
#define CPU_MIN   4 /* percent of the processor: min_percent_cpu */
#define CPU_MAX   80
#define POLL      1024 /* PAGES_POLL_MASK + 1: frames between looks at the clock */
#define HOPELESS  4    /* quarters of a second in vain (our number) */
#define SAMPLES   4    /* passes that measure the scanner's speed */
#define PUSHED    1u /* policy_data: is to be freed when it has been written */

static uint32_t count;
uint64_t sun_hands[2]; /* the frames of BACK and FRONT */
enum { BACK, FRONT };
static uint32_t share = SHARE_MIN; /* po_share */
static uint64_t fruitless; /* frames looked at since one could be taken */
static unsigned barren;    /* quarters of a second since 2 fruitless laps */
static unsigned starving;
static bool asleep; /* enough is free: pageout waits to be kicked */
static struct {
    uint64_t frames, ns;
    unsigned passes;
} sample;

/* The plan of schedpaging for this quarter of a second. */
static struct {
    uint64_t began;    /* its start, a multiple of TICK */
    uint64_t desscan;  /* frames to look at in it */
    uint64_t nscan;    /* frames looked at so far */
    uint64_t cpu_ns;   /* most processor time that one scan may take */
    uint64_t requests; /* requests that may still be pushed in it */
} quarter;

void sun_init(uint32_t nframes)
{
    count = nframes;
    sun_hands[BACK] = 0;
    share = SHARE_MIN;
    fruitless = barren = starving = 0;
    asleep = false;
    sample.frames = sample.ns = sample.passes = 0;
    quarter.began = quarter.desscan = quarter.nscan = quarter.requests = 0;
    sun_speed = 0;
    sun_flush_init();
    sun_sched_init(nframes);
    sun_hands[FRONT] = sun_mark(HANDSPREAD) % count;
}

/* Solaris 9 and later measure how fast they scan, before anything else. */
static bool is_measuring(void)
{
    return sun_release() >= SOLARIS_9 && sample.passes < SAMPLES;
}

/* needfree: the frames for which processes sleep in page_create_throttle. Here
 * each sleeps for one. */
static uint64_t needfree(void)
{
    return policy_waiters();
}

static bool is_short(void)
{
    return sun_freemem() < sun_mark(CACHEFREE) + needfree();
}

/* page_create: an allocation that leaves less than minfree wakes the scanner at
 * once, unless it has looked at all frames planned for this quarter second. */
static bool is_urgent(void)
{
    return quarter.nscan < quarter.desscan &&
           sun_freemem() < sun_mark(MINFREE) + needfree();
}

uint32_t sun_pressed(void)
{
    return asleep ? is_short() : is_urgent();
}

/* ---- one page ---- */

/* Frees the page with its identity: it is found until its frame is reused. */
static bool free_page(uint32_t frame)
{
    if (!policy_cache(CACHELIST, frame, false))
        return false;
    fruitless = 0;
    return true;
}

/* Takes a page of shared memory. It is free now, or once written to swap. */
static bool take_shared(uint32_t frame)
{
    if (policy_take(frame) < 0)
        return false;
    fruitless = 0;
    return true;
}

/* True if the page may not go: between lotsfree and cachefree only pages of
 * files may, and of these only those that no program executes. */
static bool protected(uint32_t frame)
{
    return sun_freemem() >= sun_mark(LOTSFREE) &&
           (policy_kind(frame) != KIND_FILE || policy_exec(frame));
}

/* Lets a hand look at a page. 1: freed or queued; 0: it stays; -1: skipped.
 * Either hand takes an unused page; for the front hand that is a page that has
 * not been used for a whole revolution. */
static int checkpage(uint32_t frame, bool is_front)
{
    if (policy_kind(frame) == KIND_NONE || policy_list_of(frame) ||
        policy_locked(frame) || policy_busy(frame) ||
        policy_mapped(frame) > share || protected(frame))
        return -1;
    if (is_front) {
        if (policy_clear_used(frame))
            return 0;
    } else if (policy_used(frame)) {
        policy_event(frame, R_SCAN_SPARED);
        return 0;
    }
    if (!policy_dirty(frame))
        return policy_kind(frame) == KIND_SHMEM ? take_shared(frame)
                                                : free_page(frame);
    if (policy_count(PUSH_LIST) >= PUSH_MAX)
        return 0;
    policy_event(frame, R_PUSH_QUEUED);
    policy_add_tail(PUSH_LIST, frame);
    return 1;
}

/* ---- schedpaging ---- */

/* Returns the scan rate: slowscan just below the limit, fastscan with nothing
 * free. While a process waits for memory it is fastscan; but in Solaris 9,
 * which knows its own speed, the frames waited for just count as not free. */
static uint64_t scan_rate(uint64_t free, uint64_t need, uint64_t limit)
{
    if (need && sun_release() < SOLARIS_9)
        return sun_mark(FASTSCAN);
    return between(sun_mark(SLOWSCAN), sun_mark(FASTSCAN), less(free, need),
                   limit);
}

/* Plans the quarter of a second that began at `beat`, with `free` frames free
 * and `need` waited for. */
static void schedpaging(uint64_t beat, uint64_t free, uint64_t need)
{
    uint64_t limit = sun_mark(CACHEFREE), maxpgio;
    quarter.began = beat;
    quarter.nscan = 0;
    quarter.desscan = is_measuring() ? count : scan_rate(free, need, limit) / 4;
    quarter.cpu_ns =
        TICK *
        (is_measuring() ? CPU_MAX : between(CPU_MIN, CPU_MAX, free, limit)) /
        100;
    maxpgio = (uint64_t)policy_tunable(TUN_SUN_MAXPGIO);
    quarter.requests = larger(maxpgio / 4, 1);
}

/* After the last pass, sets fastscan to what a tenth of the processor scans and
 * moves the front hand, as handspread follows fastscan. */
static void measure_speed(uint64_t frames, uint64_t ns)
{
    struct policy_levels l;
    sample.frames += frames;
    sample.ns += ns;
    if (++sample.passes < SAMPLES || !sample.ns)
        return;
    sun_speed = larger(sample.frames * SECOND / sample.ns / 10, 1);
    sun_set_marks(count, &l);
    sun_hands[FRONT] = (sun_hands[BACK] + sun_mark(HANDSPREAD)) % count;
}

static void turn_over(unsigned *laps)
{
    policy_count_event(C_REV, 1);
    if (++*laps > 2 && share < SHARE_MAX)
        share *= 2; /* skip fewer of the pages that many spaces map */
}

/* Moves the hands, as far as this quarter of a second allows. */
static void scan(void)
{
    uint64_t start = policy_now(), seen = 0;
    unsigned laps = 0;
    bool measuring = is_measuring();
    while (quarter.nscan < quarter.desscan && laps <= 3 &&
           (measuring || is_short())) {
        if (seen % POLL == POLL - 1 && policy_now() - start >= quarter.cpu_ns)
            break;
        int f = checkpage((uint32_t)sun_hands[FRONT], true);
        int b = checkpage((uint32_t)sun_hands[BACK], false);
        if (f == 1 || b == 1)
            laps = 0;
        seen++;
        fruitless++;
        quarter.nscan += f >= 0 || b >= 0;
        policy_count_event(C_PGSCAN_KSWAPD, 1);
        for (int i = BACK; i <= FRONT; i++)
            sun_hands[i] = sun_hands[i] + 1 == count ? 0 : sun_hands[i] + 1;
        if (sun_hands[FRONT] == 0)
            turn_over(&laps);
    }
    if (measuring)
        measure_speed(seen, policy_now() - start);
}

/* ---- pageout: modified pages go to the disk ---- */

static void push_page(uint32_t frame)
{
    policy_remove(frame);
    *policy_data(frame) |= PUSHED;
    int err =
        policy_unmap(frame) && policy_dirty(frame) ? policy_launder(frame) : -1;
    if (err >= 0) {
        fruitless = 0;
        return;
    }
    *policy_data(frame) &= ~PUSHED;
    if (!policy_dirty(frame))
        free_page(frame);
}

/* Pushes as much of the queue as the disk takes, but at most maxpgio / 4
 * requests a quarter of a second. A request for swap carries up to a kluster of
 * the queue's pages; one for a file takes the page's neighbours along. */
static void push_queue(void)
{
    while (quarter.requests && policy_first(PUSH_LIST) != POLICY_NONE &&
           policy_write_room()) {
        quarter.requests--;
        sun_request();
        for (unsigned i = 0; i < SUN_KLUSTER; i++) {
            uint32_t frame = policy_first(PUSH_LIST);
            if (frame == POLICY_NONE || !policy_write_room())
                return;
            bool file = policy_kind(frame) == KIND_FILE;
            if (policy_kind(frame) == KIND_SHMEM)
                policy_remove(frame), take_shared(frame);
            else
                push_page(frame);
            if (file)
                break;
        }
    }
}

/* Returns a nap until the next quarter of a second. It ends earlier when memory
 * falls below minfree, the swapper has queued pages or, if more may be pushed,
 * a page has been written. (In SunOS pageout sleeps in each request.) */
static struct policy_nap until_tick(void)
{
    bool more = quarter.requests && policy_count(PUSH_LIST);
    return (struct policy_nap){quarter.began + TICK,
                               W_KICK | (more ? W_WRITTEN : 0)};
}

void sun_written(uint32_t frame)
{
    uint32_t *data = policy_data(frame);
    if (!(*data & PUSHED))
        return;
    *data &= ~PUSHED;
    if (!policy_mapped(frame) && !policy_dirty(frame))
        free_page(frame);
}

/* ---- free-behind ---- */

/* UFS's rdip (McVoy and Kleiman, "Extent-like Performance from a UNIX File
 * System", USENIX Winter 1991): "when the file is in sequential read mode, at
 * a large enough offset, and free memory is close to the low water mark that
 * turns on the pager", the page goes to the head of the list, as segmap_release
 * does with SM_FREE | SM_DONTNEED: the reader uses its own frames again, so the
 * scanner need not find others. (Sun's manual has the constants: smallfile
 * 32 KiB, pages_before_pager 200.) */
void sun_read_past(uint32_t frame, uint64_t offset)
{
    uint64_t close =
        sun_mark(LOTSFREE) + (uint64_t)policy_tunable(TUN_SUN_BEFORE_PAGER);
    if (policy_tunable(TUN_UFS_FREEBEHIND) &&
        offset > (uint64_t)policy_tunable(TUN_UFS_SMALLFILE) << 10 &&
        sun_freemem() < close && policy_kind(frame) == KIND_FILE)
        policy_free_behind(CACHELIST, frame);
}

/* ---- the thread ---- */

struct policy_nap sun_pageout(uint64_t now)
{
    struct policy_levels l;
    bool beat = now >= quarter.began + TICK, kicked = asleep;
    if (beat && policy_tunable(TUN_SUN_FASTSCAN))
        sun_set_marks(policy_frames(), &l);
    asleep = !is_short() && !policy_count(PUSH_LIST) && !is_measuring();
    if (asleep) {
        if (share > SHARE_MIN)
            share /= 2;
        fruitless = 0;
        return (struct policy_nap){NAP_LONG, W_KICK};
    }
    /* The kick came in a quarter of a second that began with enough free: its
     * rate is slowscan, and only an urgent allocation moves the hands in it. */
    if (beat && kicked)
        schedpaging(now / TICK * TICK, sun_mark(CACHEFREE), 0);
    else if (beat)
        schedpaging(now / TICK * TICK, less(sun_freemem(), sun_mark(DEFICIT)),
                    needfree());
    if ((beat && !kicked) || is_urgent())
        scan();
    push_queue();
    if (!beat)
        return until_tick();
    barren = fruitless > 2ull * count ? barren + 1 : 0;
    if (is_hopeless(barren > HOPELESS, &starving)) {
        fruitless = barren = 0;
        policy_hopeless();
    }
    return until_tick();
}
