/* SPDX-License-Identifier: MIT */
/* The panel in a terminal of 80 x 24 or more: the window's hierarchy in letters
 * and half blocks, and the window's keys. */
#ifndef CLOCKHAND_PANEL_TERM_H
#define CLOCKHAND_PANEL_TERM_H

#include "panel/panel.h"
#include "panel/term/screen.h"
#include "panel/view/view.h"

#define TERM_COLUMNS 80 /* at least */
#define TERM_ROWS    24

/* One screen of exactly `rows` lines (each ended by "\r\n" but the last), no
 * line wider than `columns`, drawn from the top left corner. Corrects v's
 * choices that do not fit (scrolling). */
void term_render(struct term_text *out, const struct ins_display *d,
                 struct view *v, int columns, int rows, enum term_depth depth);
/* From TERM and COLORTERM. */
enum term_depth term_depth_of(const char *term, const char *colorterm,
                              bool letters);
void term_main(struct session *s, const struct config *c);

#endif
