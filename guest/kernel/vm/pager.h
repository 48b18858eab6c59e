/* SPDX-License-Identifier: MIT */
/* Mach's parties: pages leave through processes that are no part of the
 * kernel's pageout, and that need memory themselves (seed 000).
 *
 *    pageout --- message: page of a file ----> filepager ---> the file
 *       |        (kernel memory each;              ^ needs two frames for each,
 *       |        the page stays pageable)          | three if it is in swap
 *       +------- page ----------> defpager ---> swap
 *                anonymous; or, "double paged", a file's, whose message is
 *                then about a page that filepager must read back first
 *
 * Both are processes with a kind of their own in vm/policy.h: GRAB_FILE_PAGER,
 * GRAB_DEFAULT_PAGER. They run if the policy in force has `pagers`. */
#ifndef VM_PAGER_H
#define VM_PAGER_H

#include "vm/object.h"

void pager_start(void); /* => processes can be made */

/* The content of page `index` lies in swap and is newer than the file. Reading
 * it in makes the page dirty and gives the slot up (vm/object.c, fill); so
 * does writing the page. */
static inline bool pager_has(const struct vm_object *o)
{
    return o->paged != 0;
}
void pager_forget_page(struct vm_object *o, u64 index);
/* The same for all pages from `from` on, and for messages about them.
 * => may sleep until the pager lets go of the object */
void pager_forget(struct vm_object *o, u64 from);
/* Reads such pages of o back, a few at a time: true if there were any.
 * => the caller keeps o alive and then writes them; sleeps */
bool pager_bring_back(struct vm_object *o);

extern u64 pager_messages; /* that the file pager has not taken yet */

#endif
