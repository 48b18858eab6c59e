/* SPDX-License-Identifier: MIT */
/* Thresholds that several policies share. */
#ifndef POLICY_MARKS_H
#define POLICY_MARKS_H

#include "vm/policy.h"

/* Linux 6's (mm/page_alloc.c): min from vm.min_free_kbytes, low and high one
 * and two steps above it; a step is a quarter of min, or
 * vm.watermark_scale_factor ten-thousandths of memory if that is more. */
void linux_marks(uint64_t nframes, struct policy_levels *);
/* min alone, in frames: sqrt(16 * KiB of RAM) KiB, from 128 KiB to 256 MiB
 * (calculate_min_free_kbytes), never more than a quarter of memory. */
uint64_t linux_min(uint64_t nframes);

#endif
