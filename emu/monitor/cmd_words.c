/* SPDX-License-Identifier: MIT */
/* What a word means and what made a number: explain, why COUNTER|COLUMN, and
 * sysrq, whose report they are asked about. */
#include "boot/tables.h"
#include "monitor/session.h"

#include <stdlib.h>
#include <strings.h>

/* ---- pieces that both print --------------------------------------------- */

/* "-" in the outputs, when the policy in force lacks what it is about. */
static void notion(struct session *s, struct json *j, u8 needed)
{
    struct ins_policy p;
    if (needed == NOTION_ANY || !inspect_policy(s->m, &p) ||
        (p.notions >> needed & 1))
        return;
    json_str(j, "absent", ins_notions[needed].word);
    if (!s->json)
        say(s, "  policy %s has no \"%s\" (%s): the outputs print \"-\"\n",
            p.name, ins_notions[needed].word, ins_notions[needed].sentence);
}

static void raised(struct session *s, struct json *j, unsigned c)
{
    const char *where = inspect_raised(c);
    json_str(j, "raised", where);
    if (s->json)
        return;
    if (*where)
        say(s, "  raised by %s\n", where);
    else
        say(s, "  nothing in this kernel raises it\n");
}

/* Every column that shows a number. */
static void shown_in(struct session *s, struct json *j, const char *name)
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
        if (!s->json)
            say(s, "%s%s (%s)", any ? ", " : "  shown in ", column,
                ins_outputs[c->output].system);
        any = true;
    }
    json_close(j, ']');
    if (any && !s->json)
        say(s, "\n");
}

/* ---- explain ------------------------------------------------------------ */

static void explain_counter(struct session *s, struct json *j, unsigned c)
{
    const struct ins_counter_word *w = &ins_counters[c];
    json_str(j, "word", w->name);
    json_str(j, "kind", "counter");
    json_str(j, "unit", w->unit);
    json_str(j, "sentence", w->sentence);
    json_str(j, "events", w->events);
    if (!s->json)
        say(s, "%s (counter, %s): %s\n", w->name, w->unit, w->sentence);
    raised(s, j, c);
    if (*w->events && !s->json)
        say(s, "  made by events: %s\n", w->events);
    shown_in(s, j, w->name);
    notion(s, j, w->notion);
}

static void explain_level(struct session *s, struct json *j, unsigned g)
{
    const struct ins_gauge_word *w = &ins_gauges[g];
    json_str(j, "word", w->name);
    json_str(j, "kind", "level");
    json_str(j, "unit", w->unit);
    json_str(j, "sentence", w->sentence);
    if (!s->json)
        say(s, "%s (measured when asked, %s): %s\n", w->name, w->unit,
            w->sentence);
    shown_in(s, j, w->name);
    notion(s, j, w->notion);
}

/* Each number that a column is made of, and where it comes from. */
static void column_parts(struct session *s, struct json *j,
                         const struct ins_column *c)
{
    const char *p = c->source;
    size_t n;
    json_open(j, "from", '[');
    for (; (n = inspect_source_next(&p)); p += n) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)n, p);
        int id = inspect_counter_id(name);
        json_open(j, NULL, '{');
        json_str(j, "name", name);
        if (!s->json)
            say(s, "  from %s\n", name);
        if (id >= 0) {
            json_str(j, "sentence", ins_counters[id].sentence);
            raised(s, j, (unsigned)id);
            notion(s, j, ins_counters[id].notion);
        } else if (inspect_gauge_id(name) >= 0) {
            const struct ins_gauge_word *g =
                &ins_gauges[inspect_gauge_id(name)];
            json_str(j, "sentence", g->sentence);
            if (!s->json)
                say(s, "  measured when asked: %s\n", g->sentence);
            notion(s, j, g->notion);
        }
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void explain_column(struct session *s, struct json *j,
                           const struct ins_column *c)
{
    const struct ins_output *o = &ins_outputs[c->output];
    char name[64];
    s64 v;
    inspect_column_name(c, name, sizeof name);
    json_str(j, "word", name);
    json_str(j, "kind", "column");
    json_str(j, "system", o->system);
    json_str(j, "command", o->command);
    json_str(j, "unit", inspect_column_unit(c));
    json_str(j, "sentence", c->measures);
    json_str(j, "isnt", c->isnt);
    json_str(j, "source", c->source);
    if (!s->json) {
        say(s, "%s (%s's %s; %s): %s\n", name, o->system, o->command,
            inspect_column_unit(c), c->measures);
        if (*c->isnt)
            say(s, "  but: %s\n", c->isnt);
    }
    column_parts(s, j, c);
    bool rate = c->kind == COL_RATE || c->kind == COL_KB_RATE ||
                c->kind == COL_BLK_RATE;
    if (inspect_source(s->m, c->source, &v) == INS_HERE) {
        json_s64(j, rate ? "so_far" : "now", v);
        if (!s->json && c->kind != COL_PERCENT)
            say(s, "  %s: %lld\n", rate ? "so far" : "now", (long long)v);
    }
}

