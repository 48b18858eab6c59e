/* SPDX-License-Identifier: MIT */
/* Reports: `title` begins one, `claim` and `figure` add a row each, and where
 * the file ends its table stands below all that was seen:
 *
 *     what | what the document says | measured | holds, does NOT hold, differs
 *
 * A claim that does not hold makes the script's status 1 when it ends; one of
 * `claim -n` may differ, because the script says that it does. `hear` takes
 * numbers from what the guest prints. */
#include "monitor/session/session.h"

#include <ctype.h>
#include <stdlib.h>

#define WIDTH   80 /* of a table, in columns */
#define COLUMNS 4
#define LEAST   8 /* a column's least width */

enum verdict { NO_VERDICT, HOLDS, FAILS, DIFFERS };
static const char *const verdicts[] = {
    [NO_VERDICT] = "",
    [HOLDS] = "holds",
    [FAILS] = "does NOT hold",
    [DIFFERS] = "differs",
};

struct row {
    char *text[COLUMNS - 1]; /* what, says, measured; a title: it, its source */
    bool is_title;
    enum verdict verdict;
};
struct report {
    struct row *rows;
    size_t n;
};

static void clear(struct report *r)
{
    for (size_t i = 0; i < r->n; i++)
        for (unsigned k = 0; k < ARRAY_LEN(r->rows[i].text); k++)
            free(r->rows[i].text[k]);
    free(r->rows);
    *r = (struct report){0};
}

void report_free(struct session *s)
{
    if (s->report)
        clear(s->report);
    free(s->report);
    s->report = NULL;
}

static struct row *add(struct session *s, const char *what, const char *says,
                       const char *measured)
{
    struct report *r = s->report;
    if (!r)
        r = s->report = xcalloc(1, sizeof *r);
    r->rows = xrealloc(r->rows, (r->n + 1) * sizeof *r->rows);
    struct row *row = &r->rows[r->n++];
    *row =
        (struct row){.text = {xstrdup(what), xstrdup(says), xstrdup(measured)}};
    return row;
}

/* ---- the table ---------------------------------------------------------- */

/* The bytes of text that fit into a line of width columns: whole words, if
 * one fits. */
static size_t fitting(const char *text, size_t width)
{
    size_t n = strlen(text), at;
    if (n <= width)
        return n;
    for (at = width; at && text[at] != ' '; at--)
        ;
    return at ? at : width;
}

/* The last cell is never empty: a line where it is goes on with the row above
 * it (tools/report reads tables so). */
static const char *cell(const struct row *row, unsigned column)
{
    if (column < COLUMNS - 1)
        return row->text[column];
    return row->verdict == NO_VERDICT ? "-" : verdicts[row->verdict];
}

/* Draws a row, as many lines high as its highest cell. */
static void draw(struct session *s, const char *const cells[COLUMNS],
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
        say(s, "%s\n", line);
    }
}

static void rule(struct session *s, const size_t width[COLUMNS])
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
    say(s, "%s\n", line);
}

/* Widths that the cells ask for; if that is too much, the widest column but
 * the verdicts' gives way until all fit. */
