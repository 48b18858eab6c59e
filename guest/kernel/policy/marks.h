/* SPDX-License-Identifier: MIT */
/* Computes thresholds that several policies share. */
#pragma once

#include "vm/policy.h"

/* Sets Linux 6's marks (mm/page_alloc.c): min from vm.min_free_kbytes, low one
 * step above it, high two; a step is a quarter of min, or
 * vm.watermark_scale_factor ten-thousandths of memory if that is more. */
void linux_marks(uint64_t nframes, struct policy_levels *);
/* Like linux_marks, by zone (__setup_per_zone_wmarks): DMA and Normal share min
 * in proportion to their frames; HighMem's min is a 1024th of its frames, 32 to
 * 128. A caller that can use higher zones must leave more free than a mark: in
 * DMA by a 256th, in Normal by a 32nd of the number of frames in those zones
 * (lowmem_reserve_ratio, setup_per_zone_lowmem_reserve). */
void linux_zone_marks(const uint64_t present[POLICY_ZONES],
                      struct policy_zone_marks[POLICY_ZONES]);
/* Sets only min of each zone; those of DMA and Normal add up to `min`. */
void linux_share_min(uint64_t min, const uint64_t present[POLICY_ZONES],
                     struct policy_zone_marks[POLICY_ZONES]);
/* Returns min in frames: vm.min_free_kbytes; if that is 0, sqrt(factor * size)
 * KiB, at most `most`, where size is nframes in KiB. In any case at least 128
 * KiB, and at most a quarter of the frames. Linux's factor and `most`: 16 and
 * 256 MiB in 6.12 (calculate_min_free_kbytes), 1 and 16 MiB in 2.6.9
 * (init_per_zone_pages_min). */
uint64_t linux_min(uint64_t nframes, uint64_t factor, uint64_t most);
