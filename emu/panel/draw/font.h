/* SPDX-License-Identifier: MIT */
/* Proportional text: DejaVu Sans, its bold and its monospaced face, drawn by
 * FreeType in grey levels. The three files lie in the program itself, so that
 * every host draws the same pixels. A glyph is rasterised once per size. */
#pragma once

#include "base/base.h"

enum face { FACE_SANS, FACE_BOLD, FACE_MONO, FACES };

struct glyph {
    bool known;
    s16 left, top;  /* of its picture: from the pen, and up from the base */
    s16 w, h;       /* of its picture; 0: it is blank */
    s16 advance;    /* pixels to the next pen */
    const u8 *grey; /* w * h, 0 to 255 */
};

struct font {   /* a face in a size */
    int px;     /* of an em */
    int ascent; /* pixels from a line's top to its base */
    int height; /* of a line of text, without space between lines */
    int digit;  /* advance of a digit: all ten have the same */
    struct fonts *all;
    enum face face;
    struct font *next;
    struct glyph *page[256]; /* of 256 code points each; NULL: none known */
};

struct fonts; /* all that were asked for */
struct fonts *fonts_new(void);
void fonts_free(struct fonts *f);
/* From now on all fonts are a terminal's: whatever their size, a character is a
 * pixel wide and two high, and has no picture (fb.h). */
void fonts_in_cells(struct fonts *f);
/* px: 6 to 200. The font lives as long as `f`. */
struct font *fonts_get(struct fonts *f, enum face face, int px);

/* Returns the glyph of a code point; that of '?' if the face has none. */
const struct glyph *font_glyph(struct font *f, unsigned code);
/* Returns UTF-8 text's width in pixels; a malformed byte counts as '?'. */
int font_width(struct font *f, const char *utf8);
/* utf8_next takes a code point of UTF-8 text; utf8_put writes one below 0x10000
 * and returns its bytes, at most 3. */
unsigned utf8_next(const char **s);
size_t utf8_put(char *to, u32 code);
