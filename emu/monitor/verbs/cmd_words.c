/* SPDX-License-Identifier: MIT */
/* explain tells the meaning of a word; sysrq shows the kernel's own report. */
#include "inspect/frames.h"
#include "inspect/numbers.h"
#include "inspect/policy.h"
#include "inspect/symbols.h"
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

#include <ctype.h>

/* ---- explain --------------------------------------------------------- */

void word_also(struct answer *a, const char *word, const char *told)
{
    struct ins_meaning m[INS_MEANINGS];
    unsigned n = inspect_meanings(word, m);
    for (unsigned i = 0; i < n; i++)
        if (!strstr(told, m[i].sentence))
            say(a, "  as %s %s: %s\n", *m[i].what == 'e' ? "an" : "a",
                strcmp(m[i].what, "term") ? m[i].what : "word", m[i].sentence);
}

/* Writes a line about a policy, or a mark or list of the policy in force.
 * Returns the kind of the word; NULL: it is none of these. */
static const char *policy_word(struct session *s, const char *word, char *buf,
                               size_t n)
{
    struct ins_policy p;
    u64 v;
    if (inspect_policy(s->m, &p) && inspect_gauge(&p, word, &v)) {
        const char *sentence = inspect_gauge_sentence(p.name, word);
        snprintf(buf, n, "%llu now; a mark or list of policy %s, in %s%s%s", v,
                 p.name, inspect_gauge_unit(word), sentence ? ": " : "",
                 sentence ? sentence : "");
        return "mark";
    }
    return inspect_policy_line(s->m, word, buf, n) ? "policy" : NULL;
}

/* Writes the value of a number of the machine's (walker.cycles, disks.0.reads)
 * and what its name's parts mean. Returns the word's kind; NULL: no such
 * number. */
static const char *number_word(struct session *s, const char *word, char *buf,
                               size_t n)
{
    u64 v;
    const char *dot = strrchr(word, '.'), *last = dot ? dot + 1 : word, *what;
    char first[40];
    if (!dot || !inspect_counter(s->m, word, &v))
        return NULL;
    snprintf(first, sizeof first, "%.*s", (int)strcspn(word, "."), word);
    bool frames = !strcmp(first, "vm");
    const char *part = inspect_explain(last, &what);
    const char *whole = frames ? NULL : inspect_explain(first, &what);
    size_t at = append(buf, n, 0, "%llu now", v);
    if (part)
        at = append(buf, n, at, "; %s: %s", last, part);
    if (whole)
        append(buf, n, at, "; %s: %s", first, whole);
    return frames ? "level" : "number of --stats";
}

static const char *verb_word(const char *word, char *buf, size_t n)
{
    for (unsigned i = 0; i < ncommands; i++)
        if (word_same(commands[i].verb, word)) {
            snprintf(buf, n, "%s %s: %s", commands[i].verb, commands[i].args,
                     commands[i].help);
            return "verb";
        }
    for (unsigned i = 0; infos[i].word; i++)
        if (word_same(infos[i].word, word)) {
            snprintf(buf, n, "info %s: %s", infos[i].word, infos[i].help);
            return "question";
        }
    return NULL;
}

static const char *kind_word(const char *word, char *buf, size_t n)
{
    size_t at = 0;
    for (unsigned i = 1; i < R_COUNT && at < n; i++)
        if (word_same(ins_reasons[i].kind, word))
            at = append(buf, n, at, "%s%s",
                        at ? ", " : "events: ", ins_reasons[i].word);
    return at ? "kind of events" : NULL;
}

