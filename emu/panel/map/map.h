/* SPDX-License-Identifier: MIT */
/* Shared by the files of the frame map: map.c, cells.c, clock_hands.c,
 * callout.c. */
#ifndef CLOCKHAND_PANEL_MAP_H
#define CLOCKHAND_PANEL_MAP_H

#include "panel/draw/draw.h"

/* Layout's cells at the view's zoom. */
struct cells map_cells(const struct draw *g);
/* Space between cells: pixels of a cell's width and height that stay empty. */
int cells_gap(const struct cells *c);
/* A frame's cell without the gap, wherever it lies: perhaps not in sight. */
struct rect map_cell(const struct draw *g, u64 pfn);

void draw_cells(struct draw *g, struct rect m);  /* cells.c */
void draw_sweeps(struct draw *g, struct rect m); /* clock_hands.c */
void draw_hands(struct draw *g, struct rect m);
/* Hand 0 takes; hand 1, in front of it, only clears the marks of use. */
bool hand_shown(const struct draw *g, unsigned i);
u32 hand_colour(const struct draw *g, unsigned i);
/* The hand at a frame, in words; NULL: none is there. */
const char *hand_words(const struct draw *g, u64 pfn);
/* Of an arrow along this way (callout.c). */
u32 way_colour(const struct draw *g, enum page_way way);

/* A frame made conspicuous without covering it: a ring of `thick` pixels round
 * it, with an edge of the page's colour on both sides. Returns all of it. */
struct rect draw_ring(struct draw *g, struct rect cell, int thick, u32 colour);

/* The code of the age (ins_display.age) that is darkest in heat mode: the
 * machine's own, or 17 minutes if it is older. */
unsigned heat_most(const struct draw *g);

#endif
