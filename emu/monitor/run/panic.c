/* SPDX-License-Identifier: MIT */
/* Prints a panicked kernel's call trace, with names, and the last events. */
#include "inspect/events.h"
#include "inspect/parts.h"
#include "inspect/symbols.h"
#include "monitor/run/run.h"
#include <string.h>

#define DEPTH  40
#define EVENTS 20

static void to_stderr(UNUSED void *opaque, const char *text, UNUSED bool json)
{
    fputs(text, stderr);
}

static void call_trace(struct answer *a, const u64 x[32], u64 at, bool called)
{
    u64 pc[DEPTH];
    char where[200];
    unsigned n =
        inspect_backtrace_from(a->s->sources, x, at - called, pc, DEPTH);
    say(a, "call trace, innermost first:\n");
    for (unsigned i = 0; i < n; i++) {
        code_place(a->s, i ? pc[i] - 1 : pc[0], where, sizeof where);
        const char *name = strchr(where, ' ');
        say(a, "#%-2u 0x%016llx %s\n", i, pc[i] + (!i && called),
            name ? name : " (no symbol)");
    }
}

static void latest_events(struct answer *a)
{
    struct ins_event e[EVENTS];
    struct json none = {0};
    unsigned n = inspect_events_recent(a->s->events, LENS_NO_PFN, e, EVENTS);
    events_head(a);
    events_list(a, &none, NULL, e, n);
    events_more(a, inspect_events_count(a->s->events) - n, false);
    json_free(&none);
}

void panic_report(struct session *s)
{
    struct asker by = {.who = IN_SCRIPT, .print = to_stderr};
    struct answer a = {.s = s, .to = &by};
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
    call_trace(&a, x, at, called);
    say(&a, "the last events:\n");
    latest_events(&a);
}