/* A policy's name, or a mark of the one in force: its line, into buf. */
static const char *policy_word(struct session *s, const char *word, char *buf,
                               size_t n)
{
    struct ins_policy p;
    u64 v;
    if (inspect_policy(s->m, &p) && inspect_gauge(&p, word, &v)) {
        snprintf(buf, n, "%llu now; a mark or list of policy %s, in frames",
                 (unsigned long long)v, p.name);
        return "mark";
    }
    if (!s->config || !s->config->kernel)
        return NULL;
    struct boot_table t = boot_policies(s->config->kernel);
    const struct lens_policy *rows = t.rows;
    const char *what = NULL;
    for (u64 i = 0; i < t.n && !what; i++)
        if (!strcmp(rows[i].name, word)) {
            snprintf(buf, n, "%s", rows[i].line);
            what = "policy";
        }
    free(t.rows);
    return what;
}

static bool explain_plain(struct session *s, struct json *j, const char *word)
{
    const char *what = NULL, *sentence = inspect_explain(word, &what);
    struct lens_tunable t;
    char line[120];
    if (!sentence && (what = policy_word(s, word, line, sizeof line)))
        sentence = line;
    if (!sentence && inspect_tunable(s->m, word, &t, NULL)) {
        what = "tunable";
        sentence = t.origin;
    }
    if (!sentence)
        return false;
    json_str(j, "word", word);
    json_str(j, "kind", what);
    json_str(j, "sentence", sentence);
    if (!s->json)
        say(s, "%s (%s): %s\n", word, what, sentence);
    return true;
}

enum command_status cmd_explain(struct session *s, const char *args)
{
    struct json j = {0};
    const struct ins_column *c = NULL;
    bool known = true;
    if (!args_more(&args))
        return fail(s, CMD_BAD, "a word is missing");
    json_open(&j, NULL, '{');
    if ((c = inspect_column(args, NULL))) {
        explain_column(s, &j, c);
        json_open(&j, "others", '['); /* of the same name */
        while ((c = inspect_column(args, c))) {
            json_open(&j, NULL, '{');
            explain_column(s, &j, c);
            json_close(&j, '}');
        }
        json_close(&j, ']');
    } else if (inspect_counter_id(args) >= 0) {
        explain_counter(s, &j, (unsigned)inspect_counter_id(args));
    } else {
        int g = inspect_gauge_id(args);
        if (g >= 0)
            explain_level(s, &j, (unsigned)g);
        else
            known = explain_plain(s, &j, args);
    }
    json_close(&j, '}');
    if (known)
        return finish_json(s, &j);
    json_free(&j);
    return fail(s, CMD_BAD,
                "explain: %.40s: nothing known (columns such as vmstat.re, "
                "states, reasons, counters, tunables, PTE bits, TLBs, ...)",
                args);
}

/* ---- why: the events behind a number ------------------------------------ */

#define LATEST 20 /* events shown */
#define PIDS   64 /* processes told apart */

