/* SPDX-License-Identifier: MIT */
/* Holds the tables of the historical programs' columns (guest/abi/outputs.def),
 * gauges, notions and counters' functions; parses the counters' events. */
#include "inspect/numbers.h"
#include "inspect/words.h"

#include <stdio.h>
#include <strings.h>

const struct ins_output ins_outputs[OUT_COUNT] = {
#define OUTPUT(id, system, command, sentence) {system, command, sentence},
#define COLUMN(output, name, width, decimals, kind, source, measures, isnt)
#include "outputs.def"
};

const struct ins_column ins_columns[] = {
#define OUTPUT(id, system, command, sentence)
#define COLUMN(output, name, width, decimals, kind, source, measures, isnt)    \
    {OUT_##output, name, COL_##kind, source, measures, isnt},
#include "outputs.def"
};
const unsigned ins_ncolumns = ARRAY_LEN(ins_columns);

const struct ins_gauge_word ins_gauges[G_COUNT] = {
#define GAUGE(id, name, unit, notion, value, moves, sentence)                  \
    {name, unit, sentence, moves, NOTION_##notion},
#include "gauges.def"
};

const struct ins_term ins_notions[NOTION_COUNT] = {
#define NOTION(id, word, sentence) {word, sentence},
#include "notions.def"
};

static const char *const raised[C_COUNT] = {
#define RAISED(id, where) [C_##id] = where,
#include "raised.def"
#undef RAISED
};

const char *inspect_raised(unsigned counter)
{
    return counter < C_COUNT && raised[counter] ? raised[counter] : "";
}

int inspect_counter_id(const char *name)
{
    for (unsigned i = 0; i < C_COUNT; i++)
        if (!strcmp(ins_counters[i].name, name))
            return (int)i;
    return -1;
}

int inspect_gauge_id(const char *name)
{
    for (unsigned i = 0; i < G_COUNT; i++)
        if (!strcmp(ins_gauges[i].name, name))
            return (int)i;
    return -1;
}

const char *inspect_column_unit(const struct ins_column *c)
{
    static const char *const units[] = {
#define KIND(id, unit) unit,
#define OUTPUT(id, system, command, sentence)
#define COLUMN(output, name, width, decimals, kind, source, measures, isnt)
#include "outputs.def"
    };
    return units[c->kind];
}

/* ---- columns by name ---- */

void inspect_column_name(const struct ins_column *c, char *buf, size_t n)
{
    const char *command = ins_outputs[c->output].command;
    snprintf(buf, n, "%.*s.%s", (int)strcspn(command, " "), command, c->name);
}

/* True if word names the column: "vmstat.re" or "solaris.vmstat.re". */
static bool called(const struct ins_column *c, const char *word)
{
    char name[64];
    const char *system = ins_outputs[c->output].system;
    size_t n = strlen(system);
    if (!strncasecmp(word, system, n) && word[n] == '.')
        word += n + 1;
    inspect_column_name(c, name, sizeof name);
    return !strcasecmp(word, name);
}

const struct ins_column *inspect_column(const char *word,
                                        const struct ins_column *after)
{
    for (const struct ins_column *c = after ? after + 1 : ins_columns;
         c < ins_columns + ins_ncolumns; c++)
        if (called(c, word))
            return c;
    return NULL;
}

size_t inspect_source_next(const char **source)
{
    *source += strspn(*source, "+- ");
    return strcspn(*source, "+- ");
}

bool inspect_source_has(const char *source, const char *name)
{
    size_t n;
    for (; (n = inspect_source_next(&source)); source += n)
        if (n == strlen(name) && !memcmp(source, name, n))
            return true;
    return false;
}

/* ---- the events that make a counter ---- */

static u8 state_of(const char *word, size_t n)
{
    for (unsigned i = 0; i < FS_COUNT; i++)
        if (strlen(ins_states[i].word) == n &&
            !memcmp(ins_states[i].word, word, n))
            return (u8)i;
    return n == 1 && *word == '*' ? INS_ANY : INS_NOTHING;
}

static u8 reason_of(const char *word, size_t n)
{
    for (unsigned i = 0; i < R_COUNT; i++)
        if (strlen(ins_reasons[i].word) == n &&
            !memcmp(ins_reasons[i].word, word, n))
            return (u8)i;
    return INS_NOTHING;
}

/* Reads "reason", "from>to" or "from>to:reason", perhaps after a ~. */
static struct ins_rule rule_of(const char *p, size_t n)
{
    struct ins_rule r = {INS_ANY, INS_ANY, INS_ANY, *p == '~'};
    p += r.part;
    n -= r.part;
    const char *to = memchr(p, '>', n), *colon = memchr(p, ':', n);
    const char *end = p + n;
    if (!to) {
        r.reason = reason_of(p, n);
        return r;
    }
    r.from = state_of(p, (size_t)(to - p));
    r.to = state_of(to + 1, (size_t)((colon ? colon : end) - to - 1));
    if (colon)
        r.reason = reason_of(colon + 1, (size_t)(end - colon - 1));
    return r;
}

const char *inspect_eventless(unsigned counter)
{
    const char *p = strstr(ins_counters[counter].events, "; ");
    return p ? p + 2 : "";
}

unsigned inspect_rules(unsigned counter, struct ins_rule r[INS_RULES])
{
    const char *p = ins_counters[counter].events;
    unsigned n = 0;
    while (*p && *p != ';' && n < INS_RULES) {
        size_t len = strcspn(p, " ;");
        r[n++] = rule_of(p, len);
        p += len;
        p += strspn(p, " ");
    }
    return n;
}

bool inspect_rules_match(const struct ins_rule *r, unsigned n, bool frame,
                         u8 from, u8 to, u8 reason)
{
    for (unsigned i = 0; i < n; i++) {
        bool states = r[i].from != INS_ANY || r[i].to != INS_ANY;
        if (r[i].reason != INS_ANY && r[i].reason != reason)
            continue;
        if (!states)
            return true;
        /* The rule wants a change of state. R_BOOT only tells the state in
         * which the kernel found the frame. */
        if (!frame || from == to || reason == R_BOOT)
            continue;
        if ((r[i].from == INS_ANY || r[i].from == from) &&
            (r[i].to == INS_ANY || r[i].to == to))
            return true;
    }
    return false;
}
