/* SPDX-License-Identifier: MIT */
/* Runs the machine a few milliseconds at a time, and keeps the pace. The host's
 * clock may decide how long a slice is, because the machine's time and
 * interrupts do not depend on that. */
#include "monitor/run/run.h"

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

/* ---- towards the goals ----------------------------------------------- */

static bool is_reached(const struct session *s, const struct goal *g)
{
    return g->on && (g->reached || machine_now(s->m) >= g->deadline);
}

/* Sets s->run.whose to the first whose goal is reached; false: none is. */
static bool any_reached(struct session *s)
{
    for (unsigned i = 0; i < CONTEXTS; i++)
        if (is_reached(s, &s->run.goals[i])) {
            s->run.whose = i;
            return true;
        }
    return false;
}

bool run_condition(struct session *s, const struct expr *e)
{
    struct expr_value v;
    return !expr_eval(e, &s->env, &v, NULL, s->run.failed,
                      sizeof s->run.failed) ||
           v.bits;
}

/* Executes n steps, and counts them for the goals that want so many. */
static enum machine_stop take_steps(struct session *s, u64 n)
{
    const struct hart *h = &s->m->hart;
    u64 before = h->instret;
    enum machine_stop why = machine_step(s->m, n);
    u64 done =
        why == MS_DEADLINE || h->instret - before > n ? n : h->instret - before;
    for (unsigned i = 0; i < CONTEXTS; i++) {
        struct goal *g = &s->run.goals[i];
        if (!g->steps)
            continue;
        if (g->instret)
            g->steps = h->instret < g->instret ? g->instret - h->instret : 0;
        else
            g->steps -= done < g->steps ? done : g->steps;
        g->reached = !g->steps;
    }
    return why;
}

/* Executes one instruction at a time, since any may make a condition true
 * (`conditions`), or be the last before another goal. */
static enum machine_stop one_by_one(struct session *s, bool conditions)
{
    enum machine_stop why = MS_DEADLINE;
    for (unsigned n = 0; n < SLICE_LEAST && why == MS_DEADLINE; n++) {
        for (unsigned i = 0; i < CONTEXTS; i++)
            if (s->run.goals[i].until && !s->run.goals[i].every)
                s->run.goals[i].reached =
                    run_condition(s, s->run.goals[i].until);
        if (any_reached(s))
            return why;
        why = take_steps(s, 1);
        if (conditions && why == MS_DEADLINE && breaks_at(s, s->m->hart.pc))
            why = MS_BREAKPOINT; /* machine_step does not stop there */
    }
    return why;
}

/* Evaluates a condition at multiples of goal.every only: the machine runs at
 * full speed between them, so the condition may have become true up to `every`
 * cycles before it stops. Returns the cycle of the next look. */
static u64 look_at_times(struct session *s, struct goal *g)
{
    u64 now = machine_now(s->m);
    if (now >= g->look) {
        g->reached = run_condition(s, g->until);
        g->look = (now / g->every + 1) * g->every;
    }
    return g->look;
}

/* Returns the cycle at which the slice ends. Without a pace, a sleeping hart
 * sleeps in one slice up to the event that wakes it: otherwise an hour of sleep
 * would cost millions of slices. */
static u64 slice_end(const struct session *s, u64 cycles)
{
    u64 to = machine_now(s->m) + cycles, wake = machine_next_event(s->m);

    if (s->run.pace <= 0 && s->m->hart.wfi && wake != NEVER && wake > to)
        to = wake;
    return to;
}

/* Runs a slice, at most up to the first goal. */
static enum machine_stop run_slice(struct session *s)
{
    u64 most = s->run.slice ? s->run.slice : (s->run.slice = SLICE_LEAST);
    u64 to = slice_end(s, most), deadline = session_deadline(s), steps = 0;
    bool conditions = false;
    to = to < deadline ? to : deadline;
    if (s->run.goals[IN_REMOTE].stepping)
        return s->debugged.port->advance(s->debugged.d,
                                         &s->run.goals[IN_REMOTE].reached);
    for (unsigned i = 0; i < CONTEXTS; i++) {
        struct goal *g = &s->run.goals[i];
        if (g->until && g->every) {
            u64 next = look_at_times(s, g);
            to = to < next ? to : next;
        }
        conditions |= g->until && !g->every;
        if (g->steps && (!steps || g->steps < steps))
            steps = g->steps;
    }
    if (any_reached(s))
        return MS_DEADLINE;
    if (conditions || (steps && deadline != NEVER))
        return one_by_one(s, conditions);
    if (steps)
        return take_steps(s, steps < s->run.slice ? steps : s->run.slice);
    return machine_run(s->m, to);
}

