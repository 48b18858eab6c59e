/* SPDX-License-Identifier: MIT */
/* Steps by source lines, as gdb defines them: instruction by instruction until
 * another line begins. A call that is stepped over, and a trap, are run to
 * where they come back, by a breakpoint of the stepper's own that only the same
 * thread with the same stack pointer reaches: an interrupt's handler is passed
 * by, and so is another process at the same address. */
#include "monitor/session/step.h"

#include "monitor/session/calls.h"

#define STEPS_MOST 10000      /* of one slice */
#define STACK_ROOM (64 << 10) /* that a function's prologue may take */

static u64 stack_pointer(const struct session *s)
{
    return s->m->hart.x[2];
}

/* ---- running to a place ---------------------------------------------------
 */

static void run_to(struct session *s, struct stepper *t,
                   struct step_place place)
{
    t->place[0] = place;
    t->nplaces = 1;
    t->running = true;
    stoppers_arm(s);
}

/* The thread is the one that steps. In a kernel the stack tells: its page table
 * may have another number for the same space meanwhile. */
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

/* ---- one instruction ------------------------------------------------------
 */

/* A function has been called. It is stepped into if its lines are known. */
static void called(struct session *s, struct stepper *t, u64 returns, u64 sp)
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
        called(s, t, pc + in.bytes, sp);
    return why;
}

/* ---- is another line there? ------------------------------------------------
 */

/* What tells a function's frame from its caller's; 0: not known. */
static u64 frame_now(struct session *s, const struct ins_code *code)
{
    struct source_frame f = inspect_frame_now(s->m, code->bias);
    struct source_memory mem = inspect_memory(s->sources);
    u64 cfa;

    return source_cfa(code->source, &f, &mem, &cfa) ? cfa : 0;
}

static void take_line(struct session *s, struct stepper *t,
                      const struct ins_code *code, const struct source_row *row)
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

/* pc is where calls begin that were inlined into what is stepped through: *ends
 * if the step is over there, at the line of the call, or in its first one. */
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

/* pc is within calls inlined into what is stepped over. */
static bool deeper(const struct stepper *t, struct source *source, u64 pc)
{
    struct source_scope scope[SOURCE_SCOPES];
    unsigned n = source_scopes(source, pc, scope);

    return t->kind != STEP_IN && t->nscopes && n > t->nscopes &&
           scope[n - t->nscopes].die == t->scope[0];
}

/* Has the call been left that was inlined? */
static bool left_scope(const struct stepper *t, struct source *source, u64 pc)
{
    struct source_scope scope[SOURCE_SCOPES];
    unsigned n = source_scopes(source, pc, scope);

    for (unsigned i = 0; i < n; i++)
        if (scope[i].die == t->scope[0])
            return false;
    return true;
}

/* A function without lines was jumped to (a tail call): to where it returns. */
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
    if (!source_row_at(code.source, pc, &row)) /* line 0: nobody's */
        return !source_function_at(code.source, pc, &f);
    t->hidden = 0;
    if (t->kind == STEP_OUT)
        return left_scope(t, code.source, pc);
    bool ends = false;
    if (call_begins(s, t, &code, pc, &ends))
        return ends;
    bool same = code.source == t->source && row.line == t->line &&
                !strcmp(row.file, t->file);
    if (deeper(t, code.source, pc))
        return false;
    if (!same && pc == row.start && row.statement)
        return true;
    /* Back in the middle of a caller's line: to its end. A row that is no
     * statement begins no line: the next one may be of the same. */
    if (!same &&
        (frame_now(s, &code) != t->frame || left_scope(t, code.source, pc))) {
        take_line(s, t, &code, &row);
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
    take_line(s, t, &code, &row);
    return true;
}

/* ---- the whole way ----------------------------------------------------------
 */

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

/* Where the stepper stands now. True: it is there. */
static bool judge(struct session *s, struct stepper *t)
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
            *reached = judge(s, t);
        if (!t->running && stoppers_at(s, s->m->hart.pc))
            return MS_BREAKPOINT;
        if (*reached || s->m->hart.cycle >= to)
            return why;
    }
    return MS_DEADLINE;
}
