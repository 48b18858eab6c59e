/* SPDX-License-Identifier: MIT */
/* CAR: ARC's shares, with clocks for its two lists, so that a hit only sets a
 * bit.
 *
 * S. Bansal, D. S. Modha, "CAR: clock with adaptive replacement", FAST 2004,
 * figure 2. Line numbers below are that figure's.
 *
 *     T1: used once; a page whose bit is set moves to T2
 *     T2: used again; a page whose bit is set goes round once more
 *     B1, B2: the pages that have left T1 and T2, as in ARC */
#include "tools/vmsim/textbook/textbook.h"

enum { T1 = 1, T2, B1, B2 };

struct car {
    struct memory m;
    double p; /* the frames that T1 should have */
};

static u32 count(const struct car *c, unsigned list)
{
    return c->m.list[list].count;
}

/* Evicts a page (lines 22 to 39); a clock's hand stands at its list's head. */
static u32 replace(struct car *c)
{
    struct memory *m = &c->m;
    for (;;) {
        bool first = count(c, T1) + ROUNDING >= (c->p > 1 ? c->p : 1);
        u32 page = list_pop_head(m, first ? T1 : T2);
        if (!m->page[page].used) {
            list_push_head(m, first ? B1 : B2, page); /* the victim */
            m->why = first ? "T1's hand found its bit clear"
                           : "T2's hand found its bit clear";
            return page;
        }
        m->page[page].used = false;
        list_push_tail(m, T2, page);
    }
}

/* Lines 4 to 11: frees a frame if none is free; may drop a ghost, too. */
static u32 make_room(struct car *c, bool remembered)
{
    struct memory *m = &c->m;
    u32 n = m->frames, victim;
    if (count(c, T1) + count(c, T2) < n)
        return LOADED;
    victim = replace(c);
    if (!remembered && count(c, T1) + count(c, B1) == n)
        list_pop_tail(m, B1);
    else if (!remembered &&
             count(c, T1) + count(c, T2) + count(c, B1) + count(c, B2) == 2 * n)
        list_pop_tail(m, B2);
    return victim;
}

/* Lines 14 and 17: a hit in B1 or B2 adapts p. */
static void adapt(struct car *c, unsigned list)
{
    double b1 = count(c, B1), b2 = count(c, B2), n = c->m.frames;
    if (list == B1)
        c->p += b2 > b1 ? b2 / b1 : 1;
    else
        c->p -= b1 > b2 ? b1 / b2 : 1;
    c->p = c->p < 0 ? 0 : c->p > n ? n : c->p;
}

static u32 access(struct memory *m, u32 page)
{
    struct car *c = (struct car *)m;
    unsigned list = m->page[page].list;
    u32 victim;
    if (list == T1 || list == T2) {
        m->page[page].used = true;
        return HIT;
    }
    victim = make_room(c, list);
    m->page[page].used = false;
    if (list) {
        adapt(c, list);
        list_remove(m, page);
    }
    list_push_tail(m, list ? T2 : T1, page);
    return victim;
}

const struct textbook_policy textbook_car = {
    .name = "car", .size = sizeof(struct car), .access = access};
