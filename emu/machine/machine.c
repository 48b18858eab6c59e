/* SPDX-License-Identifier: MIT */
/* The run loop: runs the engine to the next event, dispatches the event, and
 * repeats. Nothing here depends on where a run was cut: a stop comes before the
 * events of its cycle, and the next run begins with them. */
#include "machine/parts.h"

static void dispatch(struct machine *m, int id)
{
    struct machine_parts *p = m->parts;
    u64 now = machine_now(m);
    switch (id) {
    case EV_TIMER:
        clint_update(&p->clint);
        break;
    case EV_UART_RX:
        uart_event(&p->uart, now);
        break;
    case EV_RTC:
        rtc_event(&p->rtc, now);
        break;
    case EV_INPUT:
        machine_feed(m);
        break;
    default:
        assert(id >= EV_DISK0 && id <= EV_DISK7);
        virtio_event(&p->virtio[id - EV_DISK0], now);
    }
}

/* Returns the cycle of the next event that can wake a waiting hart, or of the
 * end of a wrs. EV_INPUT wakes it only if a line could be delivered. */
static u64 next_waking(const struct machine *m)
{
    struct events others = m->events;
    if (!machine_may_feed(m))
        others.at[EV_INPUT] = NEVER;
    return earlier(events_next(&others), m->hart.wake_at);
}

/* True if the hart waits and no event will ever come. No event is dispatched
 * then, so time may pass in any number of pieces and changes nothing else. */
static bool hung(const struct machine *m)
{
    return hart_waits(&m->hart) && next_waking(m) == NEVER;
}

/* Dispatches due events. False: the log's next entry has changed, so the leg
 * must be computed again. */
static bool dispatch_due(struct machine *m)
{
    int id;
    if (m->parts->reset_wanted && !m->off) {
        machine_reset(m);
        m->parts->dispatched++; /* so the moments before and after differ */
    }
    while (!m->off && !hung(m) &&
           (id = events_due(&m->events, machine_now(m))) >= 0) {
        dispatch(m, id);
        m->parts->dispatched++;
    }
    return history_dispatched(m->past);
}

/* ---- asleep ------------------------------------------------------------- */

/* Lets time pass for a waiting hart, to the next event, at most to `until`.
 * False if no event will ever come: then no time passes, so that the cycle at
 * which the machine hangs does not depend on how the run was cut. */
static bool sleep_on(struct machine *m, u64 until)
{
    u64 next = next_waking(m);
    if (next == NEVER)
        return false;
    machine_feed_asleep(m, next);
    u64 wake = earlier(events_next(&m->events), m->hart.wake_at);
    u64 to = earlier(wake, until);
    if (to > m->hart.cycle) {
        const struct machine_watcher *w = m->parts->watcher;
        if (w)
            w->sleep(w->opaque);
        engine_idle_until(m->engine, to);
    }
    return true;
}

/* While the machine repeats, lets time pass in a sleep that no event ends, as
 * the recorded run did. False: no time has passed. */
static bool sleeps_as_before(struct machine *m, u64 until)
{
    if (!history_past(m->past) || until == NEVER || machine_now(m) >= until)
        return false;
    engine_idle_until(m->engine, until);
    return true;
}

/* ---- sampling ----------------------------------------------------------- */

void machine_on_sample(struct machine *m, u64 every, u64 first,
                       void (*fn)(void *, bool slept), void *opaque)
{
    m->parts->sample.every = every;
    m->parts->sample.at = first;
    m->parts->sample.fn = fn;
    m->parts->sample.opaque = opaque;
}

u64 machine_next_sample(const struct machine *m)
{
    return m->parts->sample.every ? m->parts->sample.at : NEVER;
}

static void sample_if_due(struct machine *m)
{
    struct machine_parts *p = m->parts;
    u64 now = machine_now(m), every = p->sample.every;

    if (!every || now < p->sample.at)
        return;
    p->sample.at += (now - p->sample.at) / every * every + every;
    p->sample.fn(p->sample.opaque, false);
}

/* Delays the next sample by the cycles that the hart slept. */
static void sample_slept(struct machine *m, u64 cycles)
{
    struct machine_parts *p = m->parts;

    if (!p->sample.every || !cycles)
        return;
    p->sample.at += cycles;
    p->sample.fn(p->sample.opaque, true);
}

void machine_idle(struct machine *m, u64 to)
{
    u64 before = m->hart.cycle;
    engine_idle_until(m->engine, earlier(to, machine_next_clock_asleep(m)));
    sample_slept(m, m->hart.cycle - before);
}