static void adapt_slice(struct session *s, double seconds)
{
    u64 most = engine_timed(s->m->engine) ? SLICE_TIMED : SLICE_FAST;
    if (seconds < SLICE_NOTHING && s->run.pace <= 0 && s->run.slice >= most)
        most *= SLICE_IDLE;
    if (seconds > SLICE_LONG && s->run.slice > SLICE_LEAST)
        s->run.slice /= 2;
    else if (seconds < SLICE_SHORT && s->run.slice < most)
        s->run.slice *= 2;
    if (s->run.slice > most)
        s->run.slice = most;
}

/* The hart sleeps and no event can wake it. If a goal or the command line sets
 * an end, simulated time passes up to it, unless output is awaited, which
 * cannot come. */
static enum stop_kind when_hung(struct session *s)
{
    u64 limit = s->config->max_cycles, deadline = session_deadline(s);
    u64 end = limit && limit < deadline ? limit : deadline;
    if (end == NEVER || s->streams->expecting)
        return STOP_HUNG;
    session_idle(s, end);
    return any_reached(s) ? STOP_DONE : STOP_NONE;
}

void session_idle(struct session *s, u64 end)
{
    u64 to = machine_now(s->m) + s->run.slice;
    machine_idle(s->m, to < end ? to : end);
}

static enum stop_kind stopped_by(struct session *s, enum machine_stop why)
{
    if (why == MS_EVENT)
        picture_event(&s->show);
    struct stopper *by = stoppers_judge(s, why);
    s->run.stopper = by;
    for (unsigned i = 0; i < CONTEXTS && !by && why == MS_WALK; i++)
        s->run.goals[i].reached |= s->run.goals[i].step_walk;
    if (!by)
        return STOP_NONE;
    s->run.whose = by->of_panel    ? IN_PANEL
                   : by->of_remote ? IN_REMOTE
                                   : IN_SCRIPT;
    by->hits++;
    return stop_of(by);
}

enum stop_kind session_slice(struct session *s)
{
    enum stop_kind kind = STOP_NONE;
    enum machine_stop why = MS_DEADLINE;
    double start = host_now();
    if (s->m->off)
        return STOP_OFF;
    s->run.whose = IN_SCRIPT;
    why = run_slice(s);
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
    if (kind == STOP_NONE && (s->streams->matched || any_reached(s)))
        return STOP_DONE;
    if (kind == STOP_NONE && why == MS_HUNG)
        return when_hung(s);
    return kind; /* a breakpoint whose condition is false is passed */
}

void session_run_begin(struct session *s)
{
    s->run.going = true;
    s->run.stopper = NULL;
    *s->run.failed = 0;
    if (!session_events(s)) /* next-event shows examples of each kind again */
        memset(s->show.examples_shown, 0, sizeof s->show.examples_shown);
    stoppers_arm(s);
    session_pace_restart(s);
    if (stoppers_at(s, s->m->hart.pc)) /* go on from it: do not hit it */
        engine_pass_breakpoint(s->m->engine);
}

void session_pace_restart(struct session *s)
{
    s->run.pace_host = host_now();
    s->run.pace_cycle = machine_now(s->m);
}

double session_ahead(struct session *s)
{
    if (s->run.pace <= 0)
        return 0;
    double simulated = (double)(machine_now(s->m) - s->run.pace_cycle) /
                       (double)s->m->clock_hz;
    double ahead = simulated / s->run.pace - (host_now() - s->run.pace_host);
    if (ahead < -.1) /* a host that was too slow does not race to catch up */
        session_pace_restart(s);
    return ahead > 0 ? ahead : 0;
}
