/* SPDX-License-Identifier: MIT */
/* The part of Linux 2.4.0-test2's page replacement that `linux240t` and the
 * patch on it, `kpaged`, share: one list of the page cache's pages, and the
 * walk through address spaces that feeds it. */
#pragma once

#include "policy/linux24/mm24.h"

enum lru24t_list {
    LRU_CACHE = 1, /* page cache and swap cache, youngest at the head */
    LRU_PENDING    /* kpaged: unmapped, dirty, and not yet given to the disk */
};
extern const struct policy_list lru24t_lists[];

/* policy_data of a frame. PG_REFERENCED is Linux's page flag; for mapped pages
 * swap_out or kpaged sets it. All other bits are kpaged's. */
#define PG_REFERENCED 1u
#define PG_AGED       2u
#define PG_AGE        (3u << 2) /* rounds without use */
#define PG_AGE_1      (1u << 2)
#define PG_ROUND      (0xffu << 4) /* kpaged's round at its last look */
#define PG_MM_SHIFT   12           /* if PG_AGED: id of the set's mm, 20 bits */

#define FREE_COUNT 8 /* mm/vmscan.c: pages that one try frees */
#define SWAP_COUNT 16
#define PRIORITY   64

extern struct policy_levels lru24t_levels;
void lru24t_set_marks(uint64_t nframes, struct policy_levels *);
void lru24t_zone_marks(const uint64_t present[POLICY_ZONES],
                       struct policy_zone_marks[POLICY_ZONES]);
void lru24t_init(void);

/* zone_wake_kswapd: true while a zone that fell below low has not reached high.
 * Each allocation is followed by lru24t_pressed; kswapd calls lru24t_wanted. */
uint32_t lru24t_pressed(void);
bool lru24t_wanted(void);

/* Puts the page on the list; an anonymous page only if it has a slot. */
void lru24t_page_in(uint32_t frame, enum policy_why why, uint32_t shadow);

/* mm/filemap.c, shrink_mmap: looks at a (priority + 1)th of the list from its
 * old end. True: a page was freed. write: dirty pages are given to the disk.
 * [sleeps] */
bool shrink_mmap(int priority, bool write);

/* Unmaps the page from this address space. An anonymous page gets a slot and is
 * to be written. False: it stays mapped. */
bool lru24t_unmap(struct mm *mm, uint32_t frame, uint64_t va);

/* mm/vmscan.c, swap_out: from the mm with the largest shadow of its rss on,
 * unmaps pages not used since the last look. True: it stopped at a page that
 * needs the disk, and gave it to `out`, to be written now or later. */
typedef void lru24t_out(uint32_t frame);
bool lru24t_swap_out(int priority, lru24t_out *out);

/* mm/vmscan.c, do_try_to_free_pages. Returns how many frames it freed: at
 * most FREE_COUNT. [sleeps] */
uint64_t try_to_free_pages(lru24t_out *out);
