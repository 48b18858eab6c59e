/* SPDX-License-Identifier: MIT */
/* The optimum: the page whose next use is farthest ahead leaves.
 *
 * L. A. Belady, "A study of replacement algorithms for a virtual-storage
 * computer", IBM Systems Journal 5(2), 1966, "MIN". Mattson, Gecsei, Slutz,
 * Traiger, 1970, appendix, prove that the longest forward distance is optimal.
 * The policy knows the whole string. Among pages that are not used again the
 * one longest unused leaves; the count of faults does not depend on it.
 *
 *     now | . . a . . . . b . . . c     a, b, c in memory: c leaves */
#include "tools/vmsim/mrc.h"
#include "tools/vmsim/textbook/heap.h"

struct opt {
    struct memory m;
    struct heap heap; /* the smallest key has the farthest next use */
};

/* Returns a key: the later the next use, the smaller. Keys of pages never used
 * again are below all others, in the order of last use. */
static u64 key(const struct memory *m)
{
    return m->next_use == NEVER ? m->time : ~m->next_use;
}

static u32 access(struct memory *m, u32 page)
{
    struct opt *o = (struct opt *)m;
    m->why = o->heap.key[0] < m->time ? "never used again" : "used again last";
    return heap_access(&o->heap, m, page, key(m));
}

static void start(struct memory *m)
{
    heap_start(&((struct opt *)m)->heap, m->frames);
}

static void end(struct memory *m)
{
    heap_end(&((struct opt *)m)->heap);
}

const struct textbook_policy textbook_opt = {.name = "opt",
                                             .size = sizeof(struct opt),
                                             .future = true,
                                             .start = start,
                                             .end = end,
                                             .access = access,
                                             .stack = &stack_next_use};
