/* SPDX-License-Identifier: MIT */
/* Lines for people, broken between words at the terminal's width. Output to a
 * file or a pipe stays as it is. */
#include "monitor/terminal/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NARROWEST 20 /* columns; in fewer, lines are not broken */

/* The terminal's columns; 0: standard output is no terminal. */
static size_t columns(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ||
        size.ws_col < NARROWEST)
        return 0;
    return size.ws_col;
}

/* The column at which the rest of a broken line begins: that of the line's last
 * column of text, if it begins in the left half (help); that of the first word,
 * if the line is indented by 8 or more; else two columns in. */
static size_t hanging(const char *line, size_t n, size_t width)
{
    size_t indent = strspn(line, " "), hang = indent < 8 ? indent + 2 : indent;
    for (size_t i = indent; i + 2 < n && i + 2 <= width / 2; i++)
        if (line[i] == ' ' && line[i + 1] == ' ' && line[i + 2] != ' ')
            hang = i + 2;
    return hang <= width / 2 ? hang : 0;
}

/* One line of n bytes, without its end. */
static void put_line(const char *line, size_t n, size_t width)
{
    size_t hang = hanging(line, n, width), at = 0;
    while (n > width - at) {
        size_t cut = width - at, from = at ? 0 : strspn(line, " ");
        while (cut > from && line[cut] != ' ')
            cut--;
        if (cut <= from) /* one long word: it is broken after all */
            cut = width - at;
        size_t end = cut;
        while (end && line[end - 1] == ' ')
            end--;
        fwrite(line, 1, end, stdout);
        while (cut < n && line[cut] == ' ')
            cut++;
        line += cut, n -= cut, at = hang;
        if (n)
            fprintf(stdout, "\n%*s", (int)hang, "");
    }
    fwrite(line, 1, n, stdout);
}

/* Verbs print in pieces; a line is complete at its newline. */
void wrap_text(struct wrap *w, const char *text)
{
    size_t width = columns();
    if (!width) {
        fputs(text, stdout);
        return;
    }
    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        size_t n = (size_t)(end - text);
        w->line = xrealloc(w->line, w->n + n + 1);
        memcpy(w->line + w->n, text, n);
        w->line[w->n + n] = 0;
        put_line(w->line, w->n + n, width);
        putc_unlocked('\n', stdout);
        w->n = 0;
    }
    size_t n = strlen(text);
    w->line = xrealloc(w->line, w->n + n + 1);
    memcpy(w->line + w->n, text, n + 1);
    w->n += n;
}

void wrap_flush(struct wrap *w)
{
    if (w->n) /* else there may be no line yet */
        fwrite(w->line, 1, w->n, stdout);
    w->n = 0;
}
