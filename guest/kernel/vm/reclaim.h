/* SPDX-License-Identifier: MIT */
/* Evicts pages, reclaims for a process that allocates, or makes it wait. The
 * policy chooses the victims and the processes that wait; vm/rmap.c and
 * vm/swapcache.c unmap and write pages; the threads are in vm/pageout.c. */
#pragma once

#include "vm/page.h"
#include "vm/policy.h"
#include "vm/zone.h"

struct proc;

extern u64 memory_waiters; /* processes that sleep until frames are free */

void reclaim_start(void); /* starts the threads; => processes can be made */

/* True if the running process may be given n frames for this state now. */
bool memory_may_grab(enum frame_state state, u64 n);
/* Returns the class in which the running process asks for a frame. */
enum policy_grab memory_kind(enum frame_state state);
/* True if the running process could get no frame for a page of its own. */
bool memory_short(void);
/* True if so much is free that no policy refuses a program a frame; a cheap
 * test before every system call. */
static inline bool memory_plenty(void)
{
    u64 free = zones[ZONE_NORMAL].free;
    return free > nframes / 4 && free > 2 * memory_levels.high;
}
u64 memory_free(void); /* frames, as MemFree counts them */
/* Return how many pages of files, or of the swap cache, are in memory; under a
 * policy with cached_is_free, without those that are free with identity. */
u64 memory_cache(void);
u64 memory_swap_cache(void);
u64 memory_spare(void); /* the most frames that a program could take:
                         * including those free with identity, without
                         * those that zones reserve for other callers */
void memory_pressed(enum policy_zone top); /* a frame was taken, from a zone
                                            * up to top. => from anywhere */
void memory_freed(void);      /* a frame came free. => from anywhere */
void memory_wake(void);       /* wakes all waiters, even if no frame is free */
void memory_wake_some(u32 n); /* wakes the first n of them */
/* Memory is not as it was, or will not be: a process is killed or has ended, an
 * area for swap is there again. A daemon that failed before may succeed now.
 * Wakes all waiters. */
void memory_relieved(void);
extern u64 memory_reliefs; /* how often that was so */

/* Called after a failed allocation: frees memory, or waits until another
 * process has, and as the last resort runs the OOM killer. true: try again;
 * false: the caller itself is to die. => sleeps; the caller must look again at
 * every page that it has not pinned */
bool memory_wait(void);
/* Like memory_wait, for a page fault; after too many retries (vain_rounds) it
 * resets that count and runs the OOM killer at once, if that may run. */
bool memory_wait_fault(void);
/* Called when a system call, or a part of it that was undone, has failed,
 * perhaps for lack of memory. true: it was refused a frame, and frames have
 * come free since: begin it again (Linux: GFP_KERNEL waits inside). false: it
 * fails for another reason, such as a limit, or after too many tries, or the
 * caller is to die.
 * => sleeps */
bool memory_call_again(void);
/* True once every 5 s in which no process that waits for memory got a frame, if
 * no page is being written and little could be freed at all: a daemon that is
 * slow, or looks at few pages, is no reason to kill. The policy may find pages
 * all the time: if they are wanted again at once, and all others are locked, it
 * never gives up. */
bool memory_denied(void);
/* Makes one attempt, without the OOM killer. false: nothing can be freed.
 * => sleeps */
bool memory_try(void);
/* Reclaims until 2^order contiguous frames are free; may give up. => sleeps */
void memory_wait_block(unsigned order);
/* kmalloc and kzalloc for a caller that can sleep: they reclaim until there is
 * a block, if that is possible (Linux: GFP_KERNEL). NULL: it is not. Without
 * the OOM killer: the call fails, and no process dies for it. */
void *kmalloc_wait(size_t size);
void *kzalloc_wait(size_t size);

/* Evicts all clean, unmapped pages of files. Returns how many. */
u64 reclaim_drop_clean(void);

/* True if the policy in force has the feature that a counter measures
 * (abi/notions.def). */
bool reclaim_has(enum notion notion);

/* proc/oom.c: kills the process of most oom_points or, as Linux 2.6, its child.
 * False: one is dying already. Panics if none has points, or panic_on_oom. */
bool oom_kill(enum reason why);
