/* SPDX-License-Identifier: MIT */
/* The panel in a terminal: frame map and numbers on 80 x 24 or more. */
#ifndef CLOCKHAND_PANEL_TERM_H
#define CLOCKHAND_PANEL_TERM_H

#include "panel/panel.h"
#include "panel/view.h"

/* PLAIN: letters, and no escape sequence at all. */
enum term_depth { TERM_PLAIN, TERM_LETTERS, TERM_256, TERM_24BIT };

struct term_text {
    char *text;
    size_t n, room;
};

/* One screen of exactly `rows` lines (each ended by "\r\n" but the last), no
 * line wider than `columns`, drawn from the top left corner. */
void term_render(struct term_text *out, const struct ins_display *d,
                 const struct view *v, int columns, int rows,
                 enum term_depth depth);
/* From TERM and COLORTERM. */
enum term_depth term_depth_of(const char *term, const char *colorterm,
                              bool letters);
void term_main(struct session *s, const struct config *c);

#endif
