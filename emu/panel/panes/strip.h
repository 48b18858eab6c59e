/* SPDX-License-Identifier: MIT */
/* The strip of an address space (strip.c), which the pane of spaces shows a
 * row each. */
#ifndef CLOCKHAND_PANEL_STRIP_H
#define CLOCKHAND_PANEL_STRIP_H

#include "panel/draw/draw.h"

struct area_sort {
    const char *word, *sentence;
};
extern const struct area_sort area_sorts[AREA_SORTS];

/* A cell of a strip: what ins_space.cell says. */
void strip_paint(struct draw *g, struct rect at, u8 cell);
/* Its areas from left to right, as wide as it is large against `most` pages. A
 * pin marks the page of the frame that is looked at. Under the pointer: says,
 * of so many bytes, tells of the area there. */
void draw_strip(struct draw *g, struct rect at, const struct ins_space *s,
                const char *name, u64 most, char *says, size_t n);

#endif
