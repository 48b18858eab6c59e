/* SPDX-License-Identifier: MIT */
/* The words that Tab offers for a verb's argument. */
#include "monitor/verbs/verbs.h"

void complete_verb(struct words *c)
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

/* first: the verb's first argument is being typed. */
void complete_argument(struct session *s, enum complete kind, bool first,
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
