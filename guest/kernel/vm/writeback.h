/* SPDX-License-Identifier: MIT */
/* Writes dirty pages of files back: decides when that starts, how many pages
 * are written together, and which writers wait.
 *
 *   write(), faults --> object_page_dirty ... balance_dirty
 *      +-- wakes kflushd above the background limit --+
 *      v
 *   kflushd (fs/sync.c) --> object_write_back --> start_write (file system),
 *   reclaim ------------> object_clean -------^   then page_write_done */
#pragma once

#include "vm/object.h"

/* kflushd sleeps here until a round is due or wanted. */
extern struct waitq flush_wanted;
/* Wakes kflushd, or the policy's writer in its place. */
void flush_kick(void);
/* Like flush_kick, for a round that writes dirty files of any age. */
void flush_all_kick(void);
extern bool flush_all_wanted;
/* fs/sync.c: starts to write all that became dirty by `then`. => both sleep */
void flush_older(u64 then);
/* Writes only buffers; with `inodes`, first copies all dirty inodes to them. */
void flush_metadata(u64 then, bool inodes);

/* Starts to write the dirty page together with its dirty neighbours. 0; or
 * -errno: a page was not given to the disk (-ENOMEM: it is dirty again). => may
 * sleep, even for the disk, but mostly returns before the writes are done */
int object_clean(struct page *page);
/* Starts to write all dirty pages of o, in swap, too (vm/pager.c). Finds them
 * by index or, if far apart, in the frame table. => keep o alive; sleeps */
int object_write_back(struct vm_object *o);
/* Writes all dirty pages and waits until they are on the disk. Returns the last
 * error of any write-back after the first *told, and updates *told. told NULL:
 * any that no file has reported yet, nor reports by this call. => sleeps */
int object_sync(struct vm_object *o, u32 *told);

/* Return the number of dirty pages above which kflushd writes those of any age,
 * and that of pages dirty or under write-back above which writers wait. */
u64 dirty_background(void);
u64 dirty_limit(void);
/* Called after making a page dirty: wakes kflushd above the background limit;
 * above the limit waits until enough pages are clean. -EINTR: the caller is to
 * die. Does nothing under a policy with own_writeback. => sleeps, holding
 * no page and no lock that write-back needs */
int balance_dirty(void);
/* Like balance_dirty, for a write() to o up to byte `end`. Under a policy with
 * write_behind, acts as UFS: starts to write full klusters at once (or -errno);
 * above ufs_HW KiB of o under write-back, waits until ufs_LW at most. */
int write_behind(struct vm_object *o, u64 end);
