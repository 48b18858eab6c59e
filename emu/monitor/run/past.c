/* SPDX-License-Identifier: MIT */
/* Travels through the past. Progress is shown to the user. Ctrl-C, the debugger
 * or a command from the panel ends the travel early. On arrival the session
 * forgets what came later. */
#include "inspect/events.h"
#include "inspect/logs.h"
#include "inspect/profile.h"
#include "monitor/run/past.h"

#include "base/ending.h"

#include <unistd.h>

#define SAY_AFTER  1.  /* host seconds until progress is reported */
#define SAY_EVERY  .2  /* host seconds between two reports */
#define HEAR_AFTER .05 /* host seconds until the panel can end travel */

static bool on_way(void *way, double share)
{
    struct past_way *w = way;
    struct session *s = w->s;
    double now = host_now();
    debugger_serve(s);
    if (ending_asked() || s->inbox.quit_asked || s->run.interrupted ||
        (now - w->started > HEAR_AFTER && inbox_any(s)))
        return false;
    if (now - w->started < SAY_AFTER || now - w->said < SAY_EVERY)
        return true;
    w->said = now;
    char text[80];
    snprintf(text, sizeof text, "on the way through the past: %.0f %%",
             share * 100);
    publish_caption(&s->show, text, LENS_NO_PFN, 0);
    s->show.on_way = true;
    publish_now(&s->show, false);
    if (isatty(STDERR_FILENO) && w->a && w->a->to->who == IN_PROMPT) {
        fprintf(stderr, "\r%s (Ctrl-C gives up) ", text);
        w->told = true;
    }
    return true;
}

static const char *verb_of(const struct answer *a)
{
    return a->verb ? a->verb->verb : "history";
}

bool past_depart(struct past_way *w)
{
    struct session *s = w->s;
    if (!history_on(s->m->past)) {
        fail(w->a, CMD_BAD, "%s: %s", verb_of(w->a),
             history_words(s->m->past, HISTORY_OFF));
        return false;
    }
    s->run.going = false;
    *s->run.failed = 0;
    s->run.seeks = w->a ? w->a->to->who : IN_REMOTE;
    stoppers_disarm(s);
    w->started = host_now();
    history_on_progress(s->m->past, on_way, w);
    return true;
}

/* Ends travel, wherever it led: the session forgets what came later. */
static void settle(struct past_way *w)
{
    struct session *s = w->s;
    history_on_progress(s->m->past, NULL, NULL);
    s->show.on_way = false;
    s->show.answer_until = 0;
    stoppers_disarm(s);
    stoppers_note_values(s);
    if (w->told)
        fprintf(stderr, "\r%60s\r", "");
    streams_elsewhere(s->streams);
    publish_forget(&s->show, true);
    session_pace_restart(s);
    publish_now(&s->show, true);
}

enum command_status past_arrive(struct past_way *w, enum history_end end)
{
    settle(w);
    if (end == HISTORY_THERE)
        return CMD_OK;
    return fail(w->a, end == HISTORY_OFF ? CMD_BAD : CMD_FAILED, "%s: %s",
                verb_of(w->a), history_words(w->s->m->past, end));
}

enum history_end past_back(struct session *s,
                           const struct history_search *search, bool traps)
{
    struct past_way w = {.s = s};
    if (!history_on(s->m->past))
        return HISTORY_OFF;
    past_depart(&w);
    if (search)
        stoppers_arm(s);
    if (traps)
        engine_catch_traps(s->m->engine, true);
    enum history_end end = search ? history_find_back(s->m->past, search)
                                  : history_back(s->m->past, 1);
    settle(&w);
    return end;
}

enum history_end past_goto(struct session *s, struct moment to)
{
    struct past_way w = {.s = s};
    if (!history_on(s->m->past))
        return HISTORY_OFF;
    past_depart(&w);
    enum history_end end = history_goto(s->m->past, to);
    settle(&w);
    return end;
}

bool past_refuses(struct answer *a, const char *verb)
{
    if (!history_past(a->s->m->past))
        return false;
    fail(a, CMD_BAD,
         "%s: this is the past, which does not change: branch begins a new "
         "future here, goto now goes back to the present",
         verb);
    return true;
}

void session_went(struct session *s, const char *how)
{
    s->stepped = (struct moment){0};
    inspect_events_went(s->events, how);
    inspect_counter_log_went(s->logs.counters);
}

bool session_load(struct session *s, const char *file, char *err, size_t n)
{
    u32 loads = s->m->loads;
    bool ok = machine_load(s->m, file, err, n);
    if (s->m->loads == loads)
        return false;
    s->marks.n = 0; /* moments of another past */
    if (!ok) {
        inspect_events_forget(s->events);
        session_went(s, "load-refused");
    }
    inspect_probes_forget(s->probes);
    inspect_profile_restart(s->profile);
    stoppers_note_values(s);
    publish_forget(&s->show, false);
    session_pace_restart(s);
    return ok;
}
