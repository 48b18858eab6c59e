/* SPDX-License-Identifier: MIT */
/* Runs a lesson's blocks on its machine: prints the commands and their output,
 * evaluates the claims, keeps the first failure. */
#include "lesson/internal.h"

#include "monitor/drive.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define GUEST "  | " /* before the guest's own lines */

/* ---- printing -------------------------------------------------------- */

/* Prints the blank line before the first line of a block's output. */
static void gap_print(struct teacher *t)
{
    if (t->gap)
        puts("");
    t->gap = false;
}

static void line_print(struct teacher *t)
{
    gap_print(t);
    printf(GUEST "%.*s\n", (int)t->line.n, t->line.text);
    t->line.told = t->line.n;
}

void teacher_line(struct teacher *t)
{
    bool prompt = t->line.n == 2 && !memcmp(t->line.text, "# ", 2);
    if (t->shown && t->line.n > t->line.told && !prompt)
        line_print(t);
}

static void on_output(void *opaque, const char *text)
{
    struct teacher *t = opaque;
    if (!t->shown)
        return;
    teacher_line(t);
    gap_print(t);
    session_print(t->s, text);
}

/* True within a control sequence (ECMA-48 5.4): it could move the cursor. */
static bool in_escape(struct teacher *t, u8 byte)
{
    if (byte == 033) {
        t->escape = 1;
        return true;
    }
    if (!t->escape)
        return false;
    if (t->escape++ == 1 && byte == '[')
        return true;
    if (byte >= 0x40)
        t->escape = 0;
    return true;
}

/* Prints a line when it is complete, even if the lesson's commands stop the
 * guest within it. */
static void on_console(void *opaque, u8 byte)
{
    struct teacher *t = opaque;
    struct guest_line *line = &t->line;
    if (byte == '\r' || in_escape(t, byte))
        return;
    if (byte != '\n')
        line->text[line->n++] = (char)byte;
    if (byte != '\n' && line->n < sizeof line->text)
        return;
    if (t->shown && line->n > line->told)
        line_print(t);
    line->n = line->told = 0;
}

void teacher_begin(struct teacher *t, struct lesson_run *run, struct session *s)
{
    *t = (struct teacher){.run = run, .l = run->lesson, .first = s};
    teacher_leads(t, s);
}

void teacher_leads(struct teacher *t, struct session *s)
{
    t->s = s;
    t->line = (struct guest_line){0}; /* another guest's */
    t->names.below = session_env(s);
    session_output(s, on_output, t);
    session_console(s, on_console, t);
}

void teacher_end(struct teacher *t)
{
    names_free(&t->names);
    free(t->why);
}

void teacher_fail(struct teacher *t, unsigned line, const char *fmt, ...)
{
    char what[500], *why;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    if (asprintf(&why, "%s:%u: %s", t->l->file, line, what) < 0)
        die("lesson", "out of memory");
    teacher_line(t);
    fflush(stdout);
    fprintf(stderr, "clockhand: %s\n", why);
    if (t->why)
        free(why);
    else
        t->why = why;
}

/* ---- blocks ---------------------------------------------------------- */

/* False: failed; the monitor has printed the reason. */
static bool command(struct teacher *t, const struct lesson_line *line)
{
    session_at(t->s, t->l->file, line->number);
    enum command_status st = session_command(t->s, line->text);
    if (session_left(t->s))
        return false; /* the learner has quit */
    if (st == CMD_OK)
        return true;
    teacher_line(t);
    if (!t->why && st != CMD_QUIT) {
        char why[600];
        snprintf(why, sizeof why, "%s:%u: %s", t->l->file, line->number,
                 session_error(t->s));
        t->why = xstrdup(why);
    }
    return false;
}

bool step_begin(struct teacher *t, const struct lesson_step *step)
{
    struct lesson_line line = {step->line, (char *)"delete"};
    return command(t, &line);
}

/* Verbs that are not shown: those by which a lesson saves values; `expect`,
 * which the monitor has in files only; and `printf`, whose output explains
 * itself. */
static bool is_script_verb(const char *text)
{
    static const char *const verbs[] = {"expect", "hear", "let", "mark",
                                        "printf"};
    size_t n = strcspn(text, " \t");
    for (unsigned i = 0; i < ARRAY_LEN(verbs); i++)
        if (strlen(verbs[i]) == n && !memcmp(verbs[i], text, n))
            return true;
    return false;
}

/* Runs a line of a block, in which an exercise's own names stand in braces
 * (others belong to the command). A shown line has the saved values in place of
 * their names, so that a learner could type it. */
static bool block_line(struct teacher *t, const struct lesson_line *line)
{
    const char *text = line->text + strspn(line->text, " \t");
    struct names own = t->names;
    char err[200];
    own.below = NULL;
    struct lesson_line typed = {line->number, NULL};
    typed.text =
        own.n ? text_filled(&own, text, true, err, sizeof err) : xstrdup(text);
    if (*text && !is_script_verb(text)) {
        char *filled = typed.text;
        typed.text = text_noted(&t->names, filled);
        free(filled);
        if (t->shown) {
            teacher_line(t);
            gap_print(t);
            printf("> %s\n", typed.text);
        }
    }
    bool ok = command(t, &typed);
    free(typed.text);
    return ok;
}

bool block_run(struct teacher *t, const struct lesson_block *b)
{
    bool shown = t->shown, ok = true;
    t->shown &= b->kind == BLOCK_RUN;
    for (unsigned i = 0; ok && i < b->lines.n; i++)
        ok = block_line(t, &b->lines.line[i]);
    teacher_line(t);
    t->shown = shown;
    return ok;
}

/* ---- answers --------------------------------------------------------- */

bool block_compare(struct teacher *t, const struct lesson_block *b,
                   struct result *r)
{
    const struct lesson_answer *a = &b->answer;
    char err[200], is[40];
    *r = (struct result){.letter = a->letter};
    if (!names_number(&t->names, a->expr, &r->right, err, sizeof err)) {
        teacher_fail(t, a->line, "answer: %s", err);
        return false;
    }
    if (a->letter) {
        if (r->right == 0)
            teacher_fail(t, a->line, "answer: '%s' is 0", a->expr);
        return r->right != 0;
    }
    if (!a->claimed || answer_near(r->right, a->number, a->within, a->percent))
        return true;
    teacher_fail(t, a->line, "answer: '%s' is %s", a->expr,
                 text_of_number(r->right, is, sizeof is));
    return false;
}

char *lines_filled(struct teacher *t, const struct lesson_lines *lines)
{
    char *all = xstrdup(""), err[300];
    size_t n = 0;
    for (unsigned i = 0; i < lines->n; i++) {
        char *one =
            text_filled(&t->names, lines->line[i].text, false, err, sizeof err);
        if (!one) {
            teacher_fail(t, lines->line[i].number, "%s", err);
            free(all);
            return NULL;
        }
        all = xrealloc(all, n + strlen(one) + 2);
        n += (size_t)sprintf(all + n, "%s%s", n ? "\n" : "", one);
        free(one);
    }
    return all;
}

enum command_status lesson_drive(void *opaque, struct session *s)
{
    struct lesson_run *run = opaque;
    struct teacher t;
    teacher_begin(&t, run, s);
    enum command_status st = run->way == LESSON_SOLVE   ? lesson_solve(&t)
                             : run->way == LESSON_GRADE ? lesson_grade(&t)
                                                        : lesson_play(&t);
    teacher_end(&t);
    return st;
}
