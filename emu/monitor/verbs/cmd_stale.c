/* SPDX-License-Identifier: MIT */
/* catch stale, info stale: uses of translations that the page table no longer
 * gave. */
#include "monitor/session/run.h"
#include "monitor/verbs/verbs.h"

#include <ctype.h>

void stale_begin(struct session *s, const char **p, struct stopper *b)
{
    b->kind = BY_CATCH_STALE;
    b->freed = !strcmp(b->text, "freed");
    if (!b->freed && args_more(p) && word_begins("all", *p) &&
        !isalnum((u8)(*p)[3])) {
        b->windows = true;
        append(b->text, sizeof b->text, strlen(b->text), " all");
        *p += 3;
    }
    inspect_stale_follow(s->stale, true);
    if (b->freed)
        inspect_stale_catch_freed(s->stale, true);
}

void stale_end(struct session *s)
{
    bool any = false, freed = false;
    for (unsigned i = 0; i < STOPPERS; i++) {
        const struct stopper *b = &s->stoppers[i];
        any |= b->number && b->kind == BY_CATCH_STALE;
        freed |= b->number && b->freed;
    }
    inspect_stale_catch_freed(s->stale, freed);
    inspect_stale_follow(s->stale, any);
}

static void stale_row(struct session *s, const struct ins_stale_row *r,
                      u64 median)
{
    char by[220];

    stale_writer(s, r->pc, by, sizeof by);
    json_add(&s->j,
             "{kind:%s sins:%llu windows:%llu uses:%llu longest_cycles:%llu "
             "median_cycles:%llu writer:%s}",
             ins_stale_kinds[r->kind], r->sins, r->windows, r->uses, r->longest,
             median, by);
    say(s, "%-9s %6llu %8llu %9llu %10llu %10llu  %s\n",
        ins_stale_kinds[r->kind], r->sins, r->windows, r->uses, median,
        r->longest, by);
}

enum command_status info_stale(struct session *s, const char *args)
{
    u64 median;

    if (!args_end(s, args))
        return CMD_BAD;
    bool on = s->m->stale;
    struct ins_stale_sum sum = inspect_stale_sum(s->stale);
    json_add(&s->j, "{on:%hhd", on);
    if (!on) {
        json_close(&s->j, '}');
        say(s, "nothing looks for stale uses yet (catch stale)\n");
        return finish_json(s);
    }
    json_add(&s->j,
             "since:%llu sins:%llu windows:%llu uses:%llu "
             "permitted_faults:%llu permitted_uses:%llu",
             sum.since, sum.sins, sum.windows, sum.uses, sum.permitted.faults,
             sum.permitted.harmless);
    say(s,
        "since cycle %llu: %llu sins, %llu windows, %llu uses in them\n"
        "permitted (privileged manual, 4.2.1): %llu faults of entries with "
        "fewer rights than the table, %llu uses of entries with others\n",
        sum.since, sum.sins, sum.windows, sum.uses, sum.permitted.faults,
        sum.permitted.harmless);
    json_open(&s->j, "rows", '[');
    if (inspect_stale_row(s->stale, 0, &median))
        say(s, "kind        sins  windows      uses     median    longest  "
               "cycles since the write by\n");
    const struct ins_stale_row *r;
    for (unsigned i = 0; (r = inspect_stale_row(s->stale, i, &median)); i++)
        stale_row(s, r, median);
    json_add(&s->j, "]}");
    return finish_json(s);
}
