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
    g->l.px = px;
    g->lh = g->l.lh = (px * 21 + 8) / 16;
    g->pad = g->l.pad = px;
    g->sans = fonts_get(g->v->fonts, FACE_SANS, px);
    g->bold = fonts_get(g->v->fonts, FACE_BOLD, px);
    g->big_bold = fonts_get(g->v->fonts, FACE_BOLD, px * 5 / 4);
    g->l.digit = g->sans->digit;
}

/* Arranges the rows in so many columns; false: they do not fit. */
static bool arrange_page(struct draw *g, struct page *p, unsigned columns)
{
    int between = 2 * g->pad, w = g->fb->w - 2 * g->pad;
    p->columns = columns;
    p->in = (struct rect){g->pad, g->pad + 2 * g->lh, w,
                          g->fb->h - 2 * g->pad - 4 * g->lh};
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
                          : 2;
    unsigned high = help_columns(p->row, p->lines, p->n, columns, p->first);
    return (int)high * g->lh <= p->in.h &&
           font_width(g->sans, help_leaving(false)) <= w;
}

/* The largest text, up to double the panel's, in any number of columns. */
static void fit_text(struct draw *g, struct page *p)
{
    for (int px = 2 * g->l.px; px >= 6; px--) {
        text_of(g, px);
        for (unsigned columns = 1; columns <= COLUMNS_MOST; columns++)
            if (arrange_page(g, p, columns))
                return;
    }
}

static void draw_column(struct draw *g, const struct page *p, unsigned c)
{
    int x = p->in.x + (int)c * (p->wide + 2 * g->pad), y = p->in.y;
    int hair = g->l.px / 12 < 1 ? 1 : g->l.px / 12;
    for (unsigned i = p->first[c]; i < p->first[c + 1]; i++) {
        const struct help_row *row = &p->row[i];
        int high = (int)p->lines[i] * g->lh;
        if (row->key) {
            put_bold(g, x, y, g->t->accent, row->key);
            put_lines(g, g->sans,
                      (struct rect){x + p->names, y, p->wide - p->names, high},
                      g->t->ink, row->text);
        } else {
            int at = y + g->lh - g->lh / 4; /* nearer to the rows below it */
            put_bold(g, x, at, g->t->dim, row->text);
            fb_fill(g->fb, (struct rect){x, y + high - hair, p->wide, hair},
                    g->t->rule);
        }
        y += high;
    }
}

void draw_help(struct draw *g)
{
    struct page p;
    p.n = help_rows(p.row, false);
    fit_text(g, &p);
    fb_clip(g->fb, (struct rect){0, 0, g->fb->w, g->fb->h});
    fb_fill(g->fb, g->fb->clip, g->t->pane);
    int right = g->fb->w - g->pad;
    put_as(g, g->big_bold, g->pad, g->pad, g->t->ink, "Keys");
    put_right(g, g->sans, right, g->pad, g->t->accent, HELP_CLOSES);
    for (unsigned c = 0; c < p.columns; c++)
        draw_column(g, &p, c);
    put(g, g->pad, g->fb->h - g->pad - g->lh, g->t->dim, "%s",
        help_leaving(false));
}
