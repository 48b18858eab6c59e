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
 * Compiled twice (dram_lanes.h). Of each bank the controller knows one command
 * for a row and one for a column that are wanted, and all of them are looked
 * at together: a key of 32 bits each, the clock at which it is legal, then the
 * order of acceptance, then which it is; the smallest goes. */
#include "time/dram_bank.h"
#include "time/dram_queue.h"

static u64 later(u64 a, u64 b)
{
    return a > b ? a : b;
}

/* At which commands to stop. */
enum {
    STOP_READ = 1 << DRAM_RD,
    STOP_DONE = 1 << DRAM_RD | 1 << DRAM_WR,
    STOP_ROOM = 1 << DRAM_ACT | STOP_DONE
};

enum outcome { REACHED, STOPPED, AGAIN, REFRESH };

/* What one turn of a queue has at hand: whatever it was made from stays in
 * memory, and is stale there, until flush(). */
struct turn {
    struct dram *d;
    struct dram_queue *q, *other;
    struct bank_times v;
    lanes low[DRAM_KINDS];
    lanes now; /* first clock free */
    lanes own; /* banks open for the other queue */
    u32 stop;
    struct dram_done *done;
};

struct choice {
    keys row[2], column[2], least;
    u32 clock, bank;
    bool is_column, waits; /* waits: no row was opened for it */
};

ALWAYS void fetch(struct turn *t)
{
    t->low[DRAM_ROW] = lanes_get(&t->q->low[DRAM_ROW]);
    t->low[DRAM_COLUMN] = lanes_get(&t->q->low[DRAM_COLUMN]);
}

ALWAYS void flush(struct turn *t)
{
    lanes_put(&t->q->low[DRAM_ROW], t->low[DRAM_ROW]);
    lanes_put(&t->q->low[DRAM_COLUMN], t->low[DRAM_COLUMN]);
}

/* The command that goes next: of those of the queue whose turn it is, and of
 * those for which a row was opened in the other, the one legal first; of those
 * legal in the same clock the oldest. A row that was opened for somebody who
 * still waits is not closed. `only`: nobody else may have one either. */
ALWAYS struct choice choose(const struct turn *t, bool writing, bool only)
{
    const struct bank_times *v = &t->v;
    lanes none = lanes_all(DRAM_NOBODY);
    lanes row = t->low[DRAM_ROW], column = t->low[DRAM_COLUMN];
    lanes data = v->data[writing];
    struct choice c;

    lanes theirs = lanes_get(&t->other->low[DRAM_COLUMN]);
    lanes own = t->own;
    row = lanes_or(row, own);
    if (t->q->hits & t->other->owned && !only) {
        /* who hits that row as well goes where the other must wait for longer;
         * a bank's own time delays both */
        lanes since = lanes_max(v->col, t->now);
        lanes mine = lanes_or(lanes_max(since, data), lanes_same(column, none));
        lanes other = lanes_max(since, v->data[!writing]);
        own = lanes_and(own, lanes_same(lanes_max(mine, other), mine));
    }
    column = lanes_pick(column, theirs, own);
    data = lanes_pick(data, v->data[!writing], own);
    if (only) {
        row = none;
        column =
            lanes_pick(none, column, lanes_or(lanes_get(&t->q->own), t->own));
    }
    /* what takes longest to know comes last */
    lanes row_at = lanes_or(lanes_max(v->row, t->now), lanes_same(row, none));
    lanes column_at =
        lanes_or(lanes_max(v->col, t->now), lanes_same(column, none));
    row_at = lanes_max(row_at, lanes_and(v->act, v->closed));
    column_at = lanes_max(column_at, data);
    c.row[0] = keys_first(row, row_at);
    c.row[1] = keys_second(row, row_at);
    c.column[0] = keys_first(column, column_at);
    c.column[1] = keys_second(column, column_at);
    c.least = keys_least(c.row[0], c.row[1], c.column[0], c.column[1]);
    u32 key = keys_value(c.least);
    c.clock = key >> 16;
    c.is_column = key & DRAM_LOW_COLUMN;
    c.waits = key & DRAM_LOW_WAITS;
    c.bank = key % DRAM_BANKS;
    return c;
}

/* What the first command says of the row, counted once for each request. */
ALWAYS enum served classify(struct dram *d, struct dram_request *r,
                            enum dram_command c, enum served as)
{
    u32 first = !r->touched;

