/* SPDX-License-Identifier: MIT */
/* Draws the guest's screen: all of it, or a part with its cursor. */
#include "panel/draw/draw.h"

#include <stdio.h>

struct screen {
    struct font *font;
    int line, digit; /* a character's height and width */
    int rows, cols;  /* numbers of rows and columns shown */
    int row, col;    /* first row and column shown */
};

static void measure(struct screen *s, struct font *f, struct rect r)
{
    s->font = f;
    s->line = f->height;
    s->digit = f->digit;
    s->rows = r.h / s->line;
    s->cols = r.w / s->digit;
}

/* Finds the largest letters from `most` down to `least` in which 80 columns
 * fit, and with `lines` also all 24 lines; false: there are none. */
static bool fits(struct draw *g, struct screen *s, struct rect r, int most,
                 int least, bool lines)
{
    for (int px = most; px >= least; px--) {
        measure(s, fonts_get(g->v->fonts, FACE_MONO, px), r);
        if (s->cols >= INS_CONSOLE_COLS &&
            (!lines || s->rows >= INS_CONSOLE_ROWS))
            return true;
    }
    return false;
}

/* Lays out the screen. While a person types, all of it is shown if it fits in
 * letters of 3/4 to twice the body's size. Else letters are the largest in
 * which 80 columns fit, up to a fifth larger than the body's. */
static struct screen screen_of(struct draw *g, struct rect r)
{
    struct screen s = {0};
    int px = g->l.px, least = (9 * g->v->scale + 50) / 100;
    least = least < px ? least : px;
    int some = px * 3 / 4 < least ? least : px * 3 / 4;
    if (!(g->v->console && fits(g, &s, r, 2 * px, some, true)))
        fits(g, &s, r, px * 6 / 5, least, false);
    if (s.rows > INS_CONSOLE_ROWS)
        s.rows = INS_CONSOLE_ROWS;
    if (s.cols > INS_CONSOLE_COLS)
        s.cols = INS_CONSOLE_COLS;
    int row = (int)g->d->cursor_row, col = (int)g->d->cursor_col;
    s.row = row >= s.rows ? row + 1 - s.rows : 0;
    s.col = col >= s.cols ? col + 1 - s.cols : 0;
    if (s.row + s.rows > INS_CONSOLE_ROWS)
        s.row = INS_CONSOLE_ROWS - s.rows;
    if (s.col + s.cols > INS_CONSOLE_COLS)
        s.col = INS_CONSOLE_COLS - s.cols;
    return s;
}

/* Writes a row; a column is a byte (term_copy). */
static void screen_row(struct draw *g, const struct screen *s, int i, int x,
                       int y)
{
    char line[INS_CONSOLE_COLS + 1];
    snprintf(line, sizeof line, "%.*s", s->col + s->cols,
             g->d->console[s->row + i]);
    size_t n = strlen(line), from = (size_t)s->col;
    while (n && line[n - 1] == ' ')
        line[--n] = 0;
    if (n > from)
        fb_text(g->fb, s->font, x, y + i * s->line, g->t->ink, line + from);
}

static void draw_cursor(struct draw *g, const struct screen *s, int x, int y)
{
    int row = (int)g->d->cursor_row - s->row;
    int col = (int)g->d->cursor_col - s->col;
    if (row < 0 || row >= s->rows || col < 0 || col >= s->cols)
        return;
    struct rect block = {x + col * s->digit, y + row * s->line, s->digit,
                         s->line};
    if (g->v->console)
        fb_shade(g->fb, block, g->t->accent, 200);
    else
        fb_frame(g->fb, block, g->t->dim);
}

void draw_console(struct draw *g, struct rect r)
{
    bool typing = g->v->console;
    struct rect whole = g->l.at[PANE_CONSOLE];
    struct rect screen = {whole.x, r.y, whole.w, whole.y + whole.h - r.y};
    fb_fill(g->fb, screen, g->t->page);
    if (in_cells(g)) /* 80 columns need the margins, too */
        r = screen;
    struct screen s = screen_of(g, r);
    if (s.rows <= 0 || s.cols <= 0)
        return;
    for (int i = 0; i < s.rows; i++)
        screen_row(g, &s, i, r.x, r.y);
    draw_cursor(g, &s, r.x, r.y);
    if (typing)
        for (int k = 0; k < g->l.hair; k++)
            fb_frame(g->fb, rect_inset(whole, k), g->t->accent);
}
