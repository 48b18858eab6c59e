/* SPDX-License-Identifier: MIT */
/* profile turns the profile on, exact or sampled, and off, and writes folded
 * stacks; info profile shows cycles by cause and, while the profile is on, by
 * function. */
#include "inspect/parts.h"
#include "inspect/profile.h"
#include "monitor/verbs/verbs.h"

#include <errno.h>
#include <stdlib.h>

#define EVERY 10000 /* cycles between samples, by default */
#define ROWS  30    /* functions shown; JSON has all */

static enum command_status turn_on(struct answer *a, const char *args,
                                   bool exact)
{
    struct session *s = a->s;
    u64 every = exact ? 0 : EVERY;

    if (!exact && args_more(&args) &&
        !args_value(a, &args, &every, "a number of cycles"))
        return CMD_BAD;
    if (!args_end(a, args))
        return CMD_BAD;
    if (!exact && (every < 100 || every > 1ull << 40))
        return fail(a, CMD_BAD, "profile: CYCLES must be from 100 to 2^40");
    if (exact && s->logs.commits)
        return fail(a, CMD_BAD,
                    "profile: exact and --commit-log exclude each other");
    inspect_profile_close(s->profile);
    s->profile = inspect_profile_open(s->m, every);
    return CMD_OK;
}

enum command_status cmd_profile(struct answer *a, const char *args)
{
    struct session *s = a->s;
    char word[4096];

    if (!args_word(a, &args, word, sizeof word, "on, exact, off or a file"))
        return CMD_BAD;
    if (!strcmp(word, "on") || !strcmp(word, "exact"))
        return turn_on(a, args, *word == 'e');
    if (!args_end(a, args))
        return CMD_BAD;
    if (!strcmp(word, "off")) {
        inspect_profile_close(s->profile);
        s->profile = NULL;
        return CMD_OK;
    }
    if (!s->profile)
        return fail(a, CMD_BAD, "profile: it is off ('profile on' begins it)");
    if (!inspect_profile_folded(s->profile, word))
        return fail(a, CMD_BAD, "profile: %s: %s", word, strerror(errno));
    return CMD_OK;
}

static void causes(struct answer *a, struct json *j)
{
    struct session *s = a->s;
    u64 by[INS_CAUSES], all = s->m->hart.cycle, instret = s->m->hart.instret;

    inspect_cycles_by(s->m, by);
    for (unsigned i = 0; i < INS_CAUSES; i++) {
        json_u64(j, ins_causes[i], by[i]);
        say(a, "%-10s %14llu %5.1f%%\n", ins_causes[i], by[i],
            percent(by[i], all));
    }
    json_add(j, "cycles:%llu instructions:%llu", all, instret);
    say(a, "cycles     %14llu; %llu instructions\n", all, instret);
}

static void function_json(struct json *j, const struct ins_function *f)
{
    json_add(j, "{name:%s cycles:%llu total:%llu", f->name, f->self, f->total);
    for (unsigned i = 0; i < INS_CAUSES; i++)
        json_u64(j, ins_causes[i], f->by[i]);
    json_close(j, '}');
}

static void main_causes(const struct ins_function *f, char *buf, size_t n)
{
    bool told[INS_CAUSES] = {false};
    size_t at = 0;

    *buf = 0;
    for (unsigned k = 0; k < 3; k++) {
        unsigned most = INS_CAUSES;
        for (unsigned i = 0; i < INS_CAUSES; i++)
            if (!told[i] && f->by[i] &&
                (most == INS_CAUSES || f->by[i] > f->by[most]))
                most = i;
        if (most == INS_CAUSES)
            break;
        told[most] = true;
        at = append(buf, n, at, "%s%s %.0f%%", k ? ", " : "", ins_causes[most],
                    percent(f->by[most], f->self));
    }
}

static void functions(struct answer *a, struct json *j)
{
    struct session *s = a->s;
    struct ins_profile_facts facts = inspect_profile_facts(s->profile);
    u64 now = s->m->hart.cycle;
    u64 all = now > facts.began ? now - facts.began : 0;
    struct ins_function *f;
    unsigned n = inspect_profile_functions(s->profile, &f);
    char text[100];

    json_add(j, "profiled:%llu every:%llu looks:%llu functions:[", all,
             facts.every, facts.samples);
    for (unsigned i = 0; i < n; i++)
        function_json(j, &f[i]);
    json_close(j, ']');
    say(a, "since cycle %llu, %llu samples:\n%14s %6s %6s  function\n",
        facts.began, facts.samples, "cycles", "self", "total");
    for (unsigned i = 0; i < n && i < ROWS; i++) {
        main_causes(&f[i], text, sizeof text);
        say(a, "%14llu %5.1f%% %5.1f%%  %s (%s)\n", f[i].self,
            percent(f[i].self, all), percent(f[i].total, all), f[i].name, text);
    }
    if (n > ROWS)
        say(a, "and %u others (profile FILE has all)\n", n - ROWS);
    free(f);
}

enum command_status info_profile(struct answer *a, const char *args)
{
    if (!args_end(a, args))
        return CMD_BAD;
    json_open(&a->j, NULL, '{');
    causes(a, &a->j);
    if (a->s->profile)
        functions(a, &a->j);
    json_close(&a->j, '}');
    return finish_json(a);
}
