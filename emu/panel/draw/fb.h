/* SPDX-License-Identifier: MIT */
/* A framebuffer of our own and its six primitives. Everything that the panel
 * shows is drawn with these, clipped to fb.clip, so that the window, a PNG
 * and a test see the same pixels. Colours are 0xAARRGGBB with AA always ff;
 * callers may leave it out. Coordinates are pixels from the top left. */
#ifndef CLOCKHAND_PANEL_FB_H
#define CLOCKHAND_PANEL_FB_H

#include "base/base.h"
#include "panel/draw/font.h"

struct rect {
    int x, y, w, h;
};

/* Every text written and its place: tests see that none overlaps or is cut. */
struct fb_text_record {
    struct rect at, clip;
    char text[256];
};
struct fb_log {
    unsigned n, max;
    struct fb_text_record *rec;
};

struct fb {
    int w, h;
    u32 *px; /* w * h */
    struct rect clip;
    struct fb_log *log; /* NULL: texts are not recorded */
};

void fb_init(struct fb *fb, int w, int h); /* allocates; black */
void fb_free(struct fb *fb);
/* Sets the clip to r within the picture; returns the old one. */
struct rect fb_clip(struct fb *fb, struct rect r);
struct rect rect_cut(struct rect a, struct rect b); /* the common part */
static inline struct rect rect_inset(struct rect r, int d)
{
    return (struct rect){r.x + d, r.y + d, r.w - 2 * d, r.h - 2 * d};
}
static inline bool rect_has(struct rect r, int x, int y)
{
    return x >= r.x && y >= r.y && x < r.x + r.w && y < r.y + r.h;
}

/* The colour `over` laid on `under` with alpha 0..255. */
u32 fb_mix(u32 under, u32 over, unsigned alpha);

/* The six primitives. */
void fb_fill(struct fb *fb, struct rect r, u32 colour);
void fb_frame(struct fb *fb, struct rect r, u32 colour); /* 1 px, inside r */
void fb_line(struct fb *fb, int x0, int y0, int x1, int y1, u32 colour);
/* Lays a colour over the pixels of r; alpha 0..255. */
void fb_shade(struct fb *fb, struct rect r, u32 colour, unsigned alpha);
/* A w x h picture of 0xRRGGBB pixels. */
void fb_copy(struct fb *fb, int x, int y, const u32 *px, int w, int h);
/* UTF-8 text whose line begins at x, y (its top left); returns the x after it.
 */
int fb_text(struct fb *fb, struct font *f, int x, int y, u32 colour,
            const char *text);

#endif
