/* SPDX-License-Identifier: MIT */
/* Draws the page of keys in place of the panel, in the number of columns that
 * allows the largest letters. */
#include "panel/input/keys.h"
#include "panel/panes/help_rows.h"

/* ---- its rows, from keys.def and panes.def ------------------------------- */

static const char tabs_title[] = "One place for detail";

/* Puts all tabs into one row, for the terminal, which has little room. */
static unsigned tab_row(struct help_row *row)
{
    static char text[TABS * 16];
    size_t at = 0;
    for (enum pane_id id = TAB_FIRST; id < PANES && at < sizeof text; id++)
        at = append(text, sizeof text, at, "%s%c %s", at ? ", " : "",
                    panes[id].key, panes[id].title);
    row[0] = (struct help_row){NULL, tabs_title};
    row[1] = (struct help_row){"a letter", text};
    return 2;
}

static unsigned tab_rows(struct help_row *row)
{
    static char name[PANES][2];
    unsigned n = 0;
    row[n++] = (struct help_row){NULL, tabs_title};
    for (enum pane_id id = TAB_FIRST; id < PANES; id++) {
        name[id][0] = (char)panes[id].key;
        row[n++] = (struct help_row){name[id], panes[id].sentence};
    }
    return n;
}

unsigned help_rows(struct help_row row[HELP_ROWS], bool terminal)
{
    unsigned n = 0, here = terminal ? AT_TERM : AT_WINDOW;
    for (unsigned i = 0; i < nkey_rows && n < HELP_ROWS - PANES; i++)
        if (key_rows[i].where & here && *key_rows[i].sentence)
            row[n++] =
                (struct help_row){key_rows[i].name, key_rows[i].sentence};
    return n + (terminal ? tab_row(row + n) : tab_rows(row + n));
}

const char *help_leaving(bool terminal)
{
    return terminal ? "q leaves the panel"
                    : "Closing its window, or its page, leaves the panel.";
}

unsigned help_heading(const struct help_row *row, unsigned i)
{
    while (i && row[i].key)
        i--;
    return i;
}

/* Fills columns of at most `most` lines; false: some rows are left over. */
static bool fill_columns(const struct help_row *row, const unsigned *lines,
                         unsigned n, unsigned columns, unsigned most,
                         unsigned *first)
{
    unsigned i = 0;
    for (unsigned c = 0; c < columns; c++) {
        unsigned head = help_heading(row, i);
        unsigned high = c && head < i && i < n ? lines[head] : 0;
        first[c] = i;
        while (i < n && high + lines[i] <= most)
            high += lines[i++];
        if (i < n && i > first[c] + 1 && !row[i - 1].key)
            i--; /* a heading begins the next column */
    }
    first[columns] = n;
    return i == n;
}

unsigned help_columns(const struct help_row *row, const unsigned *lines,
                      unsigned n, unsigned columns, unsigned *first)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < n; i++)
        sum += lines[i];
    unsigned most = (sum + columns - 1) / columns;
    while (!fill_columns(row, lines, n, columns, most, first))
        most++;
    return most;
}

/* ---- the page ------------------------------------------------------------ */

enum { COLUMNS_MOST = 4 };

struct page {
    struct help_row row[HELP_ROWS];
    unsigned n, lines[HELP_ROWS];
    unsigned columns, first[COLUMNS_MOST + 1];
    int wide, names; /* widths: of a column, of the keys in it */
    struct rect in;  /* where the columns lie */
};

static void text_of(struct draw *g, int px)
{
    if (in_cells(g))
        return;
    layout_text(&g->l, px);
    g->l.pad = g->l.gap = px;
    draw_fonts(g);
    g->l.digit = g->sans->digit;
}

/* Arranges the rows in `columns` columns; false: they do not fit. */
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

/* Chooses the largest text, up to double the panel's, and the columns. */
static void fit_text(struct draw *g, struct page *p)
{
    int least = in_cells(g) ? 2 : 6; /* a terminal's letters have one size */
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
            int at = y + high - g->lh - g->lh / 4; /* nearer to its rows */
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
        put_as(g, g->sans, x + 2, top, g->t->dim, help_leaving(true));
    else
        put(g, g->pad, g->fb->h - g->pad - g->lh, g->t->dim, "%s",
            help_leaving(false));
}
