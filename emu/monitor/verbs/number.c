/* SPDX-License-Identifier: MIT */
/* Answers about a number: a counter, a level, or a column of an output.
 * `explain` tells its meaning, its value, and where it is raised and shown.
 * `why` tells besides the events that raised it, or that moved it. */
#include "inspect/events.h"
#include "inspect/numbers.h"
#include "inspect/policy.h"
#include "inspect/process.h"
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

/* How an answer tells of its numbers. A column may have several counters, and
 * columns of one name may share them. */
struct telling {
    bool events;  /* `why`: the events behind them, too */
    bool several; /* there may be several: few events of each are listed */
    bool told[C_COUNT]; /* the counters of which the answer has told */
};

/* ---- the meaning ----------------------------------------------------- */

/* Says that the outputs print "-", if the policy in force lacks the notion that
 * a number is about. */
static void word_notion(struct answer *a, struct json *j, u8 needed)
{
    struct ins_policy p;
    if (needed == NOTION_ANY || !inspect_policy(a->s->m, &p) ||
        (p.notions >> needed & 1))
        return;
    json_str(j, "absent", ins_notions[needed].word);
    say(a, "  policy %s has no \"%s\" (%s): the outputs print \"-\"\n", p.name,
        ins_notions[needed].word, ins_notions[needed].sentence);
}

static void word_raised(struct answer *a, struct json *j, unsigned c)
{
    const char *where = inspect_raised(c);
    json_str(j, "raised", where);
    if (*where)
        say(a, "  raised by %s%s\n", where,
            strstr(where, "kernel/policy/")
                ? " (code in kernel/policy runs only while its own policy is "
                  "chosen)"
                : "");
    else
        say(a, "  nothing in this kernel raises it\n");
}

static void shown_in(struct answer *a, struct json *j, const char *name)
{
    char column[64];
    bool any = false;
    json_open(j, "shown", '[');
    for (unsigned i = 0; i < ins_ncolumns; i++) {
        const struct ins_column *c = &ins_columns[i];
        if (!inspect_source_has(c->source, name))
            continue;
        inspect_column_name(c, column, sizeof column);
        json_str(j, NULL, column);
        say(a, "%s%s (%s)", any ? ", " : "  shown in ", column,
            ins_outputs[c->output].system);
        any = true;
    }
    json_close(j, ']');
    if (any)
        say(a, "\n");
}

/* ---- the events behind a number -------------------------------------- */

#define LATEST 20 /* events shown */
#define FEW    5  /* events shown if the answer has several numbers */
#define PIDS   64 /* processes counted apart */

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
static const char *told_with(const struct telling *t, unsigned c)
{
    for (unsigned i = 0; i < C_COUNT; i++)
        if (t->told[i] && i != c &&
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
                          const struct telling *t)
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
    const char *same = a->json ? NULL : told_with(t, c);
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
                !a->json && t->several && b.nlatest > FEW ? FEW : b.nlatest);
}

/* ---- answers --------------------------------------------------------- */

/* In words, a counter that has been told is named once more at most. */
static void counter_answer(struct answer *a, struct json *j, unsigned c,
                           struct telling *t)
{
    const struct ins_counter_word *w = &ins_counters[c];
    char one[20];
    u64 v = 0;
    bool known = inspect_counter(a->s->m, w->name, &v);
    json_add(j, "counter:%s value:%llu unit:%s sentence:%s", w->name, v,
             w->unit, w->sentence);
    if (!a->json && t->told[c]) {
        say(a, "%s: see above\n", w->name);
        return;
    }
    t->told[c] = true;
    if (known)
        say(a, "%s (counter): %llu %s: %s\n", w->name, v,
            unit_for(w->unit, v, one), w->sentence);
    else
        say(a, "%s (counter, %s): %s\n", w->name, w->unit, w->sentence);
    if (t->events && without_events(a))
        return;
    word_raised(a, j, c);
    word_notion(a, j, w->notion);
    if (t->events) {
        events_behind(a, j, c, t);
        return;
    }
    json_str(j, "events", w->events);
    if (*w->events)
        say(a, "  made by events: %s%s\n", w->events,
            strchr(w->events, '~') ? " (~: some of those events)" : "");
    if (!t->several) {
        word_also(a, w->name, w->sentence);
        shown_in(a, j, w->name);
    }
}