    r->touched = (u8)(first ? as : r->touched);
    d->first[c][r->bank] += first;
    return r->touched;
}

/* The row command of a choice; which it was. */
ALWAYS enum dram_command send_row(struct turn *t, const struct choice *c)
{
    struct dram *d = t->d;
    u32 bit = 1u << c->bank, slot = t->q->pick[DRAM_ROW][c->bank];
    struct dram_request *r = &t->q->r[slot];
    lanes bank = keys_lanes(c->row[0], c->row[1], c->least);
    lanes at = keys_clock(c->least), *low = t->low;

    d->rank.open ^= bit;
    if (d->rank.open & bit) {
        classify(d, r, DRAM_ACT, SERVED_DRAM_CLOSED);
        d->rank.row[c->bank] = r->row;
        bank_activate(d, &t->v, at, bank, c->clock);
        lanes owner = lanes_but(low[DRAM_ROW], lanes_all(DRAM_LOW_WAITS));
        owner = lanes_or(owner, lanes_all(DRAM_LOW_COLUMN));
        low[DRAM_COLUMN] = lanes_pick(low[DRAM_COLUMN], owner, bank);
        low[DRAM_ROW] = lanes_or(low[DRAM_ROW], bank);
        queue_own(t->q, slot, c->bank, bank);
        if (unlikely(t->other->rows[r->sieve]))
            queue_row_opened(t->other, &d->rank, c->bank);
        return DRAM_ACT;
    }
    classify(d, r, DRAM_PRE, SERVED_DRAM_CONFLICT);
    bank_precharge(&d->after, &t->v, at, bank);
    if (unlikely((t->q->hits | t->other->hits) & bit)) {
        flush(t);
        if (t->q->hits & bit)
            queue_row_closed(t->q, c->bank);
        if (t->other->hits & bit)
            queue_row_closed(t->other, c->bank);
        fetch(t);
    }
    return DRAM_PRE;
}

/* The oldest of the bank is gone. The next, if any, hits as well or (no other
 * has that row) wants another. `low`: where the lanes of its queue are by now.
 */
ALWAYS void next_in_chain(struct dram_queue *q, u32 slot, u32 bank, bool hits,
                          lanes lane, lanes *low)
{
    u32 next = q->r[slot].next, some = next != NONE;
    lanes after = lanes_get(&q->low_next), none = lanes_all(DRAM_NOBODY);
    lanes column = lanes_or(after, lanes_all(DRAM_LOW_COLUMN));

    q->hits &= ~((u32) !(hits & some) << bank);
    q->behind &= ~(1u << bank);
    q->banks &= ~((u32)!some << bank);
    q->head[bank] = (u8)next;
    q->pick[hits][bank] = (u8)next;
    low[DRAM_ROW] = lanes_pick(low[DRAM_ROW], hits ? none : after, lane);
    low[DRAM_COLUMN] = lanes_pick(low[DRAM_COLUMN], hits ? column : none, lane);
    after = lanes_pick(after, lanes_all(q->r[q->r[next].next].low), lane);
    lanes_put(&q->low_next, after);
}

/* A column command, for the candidate of a bank (`bank`: its lane) in the queue
 * `write`, whose turn it is or not. */
ALWAYS void send_column(struct turn *t, u32 at_bank, u32 clock, lanes bank,
                        lanes at, bool write, bool in_turn)
{
    struct dram *d = t->d;
    struct dram_queue *q = in_turn ? t->q : t->other;
    struct dram_queue *other = in_turn ? t->other : t->q;
    u32 bit = 1u << at_bank, slot = q->pick[DRAM_COLUMN][at_bank];
    struct dram_request *r = &q->r[slot];
    enum served where = classify(d, r, DRAM_RD, SERVED_DRAM_HIT);
    u64 end = d->rank.base + clock + d->after.data[write];
    bool owner = q->owned & bit;

    bank_column(&d->after, &t->v, write, at, bank);
    if (t->stop >> (DRAM_RD + write) & 1)
        *t->done = (struct dram_done){.id = r->id,
                                      .accepted = r->accepted,
                                      .finished = end,
                                      .where = where,
                                      .write = write};
    if (write)
        d->lines[line_sieve(r->line)]--;
    else
        d->stats.read_latency_clocks += end - r->accepted;
    q->used &= ~(1ull << slot);
    q->waiting -= !owner;
    q->owned &= ~bit;
    lanes_put(&q->own, lanes_but(lanes_get(&q->own), bank));
    u32 mates = --q->rows[r->sieve];
    bool hits = mates && !owner && !(q->behind & bit); /* all others do */
    if (other->rows[r->sieve] | (q->head[at_bank] ^ slot) |
        (hits ? 0 : mates)) {
        flush(t);
        queue_hit_done(d, write, slot, at_bank, owner);
        fetch(t);
    } else if (in_turn) {
        next_in_chain(q, slot, at_bank, hits, bank, t->low);
    } else {
        lanes low[] = {lanes_get(&q->low[0]), lanes_get(&q->low[1])};
        next_in_chain(q, slot, at_bank, hits, bank, low);
        lanes_put(&q->low[0], low[0]);
        lanes_put(&q->low[1], low[1]);
    }
}

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

