/* SPDX-License-Identifier: MIT */
/* The rows of the page of keys, of a window and of a terminal (help.c). */
#pragma once

#include "base/base.h"

struct help_row {
    const char *key; /* NULL: a heading */
    const char *text;
};
#define HELP_ROWS 80
/* The rows of the panel in a window or in a terminal; returns their number. */
unsigned help_rows(struct help_row row[HELP_ROWS], bool terminal);
/* Sentences on leaving the page, and the panel. */
#define HELP_CLOSES "any key closes this page"
const char *help_leaving(bool terminal);

/* The heading over row i; row 0 is one. */
unsigned help_heading(const struct help_row *row, unsigned i);
/* Rows of so many lines each in columns of equal height, in order; no heading
 * is the last of its column; a column that begins amid a group has its heading,
 * too. Returns the lines of the highest; first[i] is
 * column i's first row, first[columns] the number of rows. */
unsigned help_columns(const struct help_row *row, const unsigned *lines,
                      unsigned n, unsigned columns, unsigned *first);
