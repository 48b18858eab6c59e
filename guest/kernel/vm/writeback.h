/* SPDX-License-Identifier: MIT */
/* Writes dirty pages of files back: decides when that starts, how many pages
 * one request has, and which writers wait.
 *
 *   write(), faults --> object_page_dirty ... balance_dirty
 *                                                 |  above the background
 *                                                 v  limit: wake it
 *   kflushd (fs/sync.c) --> object_write_back --> start_write of the file
 *   reclaim ------------> object_clean -------^   system, page_write_done */
#pragma once

#include "vm/object.h"

/* kflushd sleeps here while it has nothing to do. */
extern struct waitq flush_wanted;
/* Wakes kflushd, or the policy's writer in its place. */
void flush_kick(void);
/* Like flush_kick, for a round that writes all that is dirty, of any age. */
void flush_all_kick(void);
extern bool flush_all_wanted;
/* fs/sync.c: start to write data and metadata that became dirty before `then`.
 * => sleeps */
void flush_older(u64 then);
void flush_metadata(u64 then, bool inodes);

/* Starts to write the dirty page and its dirty neighbours in one transfer. 0;
 * or -errno: a page was not given to the disk (-ENOMEM: it is dirty again). =>
 * does not wait for the disk, but may sleep to look up disk blocks */
int object_clean(struct page *page);
/* Starts to write all dirty pages of o, by index or, if the indexes lie far
 * apart, by frame. => the caller keeps o alive; sleeps */
int object_write_back(struct vm_object *o);
/* Writes all dirty pages and waits until they are on the disk. Returns an error
 * of any write-back since the last call, once. => sleeps */
int object_sync(struct vm_object *o);

/* Return the number of dirty pages above which kflushd writes, and the number
 * above which writers wait. */
u64 dirty_background(void);
u64 dirty_limit(void);
/* Called after making a page dirty: wakes kflushd above the background limit;
 * above the limit waits until some pages are clean. -EINTR: a signal ended the
 * wait. Does nothing under a policy with own_writeback. => sleeps, holding no
 * page and no lock that write-back needs */
int balance_dirty(void);
/* Like balance_dirty, for a write() to o that ends at byte `end`. Under a
 * policy with write_behind, a write of each full kluster starts at once, and a
 * writer above ufs_HW waits for ufs_LW, as in UFS. */
int write_behind(struct vm_object *o, u64 end);
