/* SPDX-License-Identifier: MIT */
/* catch stale stops at uses of translations that the page table gives no more,
 * catch freed at uses of free frames; info stale counts the stale uses. */
#include "inspect/stale.h"
#include "monitor/run/run.h"
#include "monitor/verbs/verbs.h"

#include <ctype.h>

void stale_words(const char **p, struct stopper *b)
{
    b->kind = BY_CATCH_STALE;
    b->freed = !strcmp(b->text, "freed");
    if (!b->freed && args_more(p) && word_begins("all", *p) &&
        !isalnum((u8)(*p)[3])) {
        b->windows = true;
        append(b->text, sizeof b->text, strlen(b->text), " all");
        *p += 3;
    }
}

void stale_update(struct session *s)
{
    bool any = false, freed = false;
    for (unsigned i = 0; i < STOPPERS; i++) {
        const struct stopper *b = &s->run.stoppers[i];
        any |= b->number && b->kind == BY_CATCH_STALE;
        freed |= b->number && b->freed;
    }
    inspect_stale_catch_freed(s->stale, freed);
    inspect_stale_follow(s->stale, any);
}

static void stale_row(struct answer *a, const struct ins_stale_row *r)
{
    u64 median = inspect_stale_median(r);
    char by[220];

    stale_writer(a->s, r->pc, by, sizeof by);
    json_add(&a->j,
             "{kind:%s sins:%llu windows:%llu uses:%llu longest_cycles:%llu "
             "median_cycles:%llu writer:%s}",
             ins_stale_kinds[r->kind], r->sins, r->windows, r->uses, r->longest,
             median, by);
    say(a, "%-9s %6llu %8llu %9llu %10llu %10llu  %s\n",
        ins_stale_kinds[r->kind], r->sins, r->windows, r->uses, median,
        r->longest, by);
}

enum command_status info_stale(struct answer *a, const char *args)
{
    const struct ins_stale_counts *c = inspect_stale_counts(a->s->stale);
    const struct ins_stale_row *all = c->row;

    if (!args_end(a, args))
        return CMD_BAD;
    if (!a->s->m->stale) {
        say(a, "nothing looks for stale uses yet (catch stale)\n");
        return answer_json(a, "{on:%hhd}", false);
    }
    json_add(&a->j,
             "{on:%hhd since:%llu sins:%llu windows:%llu uses:%llu "
             "permitted_faults:%llu permitted_uses:%llu rows:[",
             true, c->since, all->sins, all->windows, all->uses,
             c->permitted.faults, c->permitted.harmless);
    say(a,
        "since cycle %llu: %llu sins, %llu windows, %llu uses in them\n"
        "permitted (privileged manual, 4.2.1): %llu faults of entries with "
        "fewer rights than the table, %llu uses that the table allows, too\n%s",
        c->since, all->sins, all->windows, all->uses, c->permitted.faults,
        c->permitted.harmless,
        c->n == 1
            ? ""
            : "kind        sins  windows      uses     median    longest  "
              "cycles since the write by\n");
    for (u32 i = 1; i < c->n; i++)
        stale_row(a, &c->row[i]);
    return answer_json(a, "]}");
}
