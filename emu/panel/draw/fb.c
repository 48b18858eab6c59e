/* SPDX-License-Identifier: MIT */
/* Implements the framebuffer and its primitives; see fb.h. */
#include "panel/draw/fb.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

/* From WIDE pixels on it is faster to call wmemset, which writes many pixels at
 * once, than to loop here. */
enum { WIDE = 24 };
_Static_assert(sizeof(wchar_t) == sizeof(u32), "a pixel is a wchar_t");

void fb_init(struct fb *fb, int w, int h)
{
    assert(w > 0 && h > 0 && w <= 16384 && h <= 16384);
    *fb = (struct fb){.w = w, .h = h, .clip = {0, 0, w, h}};
    fb->px = xcalloc((size_t)w * (size_t)h, sizeof *fb->px);
}

void fb_init_cells(struct fb *fb, int columns, int rows, bool letters)
{
    fb_init(fb, columns, 2 * rows);
    fb->cell = xcalloc((size_t)columns * (size_t)rows, sizeof *fb->cell);
    fb->letters = letters;
}

void fb_free(struct fb *fb)
{
    free(fb->px);
    free(fb->cell);
    fb->px = NULL;
    fb->cell = NULL;
}

struct rect rect_cut(struct rect a, struct rect b)
{
    int x0 = a.x > b.x ? a.x : b.x, y0 = a.y > b.y ? a.y : b.y;
    int x1 = a.x + a.w < b.x + b.w ? a.x + a.w : b.x + b.w;
    int y1 = a.y + a.h < b.y + b.h ? a.y + a.h : b.y + b.h;
    if (x1 <= x0 || y1 <= y0)
        return rect(x0, y0, 0, 0);
    return rect(x0, y0, x1 - x0, y1 - y0);
}

struct rect fb_clip(struct fb *fb, struct rect r)
{
    struct rect old = fb->clip;
    fb->clip = rect_cut(r, rect(0, 0, fb->w, fb->h));
    return old;
}

static u32 *row_at(struct fb *fb, int x, int y)
{
    return fb->px + (size_t)y * (size_t)fb->w + x;
}

static void paint(struct fb *fb, struct rect r, u32 colour)
{
    colour |= 0xff000000u;
    for (int y = 0; y < r.h; y++) {
        u32 *p = row_at(fb, r.x, r.y + y);
        if (r.w >= WIDE)
            wmemset((wchar_t *)p, (wchar_t)colour, (size_t)r.w);
        for (int x = 0; x < r.w && r.w < WIDE; x++)
            p[x] = colour;
    }
}

static struct fb_cell *cell_at(struct fb *fb, int x, int y)
{
    return &fb->cell[(size_t)(y / 2) * (size_t)fb->w + (size_t)x];
}

void fb_fill(struct fb *fb, struct rect r, u32 colour)
{
    r = rect_cut(r, fb->clip);
    paint(fb, r, colour);
    if (!fb->cell)
        return;
    for (int y = r.y + r.y % 2; y + 2 <= r.y + r.h; y += 2)
        memset(cell_at(fb, r.x, y), 0, (size_t)r.w * sizeof *fb->cell);
}

void fb_glyph(struct fb *fb, struct rect r, char letter)
{
    r = rect_cut(r, fb->clip);
    for (int y = r.y; fb->letters && y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w; x++)
            *cell_at(fb, x, y) =
                (struct fb_cell){.code = (u8)letter, .glyph = true};
}

void fb_mark(struct fb *fb, struct rect r, u32 colour)
{
    r = rect_cut(r, fb->clip);
    if (!fb->cell)
        return;
    paint(fb, r, colour);
    for (int y = r.y; y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w; x++)
            cell_at(fb, x, y)->mark = true;
}

