/* SPDX-License-Identifier: MIT */
/* Chooses the snapshot to drop when there are too many. */
#pragma once

#include "base/base.h"

/* at[0..n) are the steps (instructions and traps) at which there are snapshots,
 * ascending; n >= 3. Returns the index of the one to drop, never the first or
 * the last. It is the one that leaves the smallest gap in proportion to its
 * distance from `here`, the machine's position. So gaps grow with the distance:
 * snapshots nearby lie close together. */
size_t thin_which(const u64 *at, size_t n, u64 here);
