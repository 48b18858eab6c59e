/* SPDX-License-Identifier: MIT */
/* Gives a frame's place on the map. Morton order interleaves the bits of column
 * and row, so that an aligned buddy block is a square or a 2:1 rectangle, and
 * four neighbours share pfn >> 2. Linear order fills rows as wide as Morton's.
 * Places past the last frame are empty. */
#pragma once

#include "base/base.h"

struct grid {
    u64 nframes;
    u32 cols, rows; /* cols a power of two; cols * rows >= nframes */
    bool linear;
};

struct grid grid_for(u64 nframes, bool linear);
void grid_place(const struct grid *g, u64 pfn, u32 *col, u32 *row);
/* Gives the frame at a place; false: none lies there. */
bool grid_frame(const struct grid *g, u32 col, u32 row, u64 *pfn);

/* Gives the frame that stands for a rectangle of 1 << sx by 1 << sy places: one
 * of the most frequent kind. A frame of kind `quiet` (free) is chosen only if
 * there is no other, so that a lone frame in use stays visible. False: no frame
 * lies there. */
bool grid_representative(const struct grid *g, const u8 *kind, u8 quiet,
                         u32 col, u32 row, unsigned sx, unsigned sy, u64 *who);
/* Chooses by the same rule from n frames in a run (in Morton order, an aligned
 * square or 2:1 rectangle); returns the frame's index in `kind`. */
u32 run_representative(const u8 *kind, u32 n, u8 quiet);

/* morton_spread spreads the bits of x to the even bits of the result;
 * morton_gather gathers them back. */
u64 morton_spread(u32 x);
u32 morton_gather(u64 x);
