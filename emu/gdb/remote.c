/* SPDX-License-Identifier: MIT */
/* Drives the session: the debugger's stops, steps and commands. */
#include "inspect/parts.h"
#include "monitor/run/past.h"

#include "gdb/internal.h"

/* ---- stops ----------------------------------------------------------- */

static bool is_break(enum remote_kind kind)
{
    return kind <= REMOTE_HARD;
}

static struct remote_stop *find_stop(struct remote *r, enum remote_kind kind,
                                     u64 va, u64 len)
{
    for (unsigned i = 0; i < r->nstops; i++)
        if (r->stop[i].kind == kind && r->stop[i].va == va &&
            r->stop[i].len == len)
            return &r->stop[i];
    return NULL;
}

bool remote_set(struct remote *r, enum remote_kind kind, u64 va, u64 len)
{
    len = is_break(kind) ? 0 : len;
    if (find_stop(r, kind, va, len))
        return true;
    if (r->nstops == DEBUGGER_STOPS)
        return false;
    r->stop[r->nstops++] = (struct remote_stop){kind, va, len};
    if (r->s->run.going)
        stoppers_arm(r->s);
    return true;
}

bool remote_clear(struct remote *r, enum remote_kind kind, u64 va, u64 len)
{
    struct remote_stop *stop = find_stop(r, kind, va, is_break(kind) ? 0 : len);
    if (!stop)
        return false;
    *stop = r->stop[--r->nstops];
    if (r->s->run.going)
        stoppers_arm(r->s);
    return true;
}

void remote_clear_all(struct remote *r)
{
    r->nstops = 0;
    if (r->s->run.going)
        stoppers_arm(r->s);
}

static void arm(const void *remote, u64 *va, size_t *nva,
                struct engine_watch *watch, size_t *nwatch)
{
    const struct remote *r = remote;
    for (unsigned i = 0; i < r->nstops; i++) {
        const struct remote_stop *stop = &r->stop[i];
        if (is_break(stop->kind))
            va[(*nva)++] = stop->va;
        else
            watch[(*nwatch)++] =
                (struct engine_watch){.va = stop->va,
                                      .len = stop->len,
                                      .on_read = stop->kind != REMOTE_WRITE,
                                      .on_write = stop->kind != REMOTE_READ};
    }
}

static bool is_access(const struct remote_stop *stop,
                      const struct engine_watched *w)
{
    return !is_break(stop->kind) &&
           stop->kind != (w->store ? REMOTE_READ : REMOTE_WRITE) &&
           w->va < stop->va + stop->len && stop->va < w->va + w->bytes;
}

static bool judge(void *remote, enum machine_stop why, struct stopper *by)
{
    struct remote *r = remote;
    struct machine *m = r->s->m;
    struct engine_watched w = engine_watched(m->engine);
    u64 pc = m->hart.pc;
    for (unsigned i = 0; i < r->nstops; i++) {
        const struct remote_stop *stop = &r->stop[i];
        bool watched = why == MS_WATCHPOINT && is_access(stop, &w);
        if (!watched &&
            !(why == MS_BREAKPOINT && is_break(stop->kind) && stop->va == pc))
            continue;
        r->hit.kind = stop->kind;
        r->hit.va = watched && w.va > stop->va ? w.va : stop->va;
        *by = (struct stopper){.kind = watched ? BY_WATCH : BY_BREAK,
                               .of_remote = true};
        return true;
    }
    return false;
}

/* ---- steps ----------------------------------------------------------- */

/* True: the next instruction is the task's, at most at privilege t->priv. */
static bool own_turn(const struct session *s, const struct task_step *t)
{
    return s->m->hart.priv <= t->priv && inspect_current_task(s->m) == t->task;
}

/* True: the instruction at pc, executed or trapped, ended the step. */
static bool step_ends(struct session *s, struct task_step *t, bool own, u64 pc,
                      bool trapped)
{
    const struct hart *h = &s->m->hart;
    bool turn = own_turn(s, t);
    t->began |= own;
    if (own) {
        t->within = trapped && turn && inspect_trap(s->m).interrupt;
        t->serving = trapped && (t->within || !turn) ? pc : 0;
    }
    bool retry = t->serving && t->serving == h->pc;
    if (!t->began || !turn || (t->within && !retry))
        return false;
    t->within = false;
    t->serving = retry ? h->pc : 0;
    return !retry && (h->pc < t->from || h->pc >= t->end);
}

