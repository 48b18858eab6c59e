/* SPDX-License-Identifier: MIT */
/* Up to where somebody wants the machine to run, and the run of a verb. */
#include "inspect/parts.h"
#include "monitor/run/run.h"

void session_drop(struct session *s, enum context whose)
{
    expr_free(s->run.goals[whose].until);
    s->run.goals[whose] = (struct goal){.deadline = NEVER};
}

void session_aim(struct answer *a, struct goal g)
{
    struct session *s = a->s;
    session_drop(s, a->to->who);
    s->run.goals[a->to->who] = g;
    s->run.goals[a->to->who].on = true;
}

u64 session_deadline(const struct session *s)
{
    u64 first = NEVER;
    for (unsigned i = 0; i < CONTEXTS; i++)
        if (s->run.goals[i].on && s->run.goals[i].deadline < first)
            first = s->run.goals[i].deadline;
    return first;
}

bool session_steps(const struct session *s)
{
    for (unsigned i = 0; i < CONTEXTS; i++)
        if (s->run.goals[i].steps)
            return true;
    return false;
}

u64 session_events(const struct session *s)
{
    u64 reasons = 0;
    for (unsigned i = 0; i < CONTEXTS; i++)
        reasons |= s->run.goals[i].events;
    return reasons;
}

/* The panel's user looks at this stop. */
static void halt_for_panel(struct answer *a, enum stop_kind kind)
{
    struct session *s = a->s;
    s->run.going = false;
    s->run.stopped = kind;
    session_drop(s, IN_PANEL);
    session_report(a);
    publish_now(&s->show, true);
}

/* Runs a verb of a script or a debugger, until a stop concerns it. A stop that
 * concerns the panel halts the machine, and so does the panel's key Space
 * (STOP_HALT): then the verb waits until the panel's user goes on. The panel's
 * goal stays if the verb ends before it is reached. */
static enum stop_kind run_verb(struct answer *a)
{
    struct session *s = a->s;
    enum stop_kind kind;
    enum context own = a->to->who;
    u64 from = machine_now(s->m);
    session_run_begin(s);
    for (;;) {
        kind = s->run.port->turn(s);
        if (s->run.interrupted) {
            kind = STOP_HALT;
            break;
        }
        if (kind == STOP_NONE && drive_too_long(s, from))
            break;
        if (kind == STOP_NONE || kind == STOP_HALT)
            continue;
        if (kind == STOP_ENDED || kind == STOP_OFF || s->run.whose != IN_PANEL)
            break;
        halt_for_panel(a, kind);
    }
    session_drop(s, own);
    session_run_end(s, kind);
    return kind;
}

void session_resume(struct session *s)
{
    s->run.going = true;
    stoppers_arm(s);
    session_pace_restart(s);
}

enum command_status session_go(struct answer *a)
{
    struct session *s = a->s;
    if (s->m->off)
        return fail(a, CMD_FAILED, "the machine is off%s",
                    a->to->who == IN_PROMPT
                        ? ": quit and start clockhand again, or load FILE"
                        : "");
    if (s->run.going && a->to->who == IN_PANEL) {
        stoppers_arm(s); /* the machine runs towards something else now */
        return CMD_OK;
    }
    if (a->to->who == IN_SCRIPT || a->to->who == IN_REMOTE) {
        run_verb(a);
        if (s->quit) /* the window was closed meanwhile, or Ctrl-A x typed */
            return CMD_QUIT;
        session_report(a);
        return drive_judge(a);
    }
    if (a->to->who == IN_PROMPT) {
        cards_over(&s->show, "");
        s->run.port->to_guest(s);
    }
    session_run_begin(s);
    return CMD_OK;
}

/* ---- ends of a run --------------------------------------------------- */

#define STATUS_LIMIT 124

void session_run_end(struct session *s, enum stop_kind kind)
{
    s->run.going = false;
    s->run.stopped = kind;
    s->m->mmu.catch_walk = false;
    if (kind == STOP_LIMIT) {
        s->ended = true;
        s->exit_status = STATUS_LIMIT;
    }
}

bool session_left(const struct session *s)
{
    return s->quit || s->ended;
}

void drive_panel(struct session *s)
{
    enum stop_kind kind = s->run.port->turn(s);
    if (kind != STOP_NONE && kind != STOP_HALT && kind != STOP_ENDED) {
        struct asker panel = {.who = IN_PANEL}; /* prints nothing */
        session_run_end(s, kind);
        session_drop(s, IN_PANEL); /* `continue` must not seek it again */
        session_report(&(struct answer){.s = s, .to = &panel});
        publish_now(&s->show, true);
    }
}

/* ---- too long -------------------------------------------------------- */

void session_limit_cycles(struct session *s, u64 cycles)
{
    s->driver.most = cycles;
}

bool drive_too_long(struct session *s, u64 from)
{
    s->driver.too_long =
        s->driver.most && machine_now(s->m) - from >= s->driver.most;
    return s->driver.too_long;
}

enum command_status drive_judge(struct answer *a)
{
    struct session *s = a->s;
    if (s->driver.too_long) {
        s->driver.too_long = false;
        return fail(a, CMD_FAILED,
                    "nothing has stopped the machine for %g s of its time: it "
                    "was halted",
                    (double)s->driver.most / (double)s->m->clock_hz);
    }
    if (s->driver.fn && s->run.stopped == STOP_HUNG && !s->streams->expecting)
        return fail(a, CMD_FAILED, "nothing has stopped the machine: %s",
                    inspect_lens_open(s->m)
                        ? "the guest waits for input (send \"ls\\n\" "
                          "types a line)"
                        : "it waits for ever");
    return CMD_OK;
}

/* ---- a debugger ------------------------------------------------------ */

void session_debugger(struct session *s, const struct debugger_port *port,
                      void *d, int fd)
{
    s->debugged.port = port;
    s->debugged.d = d;
    s->debugged.fd = fd;
}

void session_gdb_verb(struct session *s,
                      enum command_status (*fn)(void *opaque, struct answer *a),
                      void *opaque)
{
    s->debugged.verb = fn;
    s->debugged.verb_opaque = opaque;
}

void debugger_serve(struct session *s)
{
    if (s->debugged.port && s->debugged.open)
        s->debugged.port->serve(s->debugged.d);
}

bool debugger_attached(const struct session *s)
{
    return s->debugged.port && s->debugged.port->attached(s->debugged.d);
}
