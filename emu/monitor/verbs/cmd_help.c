/* SPDX-License-Identifier: MIT */
/* help shows the verbs by section, one section, one verb, or names. It knows
 * the nearest verb to a mistyped one, and the command for an everyday word. */
#include "monitor/verbs/verbs.h"

static const struct {
    const char *section, *verb; /* one of the two is NULL */
} order[] = {
#define SECTION(title)                                   {title, NULL},
#define COMMAND(verb, args, complete, fn, help, example) {NULL, verb},
#include "monitor/verbs/commands.def"
};

const char *everyday(const char *word, const char *with)
{
    static const char *const said[][2] = {
#define SAID(word, type) {word, type},
#include "monitor/verbs/everyday.def"
    };
    size_t n = strlen(with);
    for (unsigned i = 0; i < ARRAY_LEN(said); i++)
        if (word_same(word, said[i][0]) && !strncmp(said[i][1], with, n))
            return said[i][1] + n;
    return NULL;
}

const char *everyday_near(const char *word)
{
    static const char *const said[] = {
#define SAID(word, type) word,
#include "monitor/verbs/everyday.def"
    };
    struct word_nearest near = {.typed = word};
    for (unsigned i = 0; i < ARRAY_LEN(said); i++)
        word_offer(&near, said[i]);
    return *near.best ? everyday(near.best, "") : NULL;
}

const char *everyday_told(const char *word)
{
    static const char *const rows[][2] = {
#define TOLD(word, sentence) {word, sentence},
#include "monitor/verbs/everyday.def"
    };
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
        if (word_same(word, rows[i][0]))
            return rows[i][1];
    return NULL;
}

void nearest_offer(void *nearest, const char *word)
{
    word_offer_dotted(nearest, word);
}

static void command_json(struct json *j, const struct command *c)
{
    json_add(j, "{verb:%s args:%s help:%s example:%s}", c->verb, c->args,
             c->help, c->example);
}

/* Finds the section whose title, or the title's last word, begins with `word`.
 * *first: its first row after the title; *end: the row after its last. */
static bool find_section(const char *word, unsigned *first, unsigned *end)
{
    for (unsigned i = 0; i < ARRAY_LEN(order); i++) {
        const char *title = order[i].section;
        const char *last = title ? strrchr(title, ' ') : NULL;
        if (!title || (!word_begins(title, word) &&
                       !(last && word_begins(last + 1, word))))
            continue;
        *first = *end = i + 1;
        while (*end < ARRAY_LEN(order) && order[*end].verb)
            ++*end;
        return true;
    }
    return false;
}

static const struct command *command_in_row(unsigned i)
{
    char err[120];
    return command_find(order[i].verb, strlen(order[i].verb), err, sizeof err);
}

static void help_json(struct answer *a, unsigned first, unsigned end)
{
    json_open(&a->j, NULL, '[');
    for (unsigned i = first; i < end; i++)
        if (order[i].verb)
            command_json(&a->j, command_in_row(i));
    json_close(&a->j, ']');
    finish_json(a);
}

static void help_line(struct answer *a, const struct command *c)
{
    char head[400];
    snprintf(head, sizeof head, "%s %s", c->verb, c->args);
    say(a, strlen(head) > 27 ? "%s\n%-27s %s\n" : "%-27s%s %s\n", head, "",
        c->help);
}

static void help_example(struct answer *a, const char *line)
{
    const char *before = "for example:";
    for (size_t n; *line; line += n + (line[n] == '\n'), before = "") {
        n = strcspn(line, "\n");
        say(a, "%27s %-12s %.*s\n", "", before, (int)n, line);
    }
}

static void sections(struct answer *a)
{
    const char *before = "One section: help ";
    for (unsigned i = 0; i + 1 < ARRAY_LEN(order); i++) {
        if (!order[i].section)
            continue;
        say(a, "%s%s", before, order[i].section);
        before = ", ";
    }
    say(a, "\n");
}

static void help_section(struct answer *a, unsigned first, unsigned end)
{
    say(a, "%s\n", order[first - 1].section);
    for (unsigned i = first; i < end; i++)
        help_line(a, command_in_row(i));
}