/* Returns the word's sentence, in buf or constant; NULL: it is not known. */
static const char *word_sentence(struct session *s, const char *word,
                                 const char **what, char *buf, size_t n)
{
    struct lens_tunable t;
    struct ins_policy p;
    u64 v;
    /* A number of the policy in force comes before words of the same name. */
    if (inspect_policy(s->m, &p) && inspect_gauge(&p, word, &v) &&
        (*what = policy_word(s, word, buf, n)))
        return buf;
    const char *sentence = inspect_explain(word, what);
    if (sentence)
        return sentence;
    if ((*what = policy_word(s, word, buf, n)) ||
        (*what = kind_word(word, buf, n)) ||
        (*what = number_word(s, word, buf, n)) ||
        (*what = verb_word(word, buf, n)))
        return buf;
    for (unsigned i = 0; i < nnumber_names; i++)
        if (word_same(number_names[i].name, word)) {
            *what = "number";
            return number_names[i].sentence;
        }
    if (!inspect_tunable(s->m, word, &t, NULL))
        return NULL;
    *what = "tunable";
    snprintf(buf, n, "%s (%lld now)", t.origin, (s64)t.value);
    return buf;
}

/* Says what else the word is: in a table of words, a policy, a kind of events,
 * a verb, a word of info. what, sentence: the meaning that the answer has told
 */
static void other_meanings(struct answer *a, const char *word, const char *what,
                           const char *sentence)
{
    char line[500];
    word_also(a, word, sentence);
    const char *of_policy = policy_word(a->s, word, line, sizeof line);
    if (of_policy && strcmp(what, of_policy))
        say(a, "  as a %s: %s\n", of_policy, line);
    if (strcmp(what, "kind of events") && kind_word(word, line, sizeof line))
        say(a, "  as a kind of %s\n", line);
    if (strcmp(what, "verb") && strcmp(what, "question") &&
        verb_word(word, line, sizeof line))
        say(a, "  the monitor's %s\n", line);
}

/* For `walk` or `walker`, says what all page walks so far cost. */
static void walk_cost(struct answer *a, const char *word)
{
    struct session *s = a->s;
    u64 walks = 0, cycles = 0;
    bool asked = word_same(word, "walk") || word_same(word, "walker");
    if (!asked || !inspect_counter(s->m, "walker.walks", &walks) ||
        !inspect_counter(s->m, "walker.cycles", &cycles))
        return;
    say(a, "  so far %llu walks took %llu cycles: ", walks, cycles);
    if (walks && cycles)
        say(a,
            "%.1f each (print walker.cycles/walker.walks); step-walk shows "
            "what each level costs\n",
            (double)cycles / (double)walks);
    else
        say(a, "%s\n",
            s->m->config->timing == TIMING_FAST ? "--timing fast models no cost"
                                                : "none yet");
}

static bool explain_plain(struct answer *a, struct json *j, const char *word)
{
    char line[500];
    const char *what,
        *sentence = word_sentence(a->s, word, &what, line, sizeof line);
    struct ins_condition c;
    if (!sentence && inspect_unmodified_condition(a->s->m, word, &c)) {
        what = "frames of this kernel";
        sentence = c.sentence;
    }
    if (!sentence)
        return false;
    json_add(j, "word:%s kind:%s sentence:%s", word, what, sentence);
    say(a, "%s (%s): %s\n", word, what, sentence);
    other_meanings(a, word, what, sentence);
    walk_cost(a, word);
    if (inspect_condition(word, &c))
        say(a, "  which: info frames %s; how it comes about: why %s\n", c.word,
            c.word);
    return true;
}

/* ---- all words ------------------------------------------------------- */

struct offer { /* takes words: to list them, or to find the nearest */
    void (*fn)(void *, const char *);
    void *opaque;
};

static bool offer_policy(void *opaque, const char *name,
                         UNUSED const char *line)
{
    struct offer *o = opaque;
    o->fn(o->opaque, name);
    return true;
}

static void offer_policies(struct session *s, struct offer o)
{
    struct ins_policy p;
    if (inspect_policy(s->m, &p))
        for (unsigned i = 0; i < p.ngauges; i++)
            o.fn(o.opaque, p.gauge[i].name);
    inspect_policies(s->m, offer_policy, &o);
}

