/* SPDX-License-Identifier: MIT */
/* The page of keys: what keys.def and panes.def say, for the window's page
 * (help.c) and the terminal's (term_help.c). */
#ifndef CLOCKHAND_PANEL_PAGE_H
#define CLOCKHAND_PANEL_PAGE_H

#include "base/base.h"

struct page_row {
    const char *key; /* NULL: a heading */
    const char *text;
};
#define PAGE_ROWS 80
/* The rows of the panel in a window or in a terminal; returns how many. */
unsigned page_rows(struct page_row row[PAGE_ROWS], bool terminal);
/* How to leave the page, and the panel. */
#define PAGE_CLOSES "any key closes this page"
const char *page_leaving(bool terminal);

/* Rows of so many lines each in columns of equal height, in order; no heading
 * is the last of its column. Returns the lines of the highest; first[i] is
 * column i's first row, first[columns] the number of rows. */
unsigned page_columns(const struct page_row *row, const unsigned *lines,
                      unsigned n, unsigned columns, unsigned *first);

#endif
