/* SPDX-License-Identifier: MIT */
/* The clock with one hand: FIFO with a second chance.
 *
 * F. J. Corbato, "A paging experiment with the Multics system", MIT Project
 * MAC memo MAC-M-384, 1968. A frame's bit is set by every use, also by the one
 * that brings its page in.
 *
 *           frames in a circle
 *          . . . . [*] . . . .      the hand clears set bits and takes the
 *                   hand ->         first page whose bit is clear
 */
#include "tools/vmsim/textbook/textbook.h"

enum { IN_MEMORY = 1 };

struct clock {
    struct memory m;
    u32 hand;
};

static u32 access(struct memory *m, u32 page)
{
    struct clock *c = (struct clock *)m;
    u32 victim = LOADED;
    if (m->page[page].list) {
        m->page[page].used = true;
        return HIT;
    }
    if (m->filled < m->frames) {
        m->frame[m->filled++] = page;
    } else {
        while (m->page[victim = m->frame[c->hand]].used) { /* the victim */
            m->page[victim].used = false;
            c->hand = c->hand + 1 == m->frames ? 0 : c->hand + 1;
        }
        m->why = "the hand found its bit clear";
        m->page[victim].list = 0;
        m->frame[c->hand] = page;
        c->hand = c->hand + 1 == m->frames ? 0 : c->hand + 1;
    }
    m->page[page].list = IN_MEMORY;
    m->page[page].used = true;
    return victim;
}

const struct textbook_policy textbook_clock = {
    .name = "clock", .size = sizeof(struct clock), .access = access};