/* No event makes a level, but some counters' events may move it. */
static void level_answer(struct answer *a, struct json *j, unsigned g,
                         struct telling *t)
{
    const struct ins_gauge_word *w = &ins_gauges[g];
    const char *p = w->moves;
    json_add(j, "level:%s unit:%s sentence:%s", w->name, w->unit, w->sentence);
    say(a, "%s (measured when asked, %s): %s\n", w->name, w->unit, w->sentence);
    word_notion(a, j, w->notion);
    if (!t->events) {
        word_also(a, w->name, w->sentence);
        shown_in(a, j, w->name);
        return;
    }
    say(a, *p ? "It is moved by:\n" : "No counter tells of its changes.\n");
    json_open(j, "moved_by", '[');
    for (size_t n; (n = inspect_source_next(&p)); p += n) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)n, p);
        json_open(j, NULL, '{');
        counter_answer(a, j, (unsigned)inspect_counter_id(name), t);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void column_answer(struct answer *a, struct json *j,
                          const struct ins_column *c, struct telling *t)
{
    const struct ins_output *o = &ins_outputs[c->output];
    const char *p = c->source;
    char name[64];
    size_t n;
    s64 v;
    bool rate = c->kind == COL_RATE || c->kind == COL_KB_RATE ||
                c->kind == COL_BLK_RATE;
    inspect_column_name(c, name, sizeof name);
    json_add(j,
             "column:%s system:%s command:%s unit:%s sentence:%s isnt:%s "
             "source:%s",
             name, o->system, o->command, inspect_column_unit(c), c->measures,
             c->isnt, c->source);
    say(a, "%s (%s's %s; %s): %s\n", name, o->system, o->command,
        inspect_column_unit(c), c->measures);
    if (*c->isnt)
        say(a, "  but: %s\n", c->isnt);
    if (inspect_source(a->s->m, c->source, &v) == INS_HERE) {
        json_s64(j, rate ? "so_far" : "now", v);
        if (c->kind != COL_PERCENT)
            say(a, "  %s: %lld\n", rate ? "so far" : "now", v);
    }
    say(a, *p ? "  from %s\n" : "  there is no such thing here\n", p);
    json_open(j, "from", '[');
    for (; (n = inspect_source_next(&p)); p += n) {
        snprintf(name, sizeof name, "%.*s", (int)n, p);
        int id = inspect_counter_id(name);
        json_open(j, NULL, '{');
        if (id >= 0)
            counter_answer(a, j, (unsigned)id, t);
        else if (inspect_gauge_id(name) >= 0)
            level_answer(a, j, (unsigned)inspect_gauge_id(name), t);
        json_close(j, '}');
    }
    json_close(j, ']');
}

bool number_answer(struct answer *a, const char *word, bool events)
{
    struct telling t = {.events = events};
    const struct ins_column *c = inspect_column(word, NULL);
    int id = inspect_counter_id(word), level = inspect_gauge_id(word);
    if (!c && id < 0 && level < 0)
        return false;
    char name[64];
    if (c)
        inspect_column_name(c, name, sizeof name);
    else
        snprintf(name, sizeof name, "%s", word);
    json_add(&a->j, "{word:%s kind:%s", name,
             id >= 0      ? "counter"
             : level >= 0 ? "level"
                          : "column");
    t.several = id < 0;
    if (id >= 0)
        counter_answer(a, &a->j, (unsigned)id, &t);
    else if (level >= 0)
        level_answer(a, &a->j, (unsigned)level, &t);
    else
        column_answer(a, &a->j, c, &t);
    json_open(&a->j, "others", '['); /* columns of the same name */
    while (c && (c = inspect_column(word, c))) {
        json_open(&a->j, NULL, '{');
        column_answer(a, &a->j, c, &t);
        json_close(&a->j, '}');
    }
    json_add(&a->j, "]}");
    finish_json(a);
    return true;
}