#define STEPS_A_SLICE 10000

static enum machine_stop advance(void *remote, bool *reached)
{
    struct remote *r = remote;
    struct session *s = r->s;
    struct task_step *t = &r->step;
    const struct hart *h = &s->m->hart;
    *reached = false;
    for (unsigned i = 0; i < STEPS_A_SLICE; i++) {
        u64 pc = h->pc, traps = engine_traps(s->m->engine);
        bool own = own_turn(s, t) && (!t->serving || t->serving == pc);
        enum machine_stop why = machine_step(s->m, 1);
        if (why == MS_DEADLINE || (why == MS_WATCHPOINT && h->pc != pc))
            *reached =
                step_ends(s, t, own, pc, engine_traps(s->m->engine) != traps);
        if (why != MS_DEADLINE)
            return why;
        /* machine_step passes breakpoints; a retry does not hit one again. */
        if (breaks_at(s, h->pc) && t->serving != h->pc)
            return MS_BREAKPOINT;
        if (*reached)
            return why;
    }
    return MS_DEADLINE;
}

/* Returns the highest privilege at which an instruction belongs to the task. A
 * bare program handles its own traps: all instructions are its own. */
static u32 step_priv(const struct session *s, u32 task)
{
    if (!task && s->m->config->elf)
        return PRV_M;
    return task == inspect_current_task(s->m)
               ? s->m->hart.priv
               : (u32)PRV_U; /* waits in the kernel: steps begin in U-mode */
}

/* ---- runs ------------------------------------------------------------ */

void remote_go(struct remote *r, const struct task_step *step)
{
    struct session *s = r->s;
    struct goal g = {.on = true, .deadline = NEVER};
    if (s->m->off)
        return;
    if (step) {
        g.stepping = true;
        r->step = *step;
        r->step.priv = step_priv(s, step->task);
    }
    s->run.goals[IN_REMOTE] = g;
    session_run_begin(s);
}

/* ---- back ------------------------------------------------------------ */

static void note_values(void *remote)
{
    struct remote *r = remote;
    stoppers_note_values(r->s);
}

/* True: an instruction of the task, at its privilege, has trapped. */
static bool left_task(void *remote, enum machine_stop why)
{
    const struct remote *r = remote;
    const struct task_step *t = &r->step;
    struct machine *m = r->s->m;
    return why == MS_TRAPPED && m->hart.priv > t->priv &&
           inspect_trap(m).from <= t->priv &&
           inspect_current_task(m) == t->task;
}

/* Goes back by one instruction of the task. Passes over a trap that was served
 * in between, as a step forwards does. */
static enum history_end step_back(struct remote *r)
{
    struct session *s = r->s;
    struct task_step *t = &r->step;
    const struct history_search trap = {r, note_values, left_task, -1};
    u64 pc = s->m->hart.pc;
    enum history_end end = past_back(s, NULL, false);
    while (end == HISTORY_THERE && !own_turn(s, t)) {
        end = past_back(s, &trap, true);
        if (end == HISTORY_THERE)
            end = past_back(s, NULL, false);
        /* The same pc: this instruction trapped, and was retried after that. */
        if (end == HISTORY_THERE && own_turn(s, t) && s->m->hart.pc == pc)
            end = past_back(s, NULL, false);
    }
    return end;
}

/* A watchpoint stops the machine after the access. On RISC-V gdb assumes that
 * the access is still to come, and steps once before it reads the value
 * (have_nonsteppable_watchpoint of its riscv-tdep.c, gdb 13). Therefore the
 * machine goes back by one instruction, which gdb's step repeats. Without a
 * past, gdb stops one instruction late, as it does under QEMU 7.2. */
static void arrive(void *remote)
{
    struct remote *r = remote;
    struct session *s = r->s;
    if (s->run.stopped == STOP_WATCH && s->run.stopper &&
        s->run.stopper->of_remote) {
        r->on_way = true;
        past_back(s, NULL, false);
        r->on_way = s->run.interrupted = false;
    }
}

