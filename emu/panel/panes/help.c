/* SPDX-License-Identifier: MIT */
/* The page of keys, in place of the panel: as many columns as let its letters
 * be large. */
#include "panel/draw/draw.h"
#include "panel/panes/help_rows.h"

enum { COLUMNS_MOST = 4 };

struct page {
    struct help_row row[HELP_ROWS];
    unsigned n, lines[HELP_ROWS];
    unsigned columns, first[COLUMNS_MOST + 1];
    int wide, names; /* a column; the keys in it */
    struct rect in;  /* the columns */
};

/* All text in another size. */
static void text_of(struct draw *g, int px)
{
    if (in_cells(g))
        return;
    layout_text(&g->l, px);
    g->l.pad = g->l.gap = px;
    draw_fonts(g);
    g->l.digit = g->sans->digit;
}

/* Arranges the rows in so many columns; false: they do not fit. */
static bool arrange_page(struct draw *g, struct page *p, unsigned columns)
{
    bool terminal = in_cells(g); /* it has no line or column to spare */
    int between = 2 * g->pad, side = terminal ? 0 : g->pad;
    int w = g->fb->w - 2 * side, top = terminal ? g->lh : side + 2 * g->lh;
    p->columns = columns;
    p->in = rect(side, top, w, g->fb->h - (terminal ? top : 2 * top));
    p->wide = (w - ((int)columns - 1) * between) / (int)columns;
    p->names = 0;
    for (unsigned i = 0; i < p->n; i++) {
        int k = p->row[i].key ? font_width(g->bold, p->row[i].key) : 0;
        p->names = k > p->names ? k : p->names;
    }
    p->names += g->l.digit;
    int room = p->wide - p->names;
    if (room < 22 * g->l.digit)
        return false;
    for (unsigned i = 0; i < p->n; i++)
        p->lines[i] = p->row[i].key
                          ? (unsigned)lines_of(g->sans, room, p->row[i].text)
                      : terminal ? 1
                                 : 2;
    unsigned high = help_columns(p->row, p->lines, p->n, columns, p->first);
    return (int)high * g->lh <= p->in.h &&
           font_width(g->sans, help_leaving(terminal)) <= w;
}

/* The largest text, up to double the panel's, in any number of columns. */
static void fit_text(struct draw *g, struct page *p)
{
    int least = in_cells(g) ? 2 : 6; /* there each size is the same */
    for (int px = 2 * g->l.px; px >= least; px--) {
        text_of(g, px);
        for (unsigned columns = 1; columns <= COLUMNS_MOST; columns++)
            if (arrange_page(g, p, columns))
                return;
    }
}

static void draw_column(struct draw *g, const struct page *p, unsigned c)
{
    int x = p->in.x + (int)c * (p->wide + 2 * g->pad), y = p->in.y;
    int hair = g->l.hair;
    unsigned first = p->first[c], head = help_heading(p->row, first);
    for (unsigned k = head < first ? first - 1 : first; k < p->first[c + 1];
         k++) {
        unsigned i = k < first ? head : k;
        const struct help_row *row = &p->row[i];
        int high = (int)p->lines[i] * g->lh;
        if (row->key) {
            put_bold(g, x, y, g->t->accent, row->key);
            put_lines(g, g->sans,
                      rect(x + p->names, y, p->wide - p->names, high),
                      g->t->ink, row->text);
        } else {
            int at = y + high - g->lh - g->lh / 4; /* nearer to what follows */
            put_bold(g, x, at, g->t->dim, row->text);
            fill(g, x, y + high - hair, p->wide, hair, g->t->rule);
        }
        y += high;
    }
}

void draw_help(struct draw *g)
{
    struct page p;
    p.n = help_rows(p.row, in_cells(g));
    fit_text(g, &p);
    fb_clip(g->fb, rect(0, 0, g->fb->w, g->fb->h));
    fb_fill(g->fb, g->fb->clip, g->t->pane);
    int right = g->fb->w - g->pad, top = g->l.gap;
    int x = put_as(g, g->big_bold, g->pad, top, g->t->ink, "Keys");
    put_right(g, g->sans, right, top, g->t->accent, HELP_CLOSES);
    for (unsigned c = 0; c < p.columns; c++)
        draw_column(g, &p, c);
    if (in_cells(g))
        put(g, x + 2, top, g->t->dim, "%s", help_leaving(true));
    else
        put(g, g->pad, g->fb->h - g->pad - g->lh, g->t->dim, "%s",
            help_leaving(false));
}
