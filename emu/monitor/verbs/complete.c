/* SPDX-License-Identifier: MIT */
/* Finds the words that Tab offers: verbs, and words for a verb's argument. */
#include "inspect/frames.h"
#include "inspect/numbers.h"
#include "inspect/policy.h"
#include "inspect/process.h"
#include "inspect/symbols.h"
#include "monitor/verbs/verbs.h"

#include <ctype.h>
#include <stdlib.h>

static void words_offer(struct words *c, const char *word)
{
    if (strncmp(word, c->text, c->length))
        return;
    c->list = xrealloc(c->list, (c->n + 2) * sizeof *c->list);
    c->list[c->n++] = xstrdup(word);
    c->list[c->n] = NULL;
}

static void complete_verb(struct words *c)
{
    for (unsigned i = 0; i < ncommands; i++)
        words_offer(c, commands[i].verb);
}

static void processes(struct session *s, struct words *c)
{
    struct ins_proc p[256];
    unsigned n = inspect_procs(s->m, p, ARRAY_LEN(p));
    for (unsigned i = 0; i < n; i++) {
        char pid[16];
        snprintf(pid, sizeof pid, "%u", p[i].pid);
        words_offer(c, pid);
        words_offer(c, p[i].name); /* pmap takes either */
    }
}

static void offer_counter(void *c, const char *name, UNUSED u64 value)
{
    words_offer(c, name);
}

static void symbols(struct session *s, struct words *c)
{
    const char *name;
    for (size_t i = 0; (name = inspect_symbol_name(s->m, i)); i++)
        words_offer(c, name);
}

static void tunables(struct session *s, struct words *c)
{
    struct lens_tunable t;
    for (u64 i = 0; inspect_tunable_nth(s->m, i, &t); i++)
        words_offer(c, t.name);
}

static void offered(void *c, const char *word)
{
    if (!strchr(word, ' ')) /* Tab completes one word */
        words_offer(c, word);
}

/* Offers words for an argument; `first`: for the verb's first argument. */
static void complete_argument(struct session *s, enum complete kind, bool first,
                              struct words *c)
{
    switch (kind) {
    case SYMBOLS:
        symbols(s, c);
        inspect_counter_names(s->m, offer_counter, c);
        tunables(s, c);
        break;
    case PROCS:
        processes(s, c);
        break;
    case PLACE:
        if (first)
            symbols(s, c);
        else
            processes(s, c);
        break;
    case VERBS:
        complete_verb(c);
        break;
    case INFO:
        for (unsigned i = 0; infos[i].word; i++)
            words_offer(c, infos[i].word);
        break;
    case EVENTS:
        catch_words(offered, c);
        break;
    case WORDS:
        explain_words(s, offered, c);
        break;
    case COUNTERS:
        inspect_counter_names(s->m, offer_counter, c);
        inspect_frame_words(offered, c);
        break;
    case TUNABLES:
        if (first)
            tunables(s, c);
        break;
    case FILES:
    case NOTHING:
        break;
    }
}

/* Returns the verb that the line begins with, `json` skipped; NULL: none known.
 * *first: between the verb and `start` there are only blanks. */
static const struct command *verb_before(const char *line, size_t start,
                                         bool *first)
{
    const char *p = line, *end = line + start;
    const struct command *found = NULL;
    for (;;) {
        char err[120];
        size_t n = 0;
        while (p < end && isspace((u8)*p))
            p++;
        while (p + n < end && !isspace((u8)p[n]) && p[n] != '/')
            n++;
        if (!n || p + n == end)
            return found;
        found = command_find(p, n, err, sizeof err);
        *first = strspn(p + n, " \t") == (size_t)(end - p) - n;
        if (!found || strcmp(found->verb, "json"))
            return found;
        found = NULL;
        p += n;
    }
}

char *complete_breaks(const char *line, size_t point)
{
    static char files[] = " \t\n\"",
                expressions[] = " \t\n\"+*/%()[]&|^!<>=?:,";
    bool first;
    const struct command *verb = verb_before(line, point, &first);
    return verb && verb->complete == FILES ? files : expressions;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool complete_line(struct session *s, const char *line, size_t start,
                   struct words *c)
{
    bool first = true;
    const struct command *verb = verb_before(line, start, &first);
    size_t kept = 0;
    if (verb && verb->complete == FILES)
        return false;
    if (verb)
        complete_argument(s, verb->complete, first, c);
    else
        complete_verb(c);
    if (c->n)
        qsort(c->list, c->n, sizeof *c->list, by_name);
    for (size_t i = 0; i < c->n; i++) {
        if (kept && !strcmp(c->list[kept - 1], c->list[i]))
            free(c->list[i]);
        else
            c->list[kept++] = c->list[i];
    }
    c->n = kept;
    return true;
}
