/* SPDX-License-Identifier: MIT */
/* An arrow that is visible on any background: antialiased, with an edge of
 * another colour. */
#pragma once

#include "panel/draw/fb.h"

struct arrow {
    double x0, y0, x1, y1; /* of the tail, of the tip */
    double width, edge;    /* pixels */
    double dash;           /* pixels of a stroke and of a gap; 0: solid */
    u32 colour, edge_colour;
};
void draw_arrow(struct fb *fb, const struct arrow *a);

/* Gives the arrow from the middle of one rectangle to the middle of another,
 * cut to the part outside both. False: none, or less than 2 pixels, is left. */
bool arrow_between(struct rect from, struct rect to, struct arrow *a);
