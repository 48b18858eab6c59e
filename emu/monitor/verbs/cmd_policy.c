/* SPDX-License-Identifier: MIT */
/* Shows the memory system: info status, vm, policy, swap, cycles. */
#include "inspect/frames.h"
#include "inspect/kernel.h"
#include "inspect/numbers.h"
#include "inspect/parts.h"
#include "inspect/policy.h"
#include "inspect/process.h"
#include "inspect/profile.h"
#include "inspect/symbols.h"
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

enum command_status no_lens(struct answer *a, const char *verb)
{
    bool early = a->s->m->hart.instret < 1000000;
    const char *why = inspect_tables_why_not(a->s->m);
    if (*why)
        return fail(a, CMD_BAD, "%s: the kernel has opened no lens; %s", verb,
                    why);
    return fail(a, CMD_BAD, "%s: the kernel has opened no lens%s", verb,
                early ? ": it has not started yet (run-for 300ms, or continue)"
                      : "");
}

const char *unit_for(const char *unit, u64 v, char buf[20])
{
    size_t n = append(buf, 20, 0, "%s", unit);
    if (v != 1 || n < 4 || buf[n - 1] != 's')
        return buf;
    bool es =
        n > 4 && (!strcmp(buf + n - 4, "sses") || !strcmp(buf + n - 4, "ches"));
    buf[n - (es ? 2 : 1)] = 0;
    return buf;
}

static void number(struct answer *a, struct json *j, const char *name, u64 v,
                   const char *unit, const char *sentence)
{
    char one[20];
    json_u64(j, name, v);
    say(a, "%-20s %10llu %-11s %s\n", name, v, unit_for(unit, v, one),
        sentence);
}

/* ---- policy ---------------------------------------------------------- */

/* Returns the sentence about a number of the policy. */
static const char *gauge_sentence(const char *policy, const char *name)
{
    const char *sentence = inspect_gauge_sentence(policy, name);
    return sentence ? sentence : "a mark or a list of this policy";
}

static void policy_rows(struct answer *a, struct json *j)
{
    struct ins_policy p;
    char name[32];
    if (!inspect_policy(a->s->m, &p))
        return;
    json_str(j, "vm.policy", p.name);
    say(a, "%-20s %10s\n", "vm.policy", p.name);
    for (unsigned i = 0; i < p.ngauges; i++) {
        snprintf(name, sizeof name, "vm.%s", p.gauge[i].name);
        number(a, j, name, p.gauge[i].value,
               inspect_gauge_unit(p.gauge[i].name), "");
    }
    if (p.swap) {
        json_u64(j, "vm.swap_total", p.swap_total);
        number(a, j, "vm.swap_used", p.swap_used, "slots", "");
    }
    for (unsigned i = 0; i < 2; i++)
        if (p.hand[i] != LENS_NO_PFN)
            number(a, j, i ? "vm.hand1" : "vm.hand0", p.hand[i], "PFN",
                   "the frame under the clock's hand");
}

static void own_tunables(struct answer *a, struct json *j, const char *policy)
{
    struct lens_tunable t;
    char text[48];
    unsigned n = 0;
    json_open(j, "tunables", '{');
    for (u64 i = 0; inspect_tunable_nth(a->s->m, i, &t); i++) {
        if (!inspect_tunable_of(policy, t.name))
            continue;
        json_s64(j, t.name, t.value);
        if (!n++)
            say(a, "Its tunables (set NAME VALUE):\n");
        say(a, "  %-28s %s  %s\n", t.name, tunable_text(&t, text, sizeof text),
            t.origin);
    }
    json_close(j, '}');
    if (!n)
        say(a, "It has no tunables of its own (info tunables: the kernel's)\n");
}

static void notions(struct answer *a, struct json *j, u64 has)
{
    json_open(j, "has", '[');
    for (unsigned i = NOTION_ANY + 1; i < NOTION_COUNT; i++) {
        if (!(has >> i & 1))
            continue;
        json_str(j, NULL, ins_notions[i].word);
        say(a, "  %-10s %s\n", ins_notions[i].word, ins_notions[i].sentence);
    }
    json_close(j, ']');
}