/* True: the last instruction made an access that the debugger watches. A search
 * backwards would miss it, because it looks only at earlier instructions. The
 * machine ends up where it stood. */
static bool watched_last(struct session *s)
{
    struct stopper *by = NULL;
    if (past_back(s, NULL, false) != HISTORY_THERE)
        return false;
    stoppers_arm(s);
    if (machine_step(s->m, 1) == MS_WATCHPOINT)
        by = stoppers_find(s, MS_WATCHPOINT);
    stoppers_disarm(s);
    s->run.stopper = by && by->of_remote ? by : NULL;
    return s->run.stopper;
}

/* Runs backwards to a stop. A watchpoint's stop is after the access; gdb then
 * makes one step of its own, back to before the access. */
static enum history_end run_back(struct session *s)
{
    const struct history_search stop = {s, stoppers_note_values, stoppers_hit,
                                        -1};
    enum history_end end = HISTORY_THERE;
    if (!watched_last(s))
        end = past_back(s, &stop, false);
    if (end != HISTORY_THERE)
        return end;
    s->run.stopped = stop_of(s->run.stopper);
    return end;
}

bool remote_back(struct remote *r, bool step)
{
    struct session *s = r->s;
    u32 task = inspect_current_task(s->m);
    r->step = (struct task_step){.task = task, .priv = step_priv(s, task)};
    s->run.stopper = NULL;
    s->run.stopped = STOP_DONE;
    s->run.interrupted = false;
    enum history_end end = step ? step_back(r) : run_back(s);
    if (end == HISTORY_INTERRUPTED)
        s->run.stopped = STOP_HALT;
    s->run.interrupted = false;
    return end == HISTORY_THERE || end == HISTORY_INTERRUPTED;
}

void remote_halt(struct remote *r)
{
    r->s->run.interrupted |= r->on_way;
    if (r->s->run.going)
        session_run_end(r->s, STOP_HALT);
}

void remote_interrupt(struct remote *r)
{
    r->s->run.interrupted = true;
}

struct remote_state remote_state(const struct remote *r)
{
    const struct run *run = &r->s->run;
    struct remote_state state = r->hit;
    if (run->going || r->on_way)
        state.why = REMOTE_RUNS;
    else if (run->stopper && run->stopper->of_remote)
        state.why =
            run->stopped == STOP_BREAK ? REMOTE_AT_BREAK : REMOTE_AT_WATCH;
    else if (run->stopped == STOP_DONE)
        state.why = REMOTE_STEPPED;
    else if (run->stopped == STOP_HALT || run->stopped == STOP_NONE)
        state.why = REMOTE_HALTED;
    else
        state.why = REMOTE_OTHER;
    return state;
}

void remote_report(struct remote *r, session_print_fn *fn, void *opaque)
{
    struct asker by = {.who = IN_REMOTE, .print = fn, .opaque = opaque};
    session_report(&(struct answer){.s = r->s, .to = &by});
}

bool remote_command(struct remote *r, const char *line, session_print_fn *fn,
                    void *opaque)
{
    struct session *s = r->s;
    struct asker by = {.who = IN_REMOTE, .print = fn, .opaque = opaque};
    const struct hart *h = &s->m->hart;
    u64 cycle = h->cycle, pc = h->pc;
    s->run.interrupted = false;
    s->led++; /* as with a script, the terminal is not read */
    if (session_execute(s, &by, line) == CMD_QUIT)
        s->quit = true;
    s->led--;
    s->run.interrupted = false;
    return h->cycle != cycle || h->pc != pc;
}

/* ---- what the session asks ------------------------------------------- */

static bool attached(const void *remote)
{
    const struct remote *r = remote;
    return r->attached;
}

static void serve(void *remote)
{
    struct remote *r = remote;
    r->serve(r->opaque);
}

void remote_open(struct remote *r, struct session *s, void (*fn)(void *),
                 void *opaque, int fd)
{
    static const struct debugger_port port = {serve, attached, arm,
                                              judge, arrive,   advance};
    r->s = s;
    r->serve = fn;
    r->opaque = opaque;
    session_debugger(s, &port, r, fd);
}
