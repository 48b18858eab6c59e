/* SPDX-License-Identifier: MIT */
/* Lets a debugger drive the session: serves its stops, steps and commands. */
#include "inspect/parts.h"
#include "inspect/task.h"
#include "monitor/remote.h"

#include "monitor/session/past.h"

void session_remote(struct session *s, void (*serve)(void *opaque),
                    void *opaque, int fd, const char *where)
{
    s->remote.where = where;
    s->remote.serve = serve;
    s->remote.opaque = opaque;
    s->remote.fd = fd;
}

void session_remote_listen(struct session *s,
                           void (*listen)(void *opaque, struct session *s),
                           void *opaque)
{
    s->remote.listen = listen;
    s->remote.listen_opaque = opaque;
}

bool session_remote_lent(const struct session *s)
{
    return s->remote.lent;
}

void session_remote_attached(struct session *s, bool attached)
{
    s->remote.attached = attached;
}

bool remote_waits(const struct session *s)
{
    return s->remote.attached;
}

void remote_serve(struct session *s)
{
    if (s->remote.serve && s->remote.open)
        s->remote.serve(s->remote.opaque);
}

/* ---- stops ----------------------------------------------------------- */

static bool is_break(enum remote_kind kind)
{
    return kind <= REMOTE_HARD;
}

static struct remote_stop *find_stop(struct session *s, enum remote_kind kind,
                                     u64 va, u64 len)
{
    struct remote *r = &s->remote;
    for (unsigned i = 0; i < r->nstops; i++)
        if (r->stop[i].kind == kind && r->stop[i].va == va &&
            r->stop[i].len == len)
            return &r->stop[i];
    return NULL;
}

bool session_remote_set(struct session *s, enum remote_kind kind, u64 va,
                        u64 len)
{
    struct remote *r = &s->remote;
    len = is_break(kind) ? 0 : len;
    if (find_stop(s, kind, va, len))
        return true;
    if (r->nstops == REMOTE_STOPS)
        return false;
    r->stop[r->nstops++] = (struct remote_stop){kind, va, len};
    if (s->run.going)
        stoppers_arm(s);
    return true;
}

bool session_remote_clear(struct session *s, enum remote_kind kind, u64 va,
                          u64 len)
{
    struct remote *r = &s->remote;
    struct remote_stop *stop = find_stop(s, kind, va, is_break(kind) ? 0 : len);
    if (!stop)
        return false;
    *stop = r->stop[--r->nstops];
    if (s->run.going)
        stoppers_arm(s);
    return true;
}

void session_remote_clear_all(struct session *s)
{
    s->remote.nstops = 0;
    if (s->run.going)
        stoppers_arm(s);
}

void remote_arm(const struct session *s, u64 *va, size_t *nva,
                struct engine_watch *watch, size_t *nwatch)
{
    const struct remote *r = &s->remote;
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

bool remote_judge(struct session *s, enum machine_stop why, struct stopper *by)
{
    struct remote *r = &s->remote;
    struct engine_watched w = engine_watched(s->m->engine);
    u64 pc = s->m->hart.pc;
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

bool breaks_at(const struct session *s, u64 va)
{
    for (unsigned i = 0; i < s->run.armed.nva; i++)
        if (s->run.armed.va[i] == va)
            return true;
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

enum machine_stop remote_advance(struct session *s, bool *reached)
{
    struct task_step *t = &s->run.goals[IN_REMOTE].task;
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

void session_remote_go(struct session *s, const struct task_step *step)
{
    struct goal g = {.on = true, .deadline = NEVER};
    if (s->m->off)
        return;
    if (step) {
        g.task = *step;
        g.task.on = true;
        g.task.priv = step_priv(s, step->task);
    }
    s->run.goals[IN_REMOTE] = g;
    session_run_begin(s);
}

/* ---- back ------------------------------------------------------------ */

/* True: an instruction of the task, at its privilege, has trapped. */
static bool left_task(void *session, enum machine_stop why)
{
    struct session *s = session;
    const struct task_step *t = &s->run.goals[IN_REMOTE].task;
    return why == MS_TRAPPED && s->m->hart.priv > t->priv &&
           inspect_trap(s->m).from <= t->priv &&
           inspect_current_task(s->m) == t->task;
}

/* Goes back by one instruction of the task. Passes over a trap that was served
 * in between, as a step forwards does. */
static enum history_end step_back(struct session *s)
{
    struct task_step *t = &s->run.goals[IN_REMOTE].task;
    const struct history_search trap = {s, stoppers_note_values, left_task, -1};
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
void remote_arrive(struct session *s)
{
    struct remote *r = &s->remote;
    if (s->run.stopped == STOP_WATCH && s->run.stopper &&
        s->run.stopper->of_remote) {
        r->on_way = true;
        past_back(s, NULL, false);
        r->on_way = r->interrupted = false;
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

bool session_remote_back(struct session *s, bool step)
{
    u32 task = inspect_current_task(s->m);
    s->run.goals[IN_REMOTE].task =
        (struct task_step){.task = task, .priv = step_priv(s, task)};
    s->run.stopper = NULL;
    s->run.stopped = STOP_DONE;
    s->remote.interrupted = false;
    enum history_end end = step ? step_back(s) : run_back(s);
    if (end == HISTORY_INTERRUPTED)
        s->run.stopped = STOP_HALT;
    s->remote.interrupted = false;
    return end == HISTORY_THERE || end == HISTORY_INTERRUPTED;
}

void session_remote_halt(struct session *s)
{
    s->remote.interrupted |= s->remote.on_way;
    if (s->run.going)
        session_run_end(s, STOP_HALT);
}

void session_remote_interrupt(struct session *s)
{
    s->remote.interrupted = true;
}

struct remote_state session_remote_state(const struct session *s)
{
    struct remote_state r = s->remote.hit;
    if (s->run.going || s->remote.on_way)
        r.why = REMOTE_RUNS;
    else if (s->run.stopper && s->run.stopper->of_remote)
        r.why =
            s->run.stopped == STOP_BREAK ? REMOTE_AT_BREAK : REMOTE_AT_WATCH;
    else if (s->run.stopped == STOP_DONE)
        r.why = REMOTE_STEPPED;
    else if (s->run.stopped == STOP_HALT || s->run.stopped == STOP_NONE)
        r.why = REMOTE_HALTED;
    else
        r.why = REMOTE_OTHER;
    return r;
}

void session_remote_report(struct session *s, session_print_fn *fn,
                           void *opaque)
{
    struct asker by = {.who = IN_REMOTE, .print = fn, .opaque = opaque};
    session_report(&(struct answer){.s = s, .to = &by});
}

bool session_remote_command(struct session *s, const char *line,
                            session_print_fn *fn, void *opaque)
{
    struct asker by = {.who = IN_REMOTE, .print = fn, .opaque = opaque};
    const struct hart *h = &s->m->hart;
    u64 cycle = h->cycle, pc = h->pc;
    s->remote.interrupted = false;
    s->led++; /* as with a script, the terminal is not read */
    if (session_execute(s, &by, line) == CMD_QUIT)
        s->quit = true;
    s->led--;
    s->remote.interrupted = false;
    return h->cycle != cycle || h->pc != pc;
}

void session_remote_kill(struct session *s)
{
    s->quit = true;
}
