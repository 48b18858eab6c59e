/* SPDX-License-Identifier: MIT */
/* Steps by source lines, as gdb defines them: instruction by instruction until
 * another line begins. Over a call that is not stepped into, and over a trap,
 * the machine runs to where they return: the stepper has a breakpoint of its
 * own there, which counts only for the same thread with the same stack pointer.
 * Interrupt handlers and other processes at that address are passed by. */
#include "monitor/session/step.h"

#include "monitor/session/calls.h"

#define STEPS_MOST 10000      /* of one slice */
#define STACK_ROOM (64 << 10) /* that a function's prologue may take */

static u64 stack_pointer(const struct session *s)
{
    return s->m->hart.x[2];
}

/* ---- running to a place ---------------------------------------------- */

static void run_to(struct session *s, struct stepper *t,
                   struct step_place place)
{
    t->place[0] = place;
    t->nplaces = 1;
    t->running = true;
    stoppers_arm(s);
}

/* True: the thread on the hart is the one that steps. In a kernel the privilege
 * is enough: the stack pointer tells threads apart, and the page table may have
 * changed meanwhile. */
static bool same_thread(struct session *s, const struct ins_context *who)
{
    struct ins_context now = inspect_context(s->m);

    return now.priv == who->priv &&
           (now.priv != PRV_U ||
            (now.root == who->root && now.tid == who->tid));
}

static const struct step_place *arrived(struct session *s,
                                        const struct stepper *t)
{
    u64 sp = stack_pointer(s);

    for (unsigned i = 0; i < t->nplaces; i++) {
        const struct step_place *p = &t->place[i];
        if (p->va == s->m->hart.pc && same_thread(s, &t->who) &&
            (p->above ? sp > p->sp : p->sp - sp <= p->room))
            return p;
    }
    return NULL;
}

/* ---- one instruction ------------------------------------------------- */

/* A function has been called. It is stepped into if its lines are known. */
static void call_made(struct session *s, struct stepper *t, u64 returns, u64 sp)
{
    u64 pc = s->m->hart.pc;
    struct source_function f;
    struct source_row row;
    struct ins_code code;

    if (t->kind == STEP_IN && inspect_code_at(s->sources, pc, &code) &&
        code.source && source_row_at(code.source, pc - code.bias, &row) &&
        source_function_at(code.source, pc - code.bias, &f) &&
        f.entry == pc - code.bias) {
        if (f.body > f.entry)
            run_to(s, t,
                   (struct step_place){
                       .va = f.body + code.bias, .sp = sp, .room = STACK_ROOM});
        return;
    }
    run_to(s, t, (struct step_place){.va = returns, .sp = sp});
}

static enum machine_stop step_one(struct session *s, struct stepper *t)
{
    const struct hart *h = &s->m->hart;
    u64 pc = h->pc, sp = stack_pointer(s), traps = engine_traps(s->m->engine);
    struct ins_insn in;
    bool known = inspect_insn(s->m, pc, false, &in);

    t->who = inspect_context(s->m);
    enum machine_stop why = machine_step(s->m, 1);
    if (engine_traps(s->m->engine) != traps)
        run_to(s, t,
               (struct step_place){.va = inspect_trap(s->m).returns, .sp = sp});
    else if (known && in.calls && why == MS_DEADLINE)
        call_made(s, t, pc + in.bytes, sp);
    return why;
}

/* ---- has another line begun? ----------------------------------------- */

/* The canonical frame address, by which a function's frame differs from its
 * caller's; 0: not known. */
static u64 frame_now(struct session *s, const struct ins_code *code)
{
    struct source_frame f = inspect_frame_now(s->m, code->bias);
    struct source_memory mem = inspect_memory(s->sources);
    u64 cfa;

    return source_cfa(code->source, &f, &mem, &cfa) ? cfa : 0;
}

static void begin_line(struct session *s, struct stepper *t,
                       const struct ins_code *code,
                       const struct source_row *row)
{
    struct source *source = code->source;
    u64 pc = s->m->hart.pc - code->bias;
    struct source_scope scope[SOURCE_SCOPES];

    unsigned n = source_scopes(source, pc, scope), hidden = calls_hidden(s);

    t->source = source;
    t->file = row->file;
    t->line = row->line;
    t->frame = frame_now(s, code);
    t->nscopes = 0;
    if (hidden && hidden < n) {
        t->file = scope[hidden - 1].call_file;
        t->line = scope[hidden - 1].call_line;
    }
    for (unsigned i = hidden < n ? hidden : 0; i < n; i++)
        t->scope[t->nscopes++] = scope[i].die;
}

/* True: inlined calls of the function that is stepped through begin at pc.
 * *ends: the step is over there, at the line of the call or, stepping in, in
 * the first call's. */
static bool call_begins(struct session *s, struct stepper *t,
                        const struct ins_code *code, u64 pc, bool *ends)
{
    struct source_scope scope[SOURCE_SCOPES];
    unsigned n = source_scopes(code->source, pc, scope);
    unsigned k = calls_beginning(code->source, pc, scope, n);

    t->hidden = k;
    if (!k || n - k != t->nscopes || scope[k].die != t->scope[0] ||
        frame_now(s, code) != t->frame || !scope[k - 1].call_file)
        return false;
    bool same = scope[k - 1].call_line == t->line &&
                !strcmp(scope[k - 1].call_file, t->file);
    *ends = !same || t->kind == STEP_IN;
    t->hidden -= same;
    return true;
}