struct behind {
    struct ins_rule rule[INS_RULES];
    unsigned nrules;
    struct ins_event latest[LATEST];
    unsigned nlatest;
    u64 matched;
    struct {
        u32 pid;
        u64 n;
    } by[PIDS];
    unsigned npids;
};

static bool look(void *opaque, const struct ins_event *e)
{
    struct behind *b = opaque;
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

static void by_process(struct session *s, struct json *j, struct behind *b)
{
    json_open(j, "processes", '[');
    if (!s->json && b->npids)
        say(s, "  by process:");
    for (unsigned k = 0; k < b->npids; k++) {
        unsigned most = k;
        struct ins_proc p = {.name = ""};
        for (unsigned i = k; i < b->npids; i++)
            if (b->by[i].n > b->by[most].n)
                most = i;
        __typeof__(b->by[0]) top = b->by[most];
        b->by[most] = b->by[k];
        if (top.pid)
            inspect_proc(s->m, top.pid, &p);
        const char *name = !top.pid ? "kernel" : *p.name ? p.name : "(ended)";
        json_open(j, NULL, '{');
        json_u64(j, "pid", top.pid);
        json_str(j, "name", name);
        json_u64(j, "events", top.n);
        json_close(j, '}');
        if (!s->json)
            say(s, "%s %u %s %llu", k ? "," : "", top.pid, name,
                (unsigned long long)top.n);
    }
    json_close(j, ']');
    if (!s->json && b->npids)
        say(s, "\n");
}

static void events_behind(struct session *s, struct json *j, unsigned c)
{
    static const char none[] =
        "  no event says when: it is counted, and that is all\n";
    struct behind b = {.nlatest = 0};
    b.nrules = inspect_rules(c, b.rule);
    json_str(j, "events", ins_counters[c].events);
    if (!b.nrules) {
        if (!s->json)
            say(s, none);
        return;
    }
    u64 total = inspect_events_total(s->events, b.rule, b.nrules);
    u64 looked = inspect_events_each(s->events, look, &b);
    json_bool(j, "one_to_one", !b.rule[0].part);
    json_u64(j, "total", total);
    json_u64(j, "known", b.matched);
    if (!s->json)
        say(s,
            "  %s events %s: %llu of them so far, %llu among the latest "
            "%llu\n",
            b.rule[0].part ? "raised together with some of" : "made by",
            ins_counters[c].events, (unsigned long long)total,
            (unsigned long long)b.matched, (unsigned long long)looked);
    u64 value = 0;
    if (!b.rule[0].part &&
        inspect_counter(s->m, ins_counters[c].name, &value) && value > total) {
        json_u64(j, "before_events", value - total);
        if (!s->json)
            say(s,
                "  %llu more before there were events to see (the kernel's "
                "start; a machine that was loaded)\n",
                (unsigned long long)(value - total));
    }
    by_process(s, j, &b);
    events_list(s, j, "latest", b.latest, b.nlatest);
}

static void why_one(struct session *s, struct json *j, unsigned c)
{
    const struct ins_counter_word *w = &ins_counters[c];
    u64 v = 0;
    inspect_counter(s->m, w->name, &v);
    json_str(j, "counter", w->name);
    json_u64(j, "value", v);
    json_str(j, "unit", w->unit);
    json_str(j, "sentence", w->sentence);
    if (!s->json)
        say(s, "%s %llu %s: %s\n", w->name, (unsigned long long)v, w->unit,
            w->sentence);
    raised(s, j, c);
    notion(s, j, w->notion);
    events_behind(s, j, c);
}

/* A level is made by no event; those of some counters move it. */
static void why_level(struct session *s, struct json *j, unsigned g)
{
    const struct ins_gauge_word *w = &ins_gauges[g];
    const char *p = w->moves;
    json_str(j, "level", w->name);
    json_str(j, "sentence", w->sentence);
    if (!s->json)
        say(s, "%s, measured when asked: %s\n%s", w->name, w->sentence,
            *p ? "It is moved by:\n" : "No counter tells of its changes.\n");
    json_open(j, "moved_by", '[');
    for (size_t n; (n = inspect_source_next(&p)); p += n) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)n, p);
        json_open(j, NULL, '{');
        why_one(s, j, (unsigned)inspect_counter_id(name));
        json_close(j, '}');
    }
    json_close(j, ']');
}

