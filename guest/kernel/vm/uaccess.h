/* SPDX-License-Identifier: MIT */
/* Copies between the kernel and the memory of the running process.
 *
 * The kernel never dereferences a user address: it walks the page table in
 * software, faults in missing pages as the hardware would, and copies through
 * the direct map. So no pointer from a program can make the kernel trap. => all
 * of these may sleep */
#pragma once

#include "lib/kernel.h"

struct space;

/* Return 0, or -EFAULT (then an unknown part has been copied). */
int copyin(void *to, u64 from_user, size_t n);
int copyout(u64 to_user, const void *from, size_t n);
int clear_user(u64 user, size_t n);
/* Copies a string with its NUL into k[max]. Returns its length without NUL,
 * -EFAULT, or -ENAMETOOLONG: no NUL in the first max bytes. */
int copyin_str(char *k, u64 user, size_t max);

/* For read and write without a bounce buffer: makes the page of user address
 * uva present (and writable, if write). Sets *kva to the place of uva in the
 * direct map, *n to the number of bytes from there to the page's end. Returns 0
 * or -EFAULT. The page stays until the caller sleeps. */
int user_window(u64 uva, bool write, void **kva, size_t *n);

/* Copies from another process's memory (procfs). Returns 0 or -EFAULT. => may
 * sleep; the caller holds the space (space_ref) */
int space_copyin(struct space *, void *to, u64 from_user, size_t n);
