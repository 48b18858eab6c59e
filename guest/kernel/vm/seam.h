/* SPDX-License-Identifier: MIT */
/* Mechanism's side of vm/policy.h: the events that vm/ reports to the policy,
 * and the questions that it asks. */
#pragma once

#include "vm/page.h"
#include "vm/policy.h"
#include "vm/reclaim.h"
#include "vm/zone.h"

struct proc;

extern const struct policy_ops *policy; /* NULL while the kernel starts */
extern u64 cached_frames;               /* on LIST_CACHED lists */
extern u64 cached_files;                /* pages of files among them */

const struct policy_ops *named_policy(void); /* vm.policy=, or the default */
void start_policy(void);  /* chooses it; sets up tables, marks, gauges */
void compute_marks(void); /* the policy's marks, from the tunables now */
bool marks_accept(enum tunable id); /* computes them; true: id is usable */

/* Events, told to the policy. came: the page came in for the reason `why`; its
 * identity is set. gone: the page leaves its frame (no effect on a page that
 * never came). found: the page is wanted again and leaves its cache list, if it
 * is on one. used: found, and used by read(), write() or a fault (`who` tells
 * which); behind, read_past: see policy.h; evicted: reclaim evicts the
 * page; its identity is still set; written: a write has ended; locked:
 * FRAME_F_LOCKED has been set or cleared. */
void tell_page_came(struct page *, enum reason why);
void tell_page_gone(struct page *);
bool tell_is_known(const struct page *); /* came, and is not gone */
void tell_page_found(struct page *);
void tell_page_used(struct page *, enum actor who);
void tell_page_behind(struct page *);
void tell_read_past(struct vm_object *, u64 index); /* the page may be gone */
void tell_page_evicted(struct page *);
bool tell_page_written(struct page *); /* false: the policy took the page */
void tell_page_locked(struct page *, bool now);
/* Tells the policy that the page is idle, if it is so now (policy.h: idle). */
void tell_page_idle(struct page *);

/* Called first by policy_take, _launder, _unmap and _cache: panics during an
 * event in which the policy may not evict pages. */
void policy_may_evict(const char *call);

/* Returns an error in the lists (*pfn: the frame, or list - 1), or NULL. */
const char *lists_audit(u32 *pfn);
/* Sets the lengths of the active and inactive lists; false: the policy has no
 * such lists. */
bool lists_activity(u64 *active, u64 *inactive);

/* reclaim.c. page_reclaimable: true if reclaim could evict the page now.
 * reclaim_some: one round of the policy's victim or reclaim; returns how many
 * frames became free or are being written. */
bool page_reclaimable(struct page *);
u64 reclaim_some(u64 want);

/* pageout.c: the first pageout thread; NULL before it runs. */
struct proc *pageout_daemon(void);
void pageout_kick(u32 mask); /* bit i: the policy's thread i */
void pageout_kick_writers(void);
/* Rounds without a victim; memory_reliefs when the last of them began. */
extern u64 pageout_failures, pageout_failed_in;
