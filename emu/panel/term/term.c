/* SPDX-License-Identifier: MIT */
/* Shows the panel in a terminal: turns the window's drawing, on half character
 * cells, into lines of characters with their colours. */
#include "panel/term/term.h"

#include "panel/draw/draw.h"

#include <stdio.h>
#include <stdlib.h>

#define NO_COLOUR 0xff000000u /* the terminal's own */
enum ink { INK_PLAIN = 0, INK_BOLD = 1, INK_REVERSE = 2 };
struct cell {
    u32 code; /* Unicode's code point */
    u32 fore, back;
    u8 ink;
};

enum term_depth term_depth_of(const char *term, const char *colorterm,
                              bool letters)
{
    if (letters || !term || !strcmp(term, "dumb"))
        return TERM_LETTERS;
    if (colorterm &&
        (strstr(colorterm, "truecolor") || strstr(colorterm, "24bit")))
        return TERM_24BIT;
    return strstr(term, "256color") ? TERM_256 : TERM_LETTERS;
}

/* ---- a cell -------------------------------------------------------------- */

/* Returns a cell with text on the colour behind it, or with an upper and a
 * lower half. Text that would be hard to read, since a mark or a line lies
 * under it, is black or white. */
static struct cell in_colours(const struct fb_cell *c, u32 up, u32 down)
{
    if (c->code) {
        bool read = colour_contrast(c->ink, up) >= 2;
        return (struct cell){c->code, read ? c->ink : colour_strong(up), up,
                             c->bold ? INK_BOLD : INK_PLAIN};
    }
    if (up == down)
        return (struct cell){' ', NO_COLOUR, up, INK_PLAIN};
    return (struct cell){0x2580, up, down, INK_PLAIN}; /* upper half */
}

/* Returns a cell without colours. It is reversed if it is marked, or, unless it
 * is a glyph, if its background is neither the page's nor the panes'. */
static struct cell in_letters(const struct fb_cell *c, const struct theme *t,
                              u32 up)
{
    bool ground = up == t->page || up == t->pane || c->glyph;
    return (struct cell){c->code ? c->code : ' ', NO_COLOUR, NO_COLOUR,
                         (c->bold ? INK_BOLD : INK_PLAIN) |
                             (ground && !c->mark ? INK_PLAIN : INK_REVERSE)};
}

/* ---- as text ------------------------------------------------------------- */

static void term_text_add(struct term_text *t, const char *bytes, size_t n)
{
    if (t->room - t->n < n) {
        t->room = 2 * t->room + n + 4096;
        t->text = xrealloc(t->text, t->room);
    }
    memcpy(t->text + t->n, bytes, n);
    t->n += n;
}

/* Returns the nearest colour in xterm's 6 x 6 x 6 cube and its greys. */
static unsigned nearest_of_256(u32 rgb)
{
    static const u8 level[6] = {0, 95, 135, 175, 215, 255}, weight[] = {36, 6};
    unsigned best = 16, best_d = ~0u;
    for (unsigned i = 16; i < 256; i++) {
        unsigned d = 0;
        for (unsigned s = 0; s < 3; s++) {
            unsigned v = i >= 232
                             ? 8 + 10 * (i - 232)
                             : level[(i - 16) / (s < 2 ? weight[s] : 1) % 6];
            int e = (int)(rgb >> (16 - 8 * s) & 255) - (int)v;
            d += (unsigned)(e * e);
        }
        if (d < best_d) {
            best_d = d;
            best = i;
        }
    }
    return best;
}

/* Returns nearest_of_256 from a cache, since a picture has few colours. */
static unsigned of_256(u32 rgb)
{
    static struct {
        u32 rgb;
        unsigned index; /* 0: none yet */
    } known[256];
    unsigned h = (rgb ^ rgb >> 8 ^ rgb >> 16 ^ rgb >> 3) & 255;
    if (!known[h].index || known[h].rgb != rgb) {
        known[h].index = nearest_of_256(rgb);
        known[h].rgb = rgb;
    }
    return known[h].index;
}

