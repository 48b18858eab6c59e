/* SPDX-License-Identifier: MIT */
/* The memory controller for many accesses at once: a read queue and a write
 * queue of 32 requests each, open page, first-ready first-come-first-served.
 * Writes are posted. The write queue is drained when no read waits for its row
 * or the queue is about to be full; a drain ends when few writes are left. A
 * request whose row has been opened for it no longer counts as waiting in its
 * queue. The controller has no clock of its own: each call says until when it
 * advances, and commands are sent in the order of their clocks, so the result
 * does not depend on where the calls stop.
 *
 * A request accepted at clock t sends its first command at t + 1 at the
 * earliest; its latency ends with the last beat of data.
 *
 * Compiled for each kind of host (dram_lanes.h). */
#include "dram_turn.h"

enum outcome { REACHED, AGAIN, REFRESH };

static bool writes_next(const struct dram_crowd *d)
{
    u32 writes = d->writes.waiting;

    return !d->reads.waiting | (writes >= DRAM_DRAIN_HIGH) |
           (d->writing & (writes > DRAM_DRAIN_LOW));
}

/* After the queue has sent a command: true if it is still that queue's turn and
 * a request waits. */
ALWAYS bool may_go_on(const struct dram_crowd *d, bool writing)
{
    if (!writing)
        return d->reads.waiting;
    return d->writes.banks &&
           ((d->writes.waiting > DRAM_DRAIN_LOW) | !d->reads.waiting);
}

/* No command is possible up to `until`. Notes the clock of the next one, and
 * returns REFRESH if a refresh is due before it. */
ALWAYS enum outcome nothing_until(struct dram_crowd *d, u64 until, u32 clock,
                                  bool only)
{
    u64 at = clock == DRAM_NOBODY ? ~0ull : d->rank.base + clock;
    u64 due = d->rank.refresh_at;

    d->quiet = at < due || only ? at : due;
    return at >= due && due <= until && !only ? REFRESH : REACHED;
}

/* Sends the chosen command. */
ALWAYS void send(struct turn *t, const struct choice *c, bool writing)
{
    struct dram_crowd *d = t->d;

    t->now = lanes_plus(keys_clock(c->least), lanes_all(1));
    d->clock = d->rank.base + c->clock + 1;
    d->quiet = 0;
    if (!c->is_column) {
        send_row(t, c);
        return;
    }
    bool theirs = t->other->owned >> c->bank & 1;
    if (theirs & !c->waits)
        send_their_column(t, c, !writing);
    else
        send_column(t, c, t->q, writing, t->low);
}

/* The last clock, not after `until`, at which a command may be sent, counted
 * from `base`. */
ALWAYS s64 last_clock(const struct crowd_rank *r, u64 until, bool only)
{
    u64 last = only || until < r->refresh_at ? until : r->refresh_at - 1;

    return last - r->base < DRAM_NOBODY - 1 ? (s64)(last - r->base)
           : last < r->base                 ? -1
                                            : DRAM_NOBODY - 1;
}

/* Sends commands up to `until` while it is the queue's turn, or until `full` is
 * no longer full. `only`: sends one command, of a request whose row was opened
 * for it and which must be done before a refresh. */
ALWAYS enum outcome take_turn(struct dram_crowd *d, u64 until,
                              const struct dram_queue *full, bool writing,
                              bool only)
{
    struct crowd_rank *r = &d->rank;
    struct turn t = {.d = d,
                     .q = &d->queue[writing],
                     .other = &d->queue[!writing],
                     .v = bank_times_get(r),
                     .now = lanes_all(bank_clock(r, d->clock)),
                     .own = lanes_of_set(d->queue[!writing].owned)};
    s64 limit = last_clock(r, until, only);
    enum outcome outcome = AGAIN;

    fetch(&t);
    do {
        struct choice c = choose(&t, writing, only);
        if (c.clock > limit) {
            outcome = nothing_until(d, until, c.clock, only);
            break;
        }
        send(&t, &c, writing);
        if (full && full->waiting < DRAM_QUEUE) {
            outcome = REACHED;
            break;
        }
    } while (!only && may_go_on(d, writing));
    flush(&t);
    bank_times_put(r, &t.v);
    return outcome;
}

static __attribute__((noinline, cold)) enum outcome
before_refresh(struct dram_crowd *d, u64 until, const struct dram_queue *full)
{
    if (d->reads.owned | d->writes.owned)
        return take_turn(d, until, full, false, true);
    bool any = d->reads.banks | d->writes.banks;
    crowd_refresh(d, any ? d->rank.refresh_at : until);
    for (u32 w = 0; w < 2; w++)
        for (u32 left = d->queue[w].banks; left; left &= left - 1)
            queue_row_closed(&d->queue[w], (u32)__builtin_ctz(left));
    d->quiet = 0;
    return AGAIN;
}

/* Sends commands at clocks up to `until` or, if `full` is not NULL, up to the
 * first command after which `full` has room. */
static __attribute__((noinline)) void run(struct dram_crowd *d, u64 until,
                                          const struct dram_queue *full)
{
    while (until >= d->quiet) {
        enum outcome o;
        if (until < d->clock)
            return;
        d->writing = writes_next(d);
        if (d->writing)
            o = take_turn(d, until, full, true, false);
        else
            o = take_turn(d, until, full, false, false);
        if (o == REFRESH)
            o = before_refresh(d, until, full);
        if (o != AGAIN)
            return;
    }
}

static void advance(struct dram_crowd *d, u64 now)
{
    if (now >= d->quiet)
        run(d, now, NULL);
}

static bool accept(struct dram_crowd *d, bool write, u64 pa, u64 clock)
{
    struct dram_place at = dram_place_of(&d->map, pa);

    /* earlier refreshes are done, so lanes have room for later clocks */
    assert(bank_clock(&d->rank, clock) < 1 << 15);
    bool waits = write_waits(d, &at);
    if (!waits && d->queue[write].waiting >= DRAM_QUEUE)
        return false;
    d->clock = later(d->clock, clock + 1);
    if (waits) {
        /* a read is forwarded, a write merged: no DRAM is touched */
        d->end = later(d->end, clock + 1);
    } else {
        queue_add(d, write, &at, clock);
        d->quiet =
            0; /* its command may be next, or its queue may get the turn */
    }
    d->stats.writes += write;
    d->stats.reads += !write;
    d->stats.read_latency_clocks += waits && !write;
    return true;
}

static u64 room(struct dram_crowd *d, bool write, u64 clock)
{
    const struct dram_queue *q = &d->queue[write];

    if (q->waiting < DRAM_QUEUE)
        return clock;
    run(d, ~0ull, q);
    return later(clock, d->clock - 1);
}

const struct crowd_run DRAM_RUN = {accept, room, advance};