/* ---- stops -------------------------------------------------------------- */

/* Returns a reason to stop that is not the engine's; -1: none. */
static int reason_to_stop(struct machine *m, u64 deadline)
{
    struct machine_parts *p = m->parts;
    const struct config *c = m->config;
    if (m->off)
        return MS_OFF;
    if (p->caught) {
        p->caught = false;
        return MS_EVENT;
    }
    if (atomic_exchange(&p->asked, false))
        return MS_ASKED;
    if ((c->max_cycles && machine_now(m) >= c->max_cycles) ||
        (c->max_instructions &&
         (m->hart.instret >= c->max_instructions ||
          engine_traps(m->engine) >= c->max_instructions)))
        return MS_LIMIT; /* limits traps, too: endless ones retire nothing */
    return machine_now(m) >= deadline ? MS_DEADLINE : -1;
}

static int stop_of(enum engine_stop s)
{
    switch (s) {
    case ENGINE_BREAKPOINT:
        return MS_BREAKPOINT;
    case ENGINE_WATCHPOINT:
        return MS_WATCHPOINT;
    case ENGINE_WALK:
        return MS_WALK;
    case ENGINE_TRAPPED:
        return MS_TRAPPED;
    case ENGINE_STALE:
        return MS_STALE;
    default:
        return -1;
    }
}

/* Lets the engine run to the next event, at most to `until`, at most `steps`
 * instructions and traps (0: any number). engine_step counts them exactly.
 * engine_run is faster; while --max-instructions is far away, a deadline bounds
 * it instead, because at most two instructions start in a cycle. */
static enum engine_stop run_engine(struct machine *m, u64 until, u64 steps)
{
    struct machine_parts *p = m->parts;
    const u64 far = 4096;
    u64 limit = m->config->max_instructions;
    u64 most = m->hart.instret;
    if (engine_traps(m->engine) > most)
        most = engine_traps(m->engine);
    u64 left = limit ? limit - most : NEVER;
    p->deadline = hung(m) ? until : earlier(until, events_next(&m->events));
    if (steps)
        return engine_step(m->engine, earlier(steps, left), p->deadline);
    if (left <= far)
        return engine_step(m->engine, left, p->deadline);
    if (left != NEVER)
        p->deadline = earlier(p->deadline, m->hart.cycle + left / 2);
    return engine_run(m->engine, p->deadline);
}

static u64 steps_now(const struct machine *m)
{
    return m->hart.instret + engine_traps(m->engine);
}

/* Runs for machine_run (steps 0: to the deadline) and machine_step. */
static enum machine_stop go(struct machine *m, u64 deadline, u64 steps)
{
    const struct config *c = m->config;
    u64 end = steps ? steps_now(m) + steps : 0;
    u64 until = c->max_cycles ? earlier(deadline, c->max_cycles) : deadline;
    for (;;) {
        int stop = reason_to_stop(m, deadline);
        if (stop >= 0)
            return (enum machine_stop)stop;
        if (end && steps_now(m) >= end)
            return MS_DEADLINE;
        struct leg leg = {until, end ? end - steps_now(m) : 0, m->hart.wfi,
                          false};
        if ((stop = history_leg(m->past, &leg)) >= 0)
            return (enum machine_stop)stop;
        sample_if_due(m);
        machine_tick(m);
        if (!dispatch_due(m) || m->off || leg.events_only)
            continue;
        u64 upto = earlier(leg.until, machine_next_clock(m));
        enum engine_stop es =
            run_engine(m, earlier(upto, machine_next_sample(m)), leg.steps);
        m->parts->deadline = 0; /* no run, so no deadline to lower */
        htif_poll(&m->parts->htif);
        u64 before = m->hart.cycle;
        u64 sleep_to = earlier(leg.until, machine_next_clock_asleep(m));
        if (es == ENGINE_WFI && !m->off && !sleep_on(m, sleep_to) &&
            !sleeps_as_before(m, sleep_to)) {
            stop = reason_to_stop(m, NEVER);
            return stop >= 0 ? (enum machine_stop)stop : MS_HUNG;
        }
        sample_slept(m, m->hart.cycle - before);
        if ((stop = stop_of(es)) >= 0)
            return m->off ? MS_OFF : (enum machine_stop)stop;
    }
}

/* Applies input due now; why: the stop that the run itself reported. */
static enum machine_stop after_input(struct machine *m, enum machine_stop why)
{
    int stop = history_settle(m->past);
    return stop >= 0 ? (enum machine_stop)stop : why;
}

enum machine_stop machine_run(struct machine *m, u64 deadline)
{
    return after_input(m, go(m, deadline, 0));
}

