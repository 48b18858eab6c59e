/* SPDX-License-Identifier: MIT */
/* Draws arrows that are visible on any background: antialiased, with an edge of
 * another colour. */
#pragma once

#include "panel/draw/fb.h"

struct arrow {
    double x0, y0, x1, y1; /* the tail at x0, y0; the tip at x1, y1 */
    double width, edge;    /* pixels */
    double dash;           /* length of a stroke and of a gap; 0: solid */
    u32 colour, edge_colour;
};
void draw_arrow(struct fb *fb, const struct arrow *a);

/* Makes *a the part of the line between two rectangles' middles that lies
 * outside both. Returns false if that part is shorter than 2 pixels. */
bool arrow_between(struct rect from, struct rect to, struct arrow *a);
