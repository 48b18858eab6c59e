/* SPDX-License-Identifier: MIT */
/* Draws the strip of an address space (strip.c). The pane of spaces has a strip
 * for each process. */
#pragma once

#include "panel/draw/draw.h"

struct area_sort {
    const char *word, *sentence;
};
extern const struct area_sort area_sorts[AREA_SORTS];

/* Draws a cell of a strip, coded as in ins_space.cell. */
void strip_paint(struct draw *g, struct rect at, u8 cell);
/* Draws the areas from left to right, at a scale at which `most` pages fill the
 * width. Pins mark the pages of the frame pane's frame or slot. Returns words
 * about the area under the pointer; NULL: none. */
const char *draw_strip(struct draw *g, struct rect at,
                       const struct ins_space *s, const char *name, u64 most);
