/* SPDX-License-Identifier: MIT */
/* The parts of the panel in a terminal. */
#ifndef CLOCKHAND_PANEL_TERM_PARTS_H
#define CLOCKHAND_PANEL_TERM_PARTS_H

#include "panel/input/keys.h"
#include "panel/term/term.h"

struct term_draw {
    struct screen *s;
    const struct ins_display *d;
    struct view *v;
    const struct theme *t;
    enum term_depth depth;
};
static inline bool term_colours(const struct term_draw *t)
{
    return t->depth > TERM_LETTERS;
}

/* ---- term_map.c -----------------------------------------------------------
 */
/* The map as large as fits in so many columns and rows. */
struct term_map {
    struct grid grid;
    unsigned shrink; /* a cell shows 1 << 2 * shrink frames, */
    int grow;        /* or a frame has so many cells squared */
    int columns, rows;
};
struct term_map term_map_fit(const struct term_draw *t, int columns, int rows);
void term_map_draw(struct term_draw *t, const struct term_map *m,
                   struct area a);
/* "a half block is 4 frames", in so many columns */
void term_map_scale(const struct term_draw *t, const struct term_map *m,
                    int room, char *buf, size_t n);

/* ---- term_side.c: the panes right of the map--------------------------------
 */
void term_side(struct term_draw *t, struct area a);

/* ---- term_tabs.c -----------------------------------------------------------
 */
/* The tabs' names, and below them the open tab's text. */
void term_detail(struct term_draw *t, struct area a);
/* The selected frame's biography. */
void term_biography(struct term_draw *t, struct area a);

/* ---- term_help.c -----------------------------------------------------------
 */
void term_help(struct term_draw *t);

#endif
