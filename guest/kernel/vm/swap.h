/* SPDX-License-Identifier: MIT */
/* Keeps swap areas and their slots (vm/swap.c); finds pages by their slot, and
 * moves pages to slots and back (vm/swapcache.c).
 *
 *      ANON, COW --swap_out--> SWAPCACHE, dirty --disk--> SWAPCACHE, clean
 *         ^                        |                     |  ^      |
 *         |  write by the last     |                     |  |fault:| reclaim:
 *         +--- of its owners ------+---------------------+  | read v frame FREE
 *                                                      slot, in PTEs alone
 *
 * An anonymous page with a slot is never mapped writable, so that a clean page
 * equals the content of its slot. A slot's count is the number of PTEs naming
 * it, without the swap cache.
 *
 * The slot of an object's page (vm/shmem.h) has a count of 1, and 1 more while
 * it is written. The page is read into the swap cache, too, wanted or ahead;
 * when it is wanted it moves to its object (vm/object.c: object_swap_in). So it
 * is in one of the two, never in both. */
#pragma once

#include "vm/page.h"

struct blkdev;
struct waitq;
struct space;

/* A slot's number: area << SLOT_BITS | page of the area; page 0 is the
 * area's header, so 0 is none. */
#define SLOT_BITS      24
#define SWAP_AREAS     4
#define SWAP_COUNT_MAX 0x3fffu

extern u64 swap_slots, swap_used; /* of all areas */

/* Areas. swap_on: 0, -EINVAL (read-only, too small, or page 0 is not mkswap's
 * header; zeros are allowed if blank_will_do), -EBUSY (in use), -EPERM (too
 * many areas), -ENOMEM, -EIO. swap_off reads all pages back: 0, -EINVAL (no
 * area, or being emptied), -ENOMEM, -EIO, -EINTR: stays in use. => sleep */
int swap_on(struct blkdev *dev, bool blank_will_do);
int swap_off(struct blkdev *dev);
/* Describes the n-th area, for /proc/swaps; false if there is none. */
bool swap_area_info(unsigned n, struct blkdev **dev, u64 *slots, u64 *used);
/* At start-up: swaps to the disk that swap= names (it may be blank; `none`: no
 * disk); else to the first disk after vda with mkswap's header. => sleeps */
void swap_boot(void);

/* Slots. swap_alloc: takes a slot, if possible the next after the slot taken
 * last, for the swap cache; 0 when swap is full. swap_get raises the count, to
 * SWAP_COUNT_MAX at most (asserted). */
u32 swap_alloc(void);
void swap_get(u32 slot);
void swap_put(u32 slot, enum reason why); /* frees it once unused */
u32 swap_count(u32 slot);
void swap_recache(u32 slot); /* the swap cache holds it, too */
void swap_uncache(u32 slot); /* the swap cache releases it */
/* The slot's page came into the object that owns the slot, or left it. */
void swap_set_owned(u32 slot, bool owned);
/* True if a read of the slot would be in vain: its page is in memory. */
bool swap_in_memory(u32 slot);
u64 swap_room(void);    /* free slots, except in areas being emptied */
bool swap_full(void);   /* no free slot */
bool swap_scarce(void); /* more than half used: give slots back early */
bool slot_place(u32 slot, struct blkdev **dev, u64 *sector); /* false: none */
/* Sets *first and *end: the slots [*first, *end) are to be read with this slot,
 * an aligned window of n (a power of two), cut at the ends of the area. */
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
/* Called when a page of the swap cache is no longer mapped: frees it unless an
 * entry names its slot, it is pinned or under I/O. */
void swapcache_unmapped(struct page *page, enum reason why);
/* Detaches the page from its slot, which is free then if nothing else names it.
 * => the caller gives the page a new state */
void swapcache_detach(struct page *page);
/* Releases the page's slot; the page is ANON (or COW) again. It may be
 * dirty, but not under I/O. */
void swapcache_remove(struct page *page, enum reason why);
/* Frees the page, whose content is in its slot. false: mapped, pinned, dirty or
 * under I/O. */
bool swapcache_evict(struct page *page, enum reason why);
/* Swaps out anonymous or shared memory: gives the page a slot, unmaps it and
 * starts to write it. keep: it stays in memory, and an anonymous page is not
 * unmapped. 0: it is being written; 1: it was clean shared memory and is gone;
 * -EINVAL: clean shared memory, with keep; -ENOSPC (swap is full), -EAGAIN (too
 * many transfers are under way), -EIO (its last write failed), -ENOMEM.
 * => does not sleep */
int swap_out(struct page *page, bool keep);

/* Parts of swap_out, for an anonymous page. swap_give_slot: gives the page a
 * slot (false: swap is full); the caller must remove writable PTEs or their
 * write permission immediately. swap_unmap: gives it a slot and unmaps it from
 * all address spaces. => do not sleep */
bool swap_give_slot(struct page *page);
bool swap_unmap(struct page *page);

/* Returns the page of a slot if its content is in the swap cache; else has it
 * read, with its neighbours, and waits. NULL with *err: -ENOMEM; -EAGAIN after
 * sleeping: look again at everything; -EIO. *major is set if the caller waited
 * for the page. who: as for tell_page_used. */
struct page *swap_in(u32 slot, enum actor who, bool *major, int *err);
/* Counts a page that swap_in returned and that is used now. major: the caller
 * waited for it. */
void swapcache_used(struct page *page, bool major);
/* If the page is under I/O, waits until its transfer has ended. The frame may
 * then have another page. => sleeps */
void swap_wait_page(struct page *page);

/* I/O of pages. A slot is not free before the transfer is over. done runs once
 * for each page, from an interrupt (or at once, if the disk refuses), with
 * status 0 or -EIO. -EAGAIN: no request is free. Transfers of contiguous slots
 * are gathered into one disk request of at most policy->kluster pages, until a
 * transfer does not fit or the caller sleeps. => does not sleep */
typedef void swap_done(struct page *page, int status);
int swap_write(struct page *page, u32 slot, swap_done *done);
int swap_read(struct page *page, u32 slot, swap_done *done);
void swap_submit_gathered(void); /* for the scheduler, before a sleep */
/* True if the page's last write to swap has failed and no new try is due.
 * Reclaim must learn that it cannot evict such a page, else it would write the
 * page for ever and no process would be killed; but the error may pass, so now
 * and then one page is tried again. */
bool swap_is_stuck(const struct page *page);
u64 swap_writes(void); /* under way */
/* Calls fn for each transfer's slot. holds: the slot's count includes it. */
void swap_each_transfer(void (*fn)(u32 slot, bool holds, void *arg), void *arg);
bool swap_io_room(void);          /* one more write could be started */
void swap_wait_any(void);         /* until any request ends. => sleeps */
extern struct waitq swap_io_over; /* woken when any request ends */