/* True: pc is within an inlined call of the function that is stepped over. */
static bool in_deeper_call(const struct stepper *t, struct source *source,
                           u64 pc)
{
    struct source_scope scope[SOURCE_SCOPES];
    unsigned n = source_scopes(source, pc, scope);

    return t->kind != STEP_IN && t->nscopes && n > t->nscopes &&
           scope[n - t->nscopes].die == t->scope[0];
}

/* True: the inlined call has been left. */
static bool left_scope(const struct stepper *t, struct source *source, u64 pc)
{
    struct source_scope scope[SOURCE_SCOPES];
    unsigned n = source_scopes(source, pc, scope);

    for (unsigned i = 0; i < n; i++)
        if (scope[i].die == t->scope[0])
            return false;
    return true;
}

/* True: a tail call has jumped to a function without lines. The machine is to
 * run to where that returns. */
static bool jumped_out(struct session *s, struct stepper *t)
{
    struct source_function f;
    struct ins_code code;
    char name[80];
    const struct hart *h = &s->m->hart;

    if ((inspect_code_at(s->sources, h->pc, &code) && code.source &&
         source_function_at(code.source, h->pc - code.bias, &f)) ||
        !inspect_name_at(s->sources, h->pc, name, sizeof name) ||
        strchr(name, '+') || h->x[1] == h->pc)
        return false;
    t->who = inspect_context(s->m);
    run_to(s, t, (struct step_place){.va = h->x[1], .sp = h->x[2]});
    return true;
}

static bool line_begins(struct session *s, struct stepper *t)
{
    struct source_function f;
    struct source_row row;
    struct ins_code code;
    u64 pc = s->m->hart.pc;

    if (jumped_out(s, t))
        return false;
    if (!inspect_code_at(s->sources, pc, &code) || !code.source)
        return true; /* gdb stops where no line is known, too */
    pc -= code.bias;
    if (!source_row_at(code.source, pc, &row)) /* line 0: of no source line */
        return !source_function_at(code.source, pc, &f);
    t->hidden = 0;
    if (t->kind == STEP_OUT)
        return left_scope(t, code.source, pc);
    bool ends = false;
    if (call_begins(s, t, &code, pc, &ends))
        return ends;
    bool same = code.source == t->source && row.line == t->line &&
                !strcmp(row.file, t->file);
    if (in_deeper_call(t, code.source, pc))
        return false;
    if (!same && pc == row.start && row.statement)
        return true;
    /* Back in the middle of a caller's line: on to that line's end. A row that
     * is no statement begins no line; the next row may be of the same line. */
    if (!same &&
        (frame_now(s, &code) != t->frame || left_scope(t, code.source, pc))) {
        begin_line(s, t, &code, &row);
        if (pc == row.start)
            t->line = 0;
    }
    return false;
}

bool step_from_here(struct session *s, struct stepper *t)
{
    struct source_row row;
    struct ins_code code;

    t->running = false;
    t->who = inspect_context(s->m);
    if (!line_here(s, &code, &row))
        return false;
    begin_line(s, t, &code, &row);
    return true;
}

/* ---- to the step's end ----------------------------------------------- */

static void note_returned(struct session *s, struct stepper *t)
{
    struct source_shape shape = source_shape(t->returns);
    struct source_memory mem = inspect_memory(s->sources);
    u8 bytes[8];

    if (!t->returns.die || shape.kind == SOURCE_STRUCT ||
        shape.kind == SOURCE_FLOAT || !shape.bytes || shape.bytes > 8)
        return;
    put_le(bytes, s->m->hart.x[10], 8);
    source_show(t->returns, bytes, shape.bytes, &mem, t->returned,
                sizeof t->returned);
}

/* True: the step is over where the hart stands. */
static bool stand_at_end(struct session *s, struct stepper *t)
{
    if (!line_begins(s, t))
        return false;
    calls_hide(s, t->hidden);
    if (t->count > 1 && step_from_here(s, t)) {
        t->count--;
        return false;
    }
    return true;
}

enum machine_stop step_advance(struct session *s, u64 to, bool *reached)
{
    struct stepper *t = s->stepper;
    const struct step_place *at = NULL;
    enum machine_stop why;

    for (unsigned i = 0; i < STEPS_MOST; i++) {
        bool ran = t->running;
        why = ran ? machine_run(s->m, to) : step_one(s, t);
        if (ran && why == MS_BREAKPOINT && (at = arrived(s, t))) {
            t->running = false;
            why = stoppers_at(s, s->m->hart.pc) ? MS_BREAKPOINT : MS_DEADLINE;
            *reached = at->end;
            stoppers_arm(s);
        } else if (ran || why != MS_DEADLINE) {
            return why;
        }
        if (at && at->end)
            note_returned(s, t);
        if (!*reached && !t->running)
            *reached = stand_at_end(s, t);
        if (!t->running && stoppers_at(s, s->m->hart.pc))
            return MS_BREAKPOINT;
        if (*reached || s->m->hart.cycle >= to)
            return why;
    }
    return MS_DEADLINE;
}