static void measure(const struct row *rows, size_t n,
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

/* The rows below one title. */
static void table(struct session *s, const char *source, const struct row *rows,
                  size_t n)
{
    const char *head[COLUMNS] = {"what", source, "measured", ""};
    size_t width[COLUMNS];
    if (!n)
        return;
    measure(rows, n, head, width);
    draw(s, head, width);
    rule(s, width);
    for (size_t i = 0; i < n; i++) {
        const char *cells[COLUMNS];
        for (unsigned c = 0; c < COLUMNS; c++)
            cells[c] = cell(&rows[i], c);
        draw(s, cells, width);
    }
}

static void count(const struct report *r, unsigned of[ARRAY_LEN(verdicts)])
{
    memset(of, 0, ARRAY_LEN(verdicts) * sizeof *of);
    for (size_t i = 0; i < r->n; i++)
        of[r->rows[i].verdict]++;
}

static void sums(struct session *s, const struct report *r)
{
    unsigned of[ARRAY_LEN(verdicts)];
    count(r, of);
    unsigned all = of[HOLDS] + of[FAILS] + of[DIFFERS];
    if (!all)
        return;
    say(s, "%u claim%s: %u hold%s", all, all == 1 ? "" : "s", of[HOLDS],
        of[HOLDS] == 1 ? "s" : "");
    if (of[FAILS])
        say(s, ", %u do%s NOT hold", of[FAILS], of[FAILS] == 1 ? "es" : "");
    if (of[DIFFERS])
        say(s, ", %u differ%s", of[DIFFERS], of[DIFFERS] == 1 ? "s" : "");
    say(s, "\n");
}

static void show(struct session *s, const struct report *r)
{
    const char *source = "prediction";
    for (size_t i = 0; i < r->n;) {
        if (r->rows[i].is_title) {
            say(s, "\n%s\n\n", r->rows[i].text[0]);
            source = *r->rows[i].text[1] ? r->rows[i].text[1] : "prediction";
            i++;
            continue;
        }
        size_t first = i;
        while (i < r->n && !r->rows[i].is_title)
            i++;
        table(s, source, &r->rows[first], i - first);
    }
    say(s, "\n");
    sums(s, r);
}

/* The panel has the terminal: what is kept is shown when it has gone. */
static void keep(void *opaque, const char *text)
{
    struct session *s = opaque;
    fputs(text, s->streams->out);
}

enum command_status report_end(struct session *s, enum command_status st)
{
    unsigned of[ARRAY_LEN(verdicts)];
    if (!s->report || !s->report->n)
        return st;
    void (*output)(void *, const char *) = s->output;
    if (s->config->panel == PANEL_TERM && s->streams->out != stdout)
        s->output = keep;
    show(s, s->report);
    if (st == CMD_BAD || st == CMD_FAILED || s->exit_status)
        say(s, "%s stopped at line %u: the table is not whole\n",
            s->file ? s->file : "the script", s->line);
    s->output = output;
    count(s->report, of);
    clear(s->report);
    if (of[FAILS] && (st == CMD_OK || (st == CMD_QUIT && !s->exit_status)))
        return CMD_FAILED;
    return st;
}

/* ---- verbs -------------------------------------------------------------- */

#define TEXT 512

enum command_status cmd_title(struct session *s, const char *args)
{
    char text[TEXT], source[TEXT] = "";
    if (!args_string(s, &args, text, sizeof text, NULL) ||
        (args_more(&args) &&
         !args_string(s, &args, source, sizeof source, NULL)) ||
        !args_end(s, args))
        return CMD_BAD;
    add(s, text, source, "")->is_title = true;
    publish_caption(s, text, LENS_NO_PFN, CAPTION_SECONDS);
    return CMD_OK;
}

static void claim_json(struct session *s, const struct row *row)
{
    struct json j = {0};
    json_open(&j, NULL, '{');
    json_str(&j, row->verdict ? "claim" : "figure", row->text[0]);
    if (row->verdict)
        json_str(&j, "says", row->text[1]);
    json_str(&j, "measured", row->text[2]);
    if (row->verdict)
        json_bool(&j, "holds", row->verdict == HOLDS);
    json_close(&j, '}');
    say_json(s, &j);
}

/* A row as it is made: the panel's caption; at the prompt, a line. */
static void tell(struct session *s, const struct row *row)
{
    char line[3 * TEXT + 2048];
    if (row->verdict)
        snprintf(line, sizeof line,
                 "claim: %s. The document says: %s. Measured: %s. It %s",
                 row->text[0], row->text[1], row->text[2],
                 verdicts[row->verdict]);
    else
        snprintf(line, sizeof line, "measured: %s: %s", row->text[0],
                 row->text[2]);
    publish_caption(s, line, LENS_NO_PFN, CAPTION_SECONDS);
    snprintf(line, sizeof line, "%s: %s%s%s", row->text[0], row->text[2],
             row->verdict ? ": " : "", verdicts[row->verdict]);
    if (s->json)
        claim_json(s, row);
    else if (!s->in_file || s->aloud || s->config->verbose)
        say(s, "%s\n", line);
}

enum command_status cmd_claim(struct session *s, const char *args)
{
    char what[TEXT], says[TEXT], measured[2048];
    enum command_status st;
    u64 holds;
    args_more(&args);
    bool may_differ = !strncmp(args, "-n", 2) && isspace((u8)args[2]);
    if (may_differ)
        args += 2;
    if (!args_string(s, &args, what, sizeof what, NULL) ||
        !args_string(s, &args, says, sizeof says, NULL) ||
        !args_value(s, &args, &holds, "a condition"))
        return CMD_BAD;
    args_more(&args);
    if (*args == ',')
        args++;
    if ((st = args_printf(s, &args, measured, sizeof measured)) != CMD_OK)
        return st;
    if (!args_end(s, args))
        return CMD_BAD;
    struct row *row = add(s, what, says, measured);
    row->verdict = holds ? HOLDS : may_differ ? DIFFERS : FAILS;
    tell(s, row);
    return CMD_OK;
}

enum command_status cmd_figure(struct session *s, const char *args)
{
    char what[TEXT], measured[2048];
    enum command_status st;
    if (!args_string(s, &args, what, sizeof what, NULL))
        return CMD_BAD;
    if ((st = args_printf(s, &args, measured, sizeof measured)) != CMD_OK)
        return st;
    if (!args_end(s, args))
        return CMD_BAD;
    tell(s, add(s, what, "", measured));
    return CMD_OK;
}

enum command_status cmd_report(struct session *s, const char *args)
{
    static const char *const keys[] = {"what", "says", "measured"};
    struct json j = {0};
    if (!args_end(s, args))
        return CMD_BAD;
    if (!s->json) {
        if (s->report)
            show(s, s->report);
        return CMD_OK;
    }
    json_open(&j, NULL, '[');
    for (size_t i = 0; s->report && i < s->report->n; i++) {
        const struct row *row = &s->report->rows[i];
        json_open(&j, NULL, '{');
        for (unsigned k = 0; k < ARRAY_LEN(keys) && !row->is_title; k++)
            json_str(&j, keys[k], row->text[k]);
        if (row->is_title) {
            json_str(&j, "title", row->text[0]);
            json_str(&j, "source", row->text[1]);
        } else {
            json_str(&j, "verdict", verdicts[row->verdict]);
        }
        json_close(&j, '}');
    }
    json_close(&j, ']');
    say_json(s, &j);
    return CMD_OK;
}

/* ---- what the guest prints ---------------------------------------------- */

#define HEAR_MS 1000 /* for a line to end */

/* Takes the next number of the line that st heard; false: there is none. */
static bool next_number(const struct streams *st, size_t *at, u64 *value)
{
    while (*at < st->nheard && st->heard[*at] != '\n' &&
           !isdigit((u8)st->heard[*at]))
        ++*at;
    if (*at == st->nheard || st->heard[*at] == '\n')
        return false;
    for (*value = 0; *at < st->nheard && isdigit((u8)st->heard[*at]); ++*at)
        *value = *value * 10 + (u64)(st->heard[*at] - '0');
    return true;
}

/* Runs until the guest has ended its line. */
static bool await_line(struct session *s)
{
    struct streams *st = s->streams;
    void (*output)(void *, const char *) = s->output;
    if (memchr(st->heard, '\n', st->nheard))
        return true;
    if (s->m->off)
        return false;
    st->expecting = "\n";
    st->matched = false;
    s->goal = (struct goal){.deadline = s->m->hart.cycle +
                                        s->m->clock_hz / 1000 * HEAR_MS};
    s->output = NULL;
    session_go(s);
    s->output = output;
    st->expecting = NULL;
    st->matched = false;
    return memchr(st->heard, '\n', st->nheard);
}

/* The next name at *args gets the next number behind *at. */
static enum command_status hear_one(struct session *s, const char **args,
                                    size_t *at, struct json *j)
{
    char name[32];
    u64 value;
    if (!args_name(s, args, "hear", name, sizeof name))
        return CMD_BAD;
    if (!next_number(s->streams, at, &value))
        return fail(s, CMD_FAILED, "hear: the line has no number for %s", name);
    if (!strcmp(name, "_"))
        return CMD_OK;
    json_u64(j, name, value);
    return let_be(s, name, value) ? CMD_OK : CMD_BAD;
}

enum command_status cmd_hear(struct session *s, const char *args)
{
    struct streams *st = s->streams;
    size_t at = 0;
    struct json j = {0};
    if (s->context == IN_PANEL || (s->context == IN_PROMPT && st->tty))
        return fail(s, CMD_BAD, "hear: in a script only");
    if (!args_more(&args))
        return fail(s, CMD_BAD, "a name is missing");
    if (!await_line(s))
        return fail(s, CMD_FAILED, "hear: the guest's line does not end");
    json_open(&j, NULL, '{');
    while (args_more(&args)) {
        enum command_status status = hear_one(s, &args, &at, &j);
        if (status != CMD_OK) {
            json_free(&j);
            return status;
        }
    }
    st->nheard -= at;
    memmove(st->heard, st->heard + at, st->nheard);
    json_close(&j, '}');
    return finish_json(s, &j);
}

enum command_status cmd_quietly(struct session *s, const char *args)
{
    if (s->context == IN_PANEL)
        return fail(s, CMD_BAD, "quietly: in a script only");
    void (*output)(void *, const char *) = s->output;
    s->output = NULL;
    enum command_status st = session_command(s, args);
    s->output = output;
    return st;
}

enum command_status cmd_console(struct session *s, const char *args)
{
    char word[8];
    if (!args_more(&args))
        return fail(s, CMD_BAD,
                    "console: on or off is missing (the guest gets the keys "
                    "with continue, or Ctrl-A c)");
    if (!args_word(s, &args, word, sizeof word, "on or off") ||
        !args_end(s, args))
        return CMD_BAD;
    if (strcmp(word, "on") && strcmp(word, "off"))
        return fail(s, CMD_BAD, "console: %s: neither on nor off", word);
    s->streams->muted = word[1] == 'f' && !s->config->verbose;
    return CMD_OK;
}
