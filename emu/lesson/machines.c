/* SPDX-License-Identifier: MIT */
/* Makes a lesson's second and later machines: a step with options begins a
 * fresh machine, which the following steps use, too; the exercise has its own.
 *
 *   session of the first machine     steps 1, 2; has the panel and the input
 *     session of step 3's machine    steps 3, 4
 *       session of step 5's          step 5 ...
 *
 * Each session runs inside the one that made it, and gets its `let` names. */
#include "lesson/internal.h"

#include "config/config.h"
#include "machine/machine.h"
#include "monitor/drive.h"

#include <stdio.h>
#include <stdlib.h>

/* Nothing frees the strings that config_parse allocates: the struct config that
 * has them stays in this list. fresh_machine frees the words of the options. */
struct configured {
    struct config c;
    struct configured *before;
};
static struct configured *volatile configured;

static struct config *configure(char **words, int n)
{
    struct configured *new = xcalloc(1, sizeof *new);
    struct config *c = &new->c;
    new->before = configured;
    configured = new;
    config_parse(c, n, words);
    c->pace = 0;
    c->panel = PANEL_OFF;
    return c;
}

struct errand { /* for the session of a fresh machine */
    struct teacher *t;
    bool (*fn)(struct teacher *t, void *opaque);
    void *opaque;
    bool ok;
};

static enum command_status drive(void *opaque, struct session *s)
{
    struct errand *e = opaque;
    struct session *before = e->t->s;
    session_lets(s, before);
    teacher_leads(e->t, s);
    e->ok = e->fn(e->t, e->opaque);
    teacher_leads(e->t, before);
    return CMD_OK;
}

bool fresh_machine(struct teacher *t, const char *options,
                   bool (*fn)(struct teacher *t, void *opaque), void *opaque)
{
    int n;
    char *all; /* the options; --lesson makes check_lesson check them */
    if (asprintf(&all, "--lesson=. %s", options) < 0)
        die("lesson", "out of memory");
    char **words = option_words(t->l->file, all, &n);
    struct config *c = configure(words, n);
    struct errand e = {t, fn, opaque, false};
    struct host_io io = session_host_io(c);
    struct machine *m = machine_new(c, &io);
    struct session *s = session_new(m, c);
    session_outer(s, t->first);
    session_drive(s, drive, &e);
    session_main(s);
    session_free(s);
    machine_free(m);
    free_all(words, all);
    return e.ok;
}
