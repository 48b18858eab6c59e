/* SPDX-License-Identifier: MIT */
/* Runs the machine a few milliseconds at a time, and keeps the pace. The host's
 * clock may decide how long a slice is, because the machine's time and
 * interrupts do not depend on that. */
#include "monitor/session/run.h"

/* Cycles of a slice: at most what takes about 5 ms of host time when every
 * cycle is work, so that a key is answered at once. */
#define SLICE_LEAST 10000
#define SLICE_TIMED 400000
#define SLICE_FAST  2000000
#define SLICE_LONG  .005 /* host seconds; a longer slice halves the next */
#define SLICE_SHORT .002
/* A loop that waits for an interrupt is skipped as a whole and costs the host
 * next to nothing. A full slice that took less than SLICE_NOTHING seconds is
 * such a loop. Without a pace, slices then grow to SLICE_IDLE times as many
 * cycles, up to a tenth of a simulated second: with shorter ones, serving the
 * panel between them would take all of the host's time. */
#define SLICE_IDLE    64
#define SLICE_NOTHING .0001

/* Executes one instruction at a time, since any may make the condition true. */
static enum machine_stop step_until(struct session *s, bool *reached)
{
    enum machine_stop why = MS_DEADLINE;
    for (unsigned i = 0; i < SLICE_LEAST && why == MS_DEADLINE; i++) {
        u64 v;
        s->until_failed = !evaluate(s, s->goal.until, &v);
        *reached = s->until_failed || v;
        if (*reached)
            return why;
        why = machine_step(s->m, 1);
        if (why == MS_DEADLINE && breaks_at(s, s->m->hart.pc))
            why = MS_BREAKPOINT; /* machine_step does not stop there */
    }
    return why;
}

/* Evaluates the condition at multiples of goal.every only, and runs at full
 * speed between them. So the condition may have become true up to goal.every
 * cycles before the machine stops. */
static enum machine_stop run_to_look(struct session *s, u64 to, bool *reached)
{
    struct goal *g = &s->goal;
    u64 now = machine_now(s->m), v;
    if (now >= g->look) {
        s->until_failed = !evaluate(s, g->until, &v);
        *reached = s->until_failed || v;
        g->look = (now / g->every + 1) * g->every;
    }
    return *reached ? MS_DEADLINE
                    : machine_run(s->m, to < g->look ? to : g->look);
}

/* Returns the cycle at which the slice ends. Without a pace, a sleeping hart
 * sleeps in one slice up to the event that wakes it: otherwise an hour of sleep
 * would cost millions of slices. */
static u64 slice_end(const struct session *s, u64 cycles)
{
    u64 to = machine_now(s->m) + cycles, wake = machine_next_event(s->m);

    if (s->pace <= 0 && s->m->hart.wfi && wake != NEVER && wake > to)
        to = wake;
    return to;
}

static enum machine_stop run_slice(struct session *s, bool *reached)
{
    struct goal *g = &s->goal;
    struct hart *h = &s->m->hart;
    u64 most = s->slice ? s->slice : (s->slice = SLICE_LEAST);
    u64 before = h->instret, to = slice_end(s, most);
    enum machine_stop why;
    *reached = false;
    if (g->task.on)
        return remote_advance(s, reached);
    if (g->until && g->every)
        return run_to_look(s, to, reached);
    if (g->until)
        return step_until(s, reached);
    if (g->steps) {
        u64 n = g->steps < s->slice ? g->steps : s->slice;
        why = machine_step(s->m, n);
        if (g->instret)
            g->steps = h->instret < g->instret ? g->instret - h->instret : 0;
        else if (why == MS_DEADLINE)
            g->steps -= n;
        else
            g->steps -= h->instret - before < n ? h->instret - before : n;
        *reached = !g->steps;
        return why;
    }
    why = machine_run(s->m, to < g->deadline ? to : g->deadline);
    *reached = machine_now(s->m) >= g->deadline;
    return why;
}

static void adapt_slice(struct session *s, double seconds)
{
    u64 most = engine_timed(s->m->engine) ? SLICE_TIMED : SLICE_FAST;
    if (seconds < SLICE_NOTHING && s->pace <= 0 && s->slice >= most)
        most *= SLICE_IDLE;
    if (seconds > SLICE_LONG && s->slice > SLICE_LEAST)
        s->slice /= 2;
    else if (seconds < SLICE_SHORT && s->slice < most)
        s->slice *= 2;
    if (s->slice > most)
        s->slice = most;
}

/* The hart sleeps and no event can wake it. If the goal or the command line
 * sets an end, simulated time passes up to it, unless output is awaited, which
 * cannot come. */
static enum stop_kind when_hung(struct session *s)
{
    u64 limit = s->config->max_cycles;
    u64 end = limit && limit < s->goal.deadline ? limit : s->goal.deadline;
    if (end == NEVER || s->streams->expecting)
        return STOP_HUNG;
    session_idle(s, end);
    return machine_now(s->m) >= s->goal.deadline ? STOP_DONE : STOP_NONE;
}

void session_idle(struct session *s, u64 end)
{
    u64 to = machine_now(s->m) + s->slice;
    machine_idle(s->m, to < end ? to : end);
}

static enum stop_kind stopped_by(struct session *s, enum machine_stop why)
{
    if (why == MS_EVENT)
        picture_event(s);
    struct stopper *by = stoppers_judge(s, why);
    s->stopper = by;
    if (!by)
        return s->goal.step_walk && why == MS_WALK ? STOP_DONE : STOP_NONE;
    by->hits++;
    return stop_of(by);
}

enum stop_kind session_slice(struct session *s)
{
    bool reached = false;
    enum stop_kind kind = STOP_NONE;
    enum machine_stop why = MS_DEADLINE;
    double start = host_now();
    if (s->m->off)
        return STOP_OFF;
    why = run_slice(s, &reached);
    adapt_slice(s, host_now() - start);
    panic_report(s);
    if (why == MS_OFF || s->m->off)
        return STOP_OFF;
    if (why == MS_LIMIT)
        return STOP_LIMIT;
    if (why == MS_REPLAYED || why == MS_DEPARTED)
        return why == MS_REPLAYED ? STOP_REPLAYED : STOP_DEPARTED;
    if (why != MS_DEADLINE && why != MS_ASKED && why != MS_HUNG)
        kind = stopped_by(s, why);
    if (kind == STOP_NONE && (reached || s->streams->matched))
        return STOP_DONE;
    if (kind == STOP_NONE && why == MS_HUNG)
        return when_hung(s);
    return kind; /* a breakpoint whose condition is false is passed */
}

void session_run_begin(struct session *s)
{
    s->running = true;
    s->stopper = NULL;
    if (!s->goal.events) /* next-event shows examples of each kind again */
        memset(s->show.examples_shown, 0, sizeof s->show.examples_shown);
    stoppers_arm(s);
    session_pace_restart(s);
    if (stoppers_at(s, s->m->hart.pc)) /* go on from it: do not hit it */
        engine_pass_breakpoint(s->m->engine);
}

void session_pace_restart(struct session *s)
{
    s->pace_host = host_now();
    s->pace_cycle = machine_now(s->m);
}

double session_ahead(struct session *s)
{
    if (s->pace <= 0)
        return 0;
    double simulated =
        (double)(machine_now(s->m) - s->pace_cycle) / (double)s->m->clock_hz;
    double ahead = simulated / s->pace - (host_now() - s->pace_host);
    if (ahead < -.1) /* a host that was too slow does not race to catch up */
        session_pace_restart(s);
    return ahead > 0 ? ahead : 0;
}
