/* SPDX-License-Identifier: MIT */
#include "console/wrap.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NARROWEST 20 /* columns; in fewer, lines are not broken */
#define LOWEST    8  /* rows; in fewer, answers are shown whole */

/* Returns the terminal's size; zeros: standard output is no terminal. */
static struct winsize terminal_size(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
        return (struct winsize){0};
    return size;
}

/* Returns the indent of a broken line's next lines: the last place in the left
 * half where text follows two spaces (a column of help); else the column where
 * the first word begins, if it is 8 or more; else that column + 2. 0 if the
 * indent would exceed width / 2. */
static size_t hanging(const char *line, size_t n, size_t width)
{
    size_t indent = strspn(line, " "), hang = indent < 8 ? indent + 2 : indent;
    for (size_t i = indent; i + 2 < n && i + 2 <= width / 2; i++)
        if (line[i] == ' ' && line[i + 1] == ' ' && line[i + 2] != ' ')
            hang = i + 2;
    return hang <= width / 2 ? hang : 0;
}

/* Returns how many bytes the line's first `columns` characters have. In UTF-8,
 * bytes that continue a character have no width. */
static size_t bytes_of(const char *line, size_t columns)
{
    size_t n = 0;
    while (line[n] && (columns || ((u8)line[n] & 0xc0) == 0x80))
        columns -= ((u8)line[n++] & 0xc0) != 0x80;
    return n;
}

void wrap_line(FILE *to, const char *line, size_t width, size_t hang)
{
    size_t at = 0, cut;
    while (line[cut = bytes_of(line, width - at)]) {
        size_t most = cut, from = at ? 0 : strspn(line, " ");
        while (cut > from && line[cut] != ' ')
            cut--;
        if (cut <= from) /* a word longer than the line is broken */
            cut = most;
        size_t end = cut;
        while (end && line[end - 1] == ' ')
            end--;
        fwrite(line, 1, end, to);
        line += cut + strspn(line + cut, " ");
        at = hang;
        if (*line)
            fprintf(to, "\n%*s", (int)hang, "");
    }
    fprintf(to, "%s\n", line);
}

static FILE *output(const struct wrap *w, bool aside)
{
    return w->answer && !aside ? w->answer : stdout;
}

void wrap_text(struct wrap *w, bool aside, const char *text)
{
    size_t width = terminal_size().ws_col;
    if (width < NARROWEST) {
        fputs(text, stdout);
        return;
    }
    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        size_t n = (size_t)(end - text);
        w->line = xrealloc(w->line, w->n + n + 1);
        memcpy(w->line + w->n, text, n);
        w->line[w->n + n] = 0;
        wrap_line(output(w, aside), w->line, width,
                  hanging(w->line, w->n + n, width));
        w->n = 0;
    }
    size_t n = strlen(text);
    w->line = xrealloc(w->line, w->n + n + 1);
    memcpy(w->line + w->n, text, n + 1);
    w->n += n;
}

void wrap_flush(struct wrap *w, bool aside)
{
    if (w->n) /* else w->line may be NULL */
        fwrite(w->line, 1, w->n, output(w, aside));
    w->n = 0;
}

void wrap_begin(struct wrap *w)
{
    free(w->rest);
    w->shown = 0;
    w->answer = open_memstream(&w->rest, &w->nrest);
}

void wrap_end(struct wrap *w, bool all)
{
    if (w->answer)
        fclose(w->answer);
    w->answer = NULL;
    wrap_more(w, all);
}

void wrap_free(struct wrap *w)
{
    free_all(w->line, w->rest);
}

bool wrap_more(struct wrap *w, bool all)
{
    size_t end = w->nrest, lines = 0;
    /* three rows are for the verb, the number of lines left and the prompt */
    size_t rows = terminal_size().ws_row;
    rows = all || rows < LOWEST ? SIZE_MAX - 1 : rows - 3;
    if (w->shown == w->nrest)
        return false;
    for (size_t i = w->shown; i < w->nrest; i++)
        if (w->rest[i] == '\n' && ++lines == rows)
            end = i + 1;
    if (lines <= rows + 1) /* one line left takes no more room than the
                            * words that would announce it */
        end = w->nrest;
    fwrite(w->rest + w->shown, 1, end - w->shown, stdout);
    w->shown = end;
    if (end < w->nrest)
        printf("%zu more lines: Enter shows the next\n", lines - rows);
    return true;
}
