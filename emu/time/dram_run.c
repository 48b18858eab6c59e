/* SPDX-License-Identifier: MIT */
/* The memory controller: one read and one write queue of 32, open page,
 * first-ready first-come-first-served. Writes are posted, and drained when no
 * read waits for its row or the queue is about to be full; a drain ends with
 * few left. A request whose row has been opened for it has left its queue for
 * the bank. The controller has no clock of its own: each call says until when,
 * and commands are issued in the order of their clocks, so that a stop in
 * between changes nothing.
 *
 * A request accepted at clock t sends its first command at t + 1 at the
 * earliest; its latency ends with the last beat of data.
 *
 * Compiled five times (dram_lanes.h). */
#include "time/dram_turn.h"

static u64 later(u64 a, u64 b)
{
    return a > b ? a : b;
}

static u32 most(u32 a, u32 b)
{
    return a > b ? a : b;
}

/* At which commands to stop. */
enum {
    STOP_READ = 1 << DRAM_RD,
    STOP_ROOM = 1 << DRAM_ACT | 1 << DRAM_RD | 1 << DRAM_WR
};

enum outcome { REACHED, STOPPED, AGAIN, REFRESH };

static bool writes_next(const struct dram *d)
{
    u32 writes = d->writes.waiting;

    return !d->reads.waiting | (writes >= DRAM_DRAIN_HIGH) |
           (d->writing & (writes > DRAM_DRAIN_LOW));
}

/* After a command of its own: it still is that queue's turn, and somebody is
 * there. */
ALWAYS bool may_go_on(const struct dram *d, bool writing)
{
    if (!writing)
        return d->reads.waiting;
    return d->writes.banks &&
           ((d->writes.waiting > DRAM_DRAIN_LOW) | !d->reads.waiting);
}

/* Nobody waits: nothing comes before the next refresh, and writes may. */
static void rest(struct dram *d)
{
    d->quiet = d->rank.refresh_at;
    d->others = 0;
    d->writing = true;
    d->calm.from = d->calm.ready = d->clock + d->calm.most;
    d->reads.next = d->writes.next = 0;
}

/* No command until then: a refresh, if that is due. */
ALWAYS enum outcome nothing_until(struct dram *d, u64 until, u32 clock,
                                  bool only)
{
    u64 at = clock == DRAM_NOBODY ? ~0ull : d->rank.base + clock;
    u64 due = d->rank.refresh_at;

    d->quiet = at < due || only ? at : due;
    return at >= due && due <= until && !only ? REFRESH : REACHED;
}

/* The command that was chosen; which it is. */
ALWAYS enum dram_command send(struct turn *t, const struct choice *c,
                              bool writing, bool alone)
{
    struct dram *d = t->d;

    t->now = lanes_plus(keys_clock(c->least), lanes_all(1));
    d->clock = d->rank.base + c->clock + 1;
    d->quiet = 0;
    if (!c->is_column)
        return send_row(t, c);
    bool theirs = !alone & !c->waits & t->other->owned >> c->bank & 1;
    lanes bank = keys_lanes(c->column[0], c->column[1], c->least);
    lanes at = keys_clock(c->least);
    if (theirs) {
        send_column(t, c->bank, c->clock, bank, at, !writing, false);
        t->own = lanes_but(t->own, bank);
    } else {
        send_column(t, c->bank, c->clock, bank, at, writing, true);
    }
    if (!(t->q->banks | t->other->banks))
        rest(d);
    return DRAM_RD + (writing ^ theirs);
}

/* The last clock up to `until` at which a command may go, from `base` on. */
ALWAYS s64 last_clock(const struct dram_rank *r, u64 until, bool only)
{
    u64 last = only || until < r->refresh_at ? until : r->refresh_at - 1;

    return last - r->base < DRAM_NOBODY - 1 ? (s64)(last - r->base)
           : last < r->base                 ? -1
                                            : DRAM_NOBODY - 1;
}

/* Commands up to `until` while it is that queue's turn. `only`: what rows have
 * been opened for goes before a refresh, one command. `alone`: no row is open
 * for the other queue. */
