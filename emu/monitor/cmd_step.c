/* SPDX-License-Identifier: MIT */
/* step, next, finish, until. */
#include "monitor/step.h"

#include <stdlib.h>

static enum command_status go(struct session *s, const struct stepper *t)
{
    if (s->context == IN_PANEL && s->nesting)
        return fail(s, CMD_BAD, "%s: a script has the machine", s->verb->verb);
    free(s->stepper);
    s->stepper = xcalloc(1, sizeof *t);
    *s->stepper = *t;
    session_new_goal(s, (struct goal){.deadline = NEVER, .stepping = true});
    return session_go(s);
}

static enum command_status step(struct session *s, const char *args,
                                enum stepping kind)
{
    struct stepper t = {.kind = kind, .count = 1};

    args_aloud(s, &args);
    if (args_more(&args) && !args_amount(s, &args, &t.count, "a count"))
        return CMD_BAD;
    if (!args_end(s, args))
        return CMD_BAD;
    if (!t.count)
        return CMD_OK;
    if (!step_from_here(s, &t))
        return fail(s, CMD_BAD,
                    "%s: no source line is known here (stepi executes one "
                    "instruction, finish leaves the function)",
                    s->verb->verb);
    return go(s, &t);
}

enum command_status cmd_step(struct session *s, const char *args)
{
    return step(s, args, STEP_IN);
}

enum command_status cmd_next(struct session *s, const char *args)
{
    return step(s, args, STEP_OVER);
}

#define CALLS 40

/* Where the function that the hart is in returns to. */
static bool return_place(struct session *s, struct stepper *t)
{
    struct ins_call *call = xcalloc(CALLS, sizeof *call);
    unsigned n = inspect_calls(s->sources, call, CALLS), i = 0;
    struct source_function f;
    bool found = false;

    while (i < n && call[i].inlined)
        i++;
    if (i + 1 < n) {
        const struct ins_call *to = &call[i + 1];
        struct step_place p = {.va = to->pc, .end = true};
        p.sp = to->unwound ? to->frame.reg[2] : s->m->hart.x[2] - 1;
        p.above = !to->unwound;
        t->place[t->nplaces++] = p;
        found = true;
        if (call[i].unwound &&
            source_function_at(call[i].code.source, call[i].frame.look, &f))
            t->returns = f.type;
    }
    free(call);
    return found;
}

enum command_status cmd_finish(struct session *s, const char *args)
{
    struct stepper t = {.kind = STEP_OUT, .count = 1};
    struct source_scope scope[SOURCE_SCOPES];
    struct ins_code code;
    u64 pc = s->m->hart.pc;

    args_aloud(s, &args);
    if (!args_end(s, args))
        return CMD_BAD;
    bool inlined =
        step_from_here(s, &t) && inspect_code_at(s->sources, pc, &code) &&
        source_scopes(code.source, pc - code.bias, scope) && scope[0].inlined;
    if (!inlined) {
        if (!return_place(s, &t))
            return fail(s, CMD_BAD, "finish: nobody is known who called this");
        t.running = true;
    }
    return go(s, &t);
}

enum command_status cmd_until(struct session *s, const char *args)
{
    struct stepper t = {.kind = STEP_OUT, .count = 1};
    struct location to;

    args_aloud(s, &args);
    if (!args_location(s, &args, &to) || !args_end(s, args))
        return CMD_BAD;
    t.who = inspect_context(s->m);
    return_place(s, &t);
    t.returns = (struct source_ref){NULL, 0};
    for (unsigned i = 0; i < to.n && t.nplaces < STEP_PLACES; i++)
        t.place[t.nplaces++] = (struct step_place){
            .va = to.va[i], .sp = ~0ull, .room = ~0ull, .end = true};
    t.running = true;
    return go(s, &t);
}