/* A column: each number that it is made of. */
static void why_column(struct session *s, struct json *j,
                       const struct ins_column *c)
{
    const char *p = c->source;
    char name[64];
    size_t n;
    inspect_column_name(c, name, sizeof name);
    json_str(j, "column", name);
    json_str(j, "system", ins_outputs[c->output].system);
    json_str(j, "source", c->source);
    if (!s->json)
        say(s, "%s (%s's %s): %s\n", name, ins_outputs[c->output].system,
            ins_outputs[c->output].command,
            *c->source ? c->source : "there is no such thing here");
    json_open(j, "counters", '[');
    for (; (n = inspect_source_next(&p)); p += n) {
        snprintf(name, sizeof name, "%.*s", (int)n, p);
        int id = inspect_counter_id(name);
        json_open(j, NULL, '{');
        if (id >= 0)
            why_one(s, j, (unsigned)id);
        else if (inspect_gauge_id(name) >= 0)
            why_level(s, j, (unsigned)inspect_gauge_id(name));
        json_close(j, '}');
    }
    json_close(j, ']');
}

bool why_number(struct session *s, const char *word,
                enum command_status *status)
{
    struct json j = {0};
    const struct ins_column *c = inspect_column(word, NULL);
    int id = inspect_counter_id(word), level = inspect_gauge_id(word);
    if (!c && id < 0 && level < 0)
        return false;
    json_open(&j, NULL, '{');
    if (id >= 0)
        why_one(s, &j, (unsigned)id);
    else if (level >= 0)
        why_level(s, &j, (unsigned)level);
    else
        why_column(s, &j, c);
    json_open(&j, "others", '['); /* columns of the same name */
    while (c && (c = inspect_column(word, c))) {
        json_open(&j, NULL, '{');
        why_column(s, &j, c);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
    *status = finish_json(s, &j);
    return true;
}

/* ---- sysrq -------------------------------------------------------------- */

#define ANSWER_MS 5 /* a key's way through the UART, and the report's */

/* The four lines' letters, as far as the tables tell. */
static void letters(struct session *s)
{
    struct json j = {0};
    s64 v;
    json_open(&j, NULL, '{');
    for (unsigned i = 0; i < ins_ncolumns; i++) {
        const struct ins_column *c = &ins_columns[i];
        if (c->output == OUT_SYSRQ_M && c->kind == COL_LEVEL &&
            inspect_source(s->m, c->source, &v) == INS_HERE)
            json_s64(&j, c->name, v);
    }
    json_close(&j, '}');
    say_json(s, &j);
}

enum command_status cmd_sysrq(struct session *s, const char *args)
{
    char word[8];
    enum command_status status = CMD_OK;
    if (!args_word(s, &args, word, sizeof word, "a key, such as m") ||
        !args_end(s, args))
        return CMD_BAD;
    if (word[1])
        return fail(s, CMD_BAD, "sysrq: %s: one key, such as m", word);
    if (!machine_break(s->m))
        return fail(s, CMD_BAD, "sysrq: the machine is off");
    machine_input(s->m, word, 1);
    if (!s->running && s->context != IN_PANEL) {
        void (*output)(void *, const char *) = s->output;
        bool json = s->json;
        s->goal = (struct goal){.deadline = s->m->hart.cycle +
                                            s->m->clock_hz / 1000 * ANSWER_MS};
        s->output = NULL; /* where it stopped is of no interest */
        s->json = false;
        status = session_go(s);
        s->output = output;
        s->json = json;
        if (s->stopped != STOP_DONE) { /* before the report was out, maybe */
            s->aloud = true;
            session_report(s);
            return status;
        }
    }
    if (s->json)
        letters(s);
    return status;
}