ALWAYS enum outcome take_turn(struct dram *d, u64 until, u32 stop, bool writing,
                              bool only, bool alone)
{
    struct dram_rank *r = &d->rank;
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
        struct choice c = choose(&t, writing, only, alone);
        if (c.clock > limit) {
            outcome = nothing_until(d, until, c.clock, only);
            break;
        }
        if (stop >> send(&t, &c, writing, alone) & 1) {
            outcome = STOPPED;
            break;
        }
    } while (!only && may_go_on(d, writing));
    flush(&t);
    bank_times_put(r, &t.v);
    return outcome;
}

static __attribute__((noinline, cold)) enum outcome
before_refresh(struct dram *d, u64 until, u32 stop)
{
    if (d->reads.owned | d->writes.owned)
        return take_turn(d, until, stop, false, true, false);
    bool any = d->reads.banks | d->writes.banks;
    dram_refresh(d, any ? d->rank.refresh_at : until);
    for (u32 w = 0; w < 2; w++)
        for (u32 left = d->queue[w].banks; left; left &= left - 1)
            queue_row_closed(&d->queue[w], (u32)__builtin_ctz(left));
    d->quiet = 0;
    return AGAIN;
}

/* Issues commands at clocks up to `until`, or to the first of those to stop
 * at. */
static __attribute__((noinline)) void run(struct dram *d, u64 until, u32 stop)
{
    d->others = 0;
    while (until >= d->quiet) {
        enum outcome o;
        if (until < d->clock)
            return;
        d->writing = writes_next(d);
        if (d->writing)
            o = d->reads.owned ? take_turn(d, until, stop, true, false, false)
                               : take_turn(d, until, stop, true, false, true);
        else
            o = take_turn(d, until, stop, false, false, false);
        if (o == REFRESH)
            o = before_refresh(d, until, stop);
        if (o != AGAIN)
            return;
    }
}

/* When a bank may send its next command for its oldest write, which wants what
 * the others of the bank do; in clocks from the rank's base. */
ALWAYS u32 alone_clock(const struct dram *d, u32 b)
{
    const struct dram_rank *r = &d->rank;
    bool hit = d->writes.hits >> b & 1;
    u32 own = hit ? r->col_at.of[b] : r->row_at.of[b];
    u32 shared = hit ? r->data_at[1].of[b] : r->act_at.of[b] & r->closed.of[b];

    return most(bank_clock(r, d->clock), most(own, shared));
}

/* That command, nobody else's coming before it: no choice. When the one after
 * it may go. */
ALWAYS u32 send_alone(struct dram *d, u32 b, u32 at)
{
    struct dram_rank *r = &d->rank;
    struct dram_queue *q = &d->writes;
    u32 bit = 1u << b, slot = dram_oldest(q->of[b]), own, shared;
    lanes bank = lanes_one(b);

    d->writing = true;
    d->clock = r->base + at + 1;
    if (q->hits & bit) {
        struct turn t = {
            .d = d, .q = q, .other = &d->reads, .v = bank_times_get(r)};
        fetch(&t);
        send_column(&t, b, at, bank, lanes_all(at), true, true);
        flush(&t);
        bank_times_put(r, &t.v);
        return alone_clock(d, b);
    }
    r->open ^= bit;
    if (r->open & bit) {
        struct bank_times v = bank_times_get(r);
        own = at + d->part->rcd;
        shared = r->data_at[1].of[b];
        classify(d, &q->r[slot], DRAM_ACT, SERVED_DRAM_CLOSED);
        r->row[b] = q->r[slot].row;
        bank_activate(d, &v, lanes_all(at), bank, at);
        bank_times_put(r, &v);
        queue_own(q, slot, b);
        queue_lanes(q, b);
    } else {
        own = at + d->part->rp;
        shared = r->act_at.of[b];
        classify(d, &q->r[slot], DRAM_PRE, SERVED_DRAM_CONFLICT);
        lanes_put(&r->row_at,
                  lanes_pick(lanes_get(&r->row_at), lanes_all(own), bank));
        lanes_put(&r->closed, lanes_or(lanes_get(&r->closed), bank));
    }
    return most(own, shared);
}

