/* SPDX-License-Identifier: MIT */
/* Shows calls and source lines: bt, list, info line. */
#include "inspect/symbols.h"
#include "monitor/verbs/verbs.h"

#include <limits.h>
#include <stdlib.h>

/* ---- bt -------------------------------------------------------------- */

#define CALLS 64

static void say_call(struct answer *a, const struct ins_call *c, unsigned i,
                     struct json *j)
{
    json_add(j, "{pc:%#llx where:%s", c->pc, c->where);
    if (c->function)
        json_str(j, "function", c->function);
    if (c->inlined)
        json_bool(j, "inlined", true);
    if (c->trap)
        json_bool(j, "trap", true);
    if (c->file)
        json_add(j, "file:%s line:%u", c->file, c->line);
    json_close(j, '}');
    say(a, "#%-2u 0x%016llx  %s%s%s", i, c->pc, c->trap ? "<trap taken> " : "",
        c->inlined    ? c->function ? c->function : "?"
        : *c->where   ? c->where
        : c->function ? c->function
                      : "(no symbol: a program, or the firmware)",
        c->inlined ? ", inlined," : "");
    if (c->file)
        say(a, " at %s:%u", file_part(c->file), c->line);
    say(a, "\n");
}

enum command_status cmd_bt(struct answer *a, const char *args)
{
    if (args_more(&args) && word_same(args, "full"))
        return fail(a, CMD_BAD, "bt: %s", everyday_told("locals"));
    if (!args_end(a, args))
        return CMD_BAD;
    struct ins_call *call = xcalloc(CALLS, sizeof *call);
    unsigned n = inspect_calls(a->s->sources, call, CALLS);
    json_open(&a->j, NULL, '[');
    for (unsigned i = 0; i < n; i++)
        say_call(a, &call[i], i, &a->j);
    json_close(&a->j, ']');
    free(call);
    return finish_json(a);
}

/* ---- list ------------------------------------------------------------ */

#define LIST_LINES 10

static enum command_status list_from(struct answer *a,
                                     const struct ins_code *code,
                                     const char *file, unsigned first)
{
    struct session *s = a->s;
    FILE *f = line_file_open(s, code, file);
    char *line = NULL;
    size_t room = 0;
    unsigned number = 0, shown = 0;

    if (!f)
        return fail(a, CMD_BAD, "list: %s: not found from here", file);
    json_add(&a->j, "{file:%s lines:[", file);
    while (shown < LIST_LINES && line_file_next(f, &line, &room)) {
        if (++number < first)
            continue;
        shown++;
        json_add(&a->j, "{line:%u text:%s}", number, line);
        say(a, "%u\t%s\n", number, line);
    }
    json_add(&a->j, "]}");
    free(line);
    fclose(f);
    if (!shown)
        return fail(a, CMD_BAD, "list: %s has %u lines", file_part(file),
                    number);
    free(s->listed.file);
    s->listed.file = xstrdup(file);
    s->listed.line = number;
    s->listed.cycle = machine_now(s->m);
    return finish_json(a);
}

/* Returns the first line to show: `line` - 5, as in gdb, but at least 1. */
static unsigned around(unsigned line)
{
    return line > LIST_LINES / 2 ? line - LIST_LINES / 2 : 1;
}

enum command_status cmd_list(struct answer *a, const char *args)
{
    struct session *s = a->s;
    struct ins_code code;
    struct source_row row;
    const char *file;
    unsigned line;

    if (args_more(&args)) {
        if (!args_line(a, &args, &code, &file, &line) || !args_end(a, args))
            return CMD_BAD;
        return list_from(a, &code, file, around(line));
    }
    bool here = line_here(s, &code, &row);
    if (s->listed.file && s->listed.cycle == machine_now(s->m) &&
        inspect_source_file(s->sources, s->listed.file, &code))
        return list_from(a, &code, s->listed.file, s->listed.line + 1);
    if (!here)
        return fail(a, CMD_BAD,
                    "list: no source line is known here (list FILE:LINE, "
                    "list FUNCTION)");
    return list_from(a, &code, row.file, around(row.line));
}

/* ---- info line ------------------------------------------------------- */

static void address_text(const struct ins_code *code, u64 va, char *buf,
                         size_t n)
{
    struct source_function f;
    size_t at = append(buf, n, 0, "0x%llx", va);
    u64 own = va - code->bias;

    if (!source_function_at(code->source, own, &f) &&
        (!source_function_at(code->source, own - 1, &f)))
        return;
    if (own == f.entry)
        append(buf, n, at, " <%s>", f.name);
    else
        append(buf, n, at, " <%s+%llu>", f.name, own - f.entry);
}

static void say_row(struct answer *a, const struct ins_code *code,
                    const struct source_row *row, struct json *j)
{
    char from[120], to[120];

    json_add(j, "{file:%s line:%u start:%#llx end:%#llx}", row->file, row->line,
             row->start + code->bias, row->end + code->bias);
    if (a->json)
        return;
    address_text(code, row->start + code->bias, from, sizeof from);
    address_text(code, row->end + code->bias, to, sizeof to);
    say(a, "Line %u of \"%s\" starts at address %s and ends at %s.\n",
        row->line, file_part(row->file), from, to);
}

enum command_status info_line(struct answer *a, const char *args)
{
    struct session *s = a->s;
    u64 va[SOURCE_PLACES];
    struct source_row row;
    struct ins_code code;
    const char *file;
    unsigned line, n = 1;

    if (!args_more(&args)) {
        if (!line_here(s, &code, &row))
            return fail(a, CMD_BAD, "info line: no source line is known here");
        va[0] = s->m->hart.pc;
    } else if (*args == '*') {
        struct location at;
        if (!args_location(a, &args, &at) || !args_end(a, args))
            return CMD_BAD;
        va[0] = at.va[0];
        if (!inspect_code_at(s->sources, va[0], &code) || !code.source ||
            !source_row_at(code.source, va[0] - code.bias, &row))
            return fail(a, CMD_BAD,
                        "info line: no source line is known of 0x%llx", va[0]);
    } else {
        if (!args_line(a, &args, &code, &file, &line) || !args_end(a, args))
            return CMD_BAD;
        char name[PATH_MAX];
        snprintf(name, sizeof name, "%s", file);
        n = inspect_lines(&code, name, line, va);
        if (!n)
            return fail(a, CMD_BAD,
                        "info line: %s has no code at or behind "
                        "line %u",
                        file_part(name), line);
    }
    json_open(&a->j, NULL, '[');
    for (unsigned i = 0; i < n; i++)
        if (source_row_at(code.source, va[i] - code.bias, &row))
            say_row(a, &code, &row, &a->j);
    json_close(&a->j, ']');
    return finish_json(a);
}

enum command_status cmd_gdb(struct answer *a, const char *args)
{
    const struct debugged *d = &a->s->debugged;
    if (!args_end(a, args))
        return CMD_BAD;
    return d->verb ? d->verb(d->verb_opaque, a)
                   : fail(a, CMD_BAD, "gdb: a lesson cannot use it");
}
