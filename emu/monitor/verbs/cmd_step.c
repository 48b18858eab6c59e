/* SPDX-License-Identifier: MIT */
/* step, next, finish, until. */
#include "monitor/session/step.h"
#include "monitor/verbs/verbs.h"

#include "monitor/session/calls.h"

#include <stdlib.h>

static enum command_status step_go(struct session *s, const struct stepper *t)
{
    if (s->context == IN_PANEL && s->nesting)
        return fail(s, CMD_BAD, "%s: a script has the machine", s->verb->verb);
    free(s->stepper);
    s->stepper = xcalloc(1, sizeof *t);
    *s->stepper = *t;
    session_new_goal(s, (struct goal){.deadline = NEVER, .stepping = true});
    return session_go(s);
}

static enum command_status step_lines(struct session *s, const char *args,
                                      enum stepping kind)
{
    struct stepper t = {.kind = kind, .count = 1};

    args_aloud(s, &args);
    if (!args_count(s, args, &t.count))
        return CMD_BAD;
    if (!t.count)
        return CMD_OK;
    if (kind == STEP_IN &&
        calls_hidden(
            s)) { /* the hidden call is entered: the hart stays where it is */
        calls_hide(s, calls_hidden(s) - 1);
        if (!--t.count) {
            s->stopped = STOP_DONE;
            s->stopper = NULL;
            session_report(s);
            return CMD_OK;
        }
    }
    if (!step_from_here(s, &t))
        return fail(s, CMD_BAD,
                    "%s: no source line is known here (stepi executes one "
                    "instruction, finish leaves the function)",
                    s->verb->verb);
    return step_go(s, &t);
}

enum command_status cmd_step(struct session *s, const char *args)
{
    return step_lines(s, args, STEP_IN);
}

enum command_status cmd_next(struct session *s, const char *args)
{
    return step_lines(s, args, STEP_OVER);
}

/* The index of the function that has the chosen call inlined, or of that call
 * itself; n: there is none. */
static unsigned function_of(const struct calls *c)
{
    unsigned i = c->chosen;
    while (i < c->n && c->all[i].inlined)
        i++;
    return i;
}

static struct step_place place_of(struct session *s, const struct ins_call *to)
{
    struct step_place p = {.va = to->pc};
    p.sp = to->unwound ? to->frame.reg[2] : s->m->hart.x[2] - 1;
    p.above = !to->unwound;
    return p;
}

/* Adds the place to which the function returns; for a trap, the place in the
 * interrupted process. False: it is not known. */
static bool return_place(struct session *s, const struct calls *c,
                         struct stepper *t)
{
    unsigned i = function_of(c);
    struct source_function f;

    if (i + 1 >= c->n)
        return false;
    t->place[t->nplaces] = place_of(s, &c->all[i + 1]);
    t->place[t->nplaces++].end = true;
    if (c->all[i].trap)
        t->who.priv = PRV_U;
    if (c->all[i].code.source && !c->all[i].trap &&
        source_function_at(c->all[i].code.source, c->all[i].frame.look, &f))
        t->returns = f.type;
    return true;
}

/* To leave the chosen inlined call: runs back to it first, if the hart is in a
 * function that it has called. */
static void leave_inlined(struct session *s, const struct calls *c,
                          struct stepper *t)
{
    const struct ins_call *of = &c->all[c->chosen];

    t->scope[0] = of->scope;
    t->nscopes = 1;
    t->running = of->pc != s->m->hart.pc;
    if (t->running)
        t->place[t->nplaces++] = place_of(s, of);
}

enum command_status cmd_finish(struct session *s, const char *args)
{
    struct stepper t = {.kind = STEP_OUT, .count = 1};

    args_aloud(s, &args);
    if (!args_end(s, args))
        return CMD_BAD;
    step_from_here(s, &t);
    struct calls c = calls_now(s);
    bool known = c.n && (c.all[c.chosen].inlined || return_place(s, &c, &t));
    t.running = true;
    if (known && c.all[c.chosen].inlined)
        leave_inlined(s, &c, &t);
    free(c.all);
    return known ? step_go(s, &t)
                 : fail(s, CMD_BAD, "finish: the caller is not known");
}

enum command_status cmd_until(struct session *s, const char *args)
{
    struct stepper t = {.kind = STEP_OUT, .count = 1};
    struct location to;

    args_aloud(s, &args);
    if (!args_location(s, &args, &to) || !args_end(s, args))
        return CMD_BAD;
    t.who = inspect_context(s->m);
    struct calls c = calls_now(s);
    return_place(s, &c, &t);
    free(c.all);
    t.returns = (struct source_ref){NULL, 0};
    for (unsigned i = 0; i < to.n && t.nplaces < STEP_PLACES; i++)
        t.place[t.nplaces++] = (struct step_place){
            .va = to.va[i], .sp = ~0ull, .room = ~0ull, .end = true};
    t.running = true;
    return step_go(s, &t);
}
