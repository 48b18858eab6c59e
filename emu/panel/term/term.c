/* SPDX-License-Identifier: MIT */
/* The panel in a terminal: the layout of its screen, the bar at the top,
 * console and caption at the bottom. tty.c reads the keys and writes the lines
 * that changed.
 *
 *   bar
 *   map   legend, address spaces, frame, one detail
 *   console
 *   caption; what to press next */
#include "panel/term/term.h"

#include "panel/term/term_parts.h"

#include <stdio.h>
#include <stdlib.h>

/* Columns right of the map; lines of the caption, usually and at most. */
enum { SIDE = 46, CAPTION = 2, CAPTION_MOST = 3 };

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

/* ---- the bar ---------------------------------------------------------------
 */

enum { ITEMS = 8 };
struct item {
    char text[96];
    int rank; /* the highest is left out first */
};

static void free_text(const struct ins_display *d, char *buf, size_t n)
{
    size_t at =
        append(buf, n, 0, "free %llu of %llu", d->free_frames, d->nframes);
    for (unsigned i = 0; i < d->vm.ngauges && i < LENS_GAUGES && at < n; i++) {
        const struct ins_gauge *g = &d->vm.gauge[i];
        if (!strcmp(g->name, "min") || !strcmp(g->name, "low") ||
            !strcmp(g->name, "high"))
            at = append(buf, n, at, ", %s %llu", g->name, g->value);
    }
}

static unsigned items(const struct ins_display *d, struct item item[ITEMS])
{
    unsigned n = 0;
    char time[32];
    sim_time(time, d, d->cycle);
    item[n].rank = 0;
    snprintf(item[n++].text, 96, " %-4s %s", d->mode, time);
    item[n].rank = 3;
    if (d->pace_limit > 0)
        snprintf(item[n++].text, 96, "pace %.4g", d->pace_limit);
    else
        snprintf(item[n++].text, 96, "pace max");
    item[n].rank = 5;
    snprintf(item[n++].text, 96, "%s", d->timing);
    item[n].rank = 2;
    snprintf(item[n++].text, 96, "%s", d->policy[0] ? d->policy : "no policy");
    item[n].rank = 0;
    free_text(d, item[n++].text, 96);
    if (d->vm.swap && d->vm.swap_total) {
        item[n].rank = 1;
        snprintf(item[n++].text, 96, "swap %llu of %llu", d->vm.swap_used,
                 d->vm.swap_total);
    }
    if (d->running) {
        item[n].rank = 6;
        snprintf(item[n++].text, 96, "%.1f MIPS", d->mips);
    }
    return n;
}

static int wide_as(const struct item *item, unsigned n)
{
    int sum = 0;
    for (unsigned i = 0; i < n; i++)
        sum += columns_of(item[i].text) + 2;
    return sum - 2;
}

static void bar(struct term_draw *t)
{
    struct item item[ITEMS];
    unsigned n = items(t->d, item);
    while (wide_as(item, n) > t->s->columns) {
        unsigned worst = 0;
        for (unsigned i = 1; i < n; i++)
            if (item[i].rank > item[worst].rank)
                worst = i;
        if (!item[worst].rank)
            break;
        memmove(&item[worst], &item[worst + 1], (n - worst - 1) * sizeof *item);
        n--;
    }
    for (int i = 0, x = 0; i < (int)n; i++)
        x = screen_put(t->s, 0, x, t->s->columns, INK_REVERSE, item[i].text) +
            2;
    for (int x = 0; x < t->s->columns; x++)
        screen_at(t->s, 0, x)->ink = INK_REVERSE;
}

/* ---- console and caption ---------------------------------------------------
 */

/* The guest's last lines, up to its cursor. */
static void console(struct term_draw *t, struct area a)
{
    const struct ins_display *d = t->d;
    int first = (int)d->cursor_row - (a.rows - 1);
    first = first < 0 ? 0 : first;
    for (int i = 0; i < a.rows && first + i < INS_CONSOLE_ROWS; i++)
        screen_put(t->s, a.row + i, a.column, a.columns, INK_PLAIN,
                   d->console[first + i]);
    struct cell *c = screen_at(t->s, a.row + (int)d->cursor_row - first,
                               a.column + (int)d->cursor_col);
    if (c && t->v->console)
        c->ink = INK_REVERSE;
}

