/* SPDX-License-Identifier: MIT */
/* Reads a text file line by line, for the tools that read files of /proc. */
#pragma once

#include "lib/tiny.h"

struct lines {
    s64 fd;
    size_t n, at;
    char line[512]; /* without its newline; a longer one is cut */
    char buf[2048];
};

/* False if the file cannot be opened. */
bool lines_open(struct lines *l, const char *path);
/* Reads the next line; at the end of the file closes it, and returns false. */
bool lines_next(struct lines *l);

/* Returns the number in base 10 or 16 at *p; *p moves past it and blanks. */
u64 take_number(const char **p, unsigned base);
/* Copies the word at *p, at most n - 1 bytes; *p moves to the next word. */
void take_word(const char **p, char *word, size_t n);
/* If the line begins with `name`, returns the text after it and after blanks;
 * else NULL. */
const char *after(const char *line, const char *name);

/* Stores "/proc/PID/FILE". */
void proc_path(char path[40], u64 pid, const char *file);
