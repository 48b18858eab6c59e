/* SPDX-License-Identifier: MIT */
/* A frame's place on the map. Morton order interleaves the bits of column
 * and row, so that an aligned buddy block is a square or a 2:1 rectangle and
 * a zoom parent is pfn >> 2; linear order is rows of the same width. Any
 * number of frames: places past the last frame are empty. */
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

/* Gives the frame that stands for a rectangle of 1 << sx by 1 << sy: one of
 * those whose kind is the most frequent, but a frame of kind `quiet` (free)
 * only if there is no other, so that a lone frame in use stays visible. False:
 * no frame. */
bool grid_representative(const struct grid *g, const u8 *kind, u8 quiet,
                         u32 col, u32 row, unsigned sx, unsigned sy, u64 *who);
/* Chooses by the same rule from n frames in a run (in Morton order, an aligned
 * square or 2:1 rectangle); returns the frame's index in `kind`. */
u32 run_representative(const u8 *kind, u32 n, u8 quiet);

/* Spreads the bits of x to the even bits of the result; gathers them back. */
u64 morton_spread(u32 x);
u32 morton_gather(u64 x);
