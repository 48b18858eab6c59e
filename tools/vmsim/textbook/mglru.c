/* SPDX-License-Identifier: MIT */
/* The multi-generational LRU: pages in at most four generations.
 *
 * Linux 6.1 (2022), mm/vmscan.c: should_run_aging(), inc_max_seq(),
 * evict_folios(), lru_gen_look_around(), and Documentation/mm/multigen_lru.rst.
 * Aging makes a new youngest generation and moves to it all pages whose
 * reference bit is set; eviction takes from the oldest. Below three
 * generations a new one is made at once.
 *
 *      oldest: min_seq                           youngest: max_seq
 *     leaves <- [ . . . ]  [ . . . ]  [ . . . ]  [ . . . ] <- comes
 *                   | bit set ------------------------^
 *
 * Left out: separate lists for files and anonymous memory, tiers for pages used
 * by read(), the Bloom filter (all page tables are walked), cgroups. */
#include "tools/vmsim/textbook/textbook.h"

enum { MIN_GENERATIONS = 2, MAX_GENERATIONS = 4 };

struct mglru {
    struct memory m;
    u64 min_seq, max_seq;
    u32 resident;
};

/* A generation's list; heads are newest. */
static unsigned generation(u64 seq)
{
    return 1 + (unsigned)(seq % MAX_GENERATIONS);
}

static u32 count(const struct mglru *g, u64 seq)
{
    return g->m.list[generation(seq)].count;
}

static bool should_age(const struct mglru *g)
{
    u64 distance = g->max_seq - g->min_seq;
    if (distance != MIN_GENERATIONS)
        return distance < MIN_GENERATIONS;
    return count(g, g->max_seq) * MIN_GENERATIONS > g->resident ||
           count(g, g->min_seq) * (MIN_GENERATIONS + 2) < g->resident;
}

static void age(struct mglru *g)
{
    struct memory *m = &g->m;
    unsigned youngest = generation(++g->max_seq);
    for (u64 seq = g->min_seq; seq < g->max_seq; seq++) {
        u32 page = m->list[generation(seq)].tail, newer;
        for (; page != NONE; page = newer) {
            newer = m->page[page].prev;
            if (m->page[page].used)
                list_to_head(m, youngest, page);
            m->page[page].used = false;
        }
    }
}

static u32 evict(struct mglru *g)
{
    struct memory *m = &g->m;
    for (;;) {
        while (!count(g, g->min_seq) &&
               g->max_seq - g->min_seq >= MIN_GENERATIONS)
            g->min_seq++;
        if (should_age(g)) {
            age(g);
            continue;
        }
        u32 page = list_pop_tail(m, generation(g->min_seq));
        if (!m->page[page].used) {
            m->why = "unused, of the oldest generation"; /* the victim */
            return page;
        }
        m->page[page].used = false;
        list_push_head(m, generation(g->max_seq), page);
    }
}

static u32 access(struct memory *m, u32 page)
{
    struct mglru *g = (struct mglru *)m;
    u32 victim = LOADED;
    bool there = m->page[page].list;
    m->page[page].used = true;
    if (there)
        return HIT;
    if (g->resident == m->frames)
        victim = evict(g);
    else
        g->resident++;
    list_push_head(m, generation(g->max_seq), page);
    return victim;
}

static void start(struct memory *m)
{
    ((struct mglru *)m)->max_seq = MIN_GENERATIONS + 1;
}

const struct textbook_policy textbook_mglru = {.name = "mglru",
                                               .size = sizeof(struct mglru),
                                               .start = start,
                                               .access = access};