static void help_all(struct answer *a)
{
    unsigned first, end;
    if (a->s->streams->tty)
        say(a, "To the guest's shell: continue, or Ctrl-A c. Back from it: "
               "Ctrl-A c.\n");
    sections(a);
    for (unsigned i = 0; i < ARRAY_LEN(order); i++) {
        if (!order[i].section || !find_section(order[i].section, &first, &end))
            continue;
        say(a, "\n");
        help_section(a, first, end);
    }
    say(a, "\nTIME: cycles, or with ns us ms s. EXPR: C over $reg, cycle, "
           "instret, symbols, u32[ADDR],\ncounters (pgfault, vm.free, "
           "walker.cycles; all: help names). LVALUE: u8..u64[ADDR], *(int "
           "*)ADDR.\n"
           "A verb may be cut short if it stays clear; or c, si, i, b, q.\n");
}

struct listing {
    struct answer *a;
    struct json *j;
    const char *begins;
    unsigned n;
};

static void list_name(void *opaque, const char *name)
{
    struct listing *l = opaque;
    u64 v;
    if (strncmp(name, l->begins, strlen(l->begins)))
        return;
    l->n++;
    json_str(l->j, NULL, name);
    if (l->a->json || !*l->begins)
        return;
    if (l->a->s->env.named_number(l->a->s->env.opaque, name, &v))
        say(l->a, "%-28s %llu\n", name, v);
    else
        say(l->a, "%s\n", name);
}

static void list_own_names(struct answer *a, unsigned all)
{
    for (unsigned i = 0; i < nnumber_names; i++)
        say(a, "%-15s %s\n", number_names[i].name, number_names[i].sentence);
    say(a,
        "let.NAME        what `let NAME EXPR` has set\n"
        "mark.NAME       the cycle that `mark NAME` has noted\n"
        "state.WORD      the number of a frame's state, to compare page.state "
        "and event.to with;\n"
        "                likewise reason.WORD (catch lists them), actor.WORD\n"
        "$NAME           a register (info registers)\n"
        "and the kernel's counters and levels (info vm all), its tunables "
        "(info tunables), the\nmachine's numbers (walker.cycles, "
        "disks.0.reads): %u names in all; help names BEGIN lists\nthose that "
        "begin so, with their values. A symbol of the kernel is its address.\n",
        all);
}

static enum command_status help_names(struct answer *a, const char *begins)
{
    args_more(&begins);
    struct listing l = {.a = a, .j = &a->j, .begins = begins};
    json_open(&a->j, NULL, '[');
    env_names(a->s, (struct names){list_name, &l});
    json_close(&a->j, ']');
    if (!*begins)
        list_own_names(a, l.n);
    if (!a->json && !l.n)
        return fail(a, CMD_BAD, "help names: no name begins with %.40s",
                    begins);
    return finish_json(a);
}

static enum command_status help_verb(struct answer *a, const struct command *c)
{
    command_json(&a->j, c);
    help_line(a, c);
    help_example(a, c->example);
    finish_json(a);
    return c->fn == cmd_info && !a->json ? cmd_info(a, "") : CMD_OK;
}

enum command_status cmd_help(struct answer *a, const char *args)
{
    char err[200];
    unsigned first = 0, end = ARRAY_LEN(order);
    bool one = args_more(&args);
    if (one && !strncmp(args, "names", 5) && (!args[5] || args[5] == ' '))
        return help_names(a, args + 5);
    bool title = one && strchr(args, ' ') && find_section(args, &first, &end);
    const struct command *c =
        one && !title
            ? command_find(args, strcspn(args, " \t"), err, sizeof err)
            : NULL;
    if (c)
        return help_verb(a, c);
    if (one && !title && !find_section(args, &first, &end)) {
        if (!explain_knows(a->s, args))
            return fail(a, CMD_BAD, "help: %s", err);
        const char *type = everyday(args, "");
        if (type)
            say(a, "%s\n", err);     /* the verb that may be meant */
        return cmd_explain(a, args); /* a word, not a verb */
    }
    if (a->json)
        help_json(a, first, end);
    else if (one)
        help_section(a, first, end);
    else
        help_all(a);
    return CMD_OK;
}
