/* SPDX-License-Identifier: MIT */
/* A text file, line by line: period tools read files of /proc by it. */
#pragma once

#include "lib/tiny.h"

struct lines {
    s64 fd;
    size_t n, at;
    char line[512]; /* without its newline; a longer one is cut */
    char buf[2048];
};

/* False when it cannot be opened. */
bool lines_open(struct lines *l, const char *path);
/* False at the end of the file, which closes it. */
bool lines_next(struct lines *l);

/* Number in base 10 or 16 at *p; *p moves behind it and over blanks. */
u64 take_number(const char **p, unsigned base);
/* Copies the word at *p (cut to n); *p moves to the next word. */
void take_word(const char **p, char *word, size_t n);
/* The text behind "name" and blanks at the line's start; NULL: the line does
 * not begin with name. */
const char *after(const char *line, const char *name);

/* "/proc/" PID "/" file */
void proc_path(char path[40], u64 pid, const char *file);
