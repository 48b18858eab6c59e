/* SPDX-License-Identifier: MIT */
/* The swapper of SunOS 5, process 0, `sched` (os/sched.c: sched, swapout;
 * os/vm_meter.c: vmmeter; disp/ts.c: ts_swapin, ts_swapout). The means are
 * those of freemem over 5 and over 30 seconds.
 *
 *   soft   mean of 5 s and freemem at or below desfree
 *            each process that has slept for more than maxslp (20 s) goes:
 *            it does not notice, and its frames become free
 *   hard   load of 2 or more, both means below desfree, and either more than
 *          maxpgio requests a second or the mean of 5 s below minfree
 *          ("desperate"); or freemem is too low for a process to come in
 *            if the mean of 5 s is at or below minfree, and freemem at or below
 *            desfree: the process that has slept longest (or, if it is ready,
 *            been in longest) goes, if that is over 2 s
 *   in     of the processes that want to run, the one longest out, if freemem
 *          less the deficit is above its needs: its pages in swap, lotsfree at
 *          most, 12 at least, half of that when it has been out for maxslp / 2
 *
 * Out: the processes of an address space stop where they would return to their
 * program (in SunOS the stacks of its LWPs are taken), all its mappings go, and
 * its own pages join the queue that pageout pushes, at most maxpgio / 4
 * requests each quarter of a second. In: they run again, and fault for pages;
 * the pages that they may need join the deficit, vmstat's `de`. The deficit
 * keeps others out and the scanner at work; it falls each second by a tenth or,
 * if that is more, by maxpgio / 2 pages. vmstat's `w` counts the processes that
 * are out, whether they would run or not: so `w` stays up when the shortage is
 * over, until they run.
 *
 * Left out: classes other than time-sharing, and unloading of modules. */
#include "policy/sun/sun.h"
#include "policy/swapout.h"

#define MIN_SLEPT  (2 * SECOND) /* ts_minslp, ts_minrun */
#define MIN_NEEDS  12           /* min_procsize */
#define PER_IO     1            /* UsefulPagesPerIO: MAXBSIZE / PAGESIZE / 2 */
#define PUSH_LIMIT 256

static struct {
    uint64_t five, thirty; /* avefree, avefree30 */
    uint64_t rate;         /* pginrate + pgoutrate, of 5 s */
    uint64_t second;       /* the last second counted */
} mean;
static uint64_t requests; /* page-ins and page-outs in this second */
static struct swapout leaving;

void sun_sched_init(uint32_t nframes)
{
    mean.five = mean.thirty = nframes;
    mean.rate = mean.second = requests = 0;
    leaving = (struct swapout){0};
    sun_marks[DEFICIT].value = sun_marks[SWAPPED].value = 0;
}

void sun_request(void)
{
    requests++;
}

/* Counts requests: a page that comes in clean has come from a disk. */
void sun_page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    requests += (why == CAME_FAULT || why == CAME_READ) && !policy_dirty(frame);
}

static uint64_t maxslp(void)
{
    return (uint64_t)policy_tunable(TUN_SUN_MAXSLP) * SECOND;
}

static uint64_t maxpgio(void)
{
    return (uint64_t)policy_tunable(TUN_SUN_MAXPGIO);
}

/* vmmeter, once a second. */
static void meter(uint64_t now)
{
    uint64_t free = sun_freemem(), deficit = sun_mark(DEFICIT);
    if (now / SECOND == mean.second)
        return;
    mean.second = now / SECOND;
    mean.five = (4 * mean.five + free) / 5;
    mean.thirty = (29 * mean.thirty + free) / 30;
    mean.rate = (4 * mean.rate + requests) / 5;
    requests = 0;
    sun_marks[DEFICIT].value =
        less(deficit, larger(deficit / 10, PER_IO * maxpgio() / 2));
    policy_count_event(C_SWPQUE, sun_mark(SWAPPED) * 1000000);
    policy_count_event(C_SWPOCC, sun_mark(SWAPPED) ? 1000000 : 0);
}

static bool is_swappable(uint64_t id, struct policy_space *s)
{
    return policy_space(id, s) && !s->out && !s->immune && s->rss;
}

/* ---- out ---- */

static void begin_out(uint64_t id)
{
    swapout_begin(&leaving, id);
    sun_marks[SWAPPED].value++;
}