void explain_words(struct session *s, void (*fn)(void *, const char *),
                   void *opaque)
{
    struct lens_tunable t;
    char name[64];
    inspect_frame_words(fn, opaque);
    catch_words(fn, opaque);
    for (unsigned i = 0; i < ACTOR_COUNT; i++)
        fn(opaque, ins_actors[i]);
    for (unsigned i = 0; i < C_COUNT; i++)
        fn(opaque, ins_counters[i].name);
    for (unsigned i = 0; i < G_COUNT; i++)
        fn(opaque, ins_gauges[i].name);
    for (unsigned i = 0; i < NOTION_COUNT; i++)
        fn(opaque, ins_notions[i].word);
    for (unsigned i = 0; i < ins_ncolumns; i++) {
        inspect_column_name(&ins_columns[i], name, sizeof name);
        fn(opaque, name);
    }
    for (unsigned i = 0; i < ins_nterms; i++)
        fn(opaque, ins_terms[i].word);
    for (unsigned i = 0; i < ncommands; i++)
        fn(opaque, commands[i].verb);
    for (unsigned i = 0; infos[i].word; i++)
        fn(opaque, infos[i].word);
    for (unsigned i = 0; i < nnumber_names; i++)
        fn(opaque, number_names[i].name);
    for (u64 i = 0; inspect_tunable_nth(s->m, i, &t); i++)
        fn(opaque, t.name);
    offer_policies(s, (struct offer){fn, opaque});
}

static void add_word_json(void *j, const char *word)
{
    json_str(j, NULL, word);
}

static enum command_status list_words(struct answer *a)
{
    json_open(&a->j, NULL, '[');
    explain_words(a->s, add_word_json, &a->j);
    json_close(&a->j, ']');
    say(a,
        "explain WORD: a frame's state or mark (info frames), an event's "
        "reason (catch),\na counter (info vm all), a tunable (info "
        "tunables), a column (vmstat.re), a policy,\na verb (help), a number "
        "(help names); and");
    for (unsigned i = 0; i < ins_nterms; i++)
        say(a, "%s%s", i % 10 ? ", " : i ? ",\n  " : "\n  ", ins_terms[i].word);
    say(a, "\n");
    return finish_json(a);
}

bool explain_knows(struct session *s, const char *word)
{
    char line[400];
    const char *what;
    return inspect_column(word, NULL) ||
           word_sentence(s, word, &what, line, sizeof line);
}

/* Finds a phrase's last known word, because English puts the noun that is meant
 * last ("page walk" is a walk). */
static bool last_known_word(struct session *s, const char *phrase,
                            char word[64])
{
    bool found = false;
    for (const char *p = phrase; strchr(phrase, ' ') && args_more(&p);) {
        char one[64];
        size_t n = strcspn(p, " ");
        snprintf(one, sizeof one, "%.*s", (int)n, p);
        if (n < sizeof one && explain_knows(s, one)) {
            memcpy(word, one, sizeof one);
            found = true;
        }
        p += n;
    }
    return found;
}

/* Finds a dotted name that ends in the word: vm.swappiness. */
static bool last_part(struct session *s, const char *word, char name[80])
{
    struct word_nearest near = {.typed = word};
    explain_words(s, nearest_offer, &near);
    const char *dot = strrchr(near.best, '.');
    if (!dot || !word_same(dot + 1, word))
        return false;
    snprintf(name, 80, "%s", near.best);
    return true;
}

/* Writes the singular of a plural (hands, working sets), if it is known. */
static bool singular(struct session *s, const char *word, char one[80])
{
    size_t n = strlen(word);
    if (n < 3 || n > 79 || tolower((u8)word[n - 1]) != 's')
        return false;
    snprintf(one, 80, "%.*s", (int)n - 1, word);
    return explain_knows(s, one);
}

static enum command_status not_known(struct answer *a, const char *word)
{
    struct session *s = a->s;
    struct word_nearest near = {.typed = word};
    char text[80];
    u64 at;
    u64 pid;
    if (process_named(s, word, strlen(word), &pid))
        return fail(a, CMD_BAD,
                    "explain: %.40s: a process: info ps %llu, pmap %llu", word,
                    pid, pid);
    if (singular(s, word, text) || last_part(s, word, text))
        return cmd_explain(a, text);
    const char *type = everyday(word, "");
    if (type)
        return fail(a, CMD_BAD,
                    "explain: %.40s: nothing known; did you mean "
                    "%s?",
                    word, type);
    if (!last_known_word(s, word, near.best))
        explain_words(s, nearest_offer, &near);
    if (!*near.best && inspect_symbol(s->m, word, &at))
        return fail(a, CMD_BAD,
                    "explain: %.40s: a name in the kernel's own code, at "
                    "0x%llx; there is no sentence about it",
                    word, at);
    return fail(a, CMD_BAD, "explain: %.40s: nothing known%s", word,
                *near.best ? word_hint(&near, text, sizeof text)
                           : " (columns such as vmstat.re, states, reasons, "
                             "counters, tunables, PTE bits, TLBs, ...)");
}

