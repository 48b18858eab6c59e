/* SPDX-License-Identifier: MIT */
/* S3-FIFO: three queues.
 *
 * J. Yang, Y. Zhang, Z. Qiu, Y. Yue, K. V. Rashmi, "FIFO queues are all you
 * need for cache eviction", SOSP 2023, algorithm 1. S has a tenth of the
 * frames; G remembers as many pages as M holds; a page's uses since it came
 * are counted up to 3.
 *
 *     comes -> [S, a tenth] -- used once at most: leaves --> (G, ghosts)
 *                  | used more than once                        |
 *                  v                                            |
 *              [M, the rest] <------ wanted again --------------+
 *                  a page with a count goes round once more, with one less */
#include "tools/vmsim/textbook/textbook.h"

enum { S = 1, M, G };

/* S has one tenth of the frames, but at least one. */
static u32 small_room(const struct memory *m)
{
    return m->frames < 10 ? 1 : m->frames / 10;
}

/* EVICTM: evicts from M; NONE if M is empty. */
static u32 evict_main(struct memory *m)
{
    while (m->list[M].count) {
        u32 page = list_pop_tail(m, M);
        if (!m->page[page].word) {
            m->why = "M's oldest, unused"; /* the victim */
            return page;
        }
        m->page[page].word--;
        list_push_head(m, M, page);
    }
    return NONE;
}

/* EVICTS: evicts from S; NONE if all of S has moved to M. */
static u32 evict_small(struct memory *m)
{
    while (m->list[S].count) {
        u32 page = list_pop_tail(m, S);
        if (m->page[page].word <= 1) {
            m->why = "S's oldest, not used twice"; /* the victim */
            list_push_head(m, G, page);
            if (m->list[G].count > m->frames - small_room(m))
                list_pop_tail(m, G);
            return page;
        }
        m->page[page].word = 0;
        list_push_head(m, M, page);
    }
    return NONE;
}

static u32 evict(struct memory *m)
{
    u32 victim = NONE;
    if (m->list[S].count >= small_room(m))
        victim = evict_small(m);
    return victim == NONE ? evict_main(m) : victim;
}

static u32 access(struct memory *m, u32 page)
{
    unsigned list = m->page[page].list;
    u32 victim = LOADED;
    if (list == S || list == M) {
        m->page[page].word += m->page[page].word < 3;
        return HIT;
    }
    if (m->list[S].count + m->list[M].count == m->frames)
        victim = evict(m);
    m->page[page].word = 0;
    if (m->page[page].list) { /* G still remembers it */
        list_to_head(m, M, page);
    } else {
        list_push_head(m, S, page);
    }
    return victim;
}

const struct textbook_policy textbook_s3fifo = {
    .name = "s3fifo", .size = sizeof(struct memory), .access = access};
