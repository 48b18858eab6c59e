/* SPDX-License-Identifier: MIT */
/* A framebuffer and its five primitives, which clip to fb.clip. Everything is
 * drawn into it (arrows and small cells write px directly), so that window,
 * PNG and tests see the same pixels. Colours are 0xAARRGGBB; AA is always ff,
 * and callers may leave it out. Coordinates are pixels from the top left. */
#pragma once

#include "base/base.h"
#include "panel/draw/font.h"

struct rect {
    int x, y, w, h;
};
static inline struct rect rect(int x, int y, int w, int h)
{
    return (struct rect){x, y, w, h};
}

/* The texts that were drawn, and their places. Tests use them to check that no
 * text is cut or overlaps another; a PNG contains them (png.c). */
struct fb_text_record {
    struct rect at, clip;
    char text[256];
};
struct fb_log {
    unsigned n, max;
    struct fb_text_record *rec;
};

/* A terminal's character cell, as wide as a pixel and as high as two: a pixel
 * is the upper or the lower half of a cell. */
struct fb_cell {
    u32 code, ink; /* the character (0: none); its colour */
    bool bold;
    bool glyph; /* the character stands for its pixels' colour (fb_glyph) */
    bool mark;  /* set by fb_mark */
};

struct fb {
    int w, h;
    u32 *px; /* w * h */
    struct rect clip;
    struct fb_log *log;   /* NULL: texts are not recorded */
    struct fb_cell *cell; /* w * (h / 2) of them; NULL: not a terminal */
    bool letters;         /* the terminal has no colours */
};

void fb_init(struct fb *fb, int w, int h); /* allocates; black */
/* Makes a terminal's framebuffer: texts go into cells, and a later fill of a
 * cell removes its text. fb_frame draws nothing there. letters: the terminal
 * has no colours. */
void fb_init_cells(struct fb *fb, int columns, int rows, bool letters);
void fb_free(struct fb *fb);
/* Sets the clip to r within the picture; returns the old one. */
struct rect fb_clip(struct fb *fb, struct rect r);
struct rect rect_cut(struct rect a, struct rect b); /* the common part */
/* Takes the topmost h pixels from r. */
static inline struct rect rect_take(struct rect *r, int h)
{
    struct rect top = {r->x, r->y, r->w, h};
    r->y += h;
    r->h -= h;
    return top;
}
static inline struct rect rect_inset(struct rect r, int d)
{
    return rect(r.x + d, r.y + d, r.w - 2 * d, r.h - 2 * d);
}
static inline bool rect_has(struct rect r, int x, int y)
{
    return x >= r.x && y >= r.y && x < r.x + r.w && y < r.y + r.h;
}

/* Returns the colour `over` laid on `under` with alpha 0..255. */
u32 fb_mix(u32 under, u32 over, unsigned alpha);

/* The five primitives. */
void fb_fill(struct fb *fb, struct rect r, u32 colour);
void fb_frame(struct fb *fb, struct rect r, u32 colour); /* 1 px, inside r */
/* Lays a colour over the pixels of r; alpha 0..255. */
void fb_shade(struct fb *fb, struct rect r, u32 colour, unsigned alpha);
/* Copies a w x h picture of 0xRRGGBB pixels. */
void fb_copy(struct fb *fb, int x, int y, const u32 *px, int w, int h);
/* Writes UTF-8 text from x, y (its top left); returns the x after it. */
int fb_text(struct fb *fb, struct font *f, int x, int y, u32 colour,
            const char *text);

/* Primitives for terminals only; elsewhere fb_glyph and fb_mark do nothing.
 * fb_code writes one character. fb_glyph writes the letter that stands for the
 * colour of r, if the terminal has no colours. fb_mark colours r and keeps its
 * letter: a ring, as in a window, would cover the neighbours. */
void fb_code(struct fb *fb, int x, int y, u32 colour, u32 code, bool bold);
void fb_glyph(struct fb *fb, struct rect r, char letter);
void fb_mark(struct fb *fb, struct rect r, u32 colour);
