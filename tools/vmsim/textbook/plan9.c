/* SPDX-License-Identifier: MIT */
/* Plan 9's pager: a page leaves if its age exceeds the mean age of pages in the
 * last sweep.
 *
 * 9front (2011 on), port/swap.c: pager(), pageout(), gentick(). A page has the
 * generation of the sweep that last found its reference bit set; its age is
 * the present generation minus that. A sweep over all pages ends with a tick:
 * the mean of the ages it met is the limit for the next.
 *
 *     sweep -> [age 0] [age 3] [age 1] ...      leaves: age > mean
 *
 * Left out: the pager frees pages until 5% of memory plus a quarter of that is
 * free (headroom), a process at a time; here there is only one process, and the
 * hand stops at each victim. Pages lie in the order in which they came. */
#include "tools/vmsim/textbook/textbook.h"

enum { SEGMENT = 1 };

struct plan9 {
    struct memory m;
    u32 hand;               /* the page that is looked at next */
    u32 clock, limit;       /* clock: generation; limit: the last mean age */
    u64 age_sum, age_count; /* of this sweep */
};

static void tick(struct plan9 *s)
{
    s->clock++;
    s->limit = s->age_count ? (u32)(s->age_sum / s->age_count) : 0;
    s->age_sum = s->age_count = 0;
}

static u32 evict(struct plan9 *s)
{
    for (;;) {
        if (s->hand == NONE) {
            tick(s);
            s->hand = s->m.list[SEGMENT].head;
        }
        u32 page = s->hand, age;
        struct page *p = &s->m.page[page];
        s->hand = p->next;
        if (p->used)
            p->word = s->clock;
        p->used = false;
        age = s->clock - p->word;
        s->age_sum += age;
        s->age_count++;
        if (age > s->limit) { /* the victim: older than the mean */
            list_remove(&s->m, page);
            s->m.why = "older than the last sweep's mean";
            return page;
        }
    }
}

static u32 access(struct memory *m, u32 page)
{
    struct plan9 *s = (struct plan9 *)m;
    u32 victim = LOADED;
    bool there = m->page[page].list;
    m->page[page].used = true;
    if (there)
        return HIT;
    if (m->list[SEGMENT].count == m->frames)
        victim = evict(s);
    m->page[page].word = s->clock;
    list_push_tail(m, SEGMENT, page);
    return victim;
}

static void start(struct memory *m)
{
    ((struct plan9 *)m)->hand = NONE;
}

const struct textbook_policy textbook_plan9 = {.name = "plan9",
                                               .size = sizeof(struct plan9),
                                               .start = start,
                                               .access = access};