/* Commands up to `until` while it is that queue's turn. `only`: what rows have
 * been opened for goes before a refresh, one command. */
ALWAYS enum outcome take_turn(struct dram *d, u64 until, u32 stop,
                              struct dram_done *done, bool writing, bool only)
{
    struct dram_rank *r = &d->rank;
    struct turn t = {.d = d,
                     .q = &d->queue[writing],
                     .other = &d->queue[!writing],
                     .v = bank_times_get(r),
                     .now = lanes_all(bank_clock(r, d->clock)),
                     .own = lanes_get(&d->queue[!writing].own),
                     .stop = stop,
                     .done = done};
    u64 last = only || until < r->refresh_at ? until : r->refresh_at - 1;
    s64 limit = last - r->base < DRAM_NOBODY - 1 ? (s64)(last - r->base)
                : last < r->base                 ? -1
                                                 : DRAM_NOBODY - 1;
    enum outcome outcome = AGAIN;
    enum dram_command sent;

    fetch(&t);
    do {
        struct choice c = choose(&t, writing, only);
        if (c.clock > limit) {
            outcome = nothing_until(d, until, c.clock, only);
            break;
        }
        t.now = lanes_plus(keys_clock(c.least), lanes_all(1));
        d->clock = r->base + c.clock + 1;
        d->quiet = 0;
        bool theirs = false;
        if (!c.is_column) {
            sent = send_row(&t, &c);
        } else {
            theirs = !c.waits && t.other->owned >> c.bank & 1;
            sent = DRAM_RD + (writing ^ theirs);
            lanes bank = keys_lanes(c.column[0], c.column[1], c.least);
            lanes at = keys_clock(c.least);
            if (theirs)
                send_column(&t, c.bank, c.clock, bank, at, !writing, false);
            else
                send_column(&t, c.bank, c.clock, bank, at, writing, true);
            if (!(t.q->banks | t.other->banks))
                rest(d);
        }
        if (stop >> sent & 1) {
            outcome = STOPPED;
            break;
        }
        if (only)
            break;
        if (theirs)
            t.own = lanes_get(&t.other->own);
    } while (may_go_on(d, writing));
    flush(&t);
    bank_times_put(r, &t.v);
    return outcome;
}

static __attribute__((noinline, cold)) enum outcome
before_refresh(struct dram *d, u64 until, u32 stop, struct dram_done *done)
{
    if (d->reads.owned | d->writes.owned)
        return take_turn(d, until, stop, done, false, true);
    bool any = d->reads.banks | d->writes.banks;
    dram_refresh(d, any ? d->rank.refresh_at : until);
    for (u32 w = 0; w < 2; w++)
        for (u32 left = d->queue[w].banks; left; left &= left - 1)
            queue_row_closed(&d->queue[w], (u32)__builtin_ctz(left));
    d->quiet = 0;
    return AGAIN;
}

/* Issues commands at clocks up to `until`, or to the first of those to stop
 * at: true then, and if it is a column's, *done says whose. */
static __attribute__((noinline)) bool run(struct dram *d, u64 until, u32 stop,
                                          struct dram_done *done)
{
    d->others = 0;
    while (until >= d->quiet) {
        enum outcome o;
        if (until < d->clock)
            return false;
        d->writing = writes_next(d);
        if (d->writing)
            o = take_turn(d, until, stop, done, true, false);
        else
            o = take_turn(d, until, stop, done, false, false);
        if (o == REFRESH)
            o = before_refresh(d, until, stop, done);
        if (o != AGAIN)
            return o == STOPPED;
    }
    return false;
}

