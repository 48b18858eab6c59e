/* SPDX-License-Identifier: MIT */
/* 4.3BSD's swapper, process 0 (sys/vm_sched.c: sched, vmmeter; vm_swap.c).
 *
 * Paging alone cannot help when the processes that run need more frames than
 * there are: each steals from the others, and all wait for the disk. Then one
 * process is stopped and swapped out whole, so that the others fit; after a
 * while it changes places with a process that has been in for long.
 *
 *   once a second
 *     |
 *     overloaded?  load >= 2; and free memory below desfree (both means, over
 *     |            5 s and 30 s); and either more than maxpgio requests a
 *     |            second, or free memory (mean over 5 s) below minfree
 *     | yes: out --> the longest sleeper, if asleep over maxslp (20 s); else,
 *     |              of the 4 largest, the one in for longest
 *     | no
 *     memory below desfree: a process asleep for more than maxslp goes out
 *     |
 *     a process out wants to run?  the one with most seconds out, less the
 *     |            seconds that reading its pages takes (its priority)
 *     | if it fits (or half of it, if it has waited long): in, deficit grows
 *       if not: out --> the sleeper as above; else, if it has waited long, the
 *                  large process as above, if in for more than maxslp
 *
 * Out: the processes of an address space stop at their next return to user
 * mode; their own pages go to swap, those of files are unmapped. In: they run
 * again and fault their pages in; 4.3BSD, too, read back only user area and
 * page tables. A kluster has as many pages as in 4.3BSD, of 512 bytes each
 * there. Left out: nice and time asleep in the priority; kernel map space. */
#include "policy/bsd/bsd43.h"
#include "policy/swapout.h"

#define NBIG 4
#define KLIN 8 /* pages that one page-in brings (vmparam.h) */

static uint64_t maxpgio(void)
{
    return (uint64_t)policy_tunable(TUN_BSD_MAXPGIO);
}

static struct {
    uint64_t five, thirty; /* means of `free` (meter) over 5 s and 30 s */
    uint64_t rate;         /* requests a second, mean over 5 s */
    uint64_t last;         /* the last second counted */
} mean;

static struct swapout leaving;

void bsd_swapper_init(void)
{
    mean.five = mean.thirty = mean.rate = mean.last = 0;
    leaving = (struct swapout){0};
}

static uint64_t mark(enum bsd_mark m)
{
    return bsd_marks[m].value;
}

static void promise(uint64_t n)
{
    bsd_marks[DEFICIT].value += n;
}

/* vmmeter. `free` counts the frames that programs can have. 4.3BSD gave them
 * all of freemem; here the last frames are the kernel's. A mean that counted
 * these would never fall below desfree, however much was paged. Each second the
 * deficit falls by a tenth or by the pages that come in, whichever is more:
 * maxpgio / 2 page-ins are assumed, of KLIN / 2 pages each. */
static void meter(uint64_t now)
{
    uint64_t free = less(bsd_freemem(), mark(MINFREE) + BSD_KERNEL_ROOM);
    uint64_t deficit = mark(DEFICIT);
    if (now / SECOND == mean.last)
        return;
    mean.last = now / SECOND;
    policy_count_event(C_SWPQUE, mark(SWAPPED) * 1000000);
    policy_count_event(C_SWPOCC, mark(SWAPPED) ? 1000000 : 0);
    bsd_marks[DEFICIT].value =
        less(deficit, larger(deficit / 10, KLIN / 2 * maxpgio() / 2));
    mean.five = (4 * mean.five + free) / 5;
    mean.thirty = (29 * mean.thirty + free) / 30;
    mean.rate = (4 * mean.rate + bsd_requests()) / 5;
}

static bool overloaded(void)
{
    return policy_load() >= 2 << 16 &&
           larger(mean.five, mean.thirty) < mark(DESFREE) &&
           (mean.rate > maxpgio() || mean.five < mark(MINFREE));
}

static uint64_t maxslp(void)
{
    return (uint64_t)policy_tunable(TUN_BSD_MAXSLP) * SECOND;
}

static bool swappable(const struct policy_space *s)
{
    return !s->out && !s->immune && s->rss;
}

/* ---- out ---- */

/* Returns the space to swap out, or 0. *slept: true if it was chosen because it
 * has slept for long; if false, *in_core is how long (ns) it has been in. */
