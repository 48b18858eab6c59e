/* SPDX-License-Identifier: MIT */
/* help: the verbs by section; one verb; the nearest to a mistyped one. */
#include "monitor/session.h"

static const struct {
    const char *section, *verb; /* one of them */
} order[] = {
#define SECTION(title)                          {title, NULL},
#define COMMAND(verb, args, complete, fn, help) {NULL, verb},
#include "monitor/commands.def"
#undef COMMAND
};

void nearest_offer(void *nearest, const char *word)
{
    inspect_nearest_offer(nearest, word);
}

const char *did_you_mean(const struct ins_nearest *near, char *buf, size_t n)
{
    snprintf(buf, n, *near->best ? "; did you mean %s?" : "%s", near->best);
    return buf;
}

static void command_json(struct json *j, const struct command *c)
{
    json_open(j, NULL, '{');
    json_str(j, "verb", c->verb);
    json_str(j, "args", c->args);
    json_str(j, "help", c->help);
    json_bool(j, "built", c->fn != cmd_later);
    json_close(j, '}');
}

static void help_json(struct session *s)
{
    struct json j = {0};
    json_open(&j, NULL, '[');
    for (unsigned i = 0; i < ncommands; i++)
        command_json(&j, &commands[i]);
    json_close(&j, ']');
    say_json(s, &j);
}

static void help_line(struct session *s, const struct command *c)
{
    char head[160];
    snprintf(head, sizeof head, "%s %s", c->verb, c->args);
    say(s, strlen(head) > 27 ? "%s\n%-27s %s%s\n" : "%-27s%s %s%s\n", head, "",
        c->help, c->fn == cmd_later ? " (not built yet)" : "");
}

static void not_built(struct session *s)
{
    const char *before = "Promised, not built yet: ";
    for (unsigned i = 0; i < ncommands; i++) {
        if (commands[i].fn != cmd_later)
            continue;
        say(s, "%s%s", before, commands[i].verb);
        before = ", ";
    }
    say(s, "\n");
}

static void help_all(struct session *s)
{
    char err[120];
    const char *section = NULL;
    for (unsigned i = 0; i < ARRAY_LEN(order); i++) {
        if (order[i].section) {
            section = order[i].section;
            continue;
        }
        const struct command *c =
            command_find(order[i].verb, strlen(order[i].verb), err, sizeof err);
        if (!c || c->fn == cmd_later)
            continue;
        if (section)
            say(s, "\n%s\n", section);
        section = NULL;
        help_line(s, c);
    }
    say(s, "\nTIME: cycles, or with ns us ms s. EXPR: C over $reg, cycle, "
           "instret, symbols, u32[ADDR],\ncounters (pgfault, vm.free, "
           "walker.cycles, mark.NAME). LVALUE: u8..u64[ADDR], *(int *)ADDR.\n"
           "A verb may be cut short where it stays clear: c, si, i, b, q. In "
           "the console: Ctrl-A c.\n");
    not_built(s);
}

enum command_status cmd_help(struct session *s, const char *args)
{
    char err[120];
    if (args_more(&args)) {
        const struct command *c =
            command_find(args, strcspn(args, " \t"), err, sizeof err);
        if (!c && explained(s, args)) /* a word, not a verb */
            return cmd_explain(s, args);
        if (!c)
            return fail(s, CMD_BAD, "help: %s", err);
        if (s->json) {
            struct json j = {0};
            command_json(&j, c);
            say_json(s, &j);
            return CMD_OK;
        }
        help_line(s, c);
        if (c->fn == cmd_info)
            return cmd_info(s, "");
        return CMD_OK;
    }
    if (s->json) {
        help_json(s);
        return CMD_OK;
    }
    help_all(s);
    return CMD_OK;
}