/* The command of the bank `alone` at `quiet`. */
static void run_alone(struct dram *d)
{
    const struct dram_queue *q = &d->writes;
    u32 bit = 1u << d->alone, column = q->hits & bit;
    u32 next = send_alone(d, d->alone, bank_clock(&d->rank, d->quiet));

    d->quiet = q->banks & bit ? d->rank.base + next : d->others;
    if (column || d->quiet >= d->others) {
        d->quiet = d->quiet < d->others ? d->quiet : d->others;
        d->others = 0;
    }
    if (!(q->banks | d->reads.banks))
        rest(d);
}

static void advance(struct dram *d, u64 now)
{
    while (now >= d->quiet && now < d->others)
        run_alone(d);
    if (now >= d->quiet)
        run(d, now, 0);
}

/* A new request: a command for its bank may now come sooner. A read may also
 * change whose turn it is. `wanted`: it is a candidate. If it is the only one
 * of its bank, and nobody else's command can come before its own, that is
 * known from now on. */
ALWAYS void disturb(struct dram *d, bool write, u32 bank, bool wanted)
{
    const struct dram_rank *r = &d->rank;
    const struct dram_queue *q = &d->writes;
    u64 at = r->base + alone_clock(d, bank);

    if (!write | (d->reads.waiting && q->waiting >= DRAM_DRAIN_HIGH) |
        (wanted & others_behind(q, bank))) {
        d->quiet = d->others = 0;
        return;
    }
    if (!wanted)
        return;
    if (at >= d->quiet) {
        d->others = at < d->others ? at : d->others;
        return;
    }
    d->others = d->quiet;
    d->quiet = at;
    d->alone = bank;
    if (d->reads.waiting | (at >= r->refresh_at) |
        ((d->reads.owned | d->reads.hits) >> bank & 1))
        d->others = 0;
}

static bool accept(struct dram *d, bool write, u64 pa, u64 clock)
{
    struct dram_place at = dram_place_of(d, pa);

    /* refreshes before it are done: lanes have room for what follows */
    assert(bank_clock(&d->rank, clock) < 1 << 15);
    bool waits = write_waits(d, &at);
    if (!waits && d->queue[write].waiting >= DRAM_QUEUE)
        return false;
    d->clock = later(d->clock, clock + 1);
    if (waits) {
        /* a read is forwarded, a write merged: no DRAM is touched */
        d->read_end = later(d->read_end, clock + 1);
    } else {
        bool wanted = queue_add(d, write, &at, clock, 0);
        disturb(d, write, at.bank, wanted);
    }
    d->stats.writes += write;
    d->stats.reads += !write;
    d->stats.read_latency_clocks += waits && !write;
    return true;
}

/* Until one has gone, if the queue is full. */
static u64 room(struct dram *d, bool write, u64 clock)
{
    while (d->queue[write].waiting >= DRAM_QUEUE) {
        run(d, ~0ull, STOP_ROOM);
        clock = later(clock, d->clock - 1);
    }
    return clock;
}

/* When a read whose row was just opened for it may have its column. */
ALWAYS u32 read_clock(const struct dram *d, u32 b)
{
    const struct dram_rank *r = &d->rank;

    return most(bank_clock(r, d->clock),
                most(r->col_at.of[b], r->data_at[0].of[b]));
}

/* The RD of a read that came at `now`; the clock of its end. */
ALWAYS u64 send_read(struct dram *d, struct bank_times *v, u32 b, u32 rd,
                     u64 now)
{
    struct dram_rank *r = &d->rank;
    u64 end = r->base + rd + d->after.data[0];

    bank_column(&d->after, v, false, lanes_all(rd), lanes_one(b));
    bank_times_put(r, v);
    d->clock = r->base + rd + 1;
    d->stats.read_latency_clocks += end - now;
    return end;
}

