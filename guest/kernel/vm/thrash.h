/* SPDX-License-Identifier: MIT */
#ifndef VM_THRASH_H
#define VM_THRASH_H

/* After a fault that waited for the disk. May kill, the caller, too. */
void thrash_watch(void);

#endif
