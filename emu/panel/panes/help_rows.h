/* SPDX-License-Identifier: MIT */
/* The rows of the page of keys, of a window and of a terminal (help.c). */
#pragma once

#include "base/base.h"

struct help_row {
    const char *key; /* NULL: a heading */
    const char *text;
};
#define HELP_ROWS 80
/* Gives the rows for a window or for a terminal; returns their number. */
unsigned help_rows(struct help_row row[HELP_ROWS], bool terminal);
/* Sentences about leaving the page, and the panel. */
#define HELP_CLOSES "any key closes this page"
const char *help_leaving(bool terminal);

/* Returns the row of the heading over row i; row 0 is a heading. */
unsigned help_heading(const struct help_row *row, unsigned i);
/* Arranges n rows, of lines[i] lines each, in columns of about equal height. No
 * heading ends a column; a column that begins within a group repeats its
 * heading. first[i] becomes column i's first row, first[columns] the number of
 * rows. Returns the lines of the highest column. */
unsigned help_columns(const struct help_row *row, const unsigned *lines,
                      unsigned n, unsigned columns, unsigned *first);
