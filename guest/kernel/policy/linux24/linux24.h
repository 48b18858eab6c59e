/* SPDX-License-Identifier: MIT */
/* Linux 2.4.0 in two files: linux24.c decides when memory is freed,
 * linux24scan.c moves pages from list to list. */
#pragma once

#include "policy/linux24/mm24.h"

#define PRESSURE_SHIFT 6 /* INACTIVE_SHIFT: a 64th of memory_pressure */

/* Each zone has an inactive_clean list; INACTIVE_CLEAN is Normal's. */
enum {
    ANON = 1, /* anonymous, without a slot in swap; in 2.4.0 on no list */
    ACTIVE,
    INACTIVE_DIRTY,
    INACTIVE_CLEAN,
    CLEAN_DMA,
    CLEAN_HIGH
};
enum { T_KSWAPD, T_KRECLAIMD, T_BDFLUSH };
enum { M_PRESSURE, M_TARGET };

extern struct policy_mark lin24_marks[];
extern struct policy_levels lin24_levels;
extern uint64_t lin24_frames; /* all frames of the machine */

/* The policy's events (policy.h). */
void lin24_page_in(uint32_t frame, enum policy_why why, uint32_t shadow);
void lin24_page_touched(uint32_t frame, enum policy_why why);
void lin24_behind(uint32_t frame);
void lin24_page_gone(uint32_t frame);

/* Returns the number of frames that are free, or free with identity. */
uint64_t lin24_freeable(void);
uint64_t lin24_target(void); /* the wanted number of inactive pages */
/* Returns how many freeable frames are missing (mm/vmscan.c). */
uint64_t lin24_free_shortage(void);
/* Returns how many frames, freeable or inactive and dirty, are missing. */
uint64_t lin24_inactive_shortage(void);

/* mm/vmscan.c. Looks at a (1 << priority)th of the active list, from its old
 * end; with oneshot only until it deactivates a page. True: it did. */
bool lin24_refill_scan(int priority, bool oneshot);
/* do_try_to_free_pages. user: processes wait, so it refills the inactive lists
 * by a cluster only. True: it unmapped, laundered or freed a page. [sleeps] */
bool lin24_try_to_free(bool user);
