/* SPDX-License-Identifier: MIT */
/* Page replacement as its papers describe it: a memory of a fixed number of
 * frames and one string of references. A policy is one file, written from the
 * paper or kernel source that its first comment names; the line that chooses
 * the victim bears the comment "the victim".
 *
 * Pages are numbered 0, 1, 2... in the order of their first use in the trace
 * (trace.h), so that a policy keeps what it knows of a page in an array. Each
 * memory has a `struct page` for every page that the trace has named so far,
 * in memory or not: pages that have left are remembered ("ghosts") by a list
 * like any other. */
#pragma once

#include "base/base.h"

#include <stdlib.h>

/* Results of access() that are no victim: the page was in memory (HIT), or it
 * was not and a frame was free (LOADED). Page numbers are below both. */
#define HIT    0xffffffffu
#define LOADED 0xfffffffeu
#define NONE   0xfffffffdu /* no page: the end of a list */

#define LISTS 6 /* a policy's lists are 1..LISTS-1; 0: on none */

struct page {
    u32 next, prev; /* its neighbours on its list: next is nearer to the tail */
    u32 word;       /* the policy's own: a count, a generation, a place */
    u8 list;
    bool used;  /* the reference bit, in policies that have one */
    bool dirty; /* written since it came; kept by memory.c */
};

struct list {
    u32 head, tail; /* pages; NONE if it is empty */
    u32 count;
};

struct memory {
    const struct textbook_policy *policy;
    u32 frames;        /* the number of pages that it can hold, 1 or more */
    u32 pages;         /* length of page[] */
    struct page *page; /* by page number */
    struct list list[LISTS];
    u32 *frame;      /* each frame's page, in policies without lists */
    u32 filled;      /* frames that hold a page */
    u64 time;        /* references before this one */
    u64 next_use;    /* `future` policies: when this page is used again */
    u64 rng;         /* the state of memory_draw() */
    const char *why; /* the last victim's reason, for --trace */
};

#define ROUNDING 1e-6 /* ARC's and CAR's p is a sum of rounded fractions */

#define NEVER (~0ull) /* next_use of a page that is not used again */

struct textbook_policy {
    const char *name;
    size_t size; /* of its state, which begins with a struct memory */
    bool future; /* it needs next_use: the whole string is read first */
    void (*start)(struct memory *);
    void (*grow)(struct memory *, u32 pages); /* grows its own arrays, or
                                               * NULL */
    void (*end)(struct memory *);             /* frees them, or NULL */
    /* References a page: HIT, LOADED or the page whose frame it takes. */
    u32 (*access)(struct memory *, u32 page);
    /* --mrc: the priority; pages with a higher one stay (mrc.h). NULL: the
     * policy has no stack property. */
    const struct stack_priority *stack;
};

/* Returns NULL for an unknown name. */
const struct textbook_policy *textbook_find(const char *name);

/* ---- lists: O(1) each ---- */
void list_push_head(struct memory *, unsigned list, u32 page);
void list_push_tail(struct memory *, unsigned list, u32 page);
void list_insert_before(struct memory *, u32 neighbour, u32 page);
void list_remove(struct memory *, u32 page);       /* => on a list */
u32 list_pop_head(struct memory *, unsigned list); /* => not empty */
u32 list_pop_tail(struct memory *, unsigned list); /* => not empty */

static inline void list_to_head(struct memory *m, unsigned list, u32 page)
{
    list_remove(m, page);
    list_push_head(m, list, page);
}

/* Draws a number below n, from --seed. */
u32 memory_draw(struct memory *, u32 n);

/* Grows a by-page array from `old` to `pages` entries; the new ones are 0. */
void *grow_array(void *array, size_t entry, u32 old, u32 pages);