/* Takes out a page of the leaving process. False: the push list is full. */
static bool page_out(uint32_t frame)
{
    bool own = policy_kind(frame) == KIND_ANON && policy_mapped(frame) == 1;
    if (own && !policy_locked(frame) && !policy_busy(frame) &&
        !policy_list_of(frame) && policy_dirty(frame)) {
        if (policy_count(PUSH_LIST) >= PUSH_LIMIT)
            return false;
        policy_event(frame, R_PUSH_QUEUED);
        policy_add_tail(PUSH_LIST, frame);
        policy_count_event(C_PGSWAPOUT, 1);
    } else if (swapout_unmap(&leaving, frame) && own) {
        policy_cache(CACHELIST, frame, false);
    }
    return true;
}

/* Begins to swap out a process that has slept long. True: one goes. */
static bool soft_swap(void)
{
    struct policy_space s;
    if (mean.five > sun_mark(DESFREE) || sun_freemem() > sun_mark(DESFREE))
        return false;
    for (uint64_t id = 0; (id = policy_space_after(id));)
        if (is_swappable(id, &s) && s.slept_ns > maxslp()) {
            begin_out(id);
            return true;
        }
    return false;
}

static bool is_desperate(void)
{
    return policy_load() >= 2 << 16 &&
           larger(mean.five, mean.thirty) < sun_mark(DESFREE) &&
           (mean.rate > maxpgio() || mean.five < sun_mark(MINFREE));
}

/* `unload`: begins to swap out one process. If memory is overloaded, its frames
 * are left to the others (desperate), not given to a process that comes in. */
static bool hard_swap(bool desperate, uint64_t now)
{
    struct policy_space s;
    uint64_t best = 0, longest = MIN_SLEPT, pages = 0;
    if (mean.five > sun_mark(MINFREE) || sun_freemem() > sun_mark(DESFREE))
        return false;
    for (uint64_t id = 0; (id = policy_space_after(id));) {
        if (!is_swappable(id, &s))
            continue;
        uint64_t here = s.slept_ns ? s.slept_ns : now - s.since_ns;
        if (here > longest)
            best = id, longest = here, pages = s.rss;
    }
    if (!best)
        return false;
    if (desperate)
        sun_marks[DEFICIT].value += smaller(pages, sun_mark(LOTSFREE));
    begin_out(best);
    return true;
}

/* ---- in ---- */

/* Of the processes that want to run, returns the one that has been out longest,
 * or 0; sets *out_ns to that time. Counts all that are out. */
static uint64_t wants_in(uint64_t now, uint64_t *out_ns)
{
    struct policy_space s;
    uint64_t best = 0, nswapped = 0;
    for (uint64_t id = 0; (id = policy_space_after(id));) {
        if (!policy_space(id, &s) || !s.out)
            continue;
        nswapped++;
        if (s.wants_in && (!best || now - s.since_ns > *out_ns))
            best = id, *out_ns = now - s.since_ns;
    }
    sun_marks[SWAPPED].value = nswapped;
    return best;
}

/* Swaps the process in. False: there is no room for it; *wait is true if there
 * would be room without the deficit of those that came in before. */
static bool bring_in(uint64_t id, uint64_t out_ns, bool *wait)
{
    struct policy_space s;
    *wait = false;
    if (!policy_space(id, &s))
        return true;
    uint64_t needs = larger(smaller(s.swapped, sun_mark(LOTSFREE)), MIN_NEEDS) /
                     (out_ns > maxslp() / 2 ? 2 : 1);
    if (less(sun_freemem(), sun_mark(DEFICIT)) <= needs) {
        *wait = sun_freemem() > needs;
        return false;
    }
    sun_marks[DEFICIT].value += needs;
    sun_marks[SWAPPED].value--;
    policy_space_hold(id, false);
    policy_count_event(C_SWAPIN, 1);
    return true;
}

struct policy_nap sun_sched(uint64_t now)
{
    const struct policy_nap second = {next_beat(now, SECOND), W_KICK},
                            at_once = {0, 0};
    uint64_t out_ns = 0, id;
    bool wait;
    meter(now);
    if (leaving.id) {
        bool done = swapout_go_on(&leaving, page_out);
        policy_kick(0); /* pageout has something to push */
        return done ? at_once
                    : (struct policy_nap){now + SECOND / 100, W_WRITTEN};
    }
    if (is_desperate())
        return hard_swap(true, now) ? at_once : second;
    if (soft_swap())
        return at_once;
    id = wants_in(now, &out_ns);
    if (!id)
        return second;
    if (bring_in(id, out_ns, &wait))
        return at_once;
    return !wait && hard_swap(false, now) ? at_once : second;
}
