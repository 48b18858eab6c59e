/* SPDX-License-Identifier: MIT */
/* Shared by the files of this folder, which draw the map. */
#pragma once

#include "panel/draw/draw.h"

/* Returns the layout's cells at the view's zoom. */
struct cells map_cells(const struct draw *g);
/* Returns how many pixels of a cell's width and height stay empty. */
int cells_gap(const struct cells *c);
/* Returns a frame's cell without its gap; it may lie outside the part seen. */
struct rect map_cell(const struct draw *g, u64 pfn);

void draw_cells(struct draw *g, struct rect m);  /* cells.c */
void draw_sweeps(struct draw *g, struct rect m); /* clock_hands.c */
void draw_hands(struct draw *g, struct rect m);
/* Hand 0 takes pages; hand 1, in front of it, only clears the marks of use. */
bool hand_shown(const struct draw *g, unsigned i);
u32 hand_colour(const struct draw *g, unsigned i);
/* Describes the hand that is at a frame; NULL: none. */
const char *hand_words(const struct draw *g, u64 pfn);
/* Returns the colour of an arrow along this way (callout.c). */
u32 way_colour(const struct draw *g, enum page_way way);

/* Draws round a cell a ring of `thick` pixels, with edges of the background's
 * colour (small cell: outer edge only). Returns the place of ring and edges. */
struct rect draw_ring(struct draw *g, struct rect cell, int thick, u32 colour);

/* Returns the age (as in ins_display.age) that is darkest in heat mode: the
 * time since the machine's start, at most 17 minutes. */
unsigned heat_most(const struct draw *g);
