/* SPDX-License-Identifier: MIT */
/* The rows of the page of keys, and how they share columns; see help_rows.h. */
#include "panel/panes/help_rows.h"

#include "panel/input/keys.h"

#include <stdio.h>

static const char tabs_title[] = "One place for detail";

/* All tabs in one row, for the terminal, which has little room. */
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
                    : "To leave the panel close its window, or press Ctrl-A x "
                      "in the terminal that opened it.";
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
