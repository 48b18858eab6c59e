/* SPDX-License-Identifier: MIT */
/* Swap: areas and their slots (vm/swap.c), anonymous pages that have a slot
 * and their way out and in (vm/swapcache.c).
 *
 *      ANON, COW --swap_out--> SWAPCACHE, dirty --disk--> SWAPCACHE, clean
 *         ^                        |   ^                     |       |
 *         |  write by the last     |   |  fault: found       |       | reclaim
 *         +--- of its owners ------+   +---- or read --------+       v
 *                                       slot, in PTEs alone <------ FREE
 *
 * A page with a slot is never mapped writable, so that a clean one is what
 * lies in its slot. The slot's count is the number of PTEs (or pages of
 * shared memory) that name it, not counting the cache. */
#ifndef VM_SWAP_H
#define VM_SWAP_H

#include "vm/page.h"

struct blkdev;
struct waitq;
struct space;

/* A slot's number: area << SLOT_BITS | page of the area; page 0 is the
 * area's header, so 0 is none. */
#define SLOT_BITS      24
#define SWAP_AREAS     4
#define SWAP_COUNT_MAX 0x7fffu

extern u64 swap_slots, swap_used; /* of all areas */

/* Areas. swap_on: 0, -EINVAL (no header of mkswap's, nor, if that will do, a
 * first page of zeros), -EBUSY, -EPERM (too many), -ENOMEM, -EIO. swap_off:
 * brings everything back into memory; 0, -EINVAL (not in use), -ENOMEM. =>
 * sleep */
int swap_on(struct blkdev *dev, bool blank_will_do);
int swap_off(struct blkdev *dev);
/* The n-th area for /proc/swaps; false if there is none. */
bool swap_area_info(unsigned n, struct blkdev **dev, u64 *slots, u64 *used);
/* At start-up: the disk that swap= names, blank or not, or the first after
 * root's that has mkswap's header. => sleeps */
void swap_boot(void);

/* Slots. swap_alloc: one next to the last, held by the cache; 0 when swap is
 * full. swap_get may not be asked beyond SWAP_COUNT_MAX (checked). */
u32 swap_alloc(void);
void swap_get(u32 slot);
void swap_put(u32 slot, enum reason why); /* frees what nobody names */
u32 swap_count(u32 slot);
void swap_recache(u32 slot); /* the cache holds it, too */
void swap_uncache(u32 slot); /* and lets go */
u64 swap_room(void);         /* free slots, but of areas being emptied */
bool swap_full(void);        /* no free slot */
bool swap_scarce(void);      /* more than half is used: free slots early */
bool slot_place(u32 slot, struct blkdev **dev, u64 *sector); /* false: bad */
/* Slots [*first, *end) that may be read with this one: an aligned window of
 * n (a power of two), inside the area. */
void slot_window(u32 slot, u32 n, u32 *first, u32 *end);
bool slot_going(u32 slot); /* its area is being swapped off */

/* For the audit: all slots, numbered from 0 without holes. */
u64 slot_number(u32 slot); /* ~0: no such slot */
u32 slot_by_number(u64 n);
bool swap_is_used(u32 slot);
bool swap_is_cached(u32 slot);

/* The swap cache. */
void swapcache_init(void);
struct page *swapcache_find(u32 slot);
/* Nobody maps this page of the cache any more: frees it if nobody can. */
void swapcache_unmapped(struct page *page, enum reason why);
/* The page loses its slot and is ANON (or COW) again. => clean or dirty, no
 * I/O */
void swapcache_remove(struct page *page, enum reason why);
/* Drops it: its content is in its slot. false: mapped, dirty or under I/O. */
bool swapcache_evict(struct page *page, enum reason why);
/* Gives an anonymous page a slot, takes it out of all address spaces and
 * starts to write it. 0, -ENOSPC (swap is full), -EAGAIN (as many writes are
 * under way as there may be). => does not sleep */
int swap_out(struct page *page);

/* Gives it a slot only (false: swap is full; PTEs that could write must go or
 * lose that right at once); and takes it out of all address
 * spaces; or begins to write it, mapped or not, and keeps it in memory: 0, or
 * as swap_out. => do not sleep */
bool swap_give_slot(struct page *page);
bool swap_unmap(struct page *page);
int swap_launder(struct page *page);

/* The page of a slot. NULL with *err: -ENOMEM; -EAGAIN after sleeping: look
 * again at everything; -EIO. Not under reading. *major is set if it waited
 * for the disk. */
struct page *swap_in(u32 slot, bool *major, int *err);
/* Until the I/O of this page is over; it may be gone then. => sleeps */
void swap_wait_page(struct page *page);

/* I/O of pages. done runs once for each, from an interrupt, status 0 or -EIO.
 * -EAGAIN: none free. What is written to slots in a row goes to the disk in
 * one request, of policy->kluster pages at most; it is gathered until a page
 * does not fit or the writer sleeps. => does not sleep */
typedef void swap_done(struct page *page, int status);
int swap_write(struct page *page, u32 slot, swap_done *done);
int swap_read(struct page *page, u32 slot, swap_done *done);
void swap_submit_gathered(void);  /* the scheduler's: somebody sleeps */
u64 swap_writes(void);            /* under way */
bool swap_io_room(void);          /* one more could be started */
void swap_wait_any(void);         /* for any of them. => sleeps */
extern struct waitq swap_io_over; /* woken when any request ends */

#endif
