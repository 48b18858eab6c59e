/* SPDX-License-Identifier: MIT */
/* info events lists the latest events, or the first from a number on. */
#include "inspect/events.h"
#include "inspect/parts.h"
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

#include <ctype.h>
#include <stdlib.h>

/* The question, and the events found: newest first, until order_batch. */
struct of_kind {
    u64 reasons, pid, first; /* pid NO_PID: any; first: the least number */
    bool from;               /* a batch: the oldest from `first` on */
    u64 found;
    unsigned most;
    struct ins_event e[EVENTS_MOST];
};
#define NO_PID (~0ull)

/* Keeps an event that is asked for. Events come newest first; in a batch an
 * older event takes the place of a newer one. */
static bool keep_if_asked(void *opaque, const struct ins_event *e)
{
    struct of_kind *k = opaque;
    if (e->number < k->first)
        return false;
    if (e->reason >= 64 || !(k->reasons >> e->reason & 1) ||
        (k->pid != NO_PID && k->pid != e->pid))
        return true;
    if (k->found < k->most)
        k->e[k->found] = *e;
    else if (k->from && k->most)
        k->e[k->found % k->most] = *e;
    k->found++;
    return true;
}

/* Reads [N] [EVENT] [pid P] [from NUMBER], in any order. */
static bool parse_question(struct answer *a, const char *args,
                           struct of_kind *k)
{
    char word[40];
    u64 n = 20;
    while (args_more(&args)) {
        if (isdigit((u8)*args)) {
            if (!args_value(a, &args, &n, "a count"))
                return false;
            continue;
        }
        if (!args_event(&args, word, sizeof word) &&
            !args_word(a, &args, word, sizeof word, "an event"))
            return false;
        if (word_same(word, "pid")) {
            if (!args_pid(a, &args, &k->pid))
                return false;
        } else if (word_same(word, "from")) {
            if (!args_value(a, &args, &k->first, "an event's number"))
                return false;
            k->from = true;
        } else if (!(k->reasons = inspect_reason_mask(word))) {
            return catch_unknown(a, "info events", word), false;
        }
    }
    k->most = n < EVENTS_MOST ? (unsigned)n : EVENTS_MOST;
    return true;
}

/* Reverses the events that keep_if_asked kept, from the place that it wrote
 * last, so that the oldest is first. */
static void order_batch(struct of_kind *k)
{
    unsigned n = k->found < k->most ? (unsigned)k->found : k->most;
    struct ins_event *old = xcalloc(n + 1, sizeof *old);
    for (unsigned i = 0; i < n; i++)
        old[i] = k->e[(k->found - 1 - i) % k->most];
    memcpy(k->e, old, n * sizeof *old);
    free(old);
}

enum command_status info_events(struct answer *a, const char *args)
{
    struct session *s = a->s;
    struct of_kind k = {.reasons = ~0ull, .pid = NO_PID};
    if (!parse_question(a, args, &k))
        return CMD_BAD;
    u64 known = inspect_events_each(s->events, keep_if_asked, &k);
    u64 oldest = inspect_events_count(s->events) - known;
    if (k.from && k.first < oldest)
        return fail(a, CMD_FAILED,
                    "info events: the events before %llu are forgotten: ask "
                    "more often, or write them all with --events",
                    oldest);
    if (k.from)
        order_batch(&k);
    unsigned n = k.found < k.most ? (unsigned)k.found : k.most;
    if (n && !k.from)
        events_head(a);
    else if (!k.found)
        say(a, "no such event is remembered%s\n",
            inspect_has_events(s->m) ? "" : ": the kernel has opened no lens");
    events_list(a, &a->j, NULL, k.e, n);
    events_more(a, k.found - n, k.from);
    return finish_json(a);
}