void fb_frame(struct fb *fb, struct rect r, u32 colour)
{
    if (r.w <= 0 || r.h <= 0 || fb->cell)
        return;
    fb_fill(fb, rect(r.x, r.y, r.w, 1), colour);
    fb_fill(fb, rect(r.x, r.y + r.h - 1, r.w, 1), colour);
    fb_fill(fb, rect(r.x, r.y, 1, r.h), colour);
    fb_fill(fb, rect(r.x + r.w - 1, r.y, 1, r.h), colour);
}

/* Divides two products of bytes (in bits 31..16 and 15..0) by 255, rounded. */
static u32 over_255(u32 v)
{
    v += 0x800080;
    return ((v + (v >> 8 & 0xff00ff)) >> 8) & 0xff00ff;
}

u32 fb_mix(u32 under, u32 over, unsigned alpha)
{
    u32 rb = over_255((under & 0xff00ff) * (255 - alpha) +
                      (over & 0xff00ff) * alpha);
    u32 g = over_255((under >> 8 & 0xff) * (255 - alpha) +
                     (over >> 8 & 0xff) * alpha);
    return 0xff000000u | rb | (g & 0xff) << 8;
}

void fb_shade(struct fb *fb, struct rect r, u32 colour, unsigned alpha)
{
    r = rect_cut(r, fb->clip);
    for (int y = 0; y < r.h; y++) {
        u32 *p = row_at(fb, r.x, r.y + y);
        for (int x = 0; x < r.w; x++)
            p[x] = fb_mix(p[x], colour, alpha);
    }
}

void fb_copy(struct fb *fb, int x, int y, const u32 *px, int w, int h)
{
    struct rect r = rect_cut(rect(x, y, w, h), fb->clip);
    for (int j = 0; j < r.h; j++) {
        const u32 *from = px + (size_t)(r.y + j - y) * (size_t)w + (r.x - x);
        u32 *to = row_at(fb, r.x, r.y + j);
        for (int i = 0; i < r.w; i++)
            to[i] = from[i] | 0xff000000u;
    }
}

static void put_glyph(struct fb *fb, const struct glyph *g, int x, int y,
                      u32 colour)
{
    struct rect r = rect_cut(rect(x, y, g->w, g->h), fb->clip);
    for (int j = r.y; j < r.y + r.h; j++) {
        u32 *p = row_at(fb, 0, j);
        const u8 *grey = g->grey + (j - y) * g->w - x;
        for (int i = r.x; i < r.x + r.w; i++)
            if (grey[i])
                p[i] = fb_mix(p[i], colour, grey[i]);
    }
}

static void record(struct fb *fb, struct rect at, const char *text)
{
    struct fb_log *log = fb->log;
    if (!text[strspn(text, " ")] || log->n == log->max)
        return; /* blanks hide nothing */
    struct fb_text_record *r = &log->rec[log->n++];
    *r = (struct fb_text_record){.at = at, .clip = fb->clip};
    snprintf(r->text, sizeof r->text, "%s", text);
}

/* Control characters, which would move the terminal's cursor, become '?'. */
void fb_code(struct fb *fb, int x, int y, u32 colour, u32 code, bool bold)
{
    bool control = code < ' ' || (code >= 0x7f && code < 0xa0);
    if (rect_has(fb->clip, x, y))
        *cell_at(fb, x, y) = (struct fb_cell){
            .code = control ? '?' : code, .ink = colour, .bold = bold};
}

int fb_text(struct fb *fb, struct font *f, int x, int y, u32 colour,
            const char *text)
{
    int left = x, base = y + f->ascent;
    for (const char *s = text; *s;) {
        u32 code = utf8_next(&s);
        const struct glyph *g = font_glyph(f, code);
        if (fb->cell)
            fb_code(fb, x, y, colour, code, f->face == FACE_BOLD);
        else
            put_glyph(fb, g, x + g->left, base - g->top, colour);
        x += g->advance;
    }
    if (fb->log)
        record(fb, rect(left, y, x - left, f->height), text);
    return x;
}
