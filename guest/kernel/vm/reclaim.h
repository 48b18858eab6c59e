/* SPDX-License-Identifier: MIT */
/* Getting frames back: taking pages, direct reclaim, allocation that waits.
 * Who goes and who waits is vm/policy.h's business, how it goes is vm/rmap.c's
 * and vm/swapcache.c's; the threads are vm/pageout.c's. */
#ifndef VM_RECLAIM_H
#define VM_RECLAIM_H

#include "vm/page.h"
#include "vm/policy.h"
#include "vm/zone.h"

struct proc;

extern u64 memory_waiters; /* processes that sleep until frames are free */

void reclaim_start(void); /* the threads; => once processes can be made */

/* May the running process be given n frames for this state now? */
bool memory_may_grab(enum frame_state state, u64 n);
/* As what does the running process ask for a frame? */
enum policy_grab memory_kind(enum frame_state state);
bool memory_short(void); /* not even one, for a page of its own */
/* So much is free that no policy refuses a program a frame: what every system
 * call can ask first. */
static inline bool memory_plenty(void)
{
    u64 free = zones[ZONE_NORMAL].free;
    return free > nframes / 4 && free > 2 * memory_levels.high;
}
u64 memory_free(void);  /* frames, as MemFree counts them */
u64 memory_spare(void); /* what a program could take, down to the last:
                         * with those that are free with identity, less
                         * what zones reserve for others */
void memory_pressed(enum policy_zone top); /* a frame was taken, from a zone
                                            * up to top. => from anywhere */
void memory_freed(void);      /* one was given back. => from anywhere */
void memory_wake(void);       /* all who wait, whatever they find */
void memory_wake_some(u32 n); /* the first n of them */

/* An allocation failed: frees memory, waits for others who do, and as the
 * last resort lets one process be killed. true: try again; false: it is the
 * caller that is to die. => sleeps; the caller must look again at every page
 * that it has not pinned */
bool memory_wait(void);
/* The same for a page fault, which may not go on like that for ever; resets
 * nothing but current->had. */
bool memory_wait_fault(void);
/* One attempt, nobody is killed. false: nothing can be freed. => sleeps */
bool memory_try(void);
/* The same for 2^order frames in a row, as well as it can. */
void memory_wait_block(unsigned order);

/* Takes every clean page that nobody maps. Returns how many. */
u64 reclaim_drop_clean(void);

/* Has the policy in force what a counter is about (abi/notions.def)? */
bool reclaim_has(enum notion notion);

/* proc/oom.c: kills the process whose end frees most. false: there is none
 * but init, or one is dying already. */
bool oom_kill(enum reason why);

#endif
