/* SPDX-License-Identifier: MIT */
#include "base/text.h"

const u8 text_digit[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
    ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
    ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
    ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16};

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
