/* SPDX-License-Identifier: MIT */
/* Runs and stops the machine, and sends gdb the reason for a stop. All threads
 * share the hart: a step advances one task, and meanwhile the guest's scheduler
 * may run other tasks. */
#include "gdb/internal.h"

static bool set_pc(struct gdb *g, struct args *a)
{
    u64 pc;
    if (args_over(a))
        return true;
    return args_hex(a, &pc) && args_over(a) &&
           machine_set_register(g->m, MACHINE_PC, pc);
}

/* Lets the machine run. False: no reply now, since a stop reply will come. */
static bool let_run(struct gdb *g, const struct task_step *step)
{
    if (g->m->off)
        return reply_bad(g);
    g->awaits = true;
    g->thread = 0;
    remote_go(&g->remote, step);
    return false;
}

/* Skips SIGNAL, if it is given: the guest has no use for gdb's signals. */
static bool skip_signal(struct args *a, bool given)
{
    u64 signal;
    return !given ||
           (args_hex(a, &signal) && (args_over(a) || args_skip(a, ';')));
}

bool packet_continue(struct gdb *g, struct args *a)
{
    if (!skip_signal(a, a->p[-1] == 'C') || !set_pc(g, a))
        return reply_bad(g);
    return let_run(g, NULL);
}

static u32 task_of(u32 thread)
{
    return thread == GDB_HART ? 0 : thread;
}

bool packet_step(struct gdb *g, struct args *a)
{
    if (!skip_signal(a, a->p[-1] == 'S') || !set_pc(g, a))
        return reply_bad(g);
    return let_run(g, &(struct task_step){.task = task_of(thread_current(g))});
}

/* One action of vCont; only a step uses from, end and thread. */
struct action {
    bool step, any;
    u64 from, end;
    u32 thread;
};

static bool read_action(struct args *a, struct action *to)
{
    u64 signal;
    char letter = args_over(a) ? 0 : (char)*a->p++;
    *to = (struct action){.any = true};
    if (!letter || !strchr("cCsSr", letter))
        return false;
    if ((letter == 'C' || letter == 'S') && !args_hex(a, &signal))
        return false;
    to->step = strchr("sSr", letter);
    if (letter == 'r' && (!args_hex(a, &to->from) || !args_skip(a, ',') ||
                          !args_hex(a, &to->end)))
        return false;
    if (args_skip(a, ':')) {
        if (!args_thread(a, &to->thread))
            return false;
        to->any = !to->thread;
    }
    return args_over(a) || *a->p == ';';
}

/* The machine performs the first action that is a step; without a step it
 * continues. */
bool packet_vcont(struct gdb *g, struct args *a)
{
    struct action action, step = {0};
    bool any = false;
    if (args_skip(a, '?') && args_over(a)) {
        reply_text(g, "vCont;c;C;s;S;r");
        return true;
    }
    if (remote_state(&g->remote).why == REMOTE_RUNS)
        return reply_bad(g);
    while (args_skip(a, ';')) {
        if (!read_action(a, &action))
            return reply_bad(g);
        any = true;
        if (action.step && !step.step)
            step = action;
    }
    if (!any || !args_over(a))
        return reply_bad(g);
    if (!step.step)
        return let_run(g, NULL);
    if (step.any)
        step.thread = thread_current(g);
    if (!thread_alive(g, step.thread))
        return reply_bad(g);
    return let_run(g, &(struct task_step){.task = task_of(step.thread),
                                          .from = step.from,
                                          .end = step.end});
}

/* ---- break- and watchpoints --------------------------------------------- */

static bool stop_args(struct args *a, u64 *kind, u64 *va, u64 *len)
{
    return args_hex(a, kind) && *kind <= REMOTE_ACCESS && args_skip(a, ',') &&
           args_hex(a, va) && args_skip(a, ',') && args_hex(a, len) &&
           args_over(a) && *len && *va + *len - 1 >= *va;
}

bool packet_insert(struct gdb *g, struct args *a)
{
    u64 kind, va, len;
    if (!stop_args(a, &kind, &va, &len))
        return reply_bad(g);
    if (remote_set(&g->remote, (enum remote_kind)kind, va, len))
        reply_text(g, "OK");
    else
        reply_error(g, GDB_E_MANY);
    return true;
}

/* Removing a point that is not set succeeds: gdb may send the packet twice. */
bool packet_remove(struct gdb *g, struct args *a)
{
    u64 kind, va, len;
    if (!stop_args(a, &kind, &va, &len))
        return reply_bad(g);
    remote_clear(&g->remote, (enum remote_kind)kind, va, len);
    reply_text(g, "OK");
    return true;
}

/* ---- stop replies ------------------------------------------------------- */

enum { SIGNAL_INT = 2, SIGNAL_TRAP = 5 };

static void expedite(struct gdb *g, unsigned n)
{
    u64 v;
    u8 bytes[8];
    register_read(g, 0, n, &v);
    put_le(bytes, v, 8);
    reply_text(g, "%x:", n);
    reply_hex(g, bytes, 8);
    reply_text(g, ";");
}

static void stop_reply(struct gdb *g, unsigned signal, bool begin)
{
    static const char *const watches[] = {[REMOTE_WRITE] = "watch",
                                          [REMOTE_READ] = "rwatch",
                                          [REMOTE_ACCESS] = "awatch"};
    struct remote_state r = remote_state(&g->remote);
    g->reply.n = 0;
    reply_text(g, "T%02x", signal);
    if (begin)
        reply_text(g, "replaylog:begin;");
    else if (r.why == REMOTE_AT_WATCH)
        reply_text(g, "%s:%llx;", watches[r.kind], r.va);
    else if (r.why == REMOTE_AT_BREAK && r.kind == REMOTE_SOFT && g->swbreak)
        reply_text(g, "swbreak:;");
    else if (r.why == REMOTE_AT_BREAK && r.kind == REMOTE_HARD && g->hwbreak)
        reply_text(g, "hwbreak:;");
    expedite(g, 2);
    expedite(g, MACHINE_PC);
    reply_text(g, "thread:%x;", thread_current(g));
}

bool packet_why(struct gdb *g, UNUSED struct args *a)
{
    stop_reply(g, SIGNAL_TRAP, false);
    return true;
}

/* Completes bs or bc before the next packet is read; meanwhile gdb can only
 * interrupt. */
bool packet_back(struct gdb *g, struct args *a)
{
    bool step = args_skip(a, 's');
    if ((!step && !args_skip(a, 'c')) || !args_over(a))
        return reply_bad(g);
    g->thread = 0;
    g->commanding = true;
    bool there = remote_back(&g->remote, step);
    g->commanding = false;
    bool halted = remote_state(&g->remote).why == REMOTE_HALTED;
    if (remote_state(&g->remote).why == REMOTE_OTHER)
        remote_report(&g->remote, server_console, g);
    stop_reply(g, halted ? SIGNAL_INT : SIGNAL_TRAP, !there);
    return true;
}

void resume_report(struct gdb *g)
{
    struct remote_state r = remote_state(&g->remote);
    if (!g->awaits || r.why == REMOTE_RUNS || g->m->off)
        return; /* off: gdb_free sends the exit status */
    if (r.why == REMOTE_OTHER)
        remote_report(&g->remote, server_console, g);
    stop_reply(g, r.why == REMOTE_HALTED ? SIGNAL_INT : SIGNAL_TRAP, false);
    g->awaits = false;
    server_send(g);
}
