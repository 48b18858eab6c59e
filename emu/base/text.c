/* SPDX-License-Identifier: MIT */
#include "base/text.h"

bool text_line_from(int (*next)(void *), void *opaque, char **line,
                    size_t *room, const char **why)
{
    size_t n = 0;
    int c = 0;
    *why = NULL;
    while (c != '\n' && (c = next(opaque)) >= 0) {
        if (n + 2 > *room)
            *line = xrealloc(*line, *room = *room * 2 + 128);
        (*line)[n++] = (char)c;
        if (!c)
            *why = "a NUL byte: this is no text";
        else if (n == TEXT_LINE_MAX)
            *why = "a line that does not end: this is no text";
        if (*why)
            return false;
    }
    if (n)
        (*line)[n] = 0;
    return n;
}

static int next_byte(void *f)
{
    return getc_unlocked(f);
}

bool text_line(FILE *f, char **line, size_t *room, const char **why)
{
    return text_line_from(next_byte, f, line, room, why);
}
