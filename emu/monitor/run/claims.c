/* SPDX-License-Identifier: MIT */
/* Keeps the rows of a report, and prints them as a table. */
#include "monitor/run/claims.h"

#include <stdlib.h>

#define WIDTH   80 /* of a table, in bytes */
#define COLUMNS 4
#define LEAST   8 /* a column's least width */

const char *const claims_verdict[VERDICTS] = {
    [NO_VERDICT] = "",
    [HOLDS] = "holds",
    [FAILS] = "does NOT hold",
    [DIFFERS] = "differs",
};

static void forget_rows(struct report *r)
{
    for (size_t i = 0; i < r->n; i++)
        for (unsigned k = 0; k < ARRAY_LEN(r->rows[i].text); k++)
            free(r->rows[i].text[k]);
    free(r->rows);
    *r = (struct report){0};
}

void claims_free(struct session *s)
{
    if (s->report)
        forget_rows(s->report);
    free(s->report);
    s->report = NULL;
}

struct claim *claims_add(struct session *s, const char *what, const char *says,
                         const char *measured)
{
    struct report *r = s->report;
    if (!r)
        r = s->report = xcalloc(1, sizeof *r);
    r->rows = xrealloc(r->rows, (r->n + 1) * sizeof *r->rows);
    struct claim *row = &r->rows[r->n++];
    *row = (struct claim){
        .text = {xstrdup(what), xstrdup(says), xstrdup(measured)}};
    return row;
}

/* Returns how many bytes of text fit into width: whole words, if one fits. */
static size_t fitting(const char *text, size_t width)
{
    size_t n = strlen(text), at;
    if (n <= width)
        return n;
    while (width > 1 && ((u8)text[width] & 0xc0) == 0x80)
        width--; /* UTF-8 is not cut within a character */
    for (at = width; at && text[at] != ' '; at--)
        ;
    return at ? at : width;
}

/* A row's last cell is never empty: tools/report takes a line whose last cell
 * is empty for a continuation of the row above it. */
static const char *cell(const struct claim *row, unsigned column)
{
    if (column < COLUMNS - 1)
        return row->text[column];
    return row->verdict == NO_VERDICT ? "-" : claims_verdict[row->verdict];
}

/* Draws a row, as many lines high as its highest cell. */
static void draw(struct answer *a, const char *const cells[COLUMNS],
                 const size_t width[COLUMNS])
{
    const char *rest[COLUMNS];
    bool more = true;
    memcpy(rest, cells, sizeof rest);
    while (more) {
        char line[WIDTH + 40];
        size_t at = 0;
        more = false;
        for (unsigned c = 0; c < COLUMNS; c++) {
            size_t n = fitting(rest[c], width[c]);
            at = append(line, sizeof line, at, "%s%-*.*s", c ? " | " : "  ",
                        (int)width[c], (int)n, rest[c]);
            rest[c] += n + strspn(rest[c] + n, " ");
            more |= *rest[c] != 0;
        }
        while (at && line[at - 1] == ' ')
            line[--at] = 0;
        say(a, "%s\n", line);
    }
}

static void rule(struct answer *a, const size_t width[COLUMNS])
{
    char line[WIDTH + 40] = "  ";
    size_t at = 2;
    for (unsigned c = 0; c < COLUMNS; c++) {
        if (c)
            at = append(line, sizeof line, at, "-+-");
        memset(line + at, '-', width[c]);
        at += width[c];
        line[at] = 0;
    }
    say(a, "%s\n", line);
}

/* Makes each column as wide as its widest cell. While the table is too wide,
 * the widest column (but never the last, the verdicts) is narrowed, down to
 * LEAST. */
static void measure(const struct claim *rows, size_t n,
                    const char *const head[COLUMNS], size_t width[COLUMNS])
{
    size_t sum = 2 + 3 * (COLUMNS - 1);
    for (unsigned c = 0; c < COLUMNS; c++) {
        width[c] = strlen(head[c]);
        for (size_t i = 0; i < n; i++)
            if (strlen(cell(&rows[i], c)) > width[c])
                width[c] = strlen(cell(&rows[i], c));
        sum += width[c];
    }
    while (sum > WIDTH) {
        unsigned widest = 0;
        for (unsigned c = 1; c < COLUMNS - 1; c++)
            if (width[c] > width[widest])
                widest = c;
        if (width[widest] <= LEAST)
            break;
        width[widest]--;
        sum--;
    }
}

static void table(struct answer *a, const char *source,
                  const struct claim *rows, size_t n)
{
    const char *head[COLUMNS] = {"what", source, "measured", ""};
    size_t width[COLUMNS];
    if (!n)
        return;
    measure(rows, n, head, width);
    draw(a, head, width);
    rule(a, width);
    for (size_t i = 0; i < n; i++) {
        const char *cells[COLUMNS];
        for (unsigned c = 0; c < COLUMNS; c++)
            cells[c] = cell(&rows[i], c);
        draw(a, cells, width);
    }
}

static void count(const struct report *r, unsigned of[VERDICTS])
{
    memset(of, 0, VERDICTS * sizeof *of);
    for (size_t i = 0; i < r->n; i++)
        of[r->rows[i].verdict]++;
}

static void say_sums(struct answer *a, const struct report *r)
{
    unsigned of[VERDICTS];
    count(r, of);
    unsigned all = of[HOLDS] + of[FAILS] + of[DIFFERS];
    if (!all)
        return;
    say(a, "%u claim%s: %u hold%s", all, all == 1 ? "" : "s", of[HOLDS],
        of[HOLDS] == 1 ? "s" : "");
    if (of[FAILS])
        say(a, ", %u do%s NOT hold", of[FAILS], of[FAILS] == 1 ? "es" : "");
    if (of[DIFFERS])
        say(a, ", %u differ%s", of[DIFFERS], of[DIFFERS] == 1 ? "s" : "");
    say(a, "\n");
}

void claims_show(struct answer *a, const struct report *r)
{
    const char *source = "prediction";
    for (size_t i = 0; i < r->n;) {
        if (r->rows[i].is_title) {
            say(a, "\n%s\n\n", r->rows[i].text[0]);
            source = *r->rows[i].text[1] ? r->rows[i].text[1] : "prediction";
            i++;
            continue;
        }
        size_t first = i;
        while (i < r->n && !r->rows[i].is_title)
            i++;
        table(a, source, &r->rows[first], i - first);
    }
    say(a, "\n");
    say_sums(a, r);
}

/* While the panel has the terminal, the table goes into the buffer that is
 * printed at the end. */
static void keep_for_later(void *opaque, const char *text, UNUSED bool json)
{
    struct session *s = opaque;
    fputs(text, s->streams->out);
}

enum command_status claims_end(struct answer *a, enum command_status st)
{
    struct session *s = a->s;
    unsigned of[VERDICTS];
    if (!s->report || !s->report->n)
        return st;
    session_print_fn *print = a->to->print;
    if (s->config->panel == PANEL_TERM && s->streams->out != stdout)
        a->to->print = keep_for_later;
    claims_show(a, s->report);
    if (st == CMD_BAD || st == CMD_FAILED || s->exit_status)
        say(a, "%s stopped at line %u: the table is not whole\n",
            a->to->file ? a->to->file : "the script", a->to->line);
    a->to->print = print;
    count(s->report, of);
    forget_rows(s->report);
    if (of[FAILS] && (st == CMD_OK || (st == CMD_QUIT && !s->exit_status)))
        return CMD_FAILED;
    return st;
}
