/* SPDX-License-Identifier: MIT */
/* Computes miss-ratio curves in one pass.
 *
 * R. L. Mattson, J. Gecsei, D. R. Slutz, I. L. Traiger, "Evaluation techniques
 * for storage hierarchies", IBM Systems Journal 9(2), 1970. A policy has the
 * stack property if the pages in n frames are always a subset of those in n +
 * 1. Then one stack describes all sizes, and a reference at depth d hits in
 * every memory of d frames or more. */
#pragma once

#include "tools/vmsim/trace.h"

/* The order of the pages on a stack below its top, which is the page used
 * last. A page's priority is the same for every size of memory. */
struct stack_priority {
    /* The priority of a page at the use number `time` (from 0). last: its
     * previous use, counted from 1 (0: none); next: its next use (~0: never).
     * The page of larger priority stays. */
    u64 (*of)(u64 time, u64 last, u64 next);
};
extern const struct stack_priority stack_recency, stack_oldest, stack_next_use,
    stack_last_but_one;

struct mrc {
    u64 references;
    u64 *hits;  /* the caller frees it. [d]: references that hit with d frames;
                   [0] is 0 */
    u32 depths; /* hits[depths] is the last */
};

/* Computes the LRU curve, a batch at a time, in O(log pages) per reference and
 * 28 bytes per page (a Fenwick tree over times of last use). */
struct recency;
struct recency *recency_start(void);
void recency_batch(struct recency *, const struct batch *, u32 pages);
struct mrc recency_end(struct recency *);

/* Computes the curve of any priority, in O(depth) per reference. The string
 * must hold each reference's next use. */
struct mrc mrc_of(const struct stack_priority *, const struct string *,
                  u32 pages);
/* Returns the number of references that miss with `frames` frames. */
u64 mrc_faults(const struct mrc *, u64 frames);