static bool step(struct dram *d, u64 until, struct dram_done *done)
{
    return run(d, until, STOP_DONE, done);
}

/* The command at `quiet` that nobody else's can come before: no choice. */
static void send_alone(struct dram *d)
{
    struct dram_rank *r = &d->rank;
    struct dram_queue *q = &d->writes;
    u32 b = d->alone, bit = 1u << b, slot = q->head[b];
    u32 at = bank_clock(r, d->quiet), next;
    lanes bank = lanes_one(b);

    d->writing = true;
    d->clock = d->quiet + 1;
    if (q->hits & bit) {
        struct turn t = {
            .d = d, .q = q, .other = &d->reads, .v = bank_times_get(r)};
        fetch(&t);
        send_column(&t, b, at, bank, lanes_all(at), true, true);
        flush(&t);
        bank_times_put(r, &t.v);
        d->quiet = q->banks & bit ? d->clock : d->others;
        d->others = 0;
        if (!(q->banks | d->reads.banks))
            rest(d);
        return;
    }
    r->open ^= bit;
    if (r->open & bit) {
        struct bank_times v = bank_times_get(r);
        classify(d, &q->r[slot], DRAM_ACT, SERVED_DRAM_CLOSED);
        r->row[b] = q->r[slot].row;
        bank_activate(d, &v, lanes_all(at), bank, at);
        bank_times_put(r, &v);
        queue_own(q, slot, b, bank);
        queue_lanes(q, b);
        next = at + d->part->rcd;
        next = next > r->data_at[1].of[b] ? next : r->data_at[1].of[b];
    } else {
        classify(d, &q->r[slot], DRAM_PRE, SERVED_DRAM_CONFLICT);
        next = at + d->part->rp;
        lanes_put(&r->row_at,
                  lanes_pick(lanes_get(&r->row_at), lanes_all(next), bank));
        lanes_put(&r->closed, lanes_or(lanes_get(&r->closed), bank));
        next = next > r->act_at.of[b] ? next : r->act_at.of[b];
    }
    d->quiet = r->base + next;
    if (d->quiet >= d->others) {
        d->quiet = d->others;
        d->others = 0;
    }
}

static void advance(struct dram *d, u64 now)
{
    struct dram_done done;

    while (now >= d->quiet && now < d->others)
        send_alone(d);
    if (now >= d->quiet)
        run(d, now, 0, &done);
}

/* A new request: a command for its bank may now come sooner. A read may also
 * change whose turn it is. `wanted`: it is a candidate. If it is the only one
 * of its bank, and nobody else's command can come before its own, that is
 * known from now on. */