/* A read whose row was just opened for it, while one other bank has writes that
 * all want the same: whose next command may go first has it. The clock of the
 * read's end; 0 if others have a say before that. */
static __attribute__((noinline)) u64 duel(struct dram *d, u32 b, u64 now)
{
    struct dram_rank *r = &d->rank;
    const struct dram_queue *q = &d->writes;
    u32 w = (u32)__builtin_ctz(q->banks), due = bank_clock(r, r->refresh_at);

    if ((q->banks & (q->banks - 1)) | (w == b) | others_behind(q, w))
        return 0;
    u32 rd = read_clock(d, b), wr = alone_clock(d, w);
    /* of one clock his for whom a row was opened, the older, so the write */
    while (q->banks && (wr < rd || (wr == rd && q->owned))) {
        u32 column = q->hits;
        if ((wr >= due) | others_behind(q, w))
            return 0;
        wr = send_alone(d, w, wr);
        if (column)
            rd = read_clock(d, b);
    }
    if ((rd >= due) | others_behind(q, w))
        return 0;
    struct bank_times v = bank_times_get(r);
    u64 end = send_read(d, &v, b, rd, now);
    d->writing = true;
    if (!q->banks)
        rest(d);
    return end;
}

/* What a read needs that nobody delays, and when. */
struct lone_read {
    u32 act, rd;
    bool open, hit;
};

ALWAYS struct lone_read plan_read(const struct dram *d,
                                  const struct dram_place *at, u64 now)
{
    const struct dram_part *p = d->part;
    const struct dram_rank *r = &d->rank;
    u32 b = at->bank, open = r->open >> b & 1;
    u32 from = bank_clock(r, later(d->clock, now + 1)), rd, act = 0;
    bool hit = open && r->row[b] == at->row;

    if (hit) {
        rd = r->col_at.of[b];
    } else {
        u32 row = r->row_at.of[b], ready = r->act_at.of[b];
        act = most(most(row, from) + (open ? p->rp : 0), ready);
        rd = act + p->rcd;
    }
    rd = most(most(rd, from), r->data_at[0].of[b]);
    return (struct lone_read){act, rd, open, hit};
}

/* Its row, which the writes left to others or closed; which of them hit is not
 * told them yet. */
ALWAYS void open_for_read(struct dram *d, const struct dram_place *at,
                          struct bank_times *v, u32 act)
{
    struct dram_rank *r = &d->rank;
    u32 b = at->bank;

    if (unlikely(d->writes.hits >> b & 1))
        queue_row_closed(&d->writes, b);
    r->open |= 1u << b;
    r->row[b] = at->row;
    bank_activate(d, v, lanes_all(act), lanes_one(b), act);
}

/* One read, and writes have no say until its row is open: nothing to choose.
 * Returns the clock of its end, or 0 if that is not so: having queued it with
 * its row just opened while writes wait (touched then), or because a refresh
 * comes between. */
ALWAYS u64 read_alone(struct dram *d, const struct dram_place *at, u64 now,
                      u32 *touched)
{
    struct dram_rank *r = &d->rank;
    u32 b = at->bank;
    struct lone_read x = plan_read(d, at, now);
    u64 calm = d->clock + d->calm.most;

    if ((x.hit ? x.rd : x.act) >= bank_clock(r, r->refresh_at))
        return 0;
    struct bank_times v = bank_times_get(r);
    d->quiet = d->others = 0;
    d->writing = false;
    *touched = x.hit    ? SERVED_DRAM_HIT
               : x.open ? SERVED_DRAM_CONFLICT
                        : SERVED_DRAM_CLOSED;
    d->first[x.hit ? DRAM_RD : x.open ? DRAM_PRE : DRAM_ACT][b]++;
    if (!x.hit) {
        open_for_read(d, at, &v, x.act);
        if (d->writes.banks) {
            bank_times_put(r, &v);
            d->clock = r->base + x.act + 1;
            u64 end = duel(d, b, now);
            if (end)
                return end;
            queue_own_only(d, at, now, *touched, lanes_one(b));
            queue_row_opened(&d->writes, b, at->row);
            return 0;
        }
    }
    u64 end = send_read(d, &v, b, x.rd, now);
    if (!d->writes.banks) {
        rest(d);
        d->calm.from = d->calm.ready =
            later(calm, r->base + x.rd + d->calm.most_read);
    }
    return end;
}

