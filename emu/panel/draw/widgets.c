/* SPDX-License-Identifier: MIT */
/* Draws widgets of the tabs and the frame pane: headline, key button, a PTE's
 * bits, a frame and its kinds, lines, scroll bar. */
#include "panel/draw/arrow.h"
#include "panel/draw/draw.h"

/* Returns the largest font in which text takes one line, or else two, with
 * `keep` lines left below; the body's if none fits. *n: the lines of text. */
static struct font *headline_font(const struct draw *g, struct rect r, int keep,
                                  const char *text, int *n)
{
    struct font *fonts[] = {g->big_bold, g->bold};
    for (int most = 1; most <= 2; most++)
        for (unsigned i = 0; i < ARRAY_LEN(fonts); i++) {
            if (fonts[i]->height > line_high(g, fonts[i]))
                continue; /* its underscores would reach below the line */
            *n = lines_of(fonts[i], r.w, text);
            if (*n <= most && *n * line_high(g, fonts[i]) + keep * g->lh <= r.h)
                return fonts[i];
        }
    *n = lines_of(g->sans, r.w, text);
    int most = r.h - keep * g->lh >= 2 * g->lh ? 2 : r.h >= g->lh ? 1 : 0;
    *n = *n < most ? *n : most;
    return g->sans;
}

int headline_high(const struct draw *g, struct rect r, int keep,
                  const char *text)
{
    int n;
    struct font *f = headline_font(g, r, keep, text, &n);
    return n * line_high(g, f);
}

struct rect headline_say(struct draw *g, struct rect *r, int keep, u32 colour,
                         const char *text)
{
    int n;
    struct font *f = headline_font(g, *r, keep, text, &n);
    struct rect at = rect_take(r, n * line_high(g, f));
    put_lines(g, f, at, colour, text);
    return at;
}

void tab_empty(struct draw *g, struct rect r, const char *text,
               const char *more)
{
    headline_say(g, &r, *more ? 2 : 0, g->t->ink, text);
    put_lines(g, g->sans, r, g->t->dim, more);
}

struct draw larger(const struct draw *g, struct rect r, int lines, int digits)
{
    struct draw big = *g;
    int high = lines > 0 ? r.h * 16 / (lines * 21) : g->l.px;
    int wide = digits > 0 ? r.w * 64 / (digits * 41) : g->l.px;
    int px = high < wide ? high : wide, most = g->l.px * 7 / 4;
    px = px < g->l.px ? g->l.px : px > most ? most : px;
    if (px == g->l.px)
        return big;
    layout_text(&big.l, px);
    draw_fonts(&big);
    return big;
}

void key_button(struct draw *g, struct rect *r, int key, const char *text)
{
    int w = font_width(g->sans, text) + g->pad;
    if (w > r->w / 2 || r->h < g->lh || in_cells(g))
        return;
    struct rect at = {r->x + r->w - w, r->y, w, g->lh};
    fb_fill(g->fb, at, g->t->band);
    put_as(g, g->sans, at.x + g->pad / 2, at.y, g->t->accent, text);
    add_key(g, at, key);
    r->w -= w + g->pad;
}

static int box_wide(const struct draw *g)
{
    return font_width(g->mono, "W") + 2 * (g->pad / 4);
}

int pte_boxes_width(const struct draw *g)
{
    return 8 * box_wide(g);
}

int pte_boxes(struct draw *g, int x, int y, u64 pte)
{
    static const char *const bit[] = {"V", "R", "W", "X", "U", "G", "A", "D"};
    int w = box_wide(g), gap = g->l.hair;
    for (unsigned i = 8; i-- > 0; x += w) {
        bool valid = pte & PTE_V, on = valid && pte >> i & 1;
        const char *letter = on || g->l.edge ? bit[i] : "-";
        struct rect at = {x, y + gap, w - gap, g->lh - 2 * gap};
        fb_fill(g->fb, at,
                on ? colour_mix(g->t->page, g->t->ink, 64) : g->t->page);
        put_mono(g, x + (w - gap - font_width(g->mono, letter)) / 2, y,
                 on           ? g->t->ink
                 : valid || i ? colour_mix(g->t->page, g->t->dim, 128)
                              : g->t->bad,
                 letter);
        add_term(g, at, bit[i]);
    }
    return x;
}

