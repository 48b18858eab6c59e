/* SPDX-License-Identifier: MIT */
/* Writing dirty pages of files back: when, how many at once, and who waits.
 *
 *   write(), faults --> object_page_dirty ... balance_dirty
 *                                                 |  above the background
 *                                                 v  limit: wake it
 *   kflushd (fs/sync.c) --> object_write_back --> start_write of the file
 *   reclaim ------------> object_clean -------^   system, page_write_done */
#ifndef VM_WRITEBACK_H
#define VM_WRITEBACK_H

#include "vm/object.h"

/* kflushd sleeps here while it has nothing to do. */
extern struct waitq flush_wanted;
/* Wakes kflushd, or the policy's writer in its place. */
void flush_kick(void);
/* The same, for a round that writes all that is dirty now, however young. */
void flush_all_kick(void);
extern bool flush_all_wanted;
/* fs/sync.c: starts to write what has been dirty since before `then`.
 * => sleeps */
void flush_older(u64 then);
void flush_metadata(u64 then, bool inodes);

/* Starts writing the dirty page and those of its neighbours that are dirty,
 * in one transfer. 0; or -errno: it stays dirty. => does not wait for the
 * disk, but may sleep to find out where the pages go */
int object_clean(struct page *page);
/* The same for all dirty pages of o, in the order of their numbers.
 * => the caller keeps o alive; sleeps */
int object_write_back(struct vm_object *o);
/* All dirty pages, and waits until they are on the disk. An error of any
 * write-back since the last call is returned, once. => sleeps */
int object_sync(struct vm_object *o);

/* Pages that may be dirty before kflushd writes / before writers wait. */
u64 dirty_background(void);
u64 dirty_limit(void);
/* Called by who has just made a page dirty: wakes kflushd; above the limit
 * waits until some are clean. -EINTR: a signal ended the wait.
 * => sleeps, holding no page and no lock that write-back needs */
int balance_dirty(void);
/* The same for a write() to o that ends at byte `end`. Where the policy says so
 * (write_behind) it is UFS's way instead: each kluster that is full begins to
 * be written at once, and who is above ufs_HW waits for ufs_LW. */
int write_behind(struct vm_object *o, u64 end);

#endif
