/* SPDX-License-Identifier: MIT */
/* The page of keys in a terminal. */
#include "panel/panes/help_rows.h"
#include "panel/term/term_parts.h"

enum { NAME = 9, BETWEEN = 2, LEAST = 36, COLUMNS_MOST = 4 };

/* Arranges the rows in so many columns; false: they do not fit. */
static bool arrange_rows(const struct help_row *row, unsigned n, int columns,
                         int wide, int high, unsigned *first)
{
    unsigned lines[HELP_ROWS];
    for (unsigned i = 0; i < n; i++)
        lines[i] = !row[i].key ? 1
                               : (unsigned)screen_put_words(
                                     NULL, (struct area){0, 0, 99, wide - NAME},
                                     INK_PLAIN, row[i].text);
    return (int)help_columns(row, lines, n, (unsigned)columns, first) <= high;
}

static void help_column(struct term_draw *t, const struct help_row *row,
                        unsigned n, struct area a)
{
    for (unsigned i = 0; i < n && a.rows > 0; i++) {
        int used = 1;
        if (row[i].key) {
            screen_put(t->s, a.row, a.column, NAME - 1, INK_BOLD, row[i].key);
            used = screen_put_words(
                t->s,
                (struct area){a.row, a.column + NAME, a.rows, a.columns - NAME},
                INK_PLAIN, row[i].text);
        } else
            screen_put(t->s, a.row, a.column, a.columns, INK_DIM, row[i].text);
        a.row += used;
        a.rows -= used;
    }
}

void term_help(struct term_draw *t)
{
    struct help_row row[HELP_ROWS];
    unsigned n = help_rows(row, true), first[COLUMNS_MOST + 1];
    int columns = 1, wide = t->s->columns, high = t->s->rows - 1;
    while (!arrange_rows(row, n, columns, wide, high, first) &&
           t->s->columns / (columns + 1) >= LEAST && columns < COLUMNS_MOST) {
        columns++;
        wide = (t->s->columns - (columns - 1) * BETWEEN) / columns;
    }
    int x = screen_put(t->s, 0, 0, t->s->columns, INK_BOLD, "Keys");
    x = screen_put(t->s, 0, x + 2, t->s->columns, INK_DIM, help_leaving(true));
    screen_put_right(t->s, 0, x + 1, t->s->columns, INK_PLAIN, HELP_CLOSES);
    for (int c = 0; c < columns; c++)
        help_column(t, row + first[c], first[c + 1] - first[c],
                    (struct area){1, c * (wide + BETWEEN), high, wide});
}
