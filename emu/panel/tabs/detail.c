/* SPDX-License-Identifier: MIT */
/* Draws the row of tabs, each with its key. The open tab is a pane of its own
 * and lies below. If the names do not fit into the lines that the layout leaves
 * for them, only the open tab shows its name. */
#include "panel/draw/draw.h"

struct tab_row {
    int inner, gap; /* margin in a tab, space between tabs */
    bool names;
};

static bool has_name(const struct draw *g, const struct tab_row *row,
                     enum pane_id id)
{
    return row->names || id == g->v->tab;
}

static int tab_wide(const struct draw *g, const struct tab_row *row,
                    enum pane_id id)
{
    int w = font_width(g->bold, phrase("%c", panes[id].key)) + 2 * row->inner;
    if (has_name(g, row, id))
        w += g->l.thin + font_width(g->sans, panes[id].title);
    return w;
}

/* Returns a tab's line, and gives its x, in lines that are `room` wide. */
static int tab_line(const struct draw *g, const struct tab_row *row, int room,
                    enum pane_id tab, int *x)
{
    int line = 0;
    *x = 0;
    for (enum pane_id id = TAB_FIRST;; id++) {
        int w = tab_wide(g, row, id);
        if (*x && *x + w > room) {
            line++;
            *x = 0;
        }
        if (id == tab)
            return line;
        *x += w + row->gap;
    }
}

/* Returns the widest spacing that fits, with all names if they fit. */
static struct tab_row row_for(const struct draw *g, int room)
{
    int p = g->pad, apart = g->l.unit - 1;
    const struct tab_row rows[] = {{p, p / 2, true},
                                   {p * 2 / 3, p / 4 + apart, true},
                                   {p / 2, apart, true},
                                   {p, p / 2, false},
                                   {p / 2, p / 4 + apart, false}};
    int x;
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
        if (tab_line(g, &rows[i], room, PANES - 1, &x) < g->l.tab_lines)
            return rows[i];
    return (struct tab_row){1, 0, false};
}

static void draw_tab(struct draw *g, const struct tab_row *row, int x, int y,
                     enum pane_id id)
{
    bool open = id == g->v->tab;
    struct rect at = {x, y, tab_wide(g, row, id), g->lh + g->pad / 2};
    int top = y + g->pad / 4, line = g->l.line;
    if (!g->l.edge)
        line = g->lh;
    if (open) {
        fb_fill(g->fb, at, g->t->band);
        fill(g, x, y, at.w, line, g->t->accent);
        add_word(g, at, panes[id].title, panes[id].sentence);
    } else
        add_key(g, at, panes[id].key);
    u32 ink = open ? g->t->accent : g->t->ink; /* dim: keys go to the guest */
    x = put_bold(g, x + row->inner, top, g->v->console ? g->t->dim : ink,
                 phrase("%c", panes[id].key));
    if (has_name(g, row, id))
        put_as(g, g->sans, x + g->l.thin, top, open ? g->t->ink : g->t->dim,
               panes[id].title);
}

void draw_detail(struct draw *g, struct rect r)
{
    fb_fill(g->fb, r, g->t->pane);
    struct rect in = rect_inset(r, g->pad / 2);
    struct tab_row row = row_for(g, in.w);
    for (enum pane_id id = TAB_FIRST; id < PANES; id++) {
        int x, line = tab_line(g, &row, in.w, id, &x);
        draw_tab(g, &row, in.x + x, r.y + line * g->lh, id);
    }
}
