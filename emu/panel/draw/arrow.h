/* SPDX-License-Identifier: MIT */
/* An arrow that is seen on whatever it lies over: antialiased, with an edge of
 * another colour. */
#ifndef CLOCKHAND_PANEL_ARROW_H
#define CLOCKHAND_PANEL_ARROW_H

#include "panel/draw/fb.h"

struct arrow {
    double x0, y0, x1, y1; /* of the tail, of the tip */
    double width, edge;    /* pixels */
    double dash;           /* ... of its strokes and between; 0: one stroke */
    u32 colour, edge_colour;
};
void draw_arrow(struct fb *fb, const struct arrow *a);

/* From the middle of one rectangle to that of another, as far as it lies
 * outside both. False: they touch. */
bool arrow_between(struct rect from, struct rect to, struct arrow *a);

#endif
