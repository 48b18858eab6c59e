/* SPDX-License-Identifier: MIT */
/* A terminal's screen of cells; see screen.h. */
#include "panel/term/screen.h"

#include <stdio.h>
#include <stdlib.h>

void term_text_add(struct term_text *t, const char *bytes, size_t n)
{
    if (t->room - t->n < n) {
        t->room = 2 * t->room + n + 4096;
        t->text = xrealloc(t->text, t->room);
    }
    memcpy(t->text + t->n, bytes, n);
    t->n += n;
}

struct screen screen_new(int columns, int rows)
{
    struct screen s = {columns, rows, NULL};
    size_t n = (size_t)columns * (size_t)rows;
    s.cell = xcalloc(n ? n : 1, sizeof *s.cell);
    for (size_t i = 0; i < n; i++)
        s.cell[i] = (struct cell){' ', NO_COLOUR, NO_COLOUR, INK_PLAIN};
    return s;
}

/* ---- as text ------------------------------------------------------------- */

/* The index of the nearest colour of xterm's 6 x 6 x 6 cube and its greys. */
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

/* A cache of those indices, one slot a hash: a picture has few colours. */
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

/* Terminals without colours may know no letters but ASCII's. */
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
    size_t n = 0;
    if (depth <= TERM_LETTERS)
        code = ascii_of(code);
    code = code > 0xffff ? '?' : code;
    if (code < 0x80)
        b[n++] = (char)code;
    else if (code < 0x800) {
        b[n++] = (char)(0xc0 | code >> 6);
        b[n++] = (char)(0x80 | (code & 63));
    } else {
        b[n++] = (char)(0xe0 | (code >> 12 & 15));
        b[n++] = (char)(0x80 | (code >> 6 & 63));
        b[n++] = (char)(0x80 | (code & 63));
    }
    term_text_add(out, b, n);
}

static bool same_look(const struct cell *a, const struct cell *b)
{
    return a->fore == b->fore && a->back == b->back && a->ink == b->ink;
}

void screen_text(const struct screen *s, enum term_depth depth,
                 struct term_text *out)
{
    static const struct cell usual = {' ', NO_COLOUR, NO_COLOUR, INK_PLAIN};
    for (int row = 0; row < s->rows; row++) {
        const struct cell *c = s->cell + (size_t)row * (size_t)s->columns;
        const struct cell *look = &usual;
        for (int column = 0; column < s->columns; column++, look = c++) {
            if (!same_look(c, look))
                add_look(out, depth, c);
            add_code(out, depth, c->code);
        }
        if (s->columns && !same_look(look, &usual))
            add_look(out, depth, &usual);
        if (row + 1 < s->rows)
            term_text_add(out, "\r\n" + (depth == TERM_PLAIN),
                          depth == TERM_PLAIN ? 1 : 2);
    }
}
