/* SPDX-License-Identifier: MIT */
/* Pages of 2 MiB for programs: who gets one, and when. */
#ifndef VM_HUGE_H
#define VM_HUGE_H

#include "vm/space.h"

/* A fault at va where nothing is: maps 2 MiB of zeros around it, if v may have
 * them and 512 free frames lie in a row. False: it takes a small page. */
bool huge_fault(struct space *, struct vma *v, u64 va);
/* A write to a leaf of 2 MiB without the right to write: if all of it is this
 * leaf's alone, it gets the right. False: it has to be split. */
bool huge_reuse(struct space *, u64 va, u64 *slot);
/* Would a fault somewhere in v get one? (smaps: THPeligible) */
bool huge_eligible(const struct vma *v);

/* madvise on whole pages that are all mapped. 0; -EINVAL: devices; -ENOMEM. */
s64 space_advise_huge(struct space *, u64 start, u64 len, bool wanted);
/* MADV_COLLAPSE: 0; -EINVAL, -ENOMEM, -EAGAIN, -EINTR: some part stays in
 * small pages. => sleeps */
s64 space_collapse(struct space *, u64 start, u64 len);

u64 huge_frames(void); /* mapped by leaves of 2 MiB; if there are any,
                        * it looks at every 512th frame */

#endif