enum command_status info_policy(struct answer *a, const char *args)
{
    struct session *s = a->s;
    struct ins_policy p;
    struct ins_rows rows;
    u64 list[2] = {0};
    u64 freed = 0;
    if (args_more(&args))
        return fixed_at_start(a, "policy", "policy");
    if (!inspect_policy(s->m, &p))
        return no_lens(a, "info policy");
    json_add(&a->j, "{policy:%s", p.name);
    say(a, "policy %s\n", p.name);
    notions(a, &a->j, p.notions);
    if (inspect_counter(s->m, "vm.free", &freed))
        number(a, &a->j, "free", freed, "frames",
               gauge_sentence(p.name, "free"));
    for (unsigned i = 0; i < p.ngauges; i++)
        number(a, &a->j, p.gauge[i].name, p.gauge[i].value,
               inspect_gauge_unit(p.gauge[i].name),
               gauge_sentence(p.name, p.gauge[i].name));
    if (p.notions >> NOTION_LISTS & 1 && inspect_rows(s->m, 0, &rows)) {
        for (u64 i = 0; i < rows.n; i++)
            for (unsigned k = 0; k < 2; k++)
                list[k] +=
                    rows.row[i].marks >> (k ? MARK_INACTIVE : MARK_ACTIVE) & 1;
        inspect_rows_free(&rows);
        number(a, &a->j, "active list", list[0], "frames",
               "pages in use: spared (info frames active)");
        number(a, &a->j, "inactive list", list[1], "frames",
               "pages that go next, unless they are used first");
    }
    for (unsigned i = 0; i < 2; i++)
        if (p.hand[i] != LENS_NO_PFN)
            number(a, &a->j, i ? "front hand" : "hand", p.hand[i], "PFN",
                   i ? "clears the mark of use" : "takes what was not used");
    own_tunables(a, &a->j, p.name);
    json_close(&a->j, '}');
    return finish_json(a);
}

/* ---- swap ------------------------------------------------------------ */

#define SHOWN 20 /* pages, unless all are asked for */

struct slots {
    struct answer *a;
    struct json *j;
    u64 pid, n, most; /* pid 0: of all processes */
};

static void slot_row(void *opaque, const struct ins_out *o)
{
    struct slots *l = opaque;
    struct ins_proc p = {.name = "?"};
    if ((l->pid && o->pid != l->pid) || l->n++ >= l->most)
        return;
    inspect_proc(l->a->s->m, o->pid, &p);
    json_add(l->j, "{slot:%llu pid:%u name:%s va:%#llx}", o->slot, o->pid,
             p.name, o->va);
    say(l->a, "%7llu  %6u %-15s 0x%llx\n", o->slot, o->pid, p.name, o->va);
}

/* Answers info swap slots [PID] [all]: lists the pages that are in swap. */
static enum command_status swap_slots(struct answer *a, const char *args)
{
    struct session *s = a->s;
    struct slots l = {a, &a->j, 0, 0, a->json ? ~0ull : SHOWN};
    struct ins_proc p;
    while (args_more(&args)) {
        if (!strncmp(args, "all", 3) && !args[3 + strspn(args + 3, " ")]) {
            l.most = ~0ull;
            break;
        }
        if (!strncmp(args, "pid ", 4))
            args += 4;
        if (!args_pid(a, &args, &l.pid))
            return CMD_BAD;
        if (inspect_tables_known(s->m) && !inspect_proc(s->m, (u32)l.pid, &p))
            return fail(a, CMD_BAD,
                        "info swap slots: no process %llu (info ps)", l.pid);
    }
    if (!inspect_tables_known(s->m))
        return no_lens(a, "info swap slots");
    json_open(&a->j, NULL, '[');
    say(a, "   slot     pid process         page\n");
    inspect_swapped(s->m, slot_row, &l);
    json_close(&a->j, ']');
    say(a, "%llu page%s of processes in swap%s\n", l.n, l.n == 1 ? "" : "s",
        l.n > l.most ? "; add `all` to see the rest" : "");
    if (!l.pid && l.n)
        say(a, "(a slot that several processes share is counted in each)\n");
    return finish_json(a);
}

enum command_status info_swap(struct answer *a, const char *args)
{
    struct session *s = a->s;
    static const char *const counters[] = {"pswpin",         "pswpout",
                                           "swap_ra",        "swap_ra_hit",
                                           "swap_cache_hit", "pgmajfault"};
    struct ins_policy p;
    u64 v = 0;
    if (args_more(&args) && !strncmp(args, "slots", 5) &&
        (!args[5] || args[5] == ' '))
        return swap_slots(a, args + 5);
    if (args_more(&args))
        return swap_slots(a, args);
    if (!args_end(a, args))
        return CMD_BAD;
    if (!inspect_policy(s->m, &p))
        return no_lens(a, "info swap");
    json_open(&a->j, NULL, '{');
    if (!p.swap)
        say(a, "there is no swap\n");
    if (p.swap) {
        number(a, &a->j, "total", p.swap_total, "slots", "of 4 KiB each");
        number(a, &a->j, "used", p.swap_used, "slots",
               "hold a page (info swap slots: which)");
        number(a, &a->j, "free", p.swap_total - p.swap_used, "slots",
               "hold nothing");
    }
    if (inspect_counter(s->m, "vm.swap_cache", &v))
        number(a, &a->j, "swap-cache", v, "frames",
               "in memory and with a slot (info frames swap)");
    for (unsigned i = 0; i < ARRAY_LEN(counters); i++) {
        int id = inspect_counter_id(counters[i]);
        if (inspect_counter(s->m, counters[i], &v))
            number(a, &a->j, counters[i], v, ins_counters[id].unit,
                   ins_counters[id].sentence);
    }
    json_close(&a->j, '}');
    return finish_json(a);
}

/* ---- cycles ---------------------------------------------------------- */

