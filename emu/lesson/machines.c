/* SPDX-License-Identifier: MIT */
/* Machines of a lesson besides its first: a step with options begins a fresh
 * machine, which the following steps use, too; the exercise has its own.
 *
 *   session of the first machine: the panel, the terminal's input
 *     session of step 3's machine    steps 3, 4
 *       session of step 5's          step 5 ...
 *
 * Each session is driven from inside the session before it, and keeps the names
 * of `let`. */
#include "lesson/internal.h"

#include "config/config.h"
#include "machine/machine.h"
#include "monitor/drive.h"

#include <stdio.h>
#include <stdlib.h>

/* The strings of a struct config live as long as the program, as main's do. */
struct configured {
    struct config c;
    struct configured *before;
};
static struct configured *volatile configured;

static struct config *new_config(void)
{
    struct configured *n = xcalloc(1, sizeof *n);
    n->before = configured;
    configured = n;
    return &n->c;
}

static char **configure(struct teacher *t, struct config *c,
                        const char *options)
{
    char **words = lesson_words(options);
    int n = 0;
    while (words[n])
        n++;
    char **argv = xcalloc((size_t)n + 2, sizeof *argv);
    argv[0] = t->l->file;
    memcpy(argv + 1, words, (size_t)n * sizeof *words);
    config_parse(c, n + 1, argv);
    free(argv);
    c->lesson = t->l->name; /* standard input is the learner's */
    c->pace = 0;
    c->panel = PANEL_OFF;
    return words;
}

void fresh_machine(struct teacher *t, const char *options,
                   enum command_status (*fn)(void *opaque, struct session *s),
                   void *opaque)
{
    struct config *c = new_config();
    char **words = configure(t, c, options);
    struct host_io io = session_host_io(c);
    struct machine *m = machine_new(c, &io);
    struct session *s = session_new(m, c);
    session_outer(s, t->first);
    session_drive(s, fn, opaque);
    session_main(s);
    session_free(s);
    machine_free(m);
    free(words);
}

struct rest { /* of the steps */
    struct teacher *t;
    unsigned from;
    bool (*fn)(void *opaque, unsigned i);
    void *opaque;
    bool ok;
};

static void run_rest(struct rest *r);

static enum command_status drive_steps(void *opaque, struct session *s)
{
    struct rest *r = opaque;
    struct teacher *t = r->t;
    struct session *before = t->s;
    session_lets(s, before);
    teacher_leads(t, s);
    session_limit_cycles(s, LESSON_SECONDS * session_env(s)->clock_hz);
    run_rest(r);
    teacher_leads(t, before);
    return CMD_OK;
}

static void run_rest(struct rest *r)
{
    unsigned first = r->from;
    const struct lesson *l = r->t->l;
    for (r->ok = true; r->ok && r->from < l->n; r->from++) {
        const struct lesson_step *step = &l->step[r->from];
        if (step->options && r->from > first) {
            r->ok = false; /* until that machine has run the rest */
            if (r->t->shown)
                printf("\nThe next step has a machine of its own: %s\n",
                       step->options);
            fresh_machine(r->t, step->options, drive_steps, r);
            return;
        }
        r->ok = r->fn(r->opaque, r->from);
    }
}

bool steps_run(struct teacher *t, bool (*fn)(void *opaque, unsigned i),
               void *opaque)
{
    struct rest r = {.t = t, .fn = fn, .opaque = opaque};
    run_rest(&r);
    return r.ok;
}
