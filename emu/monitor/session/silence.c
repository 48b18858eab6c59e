/* SPDX-License-Identifier: MIT */
/* Says, once a session, that the machine makes no progress. The hart is only
 * looked at, between slices, and goes on. */
#include "monitor/session/run.h"

#define LOOK_EVERY .5 /* host seconds */
#define LOOKS      2  /* in a row that find no progress */

/* True if the run has a limit of its own, at which it ends. */
static bool bounded(const struct session *s)
{
    const struct config *c = s->config;
    return s->goal.deadline != NEVER || s->goal.steps || s->most ||
           c->max_cycles || c->max_instructions;
}

static void tell_once(struct session *s, const char *what)
{
    struct streams *st = s->streams;
    const char *leave =
        s->config->panel == PANEL_WINDOW ? "closing the window ends it"
        : st->tty && !s->config->run ? "Ctrl-A c looks at it, Ctrl-A x leaves"
                                     : "Ctrl-C ends it";
    s->silence.told = true;
    streams_flush(st);
    fprintf(st->err, "%sclockhand: %s; %s\n", st->line_open ? "\n" : "", what,
            leave);
    st->line_open = false;
    publish_caption(s, what, LENS_NO_PFN, CAPTION_SECONDS);
}

void silence_asleep(struct session *s)
{
    char what[200];
    if (!s->silence.told && !bounded(s) &&
        inspect_asleep_for_ever(s->m, what, sizeof what))
        tell_once(s, what);
}

void silence_look(struct session *s)
{
    struct silence *q = &s->silence;
    double now = host_now();
    char what[200];
    if (q->told || now < q->next || bounded(s))
        return;
    bool stuck = inspect_no_progress(s->m, &q->before, what, sizeof what);
    q->looks = stuck ? q->looks + 1 : 0;
    q->next = now + LOOK_EVERY;
    q->before = inspect_progress(s->m);
    if (q->looks == LOOKS)
        tell_once(s, what);
}