static void caption_of(const struct term_draw *t, char *buf, size_t n)
{
    char ago[32];
    if (t->v->finding)
        snprintf(buf, n, "/%s_   %s", t->v->find,
                 "words, such as: anonymous dirty pid 7; file not referenced");
    else if (t->d->lit_error[0])
        snprintf(buf, n, "%s", t->d->lit_error);
    else
        snprintf(buf, n, "%s%s%s", view_when(t->v, t->d, ago),
                 *view_when(t->v, t->d, ago) ? ": " : "",
                 view_caption(t->v, t->d));
}

static int hint_wide(const struct hint *h)
{
    return columns_of(h->name) + columns_of(h->does) + 1;
}

static int hint(struct term_draw *t, int row, int x, const struct hint *h)
{
    x = screen_put(t->s, row, x, t->s->columns, INK_BOLD, h->name) + 1;
    return screen_put(t->s, row, x, t->s->columns, INK_PLAIN, h->does) + 3;
}

/* The last hint (all keys) leads to all others and is always shown. */
static void hints(struct term_draw *t, int row)
{
    struct hint all[HINTS + 1], *h = all, *last = all;
    int x = 0, end = t->s->columns;
    hints_now(t->v, t->d, all);
    while (last[0].name && last[1].name)
        last++;
    end -= hint_wide(last);
    for (; h < last; h++)
        if (strncmp(h->name, "click", 5) && x + hint_wide(h) + 3 <= end)
            x = hint(t, row, x, h);
    hint(t, row, x, last);
}

static void lower(struct term_draw *t, int row)
{
    char text[256];
    int columns = t->s->columns, rows = t->s->rows;
    caption_of(t, text, sizeof text);
    struct area a = {0, 0, CAPTION_MOST, columns};
    int lines = screen_put_words(NULL, a, INK_PLAIN, text);
    lines = lines < CAPTION ? CAPTION : lines;
    console(t, (struct area){row, 0, rows - 1 - lines - row, columns});
    a = (struct area){rows - 1 - lines, 0, lines, columns};
    screen_put_words(t->s, a, t->depth > TERM_LETTERS ? INK_BOLD : INK_PLAIN,
                     text);
    hints(t, rows - 1);
}

/* ---- the whole
 * --------------------------------------------------------------- */

/* Lines of the console, with a caption that is not long. */
static int console_lines(const struct view *v, int rows)
{
    int most = rows / (v->console ? 5 : 8);
    return most < 3 ? 3 : most > INS_CONSOLE_ROWS ? INS_CONSOLE_ROWS : most;
}

static void whole(struct term_draw *t)
{
    int columns = t->s->columns, rows = t->s->rows;
    int below = rows - 1 - CAPTION - console_lines(t->v, rows),
        high = below - 1;
    struct term_map m = term_map_fit(t, columns - SIDE - 2, high);
    bar(t);
    term_map_draw(t, &m, (struct area){1, 0, high, columns});
    int side = m.columns + 2;
    if (m.rows < high) {
        char scale[64];
        term_map_scale(t, &m, side - 1, scale, sizeof scale);
        screen_put(t->s, 1 + m.rows, 0, side - 1, INK_DIM, scale);
    }
    term_side(t, (struct area){1, side, high, columns - side});
    lower(t, below);
}

void term_render(struct term_text *out, const struct ins_display *d,
                 struct view *v, int columns, int rows, enum term_depth depth)
{
    struct screen s = screen_new(columns, rows);
    struct term_draw t = {&s, d, v, theme_get(v->light), depth};
    out->n = 0;
    if (columns < TERM_COLUMNS || rows < TERM_ROWS)
        screen_put(&s, 0, 0, columns, INK_PLAIN, "the panel needs 80 x 24");
    else if (v->help)
        term_help(&t);
    else
        whole(&t);
    screen_text(&s, depth, out);
    free(s.cell);
}
