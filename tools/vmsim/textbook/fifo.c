/* SPDX-License-Identifier: MIT */
/* First in, first out.
 *
 * L. A. Belady, "A study of replacement algorithms for a virtual-storage
 * computer", IBM Systems Journal 5(2), 1966, class 2 ("FIFO").
 *
 *     leaves <- [oldest ... newest] <- comes
 *
 * A hit changes nothing. */
#include "tools/vmsim/textbook/textbook.h"

enum { IN_MEMORY = 1 };

struct fifo {
    struct memory m;
    u32 oldest; /* the frame that was filled first */
};

static u32 access(struct memory *m, u32 page)
{
    struct fifo *f = (struct fifo *)m;
    u32 victim = LOADED;
    if (m->page[page].list)
        return HIT;
    if (m->filled < m->frames) {
        m->frame[m->filled++] = page;
    } else {
        victim = m->frame[f->oldest]; /* the victim */
        m->page[victim].list = 0;
        m->why = "came first";
        m->frame[f->oldest] = page;
        f->oldest = f->oldest + 1 == m->frames ? 0 : f->oldest + 1;
    }
    m->page[page].list = IN_MEMORY;
    return victim;
}

const struct textbook_policy textbook_fifo = {
    .name = "fifo", .size = sizeof(struct fifo), .access = access};