ALWAYS void disturb(struct dram *d, bool write, u32 bank, bool wanted)
{
    const struct dram_rank *r = &d->rank;
    const struct dram_queue *q = &d->writes;
    bool hit = q->hits >> bank & 1;
    u32 own = hit ? r->col_at.of[bank] : r->row_at.of[bank];
    u32 shared =
        hit ? r->data_at[1].of[bank] : r->act_at.of[bank] & r->closed.of[bank];
    u64 at = later(d->clock, r->base + (own > shared ? own : shared));

    if (!write | (d->reads.waiting && q->waiting >= DRAM_DRAIN_HIGH) |
        (q->behind >> bank & 1)) {
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

static bool accept(struct dram *d, bool write, u64 pa, u64 id, u64 clock,
                   struct dram_done *done, bool *answered)
{
    struct place at = place_of(d, pa);

    /* refreshes before it are done: lanes have room for what follows */
    assert(bank_clock(&d->rank, clock) < 1 << 15);
    *answered = write_waits(d, &at);
    if (!*answered && d->queue[write].waiting >= DRAM_QUEUE)
        return false;
    d->clock = later(d->clock, clock + 1);
    if (*answered) {
        /* a read is forwarded, a write merged: no DRAM is touched */
        *done = (struct dram_done){.id = id,
                                   .accepted = clock,
                                   .finished = clock + 1,
                                   .where = SERVED_DRAM_HIT,
                                   .write = write};
    } else {
        bool wanted;
        queue_add(d, write, &at, id, clock, 0, &wanted);
        disturb(d, write, at.bank, wanted);
    }
    d->stats.writes += write;
    d->stats.reads += !write;
    d->stats.read_latency_clocks += *answered && !write;
    return true;
}

/* One read, and writes have no say until its row is open: nothing to choose.
 * Returns the clock of its end, or 0 if that is not so: having queued it with
 * its row just opened while writes wait (touched then), or because a refresh
 * comes between. */
ALWAYS u64 read_alone(struct dram *d, const struct place *at, u64 now,
                      u32 *touched)
{
    const struct dram_part *p = d->part;
    struct dram_rank *r = &d->rank;
    u32 b = at->bank, open = r->open >> b & 1;
    u32 from = bank_clock(r, later(d->clock, now + 1));
    u32 due = bank_clock(r, r->refresh_at), rd, act = 0;
    bool hit = open && r->row[b] == at->row;
    lanes bank = lanes_one(b);

    if (hit) {
        rd = r->col_at.of[b];
    } else {
        u32 row = r->row_at.of[b], ready = r->act_at.of[b];
        act = (row > from ? row : from) + (open ? p->rp : 0);
        act = act > ready ? act : ready;
        rd = act + p->rcd;
    }
    rd = rd > from ? rd : from;
    rd = rd > r->data_at[0].of[b] ? rd : r->data_at[0].of[b];
    if ((hit ? rd : act) >= due)
        return 0;
    struct bank_times v = bank_times_get(r);
    d->quiet = d->others = 0;
    d->writing = false;
    *touched = hit    ? SERVED_DRAM_HIT
               : open ? SERVED_DRAM_CONFLICT
                      : SERVED_DRAM_CLOSED;
    d->first[hit ? DRAM_RD : open ? DRAM_PRE : DRAM_ACT][b]++;
    if (!hit) {
        if (unlikely(d->writes.hits >> b & 1))
            queue_row_closed(&d->writes, b);
        r->open |= 1u << b;
        r->row[b] = at->row;
        bank_activate(d, &v, lanes_all(act), bank, act);
        if (d->writes.banks) {
            bank_times_put(r, &v);
            d->clock = r->base + act + 1;
            queue_own_only(d, at, now, *touched, bank);
            if (unlikely(d->writes.rows[at->sieve]))
                queue_row_opened(&d->writes, r, b);
            return 0;
        }
    }
    bank_column(&d->after, &v, false, lanes_all(rd), bank);
    bank_times_put(r, &v);
    d->clock = r->base + rd + 1;
    if (!d->writes.banks)
        rest(d);
    u64 end = r->base + rd + d->after.data[0];
    d->stats.read_latency_clocks += end - now;
    return end;
}

static u64 read_line(struct dram *d, u64 pa, u64 now, enum served *where)
{
    struct place at = place_of(d, pa);
    struct dram_done done;
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
        bool wanted;
        queue_add(d, false, &at, 0, now, 0, &wanted);
        d->clock = later(d->clock, now + 1);
        d->quiet = d->others = 0;
    }
    run(d, ~0ull, STOP_READ, &done);
    *where = done.where;
    return done.finished;
}

static u64 write_line(struct dram *d, u64 pa, u64 now)
{
    struct place at = place_of(d, pa);
    struct dram_done done;

    advance(d, now);
    d->stats.writes++;
    if (write_waits(d, &at)) {
        d->clock = later(d->clock, now + 1);
        return now;
    }
    while (d->writes.waiting >= DRAM_QUEUE) { /* full: until one has gone */
        run(d, ~0ull, STOP_ROOM, &done);
        now = later(now, d->clock - 1);
    }
    bool wanted;
    queue_add(d, true, &at, 0, now, 0, &wanted);
    d->clock = later(d->clock, now + 1);
    disturb(d, true, at.bank, wanted);
    return now;
}

static void restore(struct dram *d, bool write, const struct dram_request *r,
                    bool owner)
{
    struct dram_queue *q = &d->queue[write];
    struct place at = place_of(d, r->line << LINE_SHIFT);
    u32 had = q->hits | q->banks;
    bool wanted;
    u32 slot =
        queue_add(d, write, &at, r->id, r->accepted, r->touched, &wanted);

    /* only the oldest of a bank, its row being open, can be */
    if (owner && q->hits & ~had & 1u << at.bank) {
        queue_own(q, slot, at.bank, lanes_one(at.bank));
        queue_lanes(q, at.bank);
    }
}

const struct dram_run DRAM_RUN = {accept,    step,       advance,
                                  read_line, write_line, restore};
