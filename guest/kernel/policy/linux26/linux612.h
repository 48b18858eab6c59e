/* SPDX-License-Identifier: MIT */
/* Linux 6.12 in two files: linux612.c has the lists, and moves a page between
 * them when it comes, is used or leaves (mm/swap.c, mm/workingset.c);
 * scan612.c frees memory (mm/vmscan.c). */
#pragma once

#include "policy/numbers.h"
#include "vm/policy.h"

#define DEF_PRIORITY 12
#define CLUSTER      32u           /* SWAP_CLUSTER_MAX */
#define RETRIES      16            /* MAX_RECLAIM_RETRIES */
#define THROTTLE     (SECOND / 10) /* VMSCAN_THROTTLE_WRITEBACK: HZ/10 */

/* enum lru_list, from 1. */
enum {
    INACTIVE_ANON = 1,
    ACTIVE_ANON,
    INACTIVE_FILE,
    ACTIVE_FILE,
    UNEVICTABLE
};

/* policy_data of a page. */
#define PG_REFERENCED 1u
#define PG_WORKINGSET 2u /* was on an active list */
#define PG_RECLAIM    4u /* goes to the inactive list's end once written */
#define PG_ISOLATED   8u /* in the batch that reclaim looks at */

/* The fields of struct lruvec that the scan reads: the cost of a pair of lists
 * lately, how many of its refaults were activated. [0] anonymous, [1] files. */
struct linux612_pair {
    uint64_t cost, activated;
};
extern struct linux612_pair linux612_pairs[2];
extern uint64_t linux612_age;     /* nonresident_age */
extern uint64_t linux612_written; /* writes of PG_RECLAIM pages that ended */

/* folio_is_file_lru: shared memory counts as anonymous. */
bool linux612_is_file(uint32_t frame);
unsigned linux612_inactive_of(uint32_t frame);
/* can_reclaim_anon_pages: swap has a free slot, or a page in memory has one. */
bool linux612_can_swap(void);
/* lru_note_cost: adds what reclaiming from this pair has cost. */
void linux612_note_cost(bool file, uint64_t cost);

/* try_to_free_pages, for a process. Returns frames that are free or being
 * written. [sleeps] */
uint64_t linux612_reclaim(uint64_t want);
/* Does one step of the thread kswapd0. */
struct policy_nap linux612_kswapd(uint64_t now);
bool linux612_may_kill(void);
bool linux612_all_unreclaimable(unsigned zone);
void linux612_scan_init(void);
/* Gauges: the two costs, and the priority of the last scan. */
extern struct policy_mark linux612_marks[];
