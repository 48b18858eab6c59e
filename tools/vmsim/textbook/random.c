/* SPDX-License-Identifier: MIT */
/* Evicts a random page.
 *
 * L. A. Belady, "A study of replacement algorithms for a virtual-storage
 * computer", IBM Systems Journal 5(2), 1966, class 1 ("RAND"). The draws come
 * from --seed: the same seed and string have the same victims. */
#include "tools/vmsim/textbook/textbook.h"

enum { IN_MEMORY = 1 };

static u32 access(struct memory *m, u32 page)
{
    u32 victim = LOADED, at = m->filled;
    if (m->page[page].list)
        return HIT;
    if (m->filled == m->frames) {
        at = memory_draw(m, m->frames); /* the victim: any */
        victim = m->frame[at];
        m->page[victim].list = 0;
        m->why = "drawn at random";
    } else {
        m->filled++;
    }
    m->frame[at] = page;
    m->page[page].list = IN_MEMORY;
    return victim;
}

const struct textbook_policy textbook_random = {
    .name = "random", .size = sizeof(struct memory), .access = access};
