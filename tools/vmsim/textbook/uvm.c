/* SPDX-License-Identifier: MIT */
/* UVM's clock: an active queue and an inactive one with a third of the pages.
 *
 * NetBSD 5 (2009), sys/uvm/uvm_pdpolicy_clock.c: uvmpdpol_selectvictim(),
 * uvmpdpol_balancequeue(), clock_tune(), CLOCK_INACTIVEPCT 33.
 *
 *     comes -> [active, oldest first] -> bit cleared -> [inactive] -> leaves
 *                   ^                                       |
 *                   +-------------- bit set ----------------+
 *
 * Left out: the daemon frees pages until freetarg are free (here one page);
 * shares of anonymous memory, files and programs (all pages are one kind). */
#include "tools/vmsim/textbook/textbook.h"

enum { ACTIVE = 1, INACTIVE };

/* Deactivates the oldest active pages until a third is inactive, or no page is
 * active (in a memory of one frame, whose page has just left). */
static void balance(struct memory *m)
{
    u32 all = m->list[ACTIVE].count + m->list[INACTIVE].count;
    u32 target = all * 33 / 100 ? all * 33 / 100 : 1;
    while (m->list[INACTIVE].count < target && m->list[ACTIVE].count) {
        u32 page = list_pop_head(m, ACTIVE);
        m->page[page].used = false;
        list_push_tail(m, INACTIVE, page);
    }
}

static u32 evict(struct memory *m)
{
    for (;;) {
        if (!m->list[INACTIVE].count)
            balance(m);
        u32 page = list_pop_head(m, INACTIVE);
        if (!m->page[page].used) {
            m->why = "inactive and unused"; /* the victim */
            balance(m);
            return page;
        }
        list_push_tail(m, ACTIVE, page);
    }
}

static u32 access(struct memory *m, u32 page)
{
    u32 victim = LOADED;
    bool there = m->page[page].list;
    m->page[page].used = true;
    if (there)
        return HIT;
    if (m->list[ACTIVE].count + m->list[INACTIVE].count == m->frames)
        victim = evict(m);
    list_push_tail(m, ACTIVE, page);
    return victim;
}

const struct textbook_policy textbook_uvm = {
    .name = "uvm", .size = sizeof(struct memory), .access = access};
