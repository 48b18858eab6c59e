/* SPDX-License-Identifier: MIT */
/* Reads lines of text that users write: scripts, configurations, lessons. A
 * line's length is bounded, whatever the file contains. */
#pragma once

#include "base/base.h"

#include <stdio.h>

#define TEXT_LINE_MAX (1u << 20) /* bytes; a line must have fewer */

/* Reads the next line, including a newline, as a string into *line, which grows
 * as with getline. False: the end, a read error (ferror) or, with *why set,
 * bytes that are not a line of text. */
bool text_line(FILE *f, char **line, size_t *room, const char **why);
/* As text_line, but reads from next(opaque), which returns a byte or -1. */
bool text_line_from(int (*next)(void *), void *opaque, char **line,
                    size_t *room, const char **why);

/* A character's value as a digit of any base up to 16, plus 1; 0: no digit. It
 * is a table, because the host would mispredict branches on random digits, and
 * traces have millions of lines. */
extern const u8 text_digit[256];

/* The base of an option's number: 16 after 0x; a leading 0 is not octal. */
static inline int text_base(const char *s)
{
    return s[0] == '0' && (s[1] | 32) == 'x' ? 16 : 10;
}

static inline char *text_skip_blanks(char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\r')
        p++;
    return p;
}
