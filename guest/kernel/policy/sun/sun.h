/* SPDX-License-Identifier: MIT */
/* Shared by the policies of SunOS and Solaris: thresholds (sunmarks.c), the
 * page scanner (sunscan.c), fsflush (sunflush.c), the swapper (sunswap.c). */
#pragma once

#include "policy/numbers.h"
#include "vm/policy.h"
#include <stddef.h>

enum sun_mark {
    LOTSFREE,
    DESFREE,
    MINFREE,
    THROTTLEFREE,
    PAGEOUT_RESERVE,
    CACHEFREE,
    SLOWSCAN,
    FASTSCAN,
    HANDSPREAD,
    DEFICIT, /* frames promised to processes that come in or stay */
    SWAPPED  /* processes that are out */
};
extern struct policy_mark sun_marks[];
static inline uint64_t sun_mark(enum sun_mark m)
{
    return sun_marks[m].value;
}
extern uint64_t sun_speed; /* frames/s at 10% of the processor; 0: unknown */
void sun_set_marks(uint64_t nframes, struct policy_levels *l);

/* Lists, by Solaris' names. Most pages are on neither. */
enum { CACHELIST = 1, PUSH_LIST };
extern const struct policy_list sun_lists[];
uint64_t sun_freemem(void);

/* sunos.release chooses constants and rules of scanning (sunmarks.c). */
enum sun_release { SUNOS_5_3 = 3, SUNOS_5_6 = 6, SOLARIS_9 = 9 };
enum sun_release sun_release(void);

#define SUN_KLUSTER 14 /* pages of one disk request: 56 KiB, maxphys */

/* sunscan.c (but sun_may_grab: sunmarks.c; sun_flush_init: sunflush.c) */
void sun_init(uint32_t nframes);
void sun_flush_init(void);
void sun_written(uint32_t frame);
void sun_read_past(uint32_t frame, uint64_t offset);
bool sun_may_grab(enum policy_grab kind, uint64_t n);
uint32_t sun_pressed(void);
extern uint64_t sun_hands[2];
struct policy_nap sun_pageout(uint64_t now);

/* sunflush.c */
struct policy_nap sun_fsflush(uint64_t now);
extern const struct policy_thread sun_threads[]; /* pageout, fsflush, sched */

/* sunswap.c. pageout calls sun_request for each request that it writes. */
void sun_sched_init(uint32_t nframes);
void sun_request(void);
void sun_page_in(uint32_t frame, enum policy_why why, uint32_t shadow);
struct policy_nap sun_sched(uint64_t now);
