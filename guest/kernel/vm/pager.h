/* SPDX-License-Identifier: MIT */
/* Mach's pagers: pages are written by processes outside the kernel's pageout,
 * and these processes need memory themselves (document 000).
 *
 *    pageout --- message: page of a file ----> filepager ---> the file
 *       |        (takes kernel memory;             ^ needs two frames for each,
 *       |        the page stays pageable)          | three if it is in swap
 *       +------- page ----------> defpager ---> swap
 *                anonymous; or, "double paged", a file's page, whose message
 *                then names a page that filepager must read back first
 *
 * Each of the two processes has an allocation class of its own in vm/policy.h:
 * GRAB_FILE_PAGER, GRAB_DEFAULT_PAGER. They run if the policy in force has
 * `pagers` (defpager: only if mach.default_pager is 1, too). */
#pragma once

#include "vm/object.h"

void pager_start(void); /* => processes can be made */

/* True if some pages of o are in swap with a content newer than the file's.
 * Reading such a page in makes it dirty and releases its slot (vm/object.c,
 * fill); so does a write to it. pager_forget_page drops the slot of page
 * `index`. */
static inline bool pager_has(const struct vm_object *o)
{
    return o->paged != 0;
}
void pager_forget_page(struct vm_object *o, u64 index);
/* Drops the slots of all pages from `from` on, and voids messages about them.
 * => may sleep until the file pager no longer uses the object */
void pager_forget(struct vm_object *o, u64 from);
/* Reads a few of o's pages back from swap. False: none is there, or one cannot
 * be read. => the caller keeps o alive and then writes them; sleeps */
bool pager_bring_back(struct vm_object *o);

extern u64 pager_messages; /* messages not yet served */
