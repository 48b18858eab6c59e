/* SPDX-License-Identifier: MIT */
/* FreeType draws text in grey levels, with DejaVu Sans, its bold and its
 * monospaced face. The program contains the three files, so that every host
 * draws the same pixels. A glyph is rasterised once per size. */
#pragma once

#include "base/base.h"

enum face { FACE_SANS, FACE_BOLD, FACE_MONO, FACES };

struct glyph {
    bool known;
    s16 left, top;  /* its picture's corner: right of the pen, above the base */
    s16 w, h;       /* its picture's size; 0: it is blank */
    s16 advance;    /* pixels to the next pen */
    const u8 *grey; /* w * h, 0 to 255 */
};

struct font {   /* a face in a size */
    int px;     /* pixels per em */
    int ascent; /* pixels from a line's top to its base */
    int height; /* of a line of text, without space between lines */
    int digit;  /* advance of a digit, the same for all ten */
    struct fonts *all;
    enum face face;
    struct font *next;
    struct glyph *page[256]; /* of 256 code points each; NULL: none known */
};

struct fonts; /* all fonts that fonts_get has made */
struct fonts *fonts_new(void);
void fonts_free(struct fonts *f);
/* Turns all fonts into a terminal's: at every size a character is one pixel
 * wide and two high, and has no picture (fb.h). */
void fonts_in_cells(struct fonts *f);
/* px is limited to 6 to 200. The font lives as long as `f`. */
struct font *fonts_get(struct fonts *f, enum face face, int px);

/* Returns the glyph of a code point, or of '?' if the face lacks it. */
const struct glyph *font_glyph(struct font *f, unsigned code);
/* Returns UTF-8 text's width in pixels; a malformed byte counts as '?'. */
int font_width(struct font *f, const char *utf8);
/* utf8_next returns the first code point of *s and moves *s after it. utf8_put
 * writes a code point below 0x10000 and returns how many bytes, at most 3. */
unsigned utf8_next(const char **s);
size_t utf8_put(char *to, u32 code);
