/* SPDX-License-Identifier: MIT */
/* The calls that the hart is in, and the one that is chosen. */
#include "monitor/session/calls.h"

#include <stdlib.h>

#define CALLS 64

/* True: a call is chosen. The choice is forgotten when the hart goes on. */
static bool is_chosen(const struct session *s)
{
    const struct hart *h = &s->m->hart;
    return s->chosen.cycle == h->cycle && s->chosen.instret == h->instret &&
           s->chosen.pc == h->pc && (s->chosen.hidden || s->chosen.frame);
}

void calls_choose(struct session *s, unsigned hidden, unsigned frame)
{
    const struct hart *h = &s->m->hart;
    s->chosen.cycle = h->cycle;
    s->chosen.instret = h->instret;
    s->chosen.pc = h->pc;
    s->chosen.hidden = hidden;
    s->chosen.frame = frame;
    free(s->list_file); /* list begins at the chosen call */
    s->list_file = NULL;
}

unsigned calls_hidden(const struct session *s)
{
    return is_chosen(s) ? s->chosen.hidden : 0;
}

struct calls calls_now(struct session *s)
{
    struct calls c = {.all = xcalloc(CALLS, sizeof *c.all)};
    unsigned hidden = calls_hidden(s);

    c.n = inspect_calls(s->sources, c.all, CALLS);
    hidden = hidden < c.n ? hidden : 0;
    c.n -= hidden;
    memmove(c.all, c.all + hidden, c.n * sizeof *c.all);
    c.chosen = is_chosen(s) && s->chosen.frame < c.n ? s->chosen.frame : 0;
    return c;
}

const struct ins_call *calls_chosen(const struct session *s)
{
    return is_chosen(s) ? &s->chosen.call : NULL;
}

void calls_hide(struct session *s, unsigned hidden)
{
    calls_choose(s, hidden, 0);
    if (!hidden)
        return;
    struct calls c = calls_now(s);
    s->chosen.call = c.all[0];
    free(c.all);
}

unsigned calls_beginning(struct source *source, u64 pc,
                         const struct source_scope *scope, unsigned n)
{
    unsigned i = 0;
    while (i < n && scope[i].inlined &&
           !source_scope_has(source, scope[i].die, pc - 1))
        i++;
    return i;
}

bool calls_line(struct session *s, struct ins_code *code,
                struct source_row *row)
{
    const struct ins_call *c = calls_chosen(s);

    if (!c)
        return line_here(s, code, row);
    *code = c->code;
    if (!c->file || !source_row_at(c->code.source, c->frame.look, row))
        return false;
    row->file = c->file;
    row->line = c->line;
    return true;
}
