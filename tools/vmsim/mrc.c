/* SPDX-License-Identifier: MIT */
#include "tools/vmsim/mrc.h"

#include "tools/vmsim/textbook/textbook.h"

/* ---- any priority: Mattson's stack, page by page ---- */

static u64 newest(u64 time, UNUSED u64 last, UNUSED u64 next)
{
    return time;
}

static u64 oldest(u64 time, UNUSED u64 last, UNUSED u64 next)
{
    return ~time;
}

static u64 next_use(u64 time, UNUSED u64 last, u64 next)
{
    return next == NEVER ? time : ~next;
}

static u64 last_but_one(u64 time, u64 last, UNUSED u64 next)
{
    return last ? 1ull << 63 | last : time + 1;
}

const struct stack_priority stack_recency = {newest}, stack_oldest = {oldest},
                            stack_next_use = {next_use},
                            stack_last_but_one = {last_but_one};

struct stack {
    u32 *page; /* the top first */
    u32 depth;
    u64 *priority, *last; /* by page */
};

/* Moves the page to the top. The old top page moves down. At each depth it is
 * compared with the page there, and the one of lower priority moves on, until
 * `page`'s old place is filled. Returns the depth of that place, from 1; 0: the
 * page is new. */
static u32 stack_use(struct stack *s, u32 page, bool is_new)
{
    u32 moving = s->page[0];
    if (s->depth && moving == page)
        return 1;
    for (u32 d = 1; d < s->depth; d++) {
        u32 here = s->page[d];
        if (here == page) {
            s->page[d] = moving;
            s->page[0] = page;
            return d + 1;
        }
        if (s->priority[here] < s->priority[moving]) {
            s->page[d] = moving;
            moving = here;
        }
    }
    assert(is_new);
    if (s->depth)
        s->page[s->depth] = moving;
    s->page[0] = page;
    s->depth++;
    return 0;
}

/* Turns the hits at each depth into the hits at that depth or a smaller one. */
static void sum_up(struct mrc *m)
{
    for (u32 d = 1; d <= m->depths; d++)
        m->hits[d] += m->hits[d - 1];
}

struct mrc mrc_of(const struct stack_priority *priority,
                  const struct string *string, u32 pages)
{
    struct mrc m = {string->n, xcalloc(pages + 1, sizeof(u64)), pages};
    struct stack s = {.page = xcalloc(pages, sizeof(u32)),
                      .priority = xcalloc(pages, sizeof(u64)),
                      .last = xcalloc(pages, sizeof(u64))};
    for (u64 i = 0; i < string->n; i++) {
        u32 page = string->id[i] & ~STRING_WRITE;
        u64 next = string->next[i] ? i + string->next[i] : NEVER;
        u32 depth = stack_use(&s, page, !s.last[page]);
        m.hits[depth] += depth != 0;
        s.priority[page] = priority->of(i, s.last[page], next);
        s.last[page] = i + 1;
    }
    sum_up(&m);
    free_all(s.page, s.priority, s.last);
    return m;
}

u64 mrc_faults(const struct mrc *m, u64 frames)
{
    return m->references - m->hits[frames < m->depths ? frames : m->depths];
}

/* ---- recency: distances by a Fenwick tree ---- */

/* A page's depth is the number of pages whose last use is not before its own.
 * An array by time has a mark at each page's last use; a tree of sums counts
 * marks. When the array is full, compact() moves the marks to its front. */
struct recency {
    struct mrc m;
    u32 *last;  /* by page: the place of its mark, from 1; 0: none yet */
    u32 *owner; /* by place: the page + 1 whose mark is there, or 0 */
    u32 *sum;   /* sum[i]: marks in (i & i-1, i] (P. M. Fenwick, 1994) */
    u32 pages, known, places, now; /* now: the last place that was given */
};

static void mark(struct recency *r, u32 place, int change)
{
    for (u32 i = place; i <= r->places; i += i & -i)
        r->sum[i] += (u32)change;
}

static u32 marks_up_to(const struct recency *r, u32 place)
{
    u32 n = 0;
    for (u32 i = place; i; i &= i - 1)
        n += r->sum[i];
    return n;
}

/* Moves the marks to the front, in order; makes room for two marks per page. */
static void compact(struct recency *r, u32 pages)
{
    u32 to = 0, places = 2 * pages, old = r->places;
    if (places > old) {
        r->owner =
            grow_array(r->owner, sizeof(u32), old ? old + 1 : 0, places + 1);
        r->sum = xrealloc(r->sum, (places + 1) * sizeof(u32));
        r->places = places;
    }
    for (u32 i = 1; i <= r->now; i++) {
        u32 page = r->owner[i];
        r->owner[i] = 0;
        if (page) {
            r->owner[++to] = page;
            r->last[page - 1] = to;
        }
    }
    r->now = to;
    /* adds each place's mark, then the sum to the next one that contains it */
    memset(r->sum, 0, (r->places + 1) * sizeof(u32));
    for (u32 i = 1; i <= r->places; i++) {
        u32 above = i + (i & -i);
        r->sum[i] += i <= to;
        if (above <= r->places)
            r->sum[above] += r->sum[i];
    }
}

struct recency *recency_start(void)
{
    return xcalloc(1, sizeof(struct recency));
}

static void recency_use(struct recency *r, u32 page)
{
    if (r->now == r->places)
        compact(r, r->pages);
    u32 before = r->last[page];
    if (before == r->now && before) { /* the page is on top already */
        r->m.hits[1]++;
        return;
    }
    if (before) {
        r->m.hits[r->known - marks_up_to(r, before - 1)]++;
        r->owner[before] = 0;
        mark(r, before, -1);
    } else {
        r->known++;
    }
    r->last[page] = ++r->now;
    r->owner[r->now] = page + 1;
    mark(r, r->now, 1);
}

void recency_batch(struct recency *r, const struct batch *b, u32 pages)
{
    if (pages > r->pages) {
        pages += pages / 8;
        r->last = grow_array(r->last, sizeof(u32), r->pages, pages);
        r->m.hits = grow_array(r->m.hits, sizeof(u64),
                               r->pages ? r->pages + 1 : 0, pages + 1);
        r->pages = pages;
    }
    for (u32 i = 0; i < b->n; i++)
        recency_use(r, b->id[i]);
    r->m.references += b->n;
}

struct mrc recency_end(struct recency *r)
{
    struct mrc m = r->m;
    if (!m.hits)
        m.hits = xcalloc(1, sizeof(u64));
    m.depths = r->known;
    sum_up(&m);
    free_all(r->last, r->owner, r->sum, r);
    return m;
}
