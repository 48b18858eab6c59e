/* SPDX-License-Identifier: MIT */
/* The kernel's tunables: `set NAME VALUE`, `info tunables`. */
#include "inspect/policy.h"
#include "monitor/verbs/verbs.h"

static void tunable_json(struct json *j, const struct lens_tunable *t)
{
    json_add(
        j,
        "{name:%s value:%lld default:%lld min:%lld max:%lld unit:%s origin:%s}",
        t->name, (s64)t->value, (s64)t->preset, (s64)t->min, (s64)t->max,
        t->unit, t->origin);
}

const char *tunable_text(const struct lens_tunable *t, char *buf, size_t n)
{
    bool share = !strncmp(t->unit, "1/", 2);
    snprintf(buf, n, "%lld%s%s", (s64)t->value, share || !*t->unit ? "" : " ",
             t->unit + share);
    return buf;
}

enum command_status info_tunables(struct answer *a, UNUSED const char *args)
{
    struct lens_tunable t;
    char text[48];
    if (!inspect_tunables(a->s->m))
        return fail(a, CMD_BAD, "info tunables: this kernel has none");
    json_open(&a->j, NULL, '[');
    for (u64 i = 0; inspect_tunable_nth(a->s->m, i, &t); i++) {
        tunable_json(&a->j, &t);
        say(a, "%-26s %s  (%lld..%lld, default %lld)\n", t.name,
            tunable_text(&t, text, sizeof text), (s64)t.min, (s64)t.max,
            (s64)t.preset);
    }
    json_close(&a->j, ']');
    return finish_json(a);
}

enum command_status fixed_at_start(struct answer *a, const char *verb,
                                   const char *option)
{
    bool policy = !strcmp(option, "policy");
    return fail(
        a, CMD_BAD, "%s: the %s is chosen at the start: clockhand --%s%s", verb,
        option, option, policy ? " NAME (--policy list shows them)" : "");
}

static enum command_status no_tunable(struct answer *a, const char *name)
{
    struct word_nearest near = {.typed = name};
    struct lens_tunable t;
    char hint[90];
    const char *option = strncmp(name, "vm.", 3) ? name : name + 3;
    if (config_option(option))
        return fixed_at_start(a, "set", option);
    for (u64 i = 0; inspect_tunable_nth(a->s->m, i, &t); i++)
        word_offer_dotted(&near, t.name);
    return fail(a, CMD_BAD,
                "set: no tunable '%s' (info tunables prints them)%s", name,
                word_hint(&near, hint, sizeof hint));
}

/* The policies that read a tunable, as a list of words. */
struct readers {
    const char *tunable;
    char *buf;
    size_t n, at;
};

static bool add_reader(void *opaque, const char *policy,
                       UNUSED const char *line)
{
    struct readers *r = opaque;
    if (inspect_tunable_of(policy, r->tunable))
        r->at = append(r->buf, r->n, r->at, "%s%s", r->at ? ", " : "", policy);
    return true;
}

/* If only other policies read the tunable, says so. If it sets a mark of this
 * policy, says when the mark is computed anew: when kpageoutd starts to take
 * frames (guest/kernel/vm/pageout.c), or at a write to /proc/sys. */
static void takes_effect(struct answer *a, const char *name)
{
    struct session *s = a->s;
    struct ins_policy p;
    const char *mark = NULL;
    char text[200];
    u64 now, pid;
    if (!inspect_policy(s->m, &p))
        return;
    if (!inspect_tunable_of(p.name, name)) {
        struct readers r = {name, text, sizeof text, 0};
        inspect_policies(s->m, add_reader, &r);
        if (r.at)
            say(a, "  policy %s does not use it (these do: %s)\n", p.name,
                text);
        return;
    }
    bool step = !strcmp(name, "vm.watermark_scale_factor") &&
                inspect_gauge(&p, mark = "low", &now);
    if (!step && !inspect_tunable_sets(&p, name, &mark, &now))
        return;
    snprintf(text, sizeof text, "%s", name);
    for (char *dot = text; (dot = strchr(dot, '.'));)
        *dot = '/';
    say(a, "  %s stays %llu until the kernel computes its marks anew: ", mark,
        now);
    if (process_named(s, "kpageoutd", 9, &pid))
        say(a, "when kpageoutd next starts to take frames, or ");
    say(a, "when the guest writes to /proc/sys/%s\n", text);
}

/* Writes a tunable. The input log records the write as one input. The kernel
 * reads the new value from its next instruction on. */
enum command_status set_tunable(struct answer *a, const char *args)
{
    char name[sizeof(((struct lens_tunable *)0)->name)], text[32];
    struct lens_tunable t;
    u64 pa;
    s64 v;
    u8 bytes[8];
    char line[120];
    const char *p = line;
    snprintf(line, sizeof line, "%s", args);
    line[strcspn(line, "=")] = strchr(line, '=') ? ' ' : 0;
    if (!args_word(a, &p, name, sizeof name, "a tunable's name"))
        return CMD_BAD;
    if (!inspect_tunable(a->s->m, name, &t, &pa))
        return no_tunable(a, name);
    if (!args_word(a, &p, text, sizeof text, "a value") || !args_end(a, p))
        return CMD_BAD;
    if (!inspect_tunable_number(text, &v))
        return fail(a, CMD_BAD, "set: %s: '%s' is not a whole number", name,
                    text);
    if (v < t.min || v > t.max)
        return fail(a, CMD_BAD, "set: %s: %lld is not in %lld..%lld", name, v,
                    (s64)t.min, (s64)t.max);
    put_le(bytes, (u64)v, sizeof bytes);
    if (past_refuses(a, "set"))
        return CMD_BAD;
    if (!machine_poke(a->s->m, pa, bytes, sizeof bytes))
        return fail(a, CMD_BAD, "set: %s: its place is not in RAM", name);
    if (a->to->who != IN_PROMPT)
        return CMD_OK;
    say(a, "%s %lld (was %lld)\n", name, v, (s64)t.value);
    takes_effect(a, name);
    return CMD_OK;
}