static uint64_t choose_to_leave(bool *slept, uint64_t *in_core, uint64_t now)
{
    uint64_t big[NBIG] = {0}, rss[NBIG] = {0}, best = 0, longest = 0;
    struct policy_space s;
    for (uint64_t id = 0; (id = policy_space_after(id));) {
        if (!policy_space(id, &s) || !swappable(&s))
            continue;
        if (s.slept_ns > maxslp() && s.slept_ns > longest)
            best = id, longest = s.slept_ns;
        for (int i = 0; i < NBIG; i++)
            if (s.rss > rss[i]) { /* keep them sorted, largest first */
                for (int k = NBIG - 1; k > i; k--)
                    big[k] = big[k - 1], rss[k] = rss[k - 1];
                big[i] = id, rss[i] = s.rss;
                break;
            }
    }
    *slept = best != 0;
    *in_core = 0;
    for (int i = 0; i < NBIG && !*slept; i++)
        if (big[i] && policy_space(big[i], &s) && now - s.since_ns >= *in_core)
            best = big[i], *in_core = now - s.since_ns;
    return best;
}

/* Takes out a page of the leaving process. False: the disk's queue is full. */
static bool page_out(uint32_t frame)
{
    bool own = policy_kind(frame) == KIND_ANON && policy_mapped(frame) == 1;
    if (own && !policy_write_room())
        return false;
    if (own && policy_dirty(frame)) {
        policy_count_event(C_PGSWAPOUT, policy_take(frame) >= 0);
    } else if (swapout_unmap(&leaving, frame)) {
        policy_cache(FREELIST, frame, false);
    }
    return true;
}

/* Begins to swap a process out, if one may go. desperate: memory is overloaded;
 * the processes that stay are promised the frames. deserving: another process
 * has long waited to come in. */
static bool make_room(bool desperate, bool deserving, uint64_t now)
{
    struct policy_space s;
    uint64_t in_core;
    bool slept;
    uint64_t id = choose_to_leave(&slept, &in_core, now);
    if (!id || !(slept || desperate || (deserving && in_core > maxslp())))
        return false;
    if (desperate && policy_space(id, &s))
        promise(smaller(s.rss, mark(LOTSFREE)));
    swapout_begin(&leaving, id);
    return true;
}

/* ---- in ---- */

/* Of the swapped-out processes that want to run, returns the address space with
 * the highest priority, and sets *priority (seconds). 0: there is none. */
static uint64_t wants_in(int64_t *priority, uint64_t now)
{
    uint64_t best = 0;
    struct policy_space s;
    int64_t rate = (int64_t)larger(maxpgio() / 2 * KLIN, 1);
    bsd_marks[SWAPPED].value = 0;
    for (uint64_t id = 0; (id = policy_space_after(id));) {
        if (!policy_space(id, &s) || !s.out || !s.wants_in)
            continue;
        bsd_marks[SWAPPED].value++;
        int64_t p =
            (int64_t)((now - s.since_ns) / SECOND) - (int64_t)s.swapped / rate;
        if (!best || p > *priority)
            best = id, *priority = p;
    }
    return best;
}

static bool bring_in(uint64_t id, bool deserving)
{
    struct policy_space s;
    if (!policy_space(id, &s))
        return false;
    uint64_t needs = smaller(s.swapped, mark(LOTSFREE));
    /* With swap full no frames can be freed for the process: it comes in
     * anyway. If others wait long for frames, the kernel kills a process. */
    if (policy_swap_free() &&
        less(bsd_freemem(), mark(DEFICIT)) <= needs / (deserving ? 2 : 1))
        return false;
    promise(needs);
    policy_space_hold(id, false);
    bsd_marks[SWAPPED].value--; /* wants_in has just counted it */
    policy_count_event(C_SWAPIN, 1);
    return true;
}

/* If memory is short, begins to swap out a process that has slept for long.
 * True: one goes. */
static bool swap_out_sleeper(void)
{
    struct policy_space s;
    for (uint64_t id = 0; (id = policy_space_after(id));)
        if (bsd_freemem() < mark(DESFREE) && policy_space(id, &s) &&
            swappable(&s) && s.slept_ns > maxslp()) {
            swapout_begin(&leaving, id);
            return true;
        }
    return false;
}

struct policy_nap bsd_swapper(uint64_t now)
{
    struct policy_nap second = {next_beat(now, SECOND), 0};
    int64_t priority = 0;
    meter(now);
    if (leaving.id && !swapout_go_on(&leaving, page_out))
        return (struct policy_nap){next_beat(now, SECOND / 100), W_WRITTEN};
    if (overloaded()) {
        make_room(true, false, now);
        return leaving.id ? (struct policy_nap){0, 0} : second;
    }
    if (swap_out_sleeper())
        return (struct policy_nap){0, 0};
    uint64_t id = wants_in(&priority, now);
    bool deserving = id && priority > policy_tunable(TUN_BSD_MAXSLP) / 2;
    if (id && !bring_in(id, deserving))
        make_room(false, deserving, now);
    return leaving.id ? (struct policy_nap){0, 0} : second;
}
