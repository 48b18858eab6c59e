/* SPDX-License-Identifier: MIT */
/* why tells the events that raised a counter or a column of an output, or that
 * moved a level. why_frame.c answers for frames and for words such as dirty,
 * why_page.c for addresses. */
#include "inspect/events.h"
#include "inspect/frames.h"
#include "inspect/numbers.h"
#include "inspect/process.h"
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

#include <ctype.h>

/* ---- the events behind a number -------------------------------------- */

#define LATEST 20 /* events shown */
#define FEW    5  /* events shown if the answer has several numbers */
#define PIDS   64 /* processes counted apart */

/* The counters that an answer has shown. A column may have several, and columns
 * of one name may share them. */
struct told {
    bool counter[C_COUNT];
};

struct behind {
    struct ins_rule rule[INS_RULES];
    unsigned nrules;
    struct ins_event latest[LATEST];
    unsigned nlatest;
    u64 matched;
    u64 first; /* the number of the first event that the counter may count */
    struct {
        u32 pid;
        u64 n;
    } by[PIDS];
    unsigned npids;
};

static bool tally_event(void *opaque, const struct ins_event *e)
{
    struct behind *b = opaque;
    if (e->number < b->first)
        return false;
    if (!inspect_rules_match(b->rule, b->nrules, e->pfn != LENS_NO_PFN, e->from,
                             e->to, e->reason))
        return true;
    b->matched++;
    if (b->nlatest < LATEST)
        b->latest[b->nlatest++] = *e;
    unsigned i = 0;
    while (i < b->npids && b->by[i].pid != e->pid)
        i++;
    if (i == b->npids && b->npids < PIDS) {
        b->npids++;
        b->by[i].pid = e->pid;
        b->by[i].n = 0;
    }
    if (i < b->npids)
        b->by[i].n++;
    return true;
}

static void list_by_process(struct answer *a, struct json *j, struct behind *b)
{
    u64 others = b->matched;
    json_open(j, "processes", '[');
    say(a, b->npids ? "  these events by process:" : "");
    for (unsigned k = 0; k < b->npids; k++) {
        unsigned most = k;
        struct ins_proc p = {.name = ""};
        for (unsigned i = k; i < b->npids; i++)
            if (b->by[i].n > b->by[most].n)
                most = i;
        __typeof__(b->by[0]) top = b->by[most];
        others -= top.n;
        b->by[most] = b->by[k];
        if (top.pid)
            inspect_proc(a->s->m, top.pid, &p);
        const char *name = !top.pid ? "kernel" : *p.name ? p.name : "(ended)";
        json_add(j, "{pid:%u name:%s events:%llu}", top.pid, name, top.n);
        say(a, "%s %u %s %llu", k ? "," : "", top.pid, name, top.n);
    }
    if (others) {
        json_add(j, "{name:%s events:%llu}", "others", others);
        say(a, ", and others %llu", others);
    }
    json_close(j, ']');
    say(a, b->npids ? "\n" : "");
}

/* Returns another counter of the answer that the same events raise, or NULL. */
static const char *told_with(const struct told *told, unsigned c)
{
    for (unsigned i = 0; told && i < C_COUNT; i++)
        if (told->counter[i] && i != c &&
            !strcmp(ins_counters[i].events, ins_counters[c].events))
            return ins_counters[i].name;
    return NULL;
}

/* Writes the names of events ("reclaim, swap-add") without the ~ that means
 * "some of them", and without the words on exceptions. */
static void event_names(const char *events, char *buf, size_t n)
{
    size_t at = 0;
    for (; *events && *events != ';' && at + 3 < n; events++) {
        if (*events == ' ')
            buf[at++] = ',';
        if (*events != '~')
            buf[at++] = *events;
    }
    buf[at] = 0;
}

static void count_text(struct answer *a, const struct behind *b, unsigned c,
                       u64 total, u64 looked)
{
    char names[200];
    event_names(ins_counters[c].events, names, sizeof names);
    if (b->rule[0].part)
        say(a,
            "  made by some of the events %s, of which there have been %llu in "
            "all",
            names, total);
    else
        say(a, "  made by events %s: %llu so far", names, total);
    if (b->matched < total)
        say(a, "; %llu of them are remembered (among the latest %llu events)",
            b->matched, looked);
    say(a, "\n");
}

