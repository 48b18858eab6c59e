/* SPDX-License-Identifier: MIT */
/* vm/policy.h on the host: a memory of exactly so many frames, all of them
 * for one string of page references, under one of the kernel's policies. The
 * policies are the kernel's own files (guest/kernel/policy), and so are lists
 * and shadows; only this side of the seam is ours: no read-ahead, a disk that
 * needs no time, no process but one. */
#ifndef VMSIM_SEAM_H
#define VMSIM_SEAM_H

#include "vm/policy.h"

/* The counts since sim_start or sim_forget. */
struct sim_stats {
    uint64_t references, hits, faults, dirty_evictions;
    uint64_t without_frame; /* faults for which the policy chose no victim */
};

/* The policy of that name, or NULL. */
const struct policy_ops *sim_policy(const char *name);
/* An empty memory; tunables have their presets. => nframes >= 1 */
void sim_start(const struct policy_ops *, uint32_t nframes);
void sim_end(void);
/* A program touches page `page` of a file or of its own memory; pages are
 * numbered, 2^20 an object. Returns whether it was there. False with no frame
 * to be had: the page is not in memory afterwards either. */
bool sim_access(uint64_t page, bool write, enum policy_kind);
/* read() does: not a program's PTE, but page_touched. */
bool sim_read(uint64_t page);
bool sim_has(uint64_t page);
/* Called when a page leaves memory, dirty: after it was written. NULL: no. */
void sim_watch(void (*left)(uint64_t page, bool dirty));
struct sim_stats sim_stats(void);
void sim_forget(void); /* zeroes the stats */
uint64_t sim_counter(enum counter);
void sim_set(enum tunable, int64_t value); /* until the next sim_start */

/* The policy's thresholds for so much RAM: fills its marks and *levels. */
void sim_marks(const struct policy_ops *, uint64_t nframes,
               struct policy_levels *levels);
/* One of them by name; aborts if there is none. */
uint64_t sim_mark(const struct policy_ops *, const char *name);

#endif
