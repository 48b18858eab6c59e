/* SPDX-License-Identifier: MIT */
/* What the policies of SunOS and Solaris share: thresholds (sunmarks.c), the
 * page scanner (sunscan.c), fsflush (sunflush.c). */
#ifndef POLICY_SUN_H
#define POLICY_SUN_H

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
    HANDSPREAD
};
extern struct policy_mark sun_marks[];
static inline uint64_t sun_mark(enum sun_mark m)
{
    return sun_marks[m].value;
}
extern uint64_t sun_speed; /* of the scanner, as measured; 0: not yet */
void sun_set_marks(uint64_t nframes, struct policy_levels *l);

/* Solaris' names. Most pages are on neither. */
enum { CACHELIST = 1, PUSH_LIST };
extern const struct policy_list sun_lists[];
uint64_t sun_freemem(void);

#define SUN_KLUSTER 14 /* pages of one disk request: 56 KiB, maxphys */

/* sunscan.c: policy_ops' members. */
void sun_init(uint32_t nframes);
void sun_flush_init(void);
void sun_written(uint32_t frame);
bool sun_may_grab(enum policy_grab kind, uint64_t n);
uint32_t sun_pressed(void);
void sun_hands(uint64_t hand[2]);
struct policy_nap sun_pageout(uint64_t now);

/* sunflush.c */
struct policy_nap sun_fsflush(uint64_t now);
extern const struct policy_thread sun_threads[]; /* both */

#endif