/* Says how the counter differs from the number of its events: it rose before
 * the first event or without one, or an event did not raise it. */
static void not_of_events(struct answer *a, struct json *j, unsigned c,
                          bool part, u64 total)
{
    struct session *s = a->s;
    const char *sentence = inspect_eventless(c);
    u64 value = 0, before = inspect_events_before(s->events, c);
    if (!inspect_counter(s->m, ins_counters[c].name, &value))
        return;
    s64 more = (s64)(value - total - before);
    unsigned long long n = (u64)(more < 0 ? -more : more);
    json_u64(j, "before_events", before);
    if (!part || more > 0)
        json_s64(j, "more", more);
    json_str(j, "besides", sentence);
    if (before)
        say(a,
            "  %llu more before there were events to see (the kernel's "
            "start)\n",
            before);
    if (*sentence && part && more <= 0)
        say(a, "  and besides: %s\n", sentence);
    else if (*sentence && more)
        say(a, "  %s%llu %s: %s\n", part ? "at least " : "", n,
            more < 0 ? "of these events are not in it" : "more without event",
            sentence);
    else if (more && !part)
        say(a, "  (the machine %s between an event and its count: %llu %s)\n",
            s->m->off ? "went off" : "stands", n,
            more < 0 ? "not counted yet" : "counted before its event");
}

static void events_behind(struct answer *a, struct json *j, unsigned c,
                          const struct told *told)
{
    struct session *s = a->s;
    static const char none[] =
        "  no event is reported for it: only the counter records it\n";
    struct behind b = {.first = inspect_events_first(s->events)};
    b.nrules = inspect_rules(c, b.rule);
    char rules[300];
    snprintf(rules, sizeof rules, "%.*s",
             (int)strcspn(ins_counters[c].events, ";"), ins_counters[c].events);
    json_str(j, "events", rules);
    if (!b.nrules) {
        say(a, none);
        return;
    }
    const char *same = a->json ? NULL : told_with(told, c);
    if (same) {
        say(a, "  its events are among those of %s, above\n", same);
        return;
    }
    u64 total = inspect_events_total(s->events, b.rule, b.nrules);
    u64 looked = inspect_events_each(s->events, tally_event, &b);
    json_add(j, "one_to_one:%hhd total:%llu known:%llu", !b.rule[0].part, total,
             b.matched);
    count_text(a, &b, c, total, looked);
    not_of_events(a, j, c, b.rule[0].part, total);
    list_by_process(a, j, &b);
    events_list(a, j, "latest", b.latest,
                !a->json && told && b.nlatest > FEW ? FEW : b.nlatest);
}

/* Answers for one counter. told: NULL if it is the answer's only number. */
static void why_one(struct answer *a, struct json *j, unsigned c,
                    struct told *told)
{
    const struct ins_counter_word *w = &ins_counters[c];
    char one[20];
    u64 v = 0;
    inspect_counter(a->s->m, w->name, &v);
    json_add(j, "counter:%s value:%llu unit:%s sentence:%s", w->name, v,
             w->unit, w->sentence);
    if (!a->json && told && told->counter[c]) {
        say(a, "%s: see above\n", w->name);
        return;
    }
    say(a, "%s %llu %s: %s\n", w->name, v, unit_for(w->unit, v, one),
        w->sentence);
    if (without_events(a))
        return;
    word_raised(a, j, c);
    word_notion(a, j, w->notion);
    events_behind(a, j, c, told);
    if (told)
        told->counter[c] = true;
}

