/* SPDX-License-Identifier: MIT */
/* ARC: pages used once and pages used again, on two LRU lists; the list that
 * loses more pages which are wanted again gets the larger share.
 *
 * N. Megiddo, D. S. Modha, "ARC: a self-tuning, low overhead replacement
 * cache", FAST 2003, figure 4, whose cases are named below. c is the number of
 * frames; T1 and T2 are in memory, B1 and B2 remember evicted pages.
 *
 *       B1            T1 used once | T2 used again           B2
 *     . . . . [oldest ..... newest | newest ..... oldest] . . . .
 *       |                     p <---> c - p                 |
 *       +- wanted again: p grows      p shrinks: wanted ----+ */
#include "tools/vmsim/textbook/textbook.h"

enum { T1 = 1, T2, B1, B2 };

struct arc {
    struct memory m;
    double p; /* the frames that T1 should have */
};

static u32 count(const struct arc *a, unsigned list)
{
    return a->m.list[list].count;
}

/* REPLACE(x, p): evicts the oldest page of T1 or T2; heads are newest. */
static u32 replace(struct arc *a, bool in_b2)
{
    struct memory *m = &a->m;
    double beyond = count(a, T1) - a->p; /* in_b2: equal is enough */
    bool first = count(a, T1) && beyond > (in_b2 ? -ROUNDING : ROUNDING);
    u32 victim = list_pop_tail(m, first ? T1 : T2); /* the victim */
    list_push_head(m, first ? B1 : B2, victim);
    m->why = first ? "oldest of T1, which has p pages or more" : "oldest of T2";
    return victim;
}

/* Cases II, III: a hit in B1 shows that T1 is too short; in B2, that T2 is. */
static void adapt(struct arc *a, bool in_b2)
{
    double b1 = count(a, B1), b2 = count(a, B2), c = a->m.frames;
    if (in_b2)
        a->p -= b2 >= b1 ? 1 : b1 / b2;
    else
        a->p += b1 >= b2 ? 1 : b2 / b1;
    a->p = a->p < 0 ? 0 : a->p > c ? c : a->p;
}

/* Case IV: finds a frame for a page of which nothing is known. */
static u32 newcomer(struct arc *a)
{
    struct memory *m = &a->m;
    u32 c = m->frames, l1 = count(a, T1) + count(a, B1);
    u32 all = l1 + count(a, T2) + count(a, B2), victim;
    if (l1 == c && count(a, T1) == c) {
        victim = list_pop_tail(m, T1); /* the victim, and not remembered */
        m->why = "oldest of T1, which fills memory";
        return victim;
    }
    if (l1 == c)
        list_pop_tail(m, B1);
    else if (all == 2 * c)
        list_pop_tail(m, B2);
    return all >= c ? replace(a, false) : LOADED;
}

static u32 access(struct memory *m, u32 page)
{
    struct arc *a = (struct arc *)m;
    unsigned list = m->page[page].list;
    u32 victim;
    if (list == T1 || list == T2) { /* case I */
        list_to_head(m, T2, page);
        return HIT;
    }
    if (list) {
        adapt(a, list == B2);
        victim = replace(a, list == B2);
        list_to_head(m, T2, page);
    } else {
        victim = newcomer(a);
        list_push_head(m, T1, page);
    }
    return victim;
}

const struct textbook_policy textbook_arc = {
    .name = "arc", .size = sizeof(struct arc), .access = access};
