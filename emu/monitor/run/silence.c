/* SPDX-License-Identifier: MIT */
/* Says, once a session, that the machine makes no progress: looks at the hart
 * between slices. The machine then goes on; only a --run with --policy-file and
 * without a panel ends. */
#include "inspect/parts.h"
#include "inspect/progress.h"
#include "inspect/symbols.h"
#include "monitor/run/run.h"
#include <stdlib.h>
#include <string.h>

#define LOOK_EVERY .5 /* host seconds */
#define LOOKS      2  /* looks in a row that must find no progress */

/* True if the run has a limit of its own, at which it ends. */
static bool bounded(const struct session *s)
{
    const struct config *c = s->config;
    return session_deadline(s) != NEVER || session_steps(s) || s->driver.most ||
           c->max_cycles || c->max_instructions;
}

static bool ends_itself(const struct session *s)
{
    return s->config->policy_file && s->config->run &&
           s->config->panel == PANEL_OFF;
}

static void tell_once(struct session *s, const char *what)
{
    struct streams *st = s->streams;
    const char *leave =
        ends_itself(s)                     ? "the run ends"
        : s->config->panel == PANEL_WINDOW ? "closing the window ends it"
        : st->tty && !s->config->run ? "Ctrl-A c looks at it, Ctrl-A x leaves"
                                     : "Ctrl-C ends it";
    s->run.silence.told = true;
    if (ends_itself(s)) {
        s->ended = true;
        s->exit_status = 1;
    }
    streams_flush(st);
    fprintf(st->err, "%sclockhand: %s; %s\n", st->line_open ? "\n" : "", what,
            leave);
    st->line_open = false;
    publish_caption(&s->show, what, LENS_NO_PFN, CAPTION_SECONDS);
}

void silence_asleep(struct session *s)
{
    char what[200];
    if (!s->run.silence.told && !bounded(s) &&
        inspect_asleep_for_ever(s->m, what, sizeof what))
        tell_once(s, what);
}

/* ---- a policy that does not return -------------------------------------- */

#define SAMPLES 64
#define APART   997 /* instructions between samples */
#define CALLS   64

/* Returns the innermost call of a function in the policy's own file; NULL:
 * none. *depth counts this call and its callers. */
static const struct ins_call *own_call(struct session *s, struct ins_call *call,
                                       unsigned *depth)
{
    unsigned n = inspect_calls(s->sources, call, CALLS);
    const char *file = file_part(s->config->policy_file);
    for (unsigned i = 0; i < n; i++)
        if (call[i].file && !strcmp(file_part(call[i].file), file)) {
            *depth = n - i;
            return &call[i];
        }
    return NULL;
}

/* Finds the loop from SAMPLES results of own_call: it is in the outermost
 * function among them, and the lowest line sampled there is reported. False: no
 * sample is in the policy's file. */
static bool find_loop(struct session *s, char *what, size_t n)
{
    struct ins_call *call = xcalloc(CALLS, sizeof *call), loop = {0};
    unsigned least = CALLS, depth = 0;
    for (unsigned i = 0; i < SAMPLES; i++) {
        const struct ins_call *c = own_call(s, call, &depth);
        if (c && (depth < least || (depth == least && c->line < loop.line))) {
            least = depth;
            loop = *c;
        }
        machine_step(s->m, APART);
    }
    free(call);
    snprintf(what, n, "%s:%u: the policy does not return: endless loop in %s()",
             s->config->policy_file, loop.line, loop.function);
    return loop.function;
}

void silence_look(struct session *s)
{
    struct silence *q = &s->run.silence;
    double now = host_now();
    char what[400], loop[300];
    if (q->told || now < q->next || bounded(s))
        return;
    bool stuck = inspect_no_progress(s->m, &q->before, what, sizeof what);
    q->looks = stuck ? q->looks + 1 : 0;
    q->next = now + LOOK_EVERY;
    q->before = inspect_progress(s->m);
    if (q->looks < LOOKS)
        return;
    if (ends_itself(s) && find_loop(s, loop, sizeof loop))
        tell_once(s, loop);
    else
        tell_once(s, what);
}

/* Notices an endless loop in --policy-file's policy. The kernel takes no
 * interrupts, so the loop takes no trap; but it retires instructions, which an
 * idle hart does not. True: the session has ended (a --run without a panel). */
bool silence_policy(struct session *s)
{
    struct silence *q = &s->run.silence;
    struct ins_progress now = inspect_progress(s->m);
    u64 cycle = inspect_cycle(s->m), took = cycle - q->since;
    char what[300];
    if (!s->config->policy_file || q->told)
        return false;
    if (now.traps == q->began.traps &&
        now.instret - q->began.instret >= took / 100) {
        if (took < s->m->clock_hz)
            return false;
        if (find_loop(s, what, sizeof what))
            tell_once(s, what);
    }
    q->since = cycle;
    q->began = now;
    return s->ended;
}
