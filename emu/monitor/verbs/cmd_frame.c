/* SPDX-License-Identifier: MIT */
/* Calls: bt, frame, up, down, and the variables of the chosen call. */
#include "monitor/session/calls.h"

#include "monitor/verbs/verbs.h"

#include <stdlib.h>

/* ---- variables ------------------------------------------------------- */

#define VALUE_TEXT     400
#define VALUE_BYTES    4096
#define VARIABLES_MOST 200

/* A variable's value in that call, or the reason why it has none. */
static void value_text(struct session *s, const struct ins_call *c,
                       const struct source_variable *v, char *buf, size_t n)
{
    struct source_memory mem = inspect_memory(s->sources);
    struct source_shape shape = source_shape(v->type);
    u8 bytes[VALUE_BYTES];
    u64 size = shape.bytes < sizeof bytes ? shape.bytes : sizeof bytes;
    const char *why = source_read(v->var, &c->frame, &mem, 0, bytes, size);

    if (why)
        snprintf(buf, n, "<%s>", why);
    else
        source_show(v->type, bytes, size, &mem, buf, n);
}

/* Each variable of a call: its arguments, its other variables, or both. */
static void each_variable(struct session *s, const struct ins_call *c,
                          bool arguments, bool locals, struct json *j,
                          void (*fn)(struct session *, const char *name,
                                     const char *value, unsigned i))
{
    struct source_variable *v = xcalloc(VARIABLES_MOST, sizeof *v);
    char text[VALUE_TEXT];
    unsigned n = 0, shown = 0;

    if (c->unwound && c->scope)
        n = source_variables(c->code.source, c->scope, c->frame.look, v,
                             VARIABLES_MOST);
    for (unsigned i = 0; i < n; i++) {
        if (v[i].argument ? !arguments : !locals)
            continue;
        value_text(s, c, &v[i], text, sizeof text);
        json_str(j, v[i].name, text);
        if (!s->json)
            fn(s, v[i].name, text, shown);
        shown++;
    }
    free(v);
}

static void say_argument(struct session *s, const char *name, const char *value,
                         unsigned i)
{
    say(s, "%s%s=%s", i ? ", " : "", name, value);
}

static void say_local(struct session *s, const char *name, const char *value,
                      unsigned i)
{
    (void)i;
    say(s, "%s = %s\n", name, value);
}

static void say_inner(struct session *s, const char *name, const char *value,
                      unsigned i)
{
    (void)i;
    say(s, "        %s = %s\n", name, value);
}

/* `info args`, `info locals`: the variables of the chosen call. */
static enum command_status info_variables(struct session *s, const char *args,
                                          const char *verb, bool arguments)
{
    struct json j = {0};

    if (!args_end(s, args))
        return CMD_BAD;
    struct calls c = calls_now(s);
    bool known = c.n && c.all[c.chosen].scope;
    json_open(&j, NULL, '{');
    if (known)
        each_variable(s, &c.all[c.chosen], arguments, !arguments, &j,
                      say_local);
    json_close(&j, '}');
    free(c.all);
    if (known)
        return finish_json(s, &j);
    json_free(&j);
    return fail(s, CMD_BAD, "%s: no source is known here", verb);
}

enum command_status info_locals(struct session *s, const char *args)
{
    return info_variables(s, args, "info locals", false);
}

enum command_status info_args(struct session *s, const char *args)
{
    return info_variables(s, args, "info args", true);
}

/* ---- bt, frame, up, down --------------------------------------------- */

static void say_call(struct session *s, const struct ins_call *c, unsigned i,
                     struct json *j, bool full)
{
    json_open(j, NULL, '{');
    json_hex(j, "pc", c->pc);
    json_str(j, "where", c->where);
    if (c->function)
        json_str(j, "function", c->function);
    if (c->inlined)
        json_bool(j, "inlined", true);
    if (c->trap)
        json_bool(j, "trap", true);
    if (c->file) {
        json_str(j, "file", c->file);
        json_u64(j, "line", c->line);
    }
    if (!s->json)
        say(s, "#%-2u 0x%016llx  %s%s", i, (unsigned long long)c->pc,
            c->trap ? "<trap taken> " : "",
            c->inlined    ? c->function ? c->function : "?"
            : *c->where   ? c->where
            : c->function ? c->function
                          : "(no symbol: a program, or the firmware)");
    json_open(j, "arguments", '{');
    if (c->scope) {
        if (!s->json)
            say(s, " (");
        each_variable(s, c, true, false, j, say_argument);
        if (!s->json)
            say(s, ")%s", c->inlined ? ", inlined," : "");
    }
    json_close(j, '}');
    if (!s->json && c->file)
        say(s, " at %s:%u", file_part(c->file), c->line);
    if (!s->json)
        say(s, "\n");
    json_open(j, "locals", '{');
    if (full)
        each_variable(s, c, false, true, j, say_inner);
    json_close(j, '}');
    json_close(j, '}');
}

enum command_status cmd_bt(struct session *s, const char *args)
{
    struct json j = {0};
    bool full = args_more(&args) && word_same(args, "full");

    if (!full && !args_end(s, args))
        return CMD_BAD;
    struct calls c = calls_now(s);
    json_open(&j, NULL, '[');
    for (unsigned i = 0; i < c.n; i++)
        say_call(s, &c.all[i], i, &j, full);
    json_close(&j, ']');
    free(c.all);
    return finish_json(s, &j);
}

/* The chosen call, and its line. */
static enum command_status tell_chosen(struct session *s, struct calls *c)
{
    char text[300];
    struct json j = {0};
    struct source_row row;
    struct ins_code code;

    say_call(s, &c->all[c->chosen], c->chosen, &j, false);
    free(c->all);
    if (!s->json && calls_line(s, &code, &row)) {
        line_text(s, &code, &row, text, sizeof text);
        say(s, "%s\n", text);
    }
    return finish_json(s, &j);
}

static enum command_status choose_call(struct session *s, struct calls *c,
                                       unsigned n)
{
    unsigned hidden = calls_hidden(s);

    calls_choose(s, hidden, n);
    s->chosen.call = c->all[n];
    c->chosen = n;
    return tell_chosen(s, c);
}

/* A number that bt does not show is a page frame's: in the monitor `frame`
 * means that more often. */
enum command_status cmd_frame(struct session *s, const char *args)
{
    const char *number = args;
    u64 n;

    if (!args_more(&args)) {
        struct calls here = calls_now(s);
        return tell_chosen(s, &here);
    }
    if (!args_amount(s, &args, &n, "a number of bt's") || !args_end(s, args))
        return CMD_BAD;
    struct calls c = calls_now(s);
    if (n < c.n)
        return choose_call(s, &c, (unsigned)n);
    free(c.all);
    return info_frame(s, number);
}

/* Chooses the call n farther out or in, at most the last one, as gdb does. */
static enum command_status go_by(struct session *s, const char *args, bool out)
{
    u64 n = 1;

    if (!args_count(s, args, &n))
        return CMD_BAD;
    struct calls c = calls_now(s);
    u64 room = out ? c.n - 1 - c.chosen : c.chosen;
    if (!room && n) {
        free(c.all);
        return fail(s, CMD_BAD,
                    out ? "up: this is the outermost call that is known"
                        : "down: this is the innermost call");
    }
    n = n < room ? n : room;
    return choose_call(s, &c, c.chosen + (out ? (unsigned)n : -(unsigned)n));
}

enum command_status cmd_up(struct session *s, const char *args)
{
    return go_by(s, args, true);
}

enum command_status cmd_down(struct session *s, const char *args)
{
    return go_by(s, args, false);
}
