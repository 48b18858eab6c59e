/* SPDX-License-Identifier: MIT */
/* A few milliseconds of machine at a time, and pace. How slices are cut
 * changes nothing in the machine (design.md, Cuts don't matter), so the host's
 * clock may decide it. */
#include "monitor/session/step.h"

/* Cycles of a slice: at most what takes about 5 ms of host time when every
 * cycle is work, so that a key is answered at once. */
#define SLICE_LEAST 10000
#define SLICE_TIMED 400000
#define SLICE_FAST  2000000
#define SLICE_LONG  .005 /* seconds: make the next one smaller */
#define SLICE_SHORT .002
/* And at most what takes about a tenth of a second, when hardly any is: a loop
 * that waits for an interrupt is run as a whole, so the looks around would be
 * all of its time. Less than so many seconds say that it is one. */
#define SLICE_IDLE    64
#define SLICE_NOTHING .0001

/* Instruction by instruction, because the condition may become true at any. */
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
    }
    return why;
}

/* At multiples of goal.every alone: where a condition may hold a little before
 * the machine stops, it runs at its own pace. */
static enum machine_stop look_every(struct session *s, u64 to, bool *reached)
{
    struct goal *g = &s->goal;
    u64 now = s->m->hart.cycle, v;
    if (now >= g->look) {
        s->until_failed = !evaluate(s, g->until, &v);
        *reached = s->until_failed || v;
        g->look = (now / g->every + 1) * g->every;
    }
    return *reached ? MS_DEADLINE
                    : machine_run(s->m, to < g->look ? to : g->look);
}

/* Where the slice ends. A sleeper sleeps at once up to what wakes it: cut into
 * slices, an hour would cost millions of looks around. */
static u64 slice_end(const struct session *s, u64 cycles)
{
    u64 to = s->m->hart.cycle + cycles, wake = machine_next_event(s->m);

    if (s->pace <= 0 && s->m->hart.wfi && wake != NEVER && wake > to)
        to = wake;
    return to;
}

static enum machine_stop advance(struct session *s, bool *reached)
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
        return look_every(s, to, reached);
    if (g->until)
        return step_until(s, reached);
    if (g->stepping)
        return step_advance(s, to, reached);
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
    *reached = h->cycle >= g->deadline;
    return why;
}

static void adapt(struct session *s, double seconds)
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

/* The guest waits for ever. Where an end was asked for, simulated time passes
 * up to it; where output is awaited there is nothing to wait for. */
static enum stop_kind hung(struct session *s)
{
    u64 limit = s->config->max_cycles;
    u64 end = limit && limit < s->goal.deadline ? limit : s->goal.deadline;
    if (end == NEVER || s->streams->expecting)
        return STOP_HUNG;
    session_idle(s, end);
    return s->m->hart.cycle >= s->goal.deadline ? STOP_DONE : STOP_NONE;
}

void session_idle(struct session *s, u64 end)
{
    u64 to = s->m->hart.cycle + s->slice;
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
    why = advance(s, &reached);
    adapt(s, host_now() - start);
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
        return hung(s);
    return kind; /* a breakpoint that does not hold is behind us now */
}

void session_depart(struct session *s)
{
    s->running = true;
    s->stopper = NULL;
    if (!s->goal.events) /* from here on the same is told anew */
        memset(s->told, 0, sizeof s->told);
    stoppers_arm(s);
    session_pace_restart(s);
    if (!s->m->off && stoppers_at(s, s->m->hart.pc) && s->goal.steps != 1 &&
        !s->goal.until && !s->goal.task.on &&
        !(s->goal.stepping && !s->stepper->running)) {
        machine_step(s->m, 1); /* a step looks at no breakpoint of its own */
        s->goal.steps -= s->goal.steps > 0;
    }
}

/* ---- pace --------------------------------------------------------------- */

void session_pace_restart(struct session *s)
{
    s->pace_host = host_now();
    s->pace_cycle = s->m->hart.cycle;
}

double session_ahead(struct session *s)
{
    if (s->pace <= 0)
        return 0;
    double simulated =
        (double)(s->m->hart.cycle - s->pace_cycle) / (double)s->m->clock_hz;
    double ahead = simulated / s->pace - (host_now() - s->pace_host);
    if (ahead < -.1) /* too slow a host does not race to catch up later */
        session_pace_restart(s);
    return ahead > 0 ? ahead : 0;
}
