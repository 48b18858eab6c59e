/* SPDX-License-Identifier: MIT */
/* Reads LOC: FILE:LINE, a function of the kernel or of a program, *ADDR, or any
 * expression, whose value is the address. */
#include "inspect/symbols.h"
#include "monitor/run/run.h"

#include <ctype.h>
#include <stdlib.h>

static size_t word_length(const char *p)
{
    size_t n = 0;
    while (p[n] && !isspace((u8)p[n]))
        n++;
    return n;
}

/* Splits "FILE:LINE" in the first n letters into file and *line. */
static bool file_and_line(const char *p, size_t n, char *file, size_t size,
                          unsigned *line)
{
    size_t colon = n, digits;

    while (colon && p[colon - 1] != ':')
        colon--;
    digits = n - colon;
    if (colon < 2 || !digits || digits > 9 || colon > size ||
        strspn(p + colon, "0123456789") < digits || !memchr(p, '.', n))
        return false;
    memcpy(file, p, colon - 1);
    file[colon - 1] = 0;
    *line = (unsigned)strtoul(p + colon, NULL, 10);
    return true;
}

static bool no_place(struct answer *a, const char *file, unsigned line)
{
    struct ins_code code;

    if (inspect_source_file(a->s->sources, file, &code))
        fail(a, CMD_BAD, "%s: no code at or behind line %u", file, line);
    else
        fail(a, CMD_BAD,
             "%s: no program here was compiled from it, or none with debug "
             "information",
             file);
    return false;
}

static bool take_line(struct answer *a, const char *p, size_t n,
                      struct location *out, bool *known)
{
    char file[200];
    unsigned line;

    *known = file_and_line(p, n, file, sizeof file, &line);
    if (!*known)
        return false;
    out->n = inspect_places(a->s->sources, file, line, out->va, &out->row,
                            &out->code);
    return out->n || no_place(a, file, line);
}

/* Takes a function's name. As in gdb the place is after the prologue; in
 * optimised code it is the first instruction. A kernel's symbol is preferred to
 * a program's function of the same name. */
static bool take_function(struct session *s, const char *p, size_t n,
                          struct location *out)
{
    char name[100];
    struct source_function f;
    u64 va;

    if (!n || n >= sizeof name || (!isalpha((u8)*p) && *p != '_'))
        return false;
    memcpy(name, p, n);
    name[n] = 0;
    if (s->env.named_number(s->env.opaque, name, &va))
        return false;
    bool symbol = s->env.symbol(s->env.opaque, name, &out->va[0]);
    if (!symbol && !inspect_function(s->sources, name, &f, &out->code))
        return false;
    out->n = 1;
    if (!symbol)
        out->va[0] = f.body;
    else if (inspect_main_source(s->sources) &&
             source_function_at(inspect_main_source(s->sources), out->va[0],
                                &f) &&
             f.entry == out->va[0])
        out->va[0] = f.body;
    return true;
}

bool args_location(struct answer *a, const char **p, struct location *out)
{
    bool known = false;

    *out = (struct location){.n = 0};
    args_more(p);
    const char *start = *p;
    size_t n = word_length(start);
    if (take_line(a, start, n, out, &known) || known) {
        if (!out->n)
            return false;
        *p += n;
    } else if (take_function(a->s, start, n, out)) {
        *p += n;
    } else {
        if (*start == '*' && start[1] != '(') /* gdb's break *ADDR */
            ++*p;
        if (!args_value(a, p, &out->va[0], "a location"))
            return false;
        out->n = 1;
        n = (size_t)(*p - start);
    }
    while (n && start[n - 1] == ' ')
        n--;
    snprintf(out->text, sizeof out->text, "%.*s", (int)n, start);
    return true;
}

bool line_here(struct session *s, struct ins_code *code, struct source_row *row)
{
    u64 pc = s->m->hart.pc;

    return inspect_code_at(s->sources, pc, code) && code->source &&
           source_row_at(code->source, pc - code->bias, row);
}

static bool line_of_place(struct answer *a, const char **p,
                          struct ins_code *code, const char **file,
                          unsigned *line)
{
    struct location at;
    struct source_row row;
    struct source_function f;

    if (!args_location(a, p, &at))
        return false;
    if (!at.code.source && !inspect_code_at(a->s->sources, at.va[0], &at.code))
        at.code.source = NULL;
    if (!at.code.source ||
        !source_row_at(at.code.source, at.va[0] - at.code.bias, &row)) {
        fail(a, CMD_BAD, "%s: no source line is known there", at.text);
        return false;
    }
    *code = at.code;
    *file = row.file;
    *line = row.line;
    if (source_function_at(code->source, at.va[0] - code->bias, &f) &&
        f.entry == at.va[0] - code->bias && f.file) {
        *file = f.file;
        *line = f.line;
    }
    return true;
}

bool args_line(struct answer *a, const char **p, struct ins_code *code,
               const char **file, unsigned *line)
{
    char name[200];
    struct source_row row;

    args_more(p);
    size_t n = word_length(*p);
    if (n && n < 10 && strspn(*p, "0123456789") == n) { /* LINE */
        if (!line_here(a->s, code, &row)) {
            fail(a, CMD_BAD, "no source line is known here: give FILE:LINE");
            return false;
        }
        *file = row.file;
        *line = (unsigned)strtoul(*p, NULL, 10);
        *p += n;
        return true;
    }
    if (!file_and_line(*p, n, name, sizeof name, line))
        return line_of_place(a, p, code, file, line);
    *file = inspect_source_file(a->s->sources, name, code);
    *p += n;
    return *file || no_place(a, name, *line);
}
