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

char *exercise_options(struct teacher *t)
{
    char err[300];
    char *text =
        text_filled(&t->names, t->l->exercise.options, false, err, sizeof err);
    if (!text)
        teacher_fail(t, t->l->exercise.options_line, "%s", err);
    return text;
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
    const struct lesson_exercise *x = &t->l->exercise;
    struct session *before = t->s;
    bool shown = t->shown;
    t->shown = false;
    teacher_leads(t, s);
    e->ok = lets(t, s) && block_run(t, &x->run) &&
            block_compare(t, &x->answer, e->r) &&
            (*e->say = lines_filled(t, &x->answer.lines));
    teacher_leads(t, before);
    t->shown = shown;
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
