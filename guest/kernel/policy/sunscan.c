/* SPDX-License-Identifier: MIT */
/* The page scanner of SunOS 5 (vm_pageout.c: schedpaging, pageout_scanner,
 * checkpage, pageout), as policy/sunos.c and policy/solaris8.c use it. Their
 * essays say what it is for.
 *
 * One step of the thread `pageout` is one quarter of a second: schedpaging
 * says how many frames are to be looked at, the hands look at them, and the
 * queue of modified pages is pushed. In SunOS these are a clock routine and
 * two threads that wait for it. */
#include "policy/sun.h"

#define TICK      (SECOND / 4) /* RATETOSCHEDPAGING, SCHEDPAGING_HZ */
#define PUSH_MAX  256          /* async_list_size */
#define SHARE_MIN 8            /* MIN_PO_SHARE */
#define SHARE_MAX (8u << 24)
#define CPU_MIN   4 /* percent of the processor: min_percent_cpu */
#define CPU_MAX   80
#define POLL      128 /* PAGES_POLL_MASK: frames between looks at the clock */
#define SAMPLES   4   /* passes that measure the scanner's speed */
#define PUSHED    1u  /* policy_data: is to be freed when it has been written */

static uint32_t count, front, back;
static uint32_t share = SHARE_MIN; /* po_share */
static uint64_t fruitless; /* frames looked at since one could be taken */
static uint64_t tick;      /* when the latest quarter of a second began */
static uint64_t requests;  /* that may still be pushed before the next */
static unsigned starving;
static struct {
    uint64_t frames, ns;
    unsigned passes;
} sample;

void sun_init(uint32_t nframes)
{
    count = nframes;
    back = 0;
    share = SHARE_MIN;
    fruitless = tick = requests = starving = 0;
    sample.frames = sample.ns = sample.passes = 0;
    sun_speed = 0;
    sun_flush_init();
    front = (uint32_t)(sun_mark(HANDSPREAD) % count);
}

uint32_t sun_pressed(void)
{
    return sun_freemem() < sun_mark(CACHEFREE);
}

void sun_hands(uint64_t hand[2])
{
    hand[0] = back;
    hand[1] = front;
}

/* ---- one page ---- */

/* Free, with its identity: found again until the frame is needed. */
static bool free_page(uint32_t frame)
{
    if (!policy_cache(CACHELIST, frame, false))
        return false;
    fruitless = 0;
    return true;
}

/* Shared anonymous memory: freed at once or when it is in swap. */
static bool take_shared(uint32_t frame)
{
    if (policy_take(frame) < 0)
        return false;
    fruitless = 0;
    return true;
}

/* Between cachefree and lotsfree only pages of files go, and no programs'. */
static bool protected(uint32_t frame)
{
    return sun_freemem() >= sun_mark(LOTSFREE) &&
           (policy_kind(frame) != KIND_FILE || policy_exec(frame));
}

/* What a hand does with a page: 1 freed or queued, 0 spared, -1 not its
 * business. Either hand takes what it finds unused; for the front hand that
 * is what nobody has used for a whole revolution. */
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

/* Measured speed replaces the guess, as long as half of memory a second is
 * not exceeded. */
static void measure(uint64_t frames, uint64_t ns)
{
    sample.frames += frames;
    sample.ns += ns;
    if (!frames || ++sample.passes < SAMPLES || !sample.ns)
        return;
    sun_speed = sample.frames * SECOND / sample.ns;
    if (!policy_tunable(TUN_SUN_FASTSCAN))
        sun_marks[FASTSCAN].value = smaller(sun_mark(FASTSCAN), sun_speed);
}

static void turn_over(unsigned *laps)
{
    policy_count_event(C_REV, 1);
    if (++*laps > 2 && share < SHARE_MAX)
        share *= 2; /* skip fewer of the pages that many map */
}

/* Moves the hands over up to `want` frames, for at most `ns`. */
static void scan(uint64_t want, uint64_t ns)
{
    uint64_t start = policy_now(), seen = 0, looked = 0;
    unsigned laps = 0;
    bool measuring = sample.passes < SAMPLES;
    while (looked < want && laps <= 3 &&
           (measuring || sun_freemem() < sun_mark(CACHEFREE))) {
        if (seen % POLL == POLL - 1 && policy_now() - start >= ns)
            break;
        int f = checkpage(front, true), b = checkpage(back, false);
        if (f == 1 || b == 1)
            laps = 0;
        seen++;
        fruitless++;
        looked += f >= 0 || b >= 0;
        policy_count_event(C_PGSCAN_KSWAPD, 1);
        back = back + 1 == count ? 0 : back + 1;
        front = front + 1 == count ? 0 : front + 1;
        if (front == 0)
            turn_over(&laps);
        if (fruitless > 3ull * count)
            break;
    }
    if (measuring)
        measure(seen, policy_now() - start);
}

/* ---- pageout: what is modified goes to the disk ---- */

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

/* As much as the disk takes, but at most maxpgio / 4 requests a quarter of a
 * second. One for swap carries as many pages of the queue as make a kluster;
 * one for a file takes its neighbours along. */
static void push(void)
{
    while (requests && policy_first(PUSH_LIST) != POLICY_NONE &&
           policy_write_room()) {
        requests--;
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

/* Until the next quarter of a second; if pages are still queued, as soon as
 * the disk could take more. (In SunOS pageout sleeps in each request.) */
static struct policy_nap until_tick(void)
{
    bool more = requests && policy_count(PUSH_LIST);
    return (struct policy_nap){tick + TICK, more ? W_WRITTEN : 0};
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

/* ---- the thread ---- */

struct policy_nap sun_pageout(uint64_t now)
{
    struct policy_levels l;
    if (sample.passes < SAMPLES || policy_tunable(TUN_SUN_FASTSCAN))
        sun_set_marks(policy_frames(), &l);
    uint64_t limit = sun_mark(CACHEFREE), free = sun_freemem();
    bool queued = policy_count(PUSH_LIST);
    if (free >= limit && !queued) {
        if (share > SHARE_MIN)
            share /= 2;
        fruitless = 0;
        return (struct policy_nap){NAP_LONG, W_KICK};
    }
    if (now < tick + TICK) { /* woken in between: rates are per quarter */
        push();
        return until_tick();
    }
    tick = now / TICK * TICK;
    requests = larger((uint64_t)policy_tunable(TUN_SUN_MAXPGIO) / 4, 1);
    if (free < limit) {
        uint64_t rate =
            between(sun_mark(SLOWSCAN), sun_mark(FASTSCAN), free, limit);
        uint64_t cpu = between(CPU_MIN, CPU_MAX, free, limit);
        scan(rate / 4, TICK * cpu / 100);
    }
    push();
    if (is_hopeless(fruitless > 2ull * count, &starving)) {
        fruitless = 0;
        policy_hopeless();
    }
    return until_tick();
}