void pte_mark(struct draw *g, int x, int y, unsigned bit, u32 colour)
{
    int w = box_wide(g), gap = g->l.hair;
    x += (int)(7 - bit) * w;
    if (in_cells(g))
        put_mono(g, x, y, colour, "-");
    else
        fb_frame(g->fb, rect(x - gap, y, w + gap, g->lh), colour);
}

int kinds_wide(const struct draw *g)
{
    return g->lh + g->l.digit + font_width(g->sans, "→") + g->l.unit - 1;
}

static int put_kind(struct draw *g, int x, int y, u8 kind)
{
    int side = g->lh / 2, high = side * g->l.unit;
    struct rect box = {x, y + (g->lh - high) / 2, side, high};
    fb_fill(g->fb, box, kind_colour(g, kind, true));
    fb_frame(g->fb, box, g->t->rule);
    fb_glyph(g->fb, box, kind_letter(kind));
    return x + side;
}

void put_kinds(struct draw *g, int x, int y, const struct ins_event *e)
{
    x = put_kind(g, x, y, e->from);
    if (e->from == e->to)
        return;
    x = put(g, x + g->l.thin, y, g->t->dim, "→") + g->l.thin;
    put_kind(g, x, y, e->to);
}

unsigned scrolled(struct draw *g, enum pane_id id, struct rect r, unsigned n,
                  unsigned rows)
{
    unsigned *at = &g->v->scroll[id], most = n > rows ? n - rows : 0;
    *at = *at < most ? *at : most;
    if (!most || r.h <= 0)
        return *at;
    int w = g->pad / 3 ? g->pad / 3 : 1, h = r.h * (int)rows / (int)n;
    h = h < g->lh / 2 ? g->lh / 2 : h;
    h = h < r.h ? h : r.h;
    struct rect track = {r.x + r.w - w, r.y, w, r.h};
    fb_fill(g->fb, track, g->t->band);
    track.y += (int)((s64)(r.h - h) * *at / most);
    track.h = h;
    fb_fill(g->fb, track, g->t->dim);
    return *at;
}

struct font *font_within(struct draw *g, enum face face, int w, int h,
                         const char *text)
{
    for (int px = 4 * g->l.px; px > g->l.px; px -= px / 8 ? px / 8 : 1) {
        struct font *f = fonts_get(g->v->fonts, face, px > 200 ? 200 : px);
        if (f->height <= h && font_width(f, text) <= w)
            return f;
    }
    return fonts_get(g->v->fonts, face, g->l.px);
}

void draw_box(struct draw *g, struct rect at, u32 edge, u32 colour)
{
    fb_fill(g->fb, at, edge);
    fb_fill(g->fb, rect_inset(at, g->l.line * g->l.edge), colour);
}

void draw_frame_box(struct draw *g, struct rect at, u64 pfn, u8 kind)
{
    const char *number = frame_number(pfn);
    u32 colour = kind_colour(g, kind, true);
    draw_box(g, at, g->t->ink, colour);
    struct font *f = font_within(g, FACE_BOLD, at.w - g->pad, at.h / 2, number);
    if (font_width(f, number) <= at.w)
        put_as(g, f, at.x + (at.w - font_width(f, number)) / 2,
               at.y + at.h / 2 - g->lh / 2, colour_strong(colour), number);
    add_frame(g, at, pfn);
}

void draw_line(struct draw *g, int x0, int y0, int x1, int y1, u32 colour,
               int width, int dash)
{
    struct arrow a = {x0, y0, x1, y1, width, 1, dash, colour, g->t->pane};
    draw_arrow(g->fb, &a);
}

void draw_link(struct draw *g, int x, int y, struct rect to, u32 colour,
               int width, int dash)
{
    draw_line(g, x, y, to.x - 1, to.y + to.h / 2, colour, width, dash);
}
