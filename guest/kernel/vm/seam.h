/* SPDX-License-Identifier: MIT */
/* Mechanism's side of vm/policy.h: what vm/ tells the policy, and what it
 * asks of it. */
#ifndef VM_SEAM_H
#define VM_SEAM_H

#include "vm/page.h"
#include "vm/policy.h"
#include "vm/reclaim.h"
#include "vm/zone.h"

struct proc;

extern const struct policy_ops *policy; /* NULL while the kernel starts */
extern u64 cached_frames;               /* on LIST_CACHED lists */

const struct policy_ops *policy_named(void); /* the one that was asked for */
void policy_start(void);              /* chooses; its tables, marks, gauges */
void policy_set_marks(void);          /* computes them anew */
bool policy_can_use(enum tunable id); /* the same; is its value usable? */

/* Told. came: the page's identity is set, and why says how; gone: its frame
 * is about to become free (for a page that never came: nothing). found: a
 * fault wants it; used: read() or write() (or a fault: who) does; behind,
 * read_past: see policy.h; evicted: reclaim takes it, its identity is still
 * set; written: a write has ended. */
void policy_page_came(struct page *, enum reason why);
void policy_page_gone(struct page *);
void policy_page_found(struct page *);
void policy_page_used(struct page *, enum actor who);
void policy_page_behind(struct page *);
void policy_page_read_past(struct page *, u64 offset);
void policy_page_evicted(struct page *);
void policy_page_written(struct page *);
/* Nobody uses it any more, perhaps: it is asked here. */
void policy_page_idle(struct page *);

/* What is wrong with the lists; NULL: nothing. *pfn: where. */
const char *policy_audit(u32 *pfn);
/* Lengths of the lists; false: the policy has no such lists. */
bool policy_has_activity(u64 *active, u64 *inactive);

/* reclaim.c: could reclaim take the page now? One turn of freeing, by the
 * policy's victim or reclaim: how many frames are free or on their way. */
bool page_reclaimable(struct page *);
u64 reclaim_some(u64 want);

/* pageout.c: frees on behalf of all; NULL before it runs. */
struct proc *pageout_daemon(void);
void pageout_kick(u32 mask); /* bit i: the policy's thread i */
void pageout_kick_writers(void);
extern u64 pageout_failures; /* rounds in which nothing could go */

#endif