static u64 read_line(struct dram *d, u64 pa, u64 now, enum served *where)
{
    struct dram_place at = dram_place_of(d, pa);
    u32 touched = 0;

    advance(d, now);
    assert(!d->reads.banks); /* one read at a time */
    d->stats.reads++;
    if (write_waits(d, &at)) {
        d->clock = later(d->clock, now + 1);
        d->stats.read_latency_clocks++;
        *where = SERVED_DRAM_HIT;
        return now + 1;
    }
    if (!((d->writing & (d->writes.waiting > DRAM_DRAIN_LOW)) |
          (d->writes.waiting >= DRAM_DRAIN_HIGH) | !!d->writes.owned)) {
        u64 end = read_alone(d, &at, now, &touched);
        *where = touched;
        if (end)
            return end;
    }
    if (!touched) {
        queue_add(d, false, &at, now, 0);
        d->clock = later(d->clock, now + 1);
        d->quiet = d->others = 0;
    }
    run(d, ~0ull, STOP_READ);
    *where = d->read_where;
    return d->read_end;
}

ALWAYS void add_write(struct dram *d, const struct dram_place *at, u64 now)
{
    bool wanted = queue_add(d, true, at, now, 0);

    d->clock = later(d->clock, now + 1);
    disturb(d, true, at->bank, wanted);
}

static u64 write_line(struct dram *d, u64 pa, u64 now)
{
    struct dram_place at = dram_place_of(d, pa);

    advance(d, now);
    d->stats.writes++;
    if (write_waits(d, &at)) {
        d->clock = later(d->clock, now + 1);
        return now;
    }
    now = room(d, true, now);
    add_write(d, &at, now);
    return now;
}

/* What dram_calm.c answered: of consequence are the last few, if any. */
static void settle(struct dram *d)
{
    const struct dram_calm *c = &d->calm;
    struct dram_rank *r = &d->rank;
    struct bank_times v = bank_times_get(r);
    u32 i = c->logged;

    while (i && c->logged - i < DRAM_LOG - 1 &&
           c->log[(i - 1) % DRAM_LOG].col + c->most > d->clock)
        i--;
    for (; i != c->logged; i++) {
        const struct dram_calm_access *a = &c->log[i % DRAM_LOG];
        lanes bank = lanes_one(a->bank);
        u32 act = bank_clock(r, a->act), col = bank_clock(r, a->col);
        if (a->first != DRAM_RD)
            bank_activate(d, &v, lanes_all(act), bank, act);
        bank_column(&d->after, &v, a->write, lanes_all(col), bank);
    }
    v.closed = lanes_but(lanes_all(DRAM_NOBODY), lanes_of_set(r->open));
    bank_times_put(r, &v);
    d->calm.logged = 0;
}

static void post(struct dram *d, u64 pa, u64 now)
{
    struct dram_place at = dram_place_of(d, pa);

    add_write(d, &at, now);
}

static void restore(struct dram *d, bool write, const struct dram_request *r,
                    bool owner)
{
    struct dram_queue *q = &d->queue[write];
    struct dram_place at = dram_place_of(d, r->line << LINE_SHIFT);
    u64 had = q->of[at.bank];

    queue_add(d, write, &at, r->accepted, r->touched);
    /* only the oldest of a bank, its row being open, can be */
    if (owner && !had && q->hits >> at.bank & 1) {
        queue_own(q, dram_oldest(q->of[at.bank]), at.bank);
        queue_lanes(q, at.bank);
    }
}

const struct dram_run DRAM_RUN = {accept,     room,    advance, read_line,
                                  write_line, restore, settle,  post};
