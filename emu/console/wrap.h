/* SPDX-License-Identifier: MIT */
/* Lines for people, broken between words at the terminal's width, and answers
 * that are shown a screen at a time. Output to a file or a pipe stays as it is.
 */
#pragma once

#include "base/base.h"

#include <stdio.h>

struct wrap {
    char *line; /* the beginning of a line that has no end yet */
    size_t n;
    FILE *answer; /* keeps an answer in `rest`, from wrap_begin on */
    char *rest;
    size_t nrest, shown; /* bytes of rest; shown: on the terminal already */
};
/* Takes text that is printed in pieces: a line is complete at its newline.
 * aside: the text does not belong to the answer that is kept. */
void wrap_text(struct wrap *w, bool aside, const char *text);
void wrap_flush(struct wrap *w, bool aside); /* a line that has no end yet */
/* wrap_begin keeps what follows; wrap_end shows a screen of it, or (all) the
 * whole. */
void wrap_begin(struct wrap *w);
void wrap_end(struct wrap *w, bool all);
/* Shows the next screen. False: no line is left. */
bool wrap_more(struct wrap *w, bool all);
void wrap_free(struct wrap *w);
/* Prints a line broken between words; its further lines are indented by
 * `hang`. */
void wrap_line(FILE *to, const char *line, size_t width, size_t hang);
