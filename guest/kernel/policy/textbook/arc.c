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
 *            +---- wanted again: p grows     p shrinks: wanted -----+
 *
 * Rules. T1 holds pages that were used once, when they came in; T2 holds pages
 * that were used again. The victim comes from T1 if T1 holds at least p pages,
 * else from T2: it is the oldest page, if its mark is clear; a marked page
 * loses the mark and moves to the young end of T2. An evicted page is
 * remembered as a ghost. If a page that comes in is a ghost of T1, T1 was too
 * short: p grows by max(1, B2/B1). If it is a ghost of T2, p shrinks by max(1,
 * B1/B2). Both join T2. T1 and B1 together hold no more pages than memory (c),
 * all four lists no more than 2c.
 *
 * Adapted. (a) A page's first use is the fault that brings it in, or the use
 * for which read-ahead brought it in. It sets the same bit as a later use: so
 * the bit of a page that has been used once is cleared when the next page is
 * used for the first time; by then the first use is over. (b) A ghost is a
 * shadow (vm/shadow.c) with the number of its departure; it is in B1 if fewer
 * pages have left T1 since than B1 holds. Ghosts that have come back still
 * count in that number, so that the oldest ghosts are forgotten a little early,
 * and the table drops ghosts whose set is full: with 16 to 64 frames this has 9
 * to 14% more faults than CAR on Zipf's references (vmsim car,guest:arc), with
 * 256 no more.
 * (c) c is the number of pages in T1 and T2 now, since the kernel's own memory
 * grows and shrinks.
 *
 * Constants. None; ARC was made to need none. The marks are those of clock.c.
 *
 * Left out. The paper knows no read-ahead: a page read ahead joins T1 like any
 * other, and its first use does not count as a second one. */
#include "policy/marks.h"
#include "vm/policy.h"

enum { T1 = 1, T2 = 2 };

static const struct policy_list lists[] = {
    {"t1", LIST_INACTIVE}, {"t2", LIST_ACTIVE}, {0}};
static struct policy_mark marks[] = {{"p", 0}, {"b1", 0}, {"b2", 0}, {0}};
#define P marks[0].value

static uint32_t left[3]; /* pages that have left T1, T2: 30 bits count */
static uint32_t
    newest; /* the page with the latest first use, which set its mark */

#define UNUSED 1u /* policy_data: its first use is yet to come */

#define STAMP 0x3fffffffu

/* The number of ghosts of list t (T1, T2). */
static uint64_t *ghosts(unsigned t)
{
    return &marks[t].value;
}

static uint64_t memory(void)
{
    return policy_count(T1) + policy_count(T2);
}

static void init(uint32_t nframes)
{
    (void)nframes;
    for (unsigned i = 0; marks[i].name; i++)
        marks[i].value = 0;
    left[T1] = left[T2] = 0;
    newest = POLICY_NONE;
}

static void forget_oldest(void)
{
    uint64_t c = memory(), t1 = policy_count(T1), room1 = c - t1;
    if (*ghosts(T1) > room1)
        *ghosts(T1) = room1;
    if (*ghosts(T2) > c - *ghosts(T1))
        *ghosts(T2) = c - *ghosts(T1);
}

static uint32_t evicted(uint32_t frame)
{
    unsigned t = policy_list_of(frame);
    ++*ghosts(t);
    forget_oldest();
    return 1u << 31 | (t == T2) << 30 | (left[t]++ & STAMP);
}

static uint64_t adjustment(uint64_t mine, uint64_t other)
{
    return mine && other > mine ? other / mine : 1;
}

/* A ghost of list t has come back: that list should have been longer. */
static void adapt(unsigned t)
{
    uint64_t b1 = *ghosts(T1), b2 = *ghosts(T2), c = memory();
    if (t == T1)
        P += adjustment(b1, b2);
    else
        P -= adjustment(b2, b1) < P ? adjustment(b2, b1) : P;
    if (P > c)
        P = c;
    --*ghosts(t);
}

static void first_use(uint32_t frame)
{
    *policy_data(frame) &= ~UNUSED;
    if (newest != POLICY_NONE)
        policy_clear_used(newest);
    newest = frame;
}

/* (For a page of a file mechanism reports each use that is not through a PTE.)
 */
static void page_touched(uint32_t frame, enum policy_why why)
{
    (void)why;
    if (*policy_data(frame) & UNUSED)
        first_use(frame);
}

static void page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    unsigned t = shadow >> 30 & 1 ? T2 : T1;
    if (policy_kind(frame) == KIND_ANON && why == CAME_FAULT)
        first_use(frame);
    else
        *policy_data(frame) |= UNUSED;
    if (shadow && ((left[t] - 1 - shadow) & STAMP) < *ghosts(t)) {
        adapt(t);
        policy_add_tail(T2, frame);
    } else {
        policy_add_tail(T1, frame);
    }
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
        bool first = n1 && n1 >= P && passed[T1] < n1;
        unsigned t = first || !n2 || passed[T2] >= n2 ? T1 : T2;
        uint32_t frame = policy_first(t);
        if (frame == POLICY_NONE || passed[t] > policy_count(t))
            return POLICY_NONE;
        --*budget;
        if (!policy_may_take(frame)) {
            passed[t]++;
            policy_add_tail(t, frame);
        } else if (policy_clear_used(frame) &&
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
    .init = init,
    .page_in = page_in,
    .page_gone = page_gone,
    .page_touched = page_touched,
    .evicted = evicted,
    .victim = victim,
};