/* Answers for a level. No event makes it, but some counters' events may. */
static void why_level(struct answer *a, struct json *j, unsigned g,
                      struct told *told)
{
    const struct ins_gauge_word *w = &ins_gauges[g];
    const char *p = w->moves;
    json_add(j, "level:%s sentence:%s", w->name, w->sentence);
    say(a, "%s, measured when asked: %s\n%s", w->name, w->sentence,
        *p ? "It is moved by:\n" : "No counter tells of its changes.\n");
    json_open(j, "moved_by", '[');
    for (size_t n; (n = inspect_source_next(&p)); p += n) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)n, p);
        json_open(j, NULL, '{');
        why_one(a, j, (unsigned)inspect_counter_id(name), told);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void why_column(struct answer *a, struct json *j,
                       const struct ins_column *c, struct told *told)
{
    const char *p = c->source;
    char name[64];
    size_t n;
    inspect_column_name(c, name, sizeof name);
    json_add(j, "column:%s system:%s source:%s", name,
             ins_outputs[c->output].system, c->source);
    say(a, "%s (%s's %s): %s\n", name, ins_outputs[c->output].system,
        ins_outputs[c->output].command,
        *c->source ? c->source : "there is no such thing here");
    json_open(j, "counters", '[');
    for (; (n = inspect_source_next(&p)); p += n) {
        snprintf(name, sizeof name, "%.*s", (int)n, p);
        int id = inspect_counter_id(name);
        json_open(j, NULL, '{');
        if (id >= 0)
            why_one(a, j, (unsigned)id, told);
        else if (inspect_gauge_id(name) >= 0)
            why_level(a, j, (unsigned)inspect_gauge_id(name), told);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static bool why_number(struct answer *a, const char *word,
                       enum command_status *status)
{
    struct told told = {0};
    const struct ins_column *c = inspect_column(word, NULL);
    int id = inspect_counter_id(word), level = inspect_gauge_id(word);
    if (!c && id < 0 && level < 0)
        return false;
    json_open(&a->j, NULL, '{');
    if (id >= 0)
        why_one(a, &a->j, (unsigned)id, NULL);
    else if (level >= 0)
        why_level(a, &a->j, (unsigned)level, &told);
    else
        why_column(a, &a->j, c, &told);
    json_open(&a->j, "others", '['); /* columns of the same name */
    while (c && (c = inspect_column(word, c))) {
        json_open(&a->j, NULL, '{');
        why_column(a, &a->j, c, &told);
        json_close(&a->j, '}');
    }
    json_add(&a->j, "]}");
    *status = finish_json(a);
    return true;
}

/* ---- why ------------------------------------------------------------- */

/* Answers for a number such as vm.free or walker.cycles: tells its meaning and
 * the events that move it, if any. The value is not read as a frame number. */
static bool why_value(struct answer *a, const char *word,
                      enum command_status *status)
{
    struct session *s = a->s;
    struct ins_condition c;
    u64 v;
    if (!inspect_counter(s->m, word, &v)) /* then names.def, e.g. cycle */
        if (!s->env.named_number(s->env.opaque, word, &v))
            return false;
    const char *last = strncmp(word, "vm.", 3) ? NULL : word + 3;
    if (last && inspect_condition(last, &c)) {
        *status = why_condition(a, &c);
        return true;
    }
    if (last && inspect_gauge_id(last) >= 0)
        return why_number(a, last, status);
    say(a, "%s is %llu: no event says what made it\n", word, v);
    *status = explain_knows(s, word) ? cmd_explain(a, word) : CMD_OK;
    return true;
}

/* True: the text is a word and no expression such as event.pfn, 0x2a0, $a0,
 * u32[...]. */
static bool is_plain_word(const char *p, size_t n)
{
    static const char *const frames[] = {"event.", "page.", "let.", "mark.",
                                         "walk."};
    for (unsigned i = 0; i < ARRAY_LEN(frames); i++)
        if (!strncmp(p, frames[i], strlen(frames[i])))
            return false;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((u8)p[i]) && !strchr("._-~%/", p[i]))
            return false;
    return n && !isdigit((u8)*p) && *p != '-';
}

static enum command_status why_nothing(struct answer *a)
{
    say(a, "why PFN         the events of a frame, newest first\n"
           "why VA [PID]    the events of a page, whichever frames it was in\n"
           "why dirty PFN   the event that made it dirty (or free, anon, "
           "locked, ...)\n"
           "why dirty       what makes frames dirty, how often; the latest\n"
           "why evict       the latest events of a kind (catch lists kinds)\n"
           "why pgfault     the events that made a counter, by process\n"
           "why vmstat.sr   the events that made a column of an output\n");
    return a->json ? fail(a, CMD_BAD,
                          "why: a frame number, or a word, is "
                          "missing")
                   : CMD_OK;
}

static enum command_status why_unknown(struct answer *a, const char *word)
{
    struct word_nearest near = {.typed = word};
    char text[80];
    const char *type = everyday(word, "");
    u64 pid;
    if (process_named(a->s, word, strlen(word), &pid))
        return fail(a, CMD_BAD,
                    "why: %.40s is a process: info frames pid %llu, pmap %llu",
                    word, pid, pid);
    if (type)
        snprintf(text, sizeof text, "; did you mean %s?", type);
    else
        explain_words(a->s, nearest_offer, &near);
    return fail(a, CMD_BAD,
                "why: %.40s: neither a frame's number nor a word "
                "known here%s",
                word, type ? text : word_hint(&near, text, sizeof text));
}

/* Answers why VA [PID]. False: VA is a frame's number or lies in RAM; or no
 * process is given, and no event is known. */
static bool why_address(struct answer *a, const char *args,
                        enum command_status *status)
{
    struct session *s = a->s;
    u64 va, pid = event_process(s, args);
    bool of_event = args_event_va(args);
    *status = CMD_BAD;
    if (!args_value(a, &args, &va, "a frame number"))
        return true;
    if (of_event && !va)
        return *status = event_no_address(a, "why"), true;
    if (va < s->m->ram_bytes >> PAGE_SHIFT || va == LENS_NO_PFN ||
        va - RAM_BASE < s->m->ram_bytes)
        return false;
    if (args_more(&args) && !args_pid(a, &args, &pid))
        return true;
    if (pid > 0xffffffff)
        return fail(a, CMD_BAD, "why: no process has the number %llu", pid),
               true;
    return !args_end(a, args) || why_page(a, va, (u32)pid, status);
}

static enum command_status why_word(struct answer *a, const char *word,
                                    const char *rest)
{
    struct ins_condition c;
    enum command_status status = CMD_OK;
    u64 pfn, reasons;
    bool more = args_more(&rest);
    if (!strncmp(word, "state.", 6))
        word += 6;
    bool condition = inspect_condition(word, &c);
    reasons = condition ? 0 : inspect_reason_mask(word);
    if (more && (condition || reasons)) {
        if (why_address(a, rest, &status)) /* all events of the page */
            return status;
        if (!args_frame(a, &rest, "why", &pfn) || !args_end(a, rest))
            return CMD_BAD;
        return why_frame_is(a, pfn, condition ? &c : NULL, reasons, word);
    }
    if (more)
        return fail(a, CMD_BAD,
                    "why: %.40s: no state or mark of a frame, and "
                    "no event (info frames and catch list them)",
                    word);
    if (condition)
        return why_condition(a, &c);
    if (reasons)
        return why_events(a, word, reasons);
    if (why_value(a, word, &status))
        return status;
    if (!explain_knows(a->s, word))
        return why_unknown(a, word);
    return cmd_explain(a, word);
}

enum command_status cmd_why(struct answer *a, const char *args)
{
    char line[120];
    args_frame_words(&args);
    char word[64];
    u64 pfn;
    if (!args_more(&args))
        return why_nothing(a);
    enum command_status status;
    if (why_number(a, args, &status)) /* names of columns may have blanks */
        return status;
    size_t n = strcspn(args, " \t");
    if (n < sizeof word && is_plain_word(args, n)) {
        snprintf(word, sizeof word, "%.*s", (int)n, args);
        return why_word(a, *word == '~' ? word + 1 : word, args + n);
    }
    if (why_address(a, args, &status))
        return status;
    if (!args_frame(a, &args, "why", &pfn))
        return CMD_BAD;
    if (args_more(&args) && is_plain_word(args, strlen(args)) &&
        strlen(args) < sizeof word) { /* why 25 dirty */
        snprintf(word, sizeof word, "%s", args);
        snprintf(line, sizeof line, " %llu", pfn);
        return why_word(a, word, line);
    }
    return args_end(a, args) ? why_frame(a, pfn) : CMD_BAD;
}
