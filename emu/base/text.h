/* SPDX-License-Identifier: MIT */
/* Lines of text that people write: scripts, configurations, lessons. Whatever
 * the file is, a line ends. */
#ifndef CLOCKHAND_TEXT_H
#define CLOCKHAND_TEXT_H

#include "base/base.h"

#include <stdio.h>

#define TEXT_LINE_MAX (1u << 20) /* bytes; more is no line */

/* The next line, with its newline if it has one, as a string in *line, which
 * grows as getline's does. False: the end, a read error (ferror), or, with
 * *why set, the next one is no text. */
bool text_line(FILE *f, char **line, size_t *room, const char **why);
/* The same from next(opaque), which gives a byte or -1. */
bool text_line_from(int (*next)(void *), void *opaque, char **line,
                    size_t *room, const char **why);

#endif