/* Cuts off the ~ that a word has in a counter's list of events (~reclaim). */
static const char *without_mark(struct answer *a, const char *word)
{
    if (word[0] != '~' || !word[1])
        return word;
    say(a, "~ marks events of which only some raise the counter\n");
    return word + 1;
}

/* Copies the words of an argument ("page  fault") with one blank between, and
 * without quotation marks. */
static void squeeze(const char *args, char *buf, size_t n)
{
    size_t at = 0;
    for (; *args && at + 1 < n; args++)
        if (*args == '"')
            continue;
        else if (!isspace((u8)*args))
            buf[at++] = *args;
        else if (at && buf[at - 1] != ' ')
            buf[at++] = ' ';
    buf[at] = 0;
}

enum command_status cmd_explain(struct answer *a, const char *args)
{
    char line[80];
    if (!args_more(&args))
        return list_words(a);
    if (inspect_column(args, NULL)) /* columns' names may have two blanks */
        snprintf(line, sizeof line, "%s", args);
    else
        squeeze(args, line, sizeof line);
    const char *word = without_mark(a, line);
    if (number_answer(a, word, false))
        return CMD_OK;
    json_open(&a->j, NULL, '{');
    bool known = explain_plain(a, &a->j, word);
    json_close(&a->j, '}');
    if (known)
        return finish_json(a);
    json_free(&a->j);
    return not_known(a, word);
}

/* ---- sysrq ----------------------------------------------------------- */

#define ANSWER_MS 5 /* for the key and the report to pass the UART */

static void sysrq_json(struct answer *a)
{
    s64 v;
    json_open(&a->j, NULL, '{');
    for (unsigned i = 0; i < ins_ncolumns; i++) {
        const struct ins_column *c = &ins_columns[i];
        if (c->output == OUT_SYSRQ_M && c->kind == COL_LEVEL &&
            inspect_source(a->s->m, c->source, &v) == INS_HERE)
            json_s64(&a->j, c->name, v);
    }
    json_close(&a->j, '}');
    finish_json(a);
}

/* Runs to the goal. Reports only a stop before the goal, because the kernel's
 * report may not be complete then. */
static enum command_status go_silently(struct answer *a)
{
    session_print_fn *print = a->to->print;
    bool json = a->json;
    a->to->print = NULL;
    a->json = false;
    enum command_status status = session_go(a);
    a->to->print = print;
    a->json = json;
    if (a->s->run.stopped != STOP_DONE) {
        a->aloud = true;
        session_report(a);
    }
    return status;
}

enum command_status cmd_sysrq(struct answer *a, const char *args)
{
    struct session *s = a->s;
    char word[8];
    enum command_status status = CMD_OK;
    if (!args_word(a, &args, word, sizeof word, "a key, such as m") ||
        !args_end(a, args))
        return CMD_BAD;
    if (word[1])
        return fail(a, CMD_BAD, "sysrq: %s: one key, such as m", word);
    if (past_refuses(a, "sysrq"))
        return CMD_BAD;
    if (!machine_break(s->m))
        return fail(a, CMD_BAD, "sysrq: the machine is off");
    machine_input(s->m, word, 1);
    if (!s->run.going && a->to->who != IN_PANEL) {
        u64 end = machine_now(s->m) + cycles_per_ms(s->m->clock_hz) * ANSWER_MS;
        session_aim(a, (struct goal){.deadline = end});
        /* At the prompt session_go only starts the machine; the stop is
         * reported later. */
        status = a->to->who == IN_SCRIPT ? go_silently(a) : session_go(a);
    }
    if (a->json)
        sysrq_json(a);
    return status;
}