static void add_colour(struct term_text *out, enum term_depth depth, u32 rgb,
                       int base)
{
    char text[40];
    int n;
    if (rgb == NO_COLOUR)
        return;
    if (depth == TERM_24BIT)
        n = snprintf(text, sizeof text, ";%d;2;%u;%u;%u", base, rgb >> 16 & 255,
                     rgb >> 8 & 255, rgb & 255);
    else
        n = snprintf(text, sizeof text, ";%d;5;%u", base,
                     of_256(rgb & 0xffffff));
    term_text_add(out, text, (size_t)n);
}

static void add_look(struct term_text *out, enum term_depth depth,
                     const struct cell *c)
{
    static const char *const inks[] = {";1", ";7"};
    if (depth == TERM_PLAIN)
        return;
    term_text_add(out, "\033[0", 3);
    for (unsigned i = 0; i < ARRAY_LEN(inks); i++)
        if (c->ink >> i & 1)
            term_text_add(out, inks[i], 2);
    if (depth > TERM_LETTERS) {
        add_colour(out, depth, c->fore, 38);
        add_colour(out, depth, c->back, 48);
    }
    term_text_add(out, "m", 1);
}

/* Returns an ASCII character: terminals without colours may know no others. */
static u32 ascii_of(u32 code)
{
    static const u32 known[][2] = {
        {0x2026, '.'}, {0x2192, '>'}, {0x2190, '<'}, {0xb5, 'u'},
        {0xd7, 'x'},   {0xb7, '-'},   {0x2500, '-'}, {0x2212, '-'},
        {0x2588, '#'}, {0x2502, '|'}, {0x2191, '^'}, {0x2193, 'v'},
        {0x2510, '+'}, {0x2514, '+'}, {0x2518, '+'}, {0x250c, '+'},
        {0x25b6, '>'},
    };
    for (unsigned i = 0; i < ARRAY_LEN(known); i++)
        if (known[i][0] == code)
            return known[i][1];
    return code < 0x7f ? code : '?';
}

static void add_code(struct term_text *out, enum term_depth depth, u32 code)
{
    char b[4];
    if (depth <= TERM_LETTERS)
        code = ascii_of(code);
    size_t n = utf8_put(b, code > 0xffff ? '?' : code);
    term_text_add(out, b, n);
}

/* ---- the whole ----------------------------------------------------------- */

static bool same_look(const struct cell *a, const struct cell *b)
{
    return a->fore == b->fore && a->back == b->back && a->ink == b->ink;
}

static void add_row(struct term_text *out, enum term_depth depth,
                    const struct fb *fb, const struct theme *t, int row)
{
    static const struct cell usual = {' ', NO_COLOUR, NO_COLOUR, INK_PLAIN};
    struct cell look = usual, c;
    for (int x = 0; x < fb->w; x++, look = c) {
        const u32 *px = fb->px + 2 * row * fb->w + x;
        const struct fb_cell *cell = fb->cell + row * fb->w + x;
        u32 up = px[0] & 0xffffff, down = px[fb->w] & 0xffffff;
        c = fb->letters ? in_letters(cell, t, up) : in_colours(cell, up, down);
        if (!same_look(&c, &look))
            add_look(out, depth, &c);
        add_code(out, depth, c.code);
    }
    if (!same_look(&look, &usual))
        add_look(out, depth, &usual);
}

void term_render(struct term_text *out, const struct ins_display *d,
                 struct view *v, int columns, int rows, enum term_depth depth)
{
    const struct theme *t = theme_get(v->light);
    struct fb fb;
    fb_init_cells(&fb, columns, rows, depth <= TERM_LETTERS);
    view_in_cells(v, fb.letters);
    out->n = 0;
    if (columns < TERM_COLUMNS || rows < TERM_ROWS) {
        fb_fill(&fb, fb.clip, t->page);
        fb_text(&fb, fonts_get(v->fonts, FACE_SANS, 1), 0, 0, t->ink,
                "the panel needs 80 x 24");
    } else
        panel_draw(&fb, d, v);
    for (int row = 0; row < rows; row++) {
        if (row)
            term_text_add(out, "\r\n" + (depth == TERM_PLAIN),
                          depth == TERM_PLAIN ? 1 : 2);
        add_row(out, depth, &fb, t, row);
    }
    fb_free(&fb);
}
