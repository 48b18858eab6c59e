/* SPDX-License-Identifier: MIT */
#ifndef VM_THRASH_H
#define VM_THRASH_H

/* Called after a fault that waited for the disk. May kill a process, even the
 * caller. */
void thrash_watch(void);

#endif
