/* SPDX-License-Identifier: MIT */
/* A terminal's screen of cells, as lines of text with colours. */
#pragma once

#include "base/base.h"

/* PLAIN: letters, and no escape sequence at all. LETTERS: no colours. */
enum term_depth { TERM_PLAIN, TERM_LETTERS, TERM_256, TERM_24BIT };

#define NO_COLOUR 0xff000000u /* the terminal's own */
enum ink { INK_PLAIN = 0, INK_BOLD = 1, INK_REVERSE = 2 };
struct cell {
    u32 code; /* Unicode's code point */
    u32 fore, back;
    u8 ink;
};
struct screen {
    int columns, rows;
    struct cell *cell;
};

struct term_text { /* grows */
    char *text;
    size_t n, room;
};
void term_text_add(struct term_text *t, const char *bytes, size_t n);

struct screen screen_new(int columns, int rows); /* blank; caller frees .cell */
/* Lines of exactly s->columns cells; between them "\r\n", for a terminal in raw
 * mode, or "\n" if PLAIN. */
void screen_text(const struct screen *s, enum term_depth depth,
                 struct term_text *out);
