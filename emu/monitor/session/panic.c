/* SPDX-License-Identifier: MIT */
/* Prints a panicked kernel's call trace, with names, and the last events. */
#include "inspect/events.h"
#include "inspect/parts.h"
#include "inspect/symbols.h"
#include "monitor/session/run.h"
#include <string.h>

#define DEPTH  40
#define EVENTS 20

static void to_stderr(UNUSED void *opaque, const char *text)
{
    fputs(text, stderr);
}

static void call_trace(struct session *s, const u64 x[32], u64 at, bool called)
{
    u64 pc[DEPTH];
    char where[200];
    unsigned n = inspect_backtrace_from(s->sources, x, at - called, pc, DEPTH);
    say(s, "call trace, innermost first:\n");
    for (unsigned i = 0; i < n; i++) {
        code_place(s, i ? pc[i] - 1 : pc[0], where, sizeof where);
        const char *name = strchr(where, ' ');
        say(s, "#%-2u 0x%016llx %s\n", i, pc[i] + (!i && called),
            name ? name : " (no symbol)");
    }
}

static void latest_events(struct session *s)
{
    struct ins_event e[EVENTS];
    struct json none = {0};
    unsigned n = inspect_events_recent(s->events, LENS_NO_PFN, e, EVENTS);
    events_head(s);
    events_list(s, &none, NULL, e, n);
    events_more(s, inspect_events_count(s->events) - n, false);
    json_free(&none);
}

void panic_report(struct session *s)
{
    void (*output)(void *, const char *) = s->output;
    bool json = s->json;
    struct streams *st = s->streams;
    bool called;
    u64 x[32], at;
    if (!st->panicked || (!s->m->off && inspect_cycle(s->m) <
                                            st->panicked + s->m->clock_hz / 50))
        return;
    st->panicked = 0;
    if (!inspect_panic(s->m, x, &at, &called))
        return;
    streams_flush(st);
    s->output = to_stderr;
    s->json = false;
    call_trace(s, x, at, called);
    say(s, "the last events:\n");
    latest_events(s);
    s->output = output;
    s->json = json;
}
