/* SPDX-License-Identifier: MIT */
/* Shared by the three Linux 2.4 policies: the levels, and the search for mapped
 * pages without a reverse map, address space by address space. */
#pragma once

#include "vm/policy.h"

/* The levels of 2.4.0 (mm/page_alloc.c, free_area_init_core): min is a 128th of
 * RAM, within 10..255 frames; low is twice min, high three times. */
void mm24_levels(uint64_t nframes, struct policy_levels *levels);
/* Like mm24_levels, by zone. With several zones, min is the zone's frames /
 * `dma` in DMA, / 128 in the others. Tunables set the sums over all zones; each
 * zone keeps its share of the sum. */
void mm24_zone_marks(const uint64_t present[POLICY_ZONES], uint64_t dma,
                     struct policy_zone_marks[POLICY_ZONES]);
struct policy_levels mm24_sum(const struct policy_zone_marks[POLICY_ZONES]);

/* An address space as swap_out sees it. */
struct mm {
    uint64_t id;
    uint64_t swap_cnt;     /* rss or a share of it, counted down by swap_out */
    uint64_t swap_address; /* at which the next walk begins */
    uint64_t aged;         /* kpaged: frames in its set of old pages */
};

void mm_forget(void); /* empties the table */
/* Brings the table up to date with the address spaces that exist. Returns how
 * many it has; mm_at takes numbers below that. */
unsigned mm_refresh(void);
struct mm *mm_at(unsigned i);
struct mm *mm_of(uint64_t id); /* NULL: it ended, or the table is full */

/* Returns the mm with the largest swap_cnt. If all are 0, sets swap_cnt anew to
 * rss >> shift, at least `least`. NULL: no mm has pages. */
struct mm *mm_largest(unsigned shift, uint64_t least);

/* Walks the mm's pages from swap_address on. `look` is asked for each mapped
 * page: true ends the walk. At the end of the address space swap_cnt becomes 0
 * and the next walk begins at its start. Returns the last look's answer. A look
 * may sleep; then pointers to an mm are out of date afterwards. */
typedef bool mm_look(struct mm *mm, uint32_t frame, uint64_t va);
bool mm_walk(struct mm *mm, mm_look *look);
