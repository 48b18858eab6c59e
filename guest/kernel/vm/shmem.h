/* SPDX-License-Identifier: MIT */
/* Keeps pagers' pages (vm/pager.h), shared memory and tmpfs in swap. A page of
 * the last two is dirty (F_DIRTY, PTE_D) if a change of it is not in swap. */
#pragma once

#include "vm/object.h"

/* Returns the slot of page `index`, even if the page is in memory; 0: none. */
u32 shmem_slot(struct vm_object *o, u64 index);
/* Gives the page a slot if it has none. Returns 0, -ENOSPC or -ENOMEM. */
int shmem_give_slot(struct vm_object *o, u64 index);
/* The number of pages of all files in tmpfs (of one file: object.made). A page
 * counts once, in memory, in swap or in both (Linux: used_blocks, alloced). */
extern u64 tmpfs_pages;
/* Called when page `index` has come into its object (n 1) or left it (n -1):
 * tells its slot, or counts the page if it has none. */
void shmem_page_moved(struct vm_object *o, u64 index, s64 n);
/* Releases the slots of all pages from index on; returns how many. */
u64 shmem_forget(struct vm_object *o, u64 from_index);
/* shmem_drop releases the slot of page `index`, which has one. shmem_indexes
 * (for vm/pager.c) lists up to n pages with a slot, and returns how many. */
void shmem_drop(struct vm_object *o, u64 index);
unsigned shmem_indexes(const struct vm_object *o, u64 *index, unsigned n);
/* Reads back all pages from a swap area. 0, -ENOMEM, -EIO, -EINTR. => sleeps */
int shmem_empty(u32 area);
/* Returns the number of slots held. */
u64 shmem_swapped(void);
u64 shmem_swapped_alone(
    void); /* slots of tmpfs whose pages are not in memory */
u64 shmem_in_swap(const struct vm_object *o); /* this object's slots */
/* Returns how many of the object's pages [first, end) are in swap only. */
u64 shmem_swapped_in(const struct vm_object *o, u64 first, u64 end);
/* For the audit: calls fn for each slot held. in_memory: its page is in its
 * object. */
void shmem_each(void (*fn)(u32 slot, bool in_memory, void *arg), void *arg);
