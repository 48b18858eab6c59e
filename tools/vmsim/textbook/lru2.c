/* SPDX-License-Identifier: MIT */
/* LRU-2: the page whose last use but one is oldest leaves.
 *
 * E. J. O'Neil, P. E. O'Neil, G. Weikum, "The LRU-K page replacement algorithm
 * for database disk buffering", SIGMOD 1993, definition 2.2 with K = 2. A page
 * used once has an infinite backward 2-distance; LRU decides among such pages
 * ("subsidiary policy", section 2.1). The Correlated Reference Period is 0 and
 * the Retained Information Period without end: the uses of pages that have left
 * are remembered.
 *
 *        2nd last   last
 *     a     3        4         a leaves: 3 is before 5
 *     b     5        9 */
#include "tools/vmsim/mrc.h"
#include "tools/vmsim/textbook/heap.h"

struct lru2 {
    struct memory m;
    struct heap heap; /* the smallest key has the oldest last use but one */
    u64 *last;        /* by page: its last use, counted from 1; 0: none */
};

/* Returns the new key. Pages used once come first, by that use; others follow,
 * by their last use but one. */
static u64 note_use(struct lru2 *l, u32 page)
{
    u64 before = l->last[page], now = l->last[page] = l->m.time + 1;
    return before ? 1ull << 63 | before : now;
}

static u32 access(struct memory *m, u32 page)
{
    struct lru2 *l = (struct lru2 *)m;
    m->why = l->heap.key[0] >> 63 ? "oldest last use but one"
                                  : "oldest of those used once";
    return heap_access(&l->heap, m, page, note_use(l, page));
}

static void start(struct memory *m)
{
    heap_start(&((struct lru2 *)m)->heap, m->frames);
}

static void grow(struct memory *m, u32 pages)
{
    struct lru2 *l = (struct lru2 *)m;
    l->last = grow_array(l->last, sizeof *l->last, m->pages, pages);
}

static void end(struct memory *m)
{
    heap_end(&((struct lru2 *)m)->heap);
    free(((struct lru2 *)m)->last);
}

const struct textbook_policy textbook_lru2 = {.name = "lru2",
                                              .size = sizeof(struct lru2),
                                              .start = start,
                                              .grow = grow,
                                              .end = end,
                                              .access = access,
                                              .stack = &stack_last_but_one};