enum command_status info_cycles(struct answer *a, const char *args)
{
    u64 by[INS_CAUSES], all = 0;
    char name[40];
    if (!args_end(a, args))
        return CMD_BAD;
    for (unsigned i = 0; i < INS_CAUSES; i++) {
        snprintf(name, sizeof name, "cycles_by.%s", ins_causes[i]);
        if (!inspect_counter(a->s->m, name, &by[i]))
            by[i] = 0;
        all += by[i];
    }
    json_open(&a->j, NULL, '{');
    for (unsigned i = 0; i < INS_CAUSES; i++) {
        const char *what, *sentence = inspect_explain(ins_causes[i], &what);
        if (!strcmp(ins_causes[i], "walk"))
            sentence = "cycles lost to page walks and to hits of the second "
                       "TLB (explain walk: cycles of one walk)";
        json_u64(&a->j, ins_causes[i], by[i]);
        say(a, "%-10s %14llu %5.1f%%  %s\n", ins_causes[i], by[i],
            percent(by[i], all), sentence ? sentence : "");
    }
    json_add(&a->j, "cycles:%llu}", all);
    say(a,
        "%-10s %14llu         of %llu instructions (profile on: by "
        "function)\n",
        "all", all, a->s->m->hart.instret);
    return finish_json(a);
}

/* ---- vm -------------------------------------------------------------- */

/* True: a counter to look at first. */
static bool important(const char *name)
{
    static const char *const first[] = {
        "pgfault",    "pgmajfault", "demand_zero",   "cow_copied",
        "pswpin",     "pswpout",    "pgscan_kswapd", "pgsteal_kswapd",
        "allocstall", "nr_dirtied", "nr_written",    "oom_kill"};
    for (unsigned i = 0; i < ARRAY_LEN(first); i++)
        if (!strcmp(name, first[i]))
            return true;
    return false;
}

/* Prints numbers of an unmodified kernel. For Linux they are /proc/vmstat's
 * lines, except those that Linux computes when the file is read; for xv6, sums
 * over its lists and tables. */
static void unmodified_numbers(struct answer *a, struct json *j)
{
    struct session *s = a->s;
    u64 v;
    bool known;
    const char *name;
    if (!inspect_unmodified_counter(s->m, 0, &v, &known))
        return;
    name = inspect_unmodified_name(s->m);
    json_open(j, strcmp(name, "linux") ? name : "vmstat", '{');
    for (unsigned i = 0;
         (name = inspect_unmodified_counter(s->m, i, &v, &known)); i++)
        if (known)
            number(a, j, name, v, "", "");
    json_close(j, '}');
}

enum command_status info_vm(struct answer *a, const char *args)
{
    struct session *s = a->s;
    unsigned left = 0;
    u64 v;
    bool all = args_more(&args) && word_same(args, "all");
    if (!all && !args_end(a, args))
        return CMD_BAD;
    if (!a->json && !inspect_tables_known(s->m))
        return no_lens(a, "info vm");
    json_open(&a->j, NULL, '{');
    if (inspect_counter(s->m, "vm.free", &v))
        number(a, &a->j, "vm.free", v, "frames", "");
    policy_rows(a, &a->j);
    for (unsigned i = 0; i < C_COUNT; i++) {
        const struct ins_counter_word *w = &ins_counters[i];
        if (!inspect_counter(s->m, w->name, &v))
            continue;
        if (a->json || all || important(w->name))
            number(a, &a->j, w->name, v, w->unit, w->sentence);
        else
            left++;
    }
    if (all || a->json)
        unmodified_numbers(a, &a->j);
    json_close(&a->j, '}');
    if (left)
        say(a, "%u more: info vm all; events of a counter: why NAME\n", left);
    return finish_json(a);
}

/* ---- status ---------------------------------------------------------- */

enum command_status info_status(struct answer *a, const char *args)
{
    struct session *s = a->s;
    struct ins_policy p;
    const struct hart *h = &s->m->hart;
    char where[80] = "";
    if (!args_end(a, args))
        return CMD_BAD;
    const char *mode = s->m->off ? "off" : s->run.going ? "running" : "halted";
    inspect_symbol_at(s->m, h->pc, where, sizeof where);
    inspect_policy(s->m, &p);
    json_add(&a->j,
             "{status:%s pc:%#llx where:%s cycle:%llu instret:%llu "
             "ram_bytes:%llu policy:%s}",
             mode, h->pc, where, inspect_cycle(s->m), h->instret,
             s->m->ram_bytes, p.name);
    say(a,
        "%s at 0x%llx%s%s%s; cycle %llu (%.3f ms), %llu instructions; %llu "
        "MiB of RAM%s%s\n",
        mode, h->pc, *where ? " <" : "", where, *where ? ">" : "",
        inspect_cycle(s->m),
        (double)inspect_cycle(s->m) * 1e3 / (double)s->m->clock_hz, h->instret,
        s->m->ram_bytes >> 20, *p.name ? ", policy " : "", p.name);
    return finish_json(a);
}
