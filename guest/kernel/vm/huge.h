/* SPDX-License-Identifier: MIT */
/* Gives programs pages of 2 MiB: decides which mappings get them, and when. */
#pragma once

#include "vm/space.h"

/* Serves a fault with 2 MiB of zeros, if v may have them, no page table covers
 * va, and 512 contiguous frames are free. False: it must take a small page. */
bool huge_fault(struct space *, struct vma *v, u64 va);
/* Serves a write fault on a read-only leaf of 2 MiB: if no other entry maps any
 * of its frames, the leaf becomes writable. False: it must be split. */
bool huge_reuse(struct space *, u64 va, u64 *slot);
/* True if a fault somewhere in v could get a page of 2 MiB (smaps:
 * THPeligible). */
bool huge_eligible(const struct vma *v);

/* Serves MADV_COLLAPSE. Returns 0, or -EINVAL, -ENOMEM, -EAGAIN, -EINTR, -EIO:
 * some part stays in small pages. => sleeps */
s64 space_collapse(struct space *, u64 start, u64 len);

u64 huge_frames(void); /* frames mapped by leaves of 2 MiB; looks at every
                        * 512th frame unless there are no leaves */
