/* SPDX-License-Identifier: MIT */
/* The exercise: numbers from the seed, a fresh machine with one constant
 * changed, and the answer of that machine. */
#include "lesson/internal.h"

#include "monitor/drive.h"

#include <stdio.h>
#include <stdlib.h>

bool exercise_names(struct teacher *t)
{
    const struct lesson_exercise *e = &t->l->exercise;
    char err[200];
    names_free(&t->names); /* they are of the lesson's machine */
    names_add(&t->names, "seed", (s64)t->run->seed);
    for (unsigned i = 0; i < e->nlets; i++) {
        struct expr_value v;
        if (!names_value(&t->names, e->let[i].expr, &v, err, sizeof err)) {
            teacher_fail(t, e->let[i].line, "let: %s", err);
            return false;
        }
        names_add(&t->names, e->let[i].name, (s64)v.bits);
    }
    return true;
}

char *exercise_text(struct teacher *t, const struct lesson_lines *lines)
{
    char *all = NULL, err[300];
    size_t n = 0;
    for (unsigned i = 0; i < lines->n; i++) {
        char *one =
            text_filled(&t->names, lines->line[i].text, false, err, sizeof err);
        if (!one) {
            teacher_fail(t, lines->line[i].number, "%s", err);
            free(all);
            return NULL;
        }
        size_t more = strlen(one);
        all = xrealloc(all, n + more + 2);
        n += (size_t)sprintf(all + n, "%s%s", n ? "\n" : "", one);
        free(one);
    }
    return all;
}

char *exercise_options(struct teacher *t)
{
    char err[300];
    char *text =
        text_filled(&t->names, t->l->exercise.options, false, err, sizeof err);
    if (!text)
        teacher_fail(t, t->l->exercise.options_line, "%s", err);
    return text;
}

static void no_output(void *opaque, const char *text)
{
    (void)opaque, (void)text;
}

static void no_byte(void *opaque, u8 byte)
{
    (void)opaque, (void)byte;
}

/* Gives the exercise's numbers to the monitor as names: let.spread. */
static bool lets(struct teacher *t, struct session *s)
{
    for (unsigned i = 0; i < t->names.n; i++) {
        char line[80];
        snprintf(line, sizeof line, "let %s %lld", t->names.known[i].name,
                 t->names.known[i].value);
        if (session_command(s, line) != CMD_OK)
            return false;
    }
    return true;
}

static bool commands(struct teacher *t, struct session *s)
{
    const struct lesson_lines *run = &t->l->exercise.run;
    char err[300];
    if (!lets(t, s))
        return false;
    for (unsigned i = 0; i < run->n; i++) {
        struct names own = t->names;
        own.below = NULL; /* other braces belong to the command */
        char *line =
            text_filled(&own, run->line[i].text, true, err, sizeof err);
        session_at(s, t->l->file, run->line[i].number);
        enum command_status st = session_command(s, line);
        free(line);
        if (session_left(s))
            return false;
        if (st == CMD_OK)
            continue;
        if (!t->why && st != CMD_QUIT) {
            snprintf(err, sizeof err, "%s:%u: %.200s", t->l->file,
                     run->line[i].number, session_error(s));
            t->why = xstrdup(err);
        }
        return false;
    }
    return true;
}

static bool work_out_answer(struct teacher *t, struct result *r, char **say)
{
    const struct lesson_exercise *e = &t->l->exercise;
    char err[200];
    *r = (struct result){.letter = 0};
    if (!names_number(&t->names, e->answer.expr, &r->right, err, sizeof err)) {
        teacher_fail(t, e->answer.line, "answer: %s", err);
        return false;
    }
    return (*say = exercise_text(t, &e->say));
}

struct errand { /* for the session of the exercise's machine */
    struct teacher *t;
    struct result *r;
    char **say;
    bool ok;
};

static enum command_status drive_exercise(void *opaque, struct session *s)
{
    struct errand *e = opaque;
    struct teacher *t = e->t;
    session_output(s, no_output, NULL);
    session_console(s, no_byte, NULL);
    t->names.below = session_env(s);
    e->ok = commands(t, s) && work_out_answer(t, e->r, e->say);
    t->names.below = session_env(t->s);
    return CMD_OK;
}

bool exercise_run(struct teacher *t, struct result *r, char **say)
{
    struct errand e = {t, r, say, false};
    char *options = exercise_options(t);
    *say = NULL;
    if (options)
        fresh_machine(t, options, drive_exercise, &e);
    free(options);
    return e.ok;
}
