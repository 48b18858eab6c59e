/* SPDX-License-Identifier: MIT */
/* CAR, the adaptive replacement cache as clocks.
 *
 * System and year. Bansal and Modha, "CAR: clock with adaptive replacement",
 * FAST 2004. The policy is called `arc` after ARC, which it adapts: Megiddo and
 * Modha, "ARC: a self-tuning, low overhead replacement cache", FAST 2003 (IBM's
 * storage controllers, later ZFS). ARC has two LRU lists and sees every
 * reference; a memory manager sees only bits. CAR keeps ARC's ghosts and its
 * target p, and turns the lists into clocks. ARC itself is not here.
 *
 *          ghosts B1          T1 seen once | T2 seen again        ghosts B2
 *      . . . . . . . . [<- oldest  newest] | [newest  oldest ->] . . . . . .
 *            |                         p <---> c - p                |
 *            +---- wanted again: p grows   p shrinks: wanted again -+
 *
 * Rules. T1 holds pages that were used once, when they came in; T2 holds pages
 * that were used again. The victim comes from T1 if T1 holds at least p pages,
 * else from T2: it is the oldest page, if its mark is clear; a marked page
 * loses the mark and moves to the young end of T2. An evicted page is
 * remembered as a ghost. If a page that comes in is a ghost of T1, T1 was too
 * short: p grows by max(1, B2/B1). If it is a ghost of T2, p shrinks by max(1,
 * B1/B2). In both cases the page joins T2. T1 and B1 together hold no more
 * pages than memory (c), all four lists no more than 2c.
 *
 * Adapted. (a) A page's first use is the access that brings it in or, if it was
 * read ahead, the first access after that. It sets the same bit as a later use.
 * So the bit does not count until another page has its first use, and then it
 * is cleared.
 * (b) c is the number of pages in T1 and T2 plus free frames, as the kernel's
 * own memory grows and shrinks. (c) Pages are evicted ahead of the faults that
 * need their frames; so ghosts are forgotten when a new page comes in, not at
 * an eviction. In vmsim `arc` has CAR's faults within 1% (tests/cli/vmsim.t).
 *
 * Constants. None; ARC was made to need none. The levels are linux_marks'.
 *
 * Left out. The paper knows no read-ahead: a page read ahead joins T1 like any
 * other, and its first use does not count as a second one. */
#include "policy/marks.h"
#include "policy/numbers.h"
#include "vm/policy.h"

enum { T1 = 1, T2 = 2 };

static const struct policy_list lists[] = {
    {"t1", LIST_INACTIVE}, {"t2", LIST_ACTIVE}, {0}};
static const char *const ghosts[] = {"b1", "b2", 0};
static struct policy_mark marks[] = {{"p", 0}, {0}};

#define ONE      (1ull << 32)
#define ROUNDING (1u << 16) /* error of p's fractions, summed up */
static uint64_t p;          /* the frames that T1 should have, times ONE */
static uint32_t newest;     /* frame of the latest first use: its mark is set */

#define UNUSED 1u /* policy_data: its first use is yet to come */

static uint64_t memory(void)
{
    return policy_count(T1) + policy_count(T2) + policy_free();
}

static void set_p(uint64_t value)
{
    p = value;
    marks[0].value = p / ONE;
}

static void init(uint32_t nframes)
{
    set_p(0);
    newest = POLICY_NONE;
}

static uint32_t evicted(uint32_t frame)
{
    return policy_list_of(frame);
}

static void forget_oldest(void)
{
    uint64_t c = memory();
    while (policy_count(T1) + policy_ghosts(T1) > c && policy_forget(T1))
        ;
    while (policy_ghosts(T1) + policy_ghosts(T2) > c && policy_forget(T2))
        ;
}

static uint64_t adjustment(uint64_t mine, uint64_t other)
{
    return other > mine ? other * ONE / mine : ONE;
}

/* Adapts p when a ghost of list t comes back: t should have been longer. */
static void adapt(unsigned t)
{
    uint64_t b1 = policy_ghosts(T1) + (t == T1);
    uint64_t b2 = policy_ghosts(T2) + (t == T2), most = memory() * ONE;
    if (t == T1)
        set_p(smaller(p + adjustment(b1, b2), most));
    else
        set_p(less(p, adjustment(b2, b1)));
}

static void first_use(uint32_t frame)
{
    *policy_data(frame) &= ~UNUSED;
    if (newest != POLICY_NONE)
        policy_clear_used(newest);
    newest = frame;
}

/* (Mechanism reports read(), write(), and a fault that is to map the page.) */
static void page_touched(uint32_t frame, enum policy_why why)
{
    if (*policy_data(frame) & UNUSED)
        first_use(frame);
}

static void page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    if (policy_kind(frame) == KIND_ANON && why == CAME_FAULT)
        first_use(frame);
    else
        *policy_data(frame) |= UNUSED;
    policy_add_tail(shadow ? T2 : T1, frame);
    if (shadow)
        adapt(shadow);
    else
        forget_oldest();
}

static void page_gone(uint32_t frame)
{
    if (frame == newest)
        newest = POLICY_NONE;
}

static uint32_t victim(uint64_t *budget)
{
    uint64_t passed[3] = {0}; /* pages that could not go, by list */
    while (*budget) {
        uint64_t n1 = policy_count(T1), n2 = policy_count(T2);
        bool first = n1 && n1 * ONE + ROUNDING >= p && passed[T1] < n1;
        unsigned t = first || !n2 || passed[T2] >= n2 ? T1 : T2;
        uint32_t frame = policy_first(t);
        if (frame == POLICY_NONE || passed[t] > policy_count(t))
            return POLICY_NONE;
        --*budget;
        if (!policy_may_take(frame)) {
            passed[t]++;
            policy_add_tail(t, frame);
        } else if (frame != newest && policy_clear_used(frame) &&
                   !(*policy_data(frame) & UNUSED)) {
            policy_add_tail(T2, frame);
        } else {
            policy_add_tail(t, frame); /* if not taken, it is the youngest */
            return frame;
        }
    }
    return POLICY_NONE;
}

const struct policy_ops policy_arc = {
    .name = "arc",
    .notions = POLICY_HAS(SCANNER) | POLICY_HAS(LISTS),
    .set_marks = linux_marks,
    .marks = marks,
    .lists = lists,
    .ghosts = ghosts,
    .init = init,
    .page_in = page_in,
    .page_gone = page_gone,
    .page_touched = page_touched,
    .evicted = evicted,
    .victim = victim,
};
