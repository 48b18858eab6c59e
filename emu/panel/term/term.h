/* SPDX-License-Identifier: MIT */
/* Draws the panel in a terminal of 80 x 24 or more: the window's panes, in
 * letters and half blocks, with the window's keys. */
#pragma once

#include "panel/panel.h"
#include "panel/view/view.h"

/* PLAIN: letters, and no escape sequence at all. LETTERS: no colours. */
enum term_depth { TERM_PLAIN, TERM_LETTERS, TERM_256, TERM_24BIT };

struct term_text { /* grows */
    char *text;
    size_t n, room;
};

/* Draws one screen of exactly `rows` lines of `columns` cells. Between lines
 * stands "\r\n", for a terminal in raw mode; for TERM_PLAIN, "\n". */
void term_render(struct term_text *out, const struct ins_display *d,
                 struct view *v, int columns, int rows, enum term_depth depth);
/* Chooses by TERM and COLORTERM; letters: never a depth with colours. */
enum term_depth term_depth_of(const char *term, const char *colorterm,
                              bool letters);
void term_main(struct session *s, const struct config *c);
