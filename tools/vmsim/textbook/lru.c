/* SPDX-License-Identifier: MIT */
/* Least recently used, exactly.
 *
 * R. L. Mattson, J. Gecsei, D. R. Slutz, I. L. Traiger, "Evaluation techniques
 * for storage hierarchies", IBM Systems Journal 9(2), 1970, "LRU replacement":
 * the stack is the pages in the order of their last use.
 *
 *     comes, used -> [last used ... longest unused] -> leaves */
#include "tools/vmsim/mrc.h"
#include "tools/vmsim/textbook/textbook.h"

enum { STACK = 1 };

static u32 access(struct memory *m, u32 page)
{
    u32 victim = LOADED;
    if (m->page[page].list) {
        list_to_head(m, STACK, page);
        return HIT;
    }
    if (m->list[STACK].count == m->frames) {
        victim = list_pop_tail(m, STACK); /* the victim: longest unused */
        m->why = "least recently used";
    }
    list_push_head(m, STACK, page);
    return victim;
}

const struct textbook_policy textbook_lru = {.name = "lru",
                                             .size = sizeof(struct memory),
                                             .access = access,
                                             .stack = &stack_recency};