enum machine_stop machine_step(struct machine *m, u64 instructions)
{
    return instructions ? after_input(m, go(m, NEVER, instructions))
                        : MS_DEADLINE;
}

struct walk_step machine_step_walk(struct machine *m)
{
    return engine_step_walk(m->engine);
}

void machine_ask_stop(struct machine *m)
{
    atomic_store(&m->parts->asked, true);
    engine_ask_stop(m->engine);
}

u64 machine_next_event(const struct machine *m)
{
    return events_next(&m->events);
}

/* ---- the devices, for faces --------------------------------------------- */

const struct lens_view *machine_lens(const struct machine *m)
{
    struct machine_parts *p = m->parts;
    const struct lens *l = &p->lens;
    p->view = (struct lens_view){.open = l->open,
                                 .info = &l->info,
                                 .info_pa = l->info_pa,
                                 .shadow = l->shadow,
                                 .count = l->count,
                                 .nframes = l->frames,
                                 .events = l->events};
    return &p->view;
}

bool machine_lens_busy(const struct machine *m)
{
    return lens_busy(&m->parts->lens);
}

void machine_on_event(struct machine *m,
                      void (*fn)(void *, const struct lens_record *),
                      void *opaque)
{
    m->parts->lens.hook = fn;
    m->parts->lens.hook_opaque = opaque;
}

void machine_catch_events(struct machine *m, u64 reasons)
{
    m->parts->lens.catch = reasons;
    m->parts->caught = false;
}

void machine_seen(struct machine *m, const struct lens_record *r)
{
    const struct lens *l = &m->parts->lens;
    unsigned reason = (unsigned)bits(r->event, 43, 36);
    if (reason < 64 && l->catch >> reason & 1)
        l->caught(l->opaque, r);
}

struct lens_record machine_met(const struct machine *m)
{
    return m->parts->met;
}

struct lens_record machine_caught(const struct machine *m)
{
    return m->parts->caught_record;
}

void machine_set_caught(struct machine *m, struct lens_record r)
{
    m->parts->caught_record = r;
}

void machine_on_past(struct machine *m, void (*fn)(void *, struct state *),
                     void *opaque)
{
    m->parts->past.fn = fn;
    m->parts->past.opaque = opaque;
}

u64 machine_tunables(const struct machine *m, u64 *pa)
{
    struct boot_range r = m->parts->booted.tunables;
    *pa = r.start;
    return (r.end - r.start) / sizeof(struct lens_tunable);
}

static unsigned requests(const struct virtio *v, struct disk_request *out)
{
    struct disk_outlook o[DISK_REQUESTS];
    unsigned n = v->disk ? disk_outlook(v->model, o, DISK_REQUESTS) : 0;
    for (unsigned i = 0; i < n; i++) { /* both have the same order */
        const struct blk_request *r = &v->request[i];
        out[i] = (struct disk_request){
            r->type,      r->sector,  r->bytes, r->nseg ? r->seg[0].pa : 0,
            o[i].done_at, o[i].waits,
        };
    }
    return n;
}

bool machine_disk_read(struct machine *m, unsigned disk, u64 at, void *to,
                       u64 n)
{
    struct machine_parts *p = m->parts;
    return disk < p->ndisks && backing_read(&p->backing[disk], at, to, n);
}

void machine_settle_disks(struct machine *m, bool cut,
                          void (*failed)(const char *file, const char *why))
{
    struct machine_parts *p = m->parts;
    for (unsigned i = 0; i < p->ndisks; i++) {
        const struct backing *b = &p->backing[i];
        blk_settle(&p->virtio[i], cut);
        if (b->host_error)
            failed(b->file, strerror(b->host_error));
    }
}

unsigned machine_disks(const struct machine *m, struct disk_view *out,
                       unsigned max)
{
    const struct machine_parts *p = m->parts;
    unsigned n = p->ndisks < max ? p->ndisks : max;
    for (unsigned i = 0; i < n; i++) {
        out[i] = (struct disk_view){
            .present = true,
            .stats = disk_stats(p->model[i]),
            .sectors = p->backing[i].sectors,
            .queued = p->virtio[i].count,
            .done_at = m->events.at[EV_DISK0 + i],
            .file = p->backing[i].file,
            .failed = p->virtio[i].faults.failed,
            .unflushed = SECTOR_BYTES *
                         (p->virtio[i].cache.end - p->virtio[i].cache.durable),
        };
        out[i].nrequests = requests(&p->virtio[i], out[i].request);
    }
    return n;
}
