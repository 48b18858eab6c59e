/* SPDX-License-Identifier: MIT */
/* 2Q: newcomers pass through a queue; a page that is wanted again after it has
 * left that queue goes to an LRU list.
 *
 * T. Johnson, D. Shasha, "2Q: a low overhead high performance buffer
 * management replacement algorithm", VLDB 1994, section 4 ("full version"),
 * with its parameters: Kin a quarter, Kout half of the frames.
 *
 *     comes -> [A1in, a queue]  -> leaves, remembered -> (A1out, a queue)
 *                                                            |
 *              leaves <- [Am, LRU] <------- wanted again ----+ */
#include "tools/vmsim/textbook/textbook.h"

enum { A1IN = 1, AM, A1OUT };

/* Frees a frame: the paper's reclaimfor(). */
static u32 reclaim(struct memory *m)
{
    u32 kin = m->frames / 4, kout = m->frames / 2, victim;
    if (m->list[A1IN].count + m->list[AM].count < m->frames)
        return LOADED;
    if (m->list[A1IN].count > kin || !m->list[AM].count) {
        victim = list_pop_tail(m, A1IN); /* the victim: A1in's oldest */
        m->why = "A1in is too long";
        list_push_head(m, A1OUT, victim);
        if (m->list[A1OUT].count > kout)
            list_pop_tail(m, A1OUT);
    } else {
        victim = list_pop_tail(m, AM); /* the victim: Am's longest unused */
        m->why = "least recently used of Am";
    }
    return victim;
}

static u32 access(struct memory *m, u32 page)
{
    unsigned list = m->page[page].list;
    u32 victim;
    if (list == AM)
        list_to_head(m, AM, page);
    if (list == AM || list == A1IN)
        return HIT;
    if (list == A1OUT)
        list_remove(m, page);
    victim = reclaim(m);
    list_push_head(m, list == A1OUT ? AM : A1IN, page);
    return victim;
}

const struct textbook_policy textbook_twoq = {
    .name = "2q", .size = sizeof(struct memory), .access = access};
