/* SPDX-License-Identifier: MIT */
/* The panel in a terminal: the window's drawing on half character cells, as a
 * screen of characters. */
#include "panel/term/term.h"

#include "panel/draw/draw.h"

#include <stdlib.h>

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

/* Text on the colour behind it, else the upper half in one colour and the lower
 * half in another. Where a mark or a line has come to lie under the text, the
 * text's own colour may be hard to read. */
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

/* Without colours: reversed if it is marked, or if it lies on another ground
 * than the panes'. */
static struct cell in_letters(const struct fb_cell *c, const struct theme *t,
                              u32 up)
{
    bool ground = up == t->page || up == t->pane || c->glyph;
    return (struct cell){c->code ? c->code : ' ', NO_COLOUR, NO_COLOUR,
                         (c->bold ? INK_BOLD : INK_PLAIN) |
                             (ground && !c->mark ? INK_PLAIN : INK_REVERSE)};
}

/* ---- the whole ----------------------------------------------------------- */

static void render(struct screen *s, struct fb *fb, const struct theme *t)
{
    for (int row = 0; row < s->rows; row++)
        for (int x = 0; x < s->columns; x++) {
            size_t at = (size_t)row * (size_t)s->columns + (size_t)x;
            const u32 *px = &fb->px[2 * at - (size_t)x];
            u32 up = px[0] & 0xffffff, down = px[s->columns] & 0xffffff;
            s->cell[at] = fb->letters ? in_letters(&fb->cell[at], t, up)
                                      : in_colours(&fb->cell[at], up, down);
        }
}

void term_render(struct term_text *out, const struct ins_display *d,
                 struct view *v, int columns, int rows, enum term_depth depth)
{
    struct screen s = screen_new(columns, rows);
    struct fb fb;
    fb_init_cells(&fb, columns, rows, depth <= TERM_LETTERS);
    view_in_cells(v, fb.letters);
    out->n = 0;
    if (columns < TERM_COLUMNS || rows < TERM_ROWS) {
        fb_fill(&fb, fb.clip, theme_get(v->light)->page);
        fb_text(&fb, fonts_get(v->fonts, FACE_SANS, 1), 0, 0,
                theme_get(v->light)->ink, "the panel needs 80 x 24");
    } else
        panel_draw(&fb, d, v);
    render(&s, &fb, theme_get(v->light));
    screen_text(&s, depth, out);
    fb_free(&fb);
    free(s.cell);
}
