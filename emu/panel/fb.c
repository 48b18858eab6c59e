/* SPDX-License-Identifier: MIT */
/* The framebuffer's six primitives; see fb.h. */
#include "panel/fb.h"

#include <stdio.h>
#include <stdlib.h>

void fb_init(struct fb *fb, int w, int h)
{
    assert(w > 0 && h > 0 && w <= 16384 && h <= 16384);
    *fb = (struct fb){.w = w, .h = h, .clip = {0, 0, w, h}};
    fb->px = xcalloc((size_t)w * (size_t)h, sizeof *fb->px);
}

void fb_free(struct fb *fb)
{
    free(fb->px);
    fb->px = NULL;
}

struct rect rect_cut(struct rect a, struct rect b)
{
    int x0 = a.x > b.x ? a.x : b.x, y0 = a.y > b.y ? a.y : b.y;
    int x1 = a.x + a.w < b.x + b.w ? a.x + a.w : b.x + b.w;
    int y1 = a.y + a.h < b.y + b.h ? a.y + a.h : b.y + b.h;
    if (x1 <= x0 || y1 <= y0)
        return (struct rect){x0, y0, 0, 0};
    return (struct rect){x0, y0, x1 - x0, y1 - y0};
}

struct rect fb_clip(struct fb *fb, struct rect r)
{
    struct rect old = fb->clip;
    fb->clip = rect_cut(r, (struct rect){0, 0, fb->w, fb->h});
    return old;
}

static u32 *row_at(struct fb *fb, int x, int y)
{
    return fb->px + (size_t)y * (size_t)fb->w + x;
}

void fb_fill(struct fb *fb, struct rect r, u32 colour)
{
    r = rect_cut(r, fb->clip);
    colour |= 0xff000000u;
    for (int y = 0; y < r.h; y++) {
        u32 *p = row_at(fb, r.x, r.y + y);
        for (int x = 0; x < r.w; x++)
            p[x] = colour;
    }
}

void fb_frame(struct fb *fb, struct rect r, u32 colour)
{
    if (r.w <= 0 || r.h <= 0)
        return;
    fb_fill(fb, (struct rect){r.x, r.y, r.w, 1}, colour);
    fb_fill(fb, (struct rect){r.x, r.y + r.h - 1, r.w, 1}, colour);
    fb_fill(fb, (struct rect){r.x, r.y, 1, r.h}, colour);
    fb_fill(fb, (struct rect){r.x + r.w - 1, r.y, 1, r.h}, colour);
}

/* Bresenham's, both ends included. */
void fb_line(struct fb *fb, int x0, int y0, int x1, int y1, u32 colour)
{
    int dx = abs(x1 - x0), dy = -abs(y1 - y0);
    int sx = x0 < x1 ? 1 : -1, sy = y0 < y1 ? 1 : -1, err = dx + dy;
    colour |= 0xff000000u;
    for (;;) {
        if (rect_has(fb->clip, x0, y0))
            *row_at(fb, x0, y0) = colour;
        if (x0 == x1 && y0 == y1)
            return;
        int e2 = 2 * err;
        if (e2 >= dy) {
            err += dy;
            x0 += sx;
        }
        if (e2 <= dx) {
            err += dx;
            y0 += sy;
        }
    }
}

static u32 mix(u32 under, u32 over, unsigned alpha)
{
    u32 out = 0xff000000u;
    for (unsigned s = 0; s < 24; s += 8) {
        unsigned a = under >> s & 255, b = over >> s & 255;
        out |= ((a * (255 - alpha) + b * alpha + 127) / 255) << s;
    }
    return out;
}

void fb_shade(struct fb *fb, struct rect r, u32 colour, unsigned alpha)
{
    r = rect_cut(r, fb->clip);
    for (int y = 0; y < r.h; y++) {
        u32 *p = row_at(fb, r.x, r.y + y);
        for (int x = 0; x < r.w; x++)
            p[x] = mix(p[x], colour, alpha);
    }
}

void fb_copy(struct fb *fb, int x, int y, const u32 *px, int w, int h)
{
    struct rect r = rect_cut((struct rect){x, y, w, h}, fb->clip);
    for (int j = 0; j < r.h; j++) {
        const u32 *from = px + (size_t)(r.y + j - y) * (size_t)w + (r.x - x);
        u32 *to = row_at(fb, r.x, r.y + j);
        for (int i = 0; i < r.w; i++)
            to[i] = from[i] | 0xff000000u;
    }
}

/* Decodes one code point of UTF-8; a malformed byte counts as one '?'. */
static unsigned utf8_next(const char **s)
{
    const u8 *p = (const u8 *)*s;
    unsigned c = p[0], n = c < 0x80       ? 0
                           : c >> 5 == 6  ? 1
                           : c >> 4 == 14 ? 2
                                          : 9;
    if (n == 9) {
        *s += 1;
        return '?';
    }
    if (n)
        c &= n == 1 ? 31 : 15;
    for (unsigned i = 1; i <= n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            *s += 1;
            return '?';
        }
        c = c << 6 | (p[i] & 63);
    }
    *s += n + 1;
    return c;
}

int text_columns(const char *s)
{
    int n = 0;
    for (; *s; n++)
        utf8_next(&s);
    return n;
}

static void put_glyph(struct fb *fb, const struct font *f, int x, int y,
                      u32 colour, const u16 *rows)
{
    struct rect r =
        rect_cut((struct rect){x, y, f->width, f->height}, fb->clip);
    for (int j = r.y; j < r.y + r.h; j++) {
        u32 *p = row_at(fb, 0, j), bits = rows[j - y];
        for (int i = r.x; bits && i < r.x + r.w; i++)
            if (bits & 0x8000u >> (i - x))
                p[i] = colour;
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

int fb_text(struct fb *fb, const struct font *f, int x, int y, u32 colour,
            const char *text)
{
    if (fb->log)
        record(fb,
               (struct rect){x, y, text_columns(text) * f->width, f->height},
               text);
    colour |= 0xff000000u;
    for (const char *s = text; *s; x += f->width) {
        unsigned c = utf8_next(&s);
        if (c != ' ')
            put_glyph(fb, f, x, y, colour, font_glyph(f, c));
    }
    return x;
}
