/* SPDX-License-Identifier: MIT */
/* Any page, by lot.
 *
 * L. A. Belady, "A study of replacement algorithms for a virtual-storage
 * computer", IBM Systems Journal 5(2), 1966, class 1 ("RAND"). The lots come
 * from --seed: the same seed and string have the same victims. */
#include "tools/vmsim/textbook/textbook.h"

enum { IN_MEMORY = 1 };

struct lots {
    struct memory m;
    u32 *frame, filled;
};

static u32 access(struct memory *m, u32 page)
{
    struct lots *l = (struct lots *)m;
    u32 victim = LOADED, at = l->filled;
    if (m->page[page].list)
        return HIT;
    if (l->filled == m->frames) {
        at = memory_draw(m, m->frames); /* the victim: any */
        victim = l->frame[at];
        m->page[victim].list = 0;
        m->why = "the lot fell on it";
    } else {
        l->filled++;
    }
    l->frame[at] = page;
    m->page[page].list = IN_MEMORY;
    return victim;
}

static void start(struct memory *m)
{
    ((struct lots *)m)->frame = xcalloc(m->frames, sizeof(u32));
}

static void end(struct memory *m)
{
    free(((struct lots *)m)->frame);
}

const struct textbook_policy textbook_random = {.name = "random",
                                                .size = sizeof(struct lots),
                                                .start = start,
                                                .end = end,
                                                .access = access};
