/* SPDX-License-Identifier: MIT */
/* Most recently used: the page used last goes first.
 *
 * H.-T. Chou, D. J. DeWitt, "An evaluation of buffer management strategies for
 * relational database systems", VLDB 1985, section 4 ("looping sequential
 * reference"): during a loop larger than memory nearly all frames keep their
 * pages.
 *
 *     comes, used -> [last used ... longest unused]
 *                        |
 *                        +-> leaves */
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
        victim = list_pop_head(m, STACK); /* the victim: used last */
        m->why = "most recently used";
    }
    list_push_head(m, STACK, page);
    return victim;
}

const struct textbook_policy textbook_mru = {.name = "mru",
                                             .size = sizeof(struct memory),
                                             .access = access,
                                             .stack = &stack_oldest};
