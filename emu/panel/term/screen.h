/* SPDX-License-Identifier: MIT */
/* A terminal's screen of cells, on which the panel writes; whatever is written
 * stays within its room. Then it becomes lines of text with colours. */
#ifndef CLOCKHAND_PANEL_SCREEN_H
#define CLOCKHAND_PANEL_SCREEN_H

#include "base/base.h"

/* PLAIN: letters, and no escape sequence at all. LETTERS: no colours. */
enum term_depth { TERM_PLAIN, TERM_LETTERS, TERM_256, TERM_24BIT };

#define NO_COLOUR 0xff000000u /* the terminal's own */
enum ink { INK_PLAIN = 0, INK_BOLD = 1, INK_DIM = 2, INK_REVERSE = 4 };
struct cell {
    u32 code; /* Unicode's code point */
    u32 fore, back;
    u8 ink;
};
struct screen {
    int columns, rows;
    struct cell *cell;
};
struct area { /* of a screen */
    int row, column, rows, columns;
};

struct term_text { /* grows */
    char *text;
    size_t n, room;
};
void term_text_add(struct term_text *t, const char *bytes, size_t n);

struct screen screen_new(int columns, int rows); /* blank; caller frees .cell */
/* NULL: outside. */
struct cell *screen_at(struct screen *s, int row, int column);
/* UTF-8 in at most `room` columns; a longer text ends in an ellipsis. Control
 * characters become '?'. Returns the column behind it. */
int screen_put(struct screen *s, int row, int column, int room, u8 ink,
               const char *text);
int screen_putf(struct screen *s, int row, int column, int room, u8 ink,
                const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* Ends at the column before `end`, if it fits behind `column`. */
void screen_put_right(struct screen *s, int row, int column, int end, u8 ink,
                      const char *text);
/* Whole words over at most a.rows lines; returns the number of lines used. With
 * a NULL screen nothing is written. */
int screen_put_words(struct screen *s, struct area a, u8 ink, const char *text);
int columns_of(const char *text); /* that UTF-8 text takes */
/* Lines of exactly s->columns cells, "\r\n" between them. */
void screen_text(const struct screen *s, enum term_depth depth,
                 struct term_text *out);

#endif
