/* SPDX-License-Identifier: MIT */
/* SIEVE: a queue with a hand; spared pages keep their place in it.
 *
 * Y. Zhang, J. Yang, Y. Yue, Y. Vigfusson, K. V. Rashmi, "SIEVE is simpler
 * than LRU: an efficient turn-key eviction algorithm for web caches", NSDI
 * 2024, algorithm 1.
 *
 *     comes -> [newest . . . . <- hand . . . oldest]
 *                                  | bit clear: leaves
 *                                  | bit set: cleared, and the hand goes on */
#include "tools/vmsim/textbook/textbook.h"

enum { QUEUE = 1 };

struct sieve {
    struct memory m;
    u32 hand; /* the page that the hand is at; NONE: the tail */
};

static u32 evict(struct sieve *s)
{
    struct memory *m = &s->m;
    u32 page = s->hand == NONE ? m->list[QUEUE].tail : s->hand;
    while (m->page[page].used) {
        m->page[page].used = false;
        page = m->page[page].prev;
        if (page == NONE)
            page = m->list[QUEUE].tail;
    }
    s->hand = m->page[page].prev;
    list_remove(m, page); /* the victim */
    m->why = "the hand found its bit clear";
    return page;
}

static u32 access(struct memory *m, u32 page)
{
    u32 victim = LOADED;
    if (m->page[page].list) {
        m->page[page].used = true;
        return HIT;
    }
    if (m->list[QUEUE].count == m->frames)
        victim = evict((struct sieve *)m);
    m->page[page].used = false;
    list_push_head(m, QUEUE, page);
    return victim;
}

static void start(struct memory *m)
{
    ((struct sieve *)m)->hand = NONE;
}

const struct textbook_policy textbook_sieve = {.name = "sieve",
                                               .size = sizeof(struct sieve),
                                               .start = start,
                                               .access = access};
