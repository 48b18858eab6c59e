/* SPDX-License-Identifier: MIT */
/* The memory controller: one read and one write queue of 32, open page,
 * first-ready first-come-first-served; writes are posted, and drained when
 * there is no read or the queue is full; a drain ends with few left. It has no
 * clock of its own: each call says until when, and commands are issued in the
 * order of their clocks, so that a stop in between changes nothing.
 *
 * A request accepted at clock t sends its first command at t + 1 at the
 * earliest; its latency ends with the last beat of data. */
#include <stdlib.h>

#include "time/dram.h"

struct dram *dram_new(const struct dram_part *part)
{
    struct dram *d = xcalloc(1, sizeof(*d));

    d->part = part;
    dram_rank_init(&d->rank, part);
    return d;
}

void dram_free(struct dram *d)
{
    free(d);
}

/* Address mapping from the low end: line offset, column, bank group, bank,
 * row (one channel, one rank). */
static struct dram_request locate(const struct dram_part *p, u64 pa)
{
    unsigned groups = (unsigned)__builtin_ctz(p->bank_groups);
    unsigned banks = (unsigned)__builtin_ctz(p->banks);
    u64 line = pa >> LINE_SHIFT, x = line >> p->column_bits;
    unsigned group = (unsigned)x & (p->bank_groups - 1u);
    unsigned bank = (unsigned)(x >> groups) & (p->banks - 1u);

    return (struct dram_request){.line = line,
                                 .row = (u32)(x >> (groups + banks)),
                                 .bank = (u8)(group << banks | bank)};
}

/* Those whose row has not been opened for them. */
static u32 waiting(const struct dram_queue *q)
{
    return q->count - (u32)__builtin_popcount(q->owned);
}

/* A new request: a command for its bank may now come sooner. A read may also
 * change whose turn it is. */
static void disturb(struct dram *d, bool write, unsigned bank)
{
    const struct dram_bank *b = &d->rank.bank[bank];
    enum dram_command c = d->writes.hits >> bank & 1 ? DRAM_WR
                          : b->open                  ? DRAM_PRE
                                                     : DRAM_ACT;
    u64 at = write && waiting(&d->writes) < DRAM_DRAIN_HIGH
                 ? dram_legal(&d->rank, d->part, c, bank, d->clock)
                 : 0;

    if (at < d->quiet)
        d->quiet = at;
}

bool dram_accept(struct dram *d, bool write, u64 pa, u64 id, u64 clock,
                 struct dram_done *done, bool *answered)
{
    struct dram_queue *q = write ? &d->writes : &d->reads;
    struct dram_request r = locate(d->part, pa);

    *answered = false;
    if (queue_has_line(&d->writes, r.bank, r.line)) {
        /* a read is forwarded, a write merged: no DRAM is touched */
        *answered = true;
        *done = (struct dram_done){.id = id,
                                   .accepted = clock,
                                   .finished = clock + 1,
                                   .where = SERVED_DRAM_HIT,
                                   .write = write};
    } else if (waiting(q) >= DRAM_QUEUE) {
        return false;
    } else {
        r.id = id;
        r.accepted = clock;
        r.order = d->order++;
        queue_add(q, &d->rank, &r);
        disturb(d, write, r.bank);
    }
    if (write) {
        d->stats.writes++;
    } else {
        d->stats.reads++;
        d->stats.read_latency_clocks += *answered;
    }
    if (d->clock <= clock)
        d->clock = clock + 1;
    return true;
}

static u64 later(u64 a, u64 b)
{
    return a > b ? a : b;
}

/* The best command so far, and when the second best may come. A key is, from
 * the high end, clocks from now, 1 if it is no column command, order of
 * acceptance, bank: so the smallest is the one that goes next. */
struct choice {
    u64 best, second;
};

enum { KEY_CLOCK = 47, KEY_ORDER = 5, KEY_BANK = 1 };

static void consider(struct choice *c, u64 clocks, u64 row, u64 order, u64 bank)
{
    u64 key = clocks << KEY_CLOCK | order << KEY_ORDER | bank << KEY_BANK | row;
    u64 worse = c->best > key ? c->best : key;

    c->best = c->best > key ? key : c->best;
    c->second = c->second > worse ? worse : c->second;
}

#define EACH_BANK(bank, set)                                                   \
    for (u32 left_ = (set), bank;                                              \
         left_ && (bank = (u32)__builtin_ctz(left_), true);                    \
         left_ &= left_ - 1)

static u64 order_of(const struct dram_queue *q, unsigned bank)
{
    return q->r[q->pick[bank]].order & ((1ull << (KEY_CLOCK - KEY_ORDER)) - 1);
}

static void columns(const struct dram *d, const struct dram_queue *q, u32 set,
                    bool write, struct choice *c)
{
    const struct dram_rank *r = &d->rank;
    const u64 *group = write ? r->group_wr_at : r->group_rd_at;
    u64 from = later(d->clock, write ? r->wr_at : r->rd_at) - d->clock;
    unsigned shift = (unsigned)__builtin_ctz(d->part->banks);

    EACH_BANK(i, set)
    {
        u64 at = later(r->bank[i].col_at, group[i >> shift]);
        at = later(at, d->clock) - d->clock;
        consider(c, later(at, from), 0, order_of(q, i), i);
    }
}

/* The command that goes next: of those of the queue whose turn it is, and of
 * those for which a row was opened in the other, the one legal first; of those
 * legal in the same clock a column command, then the oldest. A row with
 * waiting hits is not closed, nor one that was opened for somebody who still
 * waits. Each bank has one candidate, so this is a look at the banks, not at
 * the queue. */
static struct choice choose(const struct dram *d)
{
    const struct dram_rank *r = &d->rank;
    const struct dram_queue *q = d->writing ? &d->writes : &d->reads;
    const struct dram_queue *other = d->writing ? &d->reads : &d->writes;
    struct choice c = {~0ull, ~0ull};
    u32 misses = q->banks & ~q->hits & ~other->owned;
    unsigned shift = (unsigned)__builtin_ctz(d->part->banks);
    u64 now = d->clock;

    if (other->owned)
        columns(d, other, other->owned, !d->writing, &c);
    if (q->hits & ~other->owned)
        columns(d, q, q->hits & ~other->owned, d->writing, &c);
    EACH_BANK(i, misses & r->open)
    {
        u64 at = later(now, r->bank[i].pre_at) - now;
        consider(&c, at, 1, order_of(q, i), i);
    }
    EACH_BANK(i, q->hits & ~other->owned & ~q->owned)
    {
        if (q->pick[i] != q->head[i]) {
            u64 at = later(now, r->bank[i].pre_at) - now;
            consider(&c, at, 1, q->r[q->head[i]].order, i);
        }
    }
    if (misses & ~r->open) {
        u64 from = later(later(now, r->faw[r->faw_next]), r->act_at);
        EACH_BANK(i, misses & ~r->open)
        {
            u64 at = later(from, r->bank[i].act_at);
            at = later(at, r->group_act_at[i >> shift]) - now;
            consider(&c, at, 1, order_of(q, i), i);
        }
    }
    return c;
}

/* Whose turn it is at the next command. Writes go when no read waits for its
 * row or the queue is full, and once they do, until few are left. */
static void take_turns(struct dram *d)
{
    bool reads = waiting(&d->reads) > 0;

    if (!d->writing)
        d->writing = !reads || waiting(&d->writes) >= DRAM_DRAIN_HIGH;
    else
        d->writing = !reads || waiting(&d->writes) > DRAM_DRAIN_LOW;
}

/* What the first command says of the row, counted once for each request. */
static void classify(struct dram *d, struct dram_request *r,
                     enum dram_command c)
{
    struct dram_bank *b = &d->rank.bank[r->bank];

    if (r->touched)
        return;
    if (c == DRAM_PRE) {
        r->touched = SERVED_DRAM_CONFLICT;
        d->stats.row_conflicts++;
        b->conflicts++;
    } else if (c == DRAM_ACT) {
        r->touched = SERVED_DRAM_CLOSED;
        d->stats.row_closed++;
    } else {
        r->touched = SERVED_DRAM_HIT;
        d->stats.row_hits++;
        b->hits++;
    }
}

static void finish(struct dram *d, bool write, u32 slot, u64 at,
                   struct dram_done *done)
{
    struct dram_queue *q = write ? &d->writes : &d->reads;
    const struct dram_request *r = &q->r[slot];
    const struct dram_part *p = d->part;

    *done =
        (struct dram_done){.id = r->id,
                           .accepted = r->accepted,
                           .finished = at + (write ? p->cwl : p->cl) + p->burst,
                           .where = r->touched,
                           .write = write};
    if (!write)
        d->stats.read_latency_clocks += done->finished - done->accepted;
    queue_remove(q, &d->rank, slot);
}

static void refresh(struct dram *d, u64 until)
{
    if (d->rank.refresh_at > until)
        return;
    dram_refresh(&d->rank, d->part, d->clock, until);
    assert(!(d->reads.owned | d->writes.owned));
    for (u32 left = d->reads.banks; left; left &= left - 1)
        queue_row_changed(&d->reads, &d->rank, (unsigned)__builtin_ctz(left));
    for (u32 left = d->writes.banks; left; left &= left - 1)
        queue_row_changed(&d->writes, &d->rank, (unsigned)__builtin_ctz(left));
}

/* The best of those whose row has been opened for them. */
static struct choice opened(const struct dram *d)
{
    struct choice c = {~0ull, ~0ull};

    columns(d, &d->reads, d->reads.owned, false, &c);
    columns(d, &d->writes, d->writes.owned, true, &c);
    return c;
}

static u64 clock_of(const struct dram *d, const struct choice *c)
{
    return c->best == ~0ull ? ~0ull : d->clock + (c->best >> KEY_CLOCK);
}

/* Sends one command; true if it finished a request. */
static bool send(struct dram *d, const struct choice *c, u64 at,
                 struct dram_done *done)
{
    unsigned bank = c->best >> KEY_BANK & (DRAM_BANKS - 1);
    u32 bit = 1u << bank;
    bool write = d->writing;
    enum dram_command command;

    if (!(c->best & 1)) {
        /* the other's, if it opened the row */
        if ((write ? d->reads.owned : d->writes.owned) & bit)
            write = !write;
        command = write ? DRAM_WR : DRAM_RD;
    } else {
        command = d->rank.open & bit ? DRAM_PRE : DRAM_ACT;
    }
    struct dram_queue *q = write ? &d->writes : &d->reads;
    u32 slot = command == DRAM_PRE ? q->head[bank] : q->pick[bank];
    struct dram_request *r = &q->r[slot];

    classify(d, r, command);
    dram_issue(&d->rank, d->part, command, bank, r->row, at);
    d->clock = at + 1;
    d->quiet = 0;
    if (command == DRAM_PRE || command == DRAM_ACT) {
        if (command == DRAM_ACT)
            q->owned |= bit;
        queue_row_changed(&d->reads, &d->rank, bank);
        queue_row_changed(&d->writes, &d->rank, bank);
        return false;
    }
    q->owned &= ~bit;
    finish(d, write, slot, at, done);
    return true;
}

bool dram_step(struct dram *d, u64 until, struct dram_done *done)
{
    while (until >= d->quiet) {
        if (until < d->clock)
            return false;
        take_turns(d);
        struct choice c = choose(d);
        u64 at = clock_of(d, &c), due = d->rank.refresh_at;

        if (at >= due && due <= until) {
            /* what a row has been opened for goes before */
            c = opened(d);
            at = clock_of(d, &c);
            if (at == ~0ull) {
                refresh(d, d->reads.count || d->writes.count ? due : until);
                continue;
            }
            due = at;
        }
        d->quiet = at < due ? at : due;
        if (at > until)
            return false;
        if (send(d, &c, at, done))
            return true;
    }
    return false;
}

void dram_advance(struct dram *d, u64 now)
{
    struct dram_done done;

    while (dram_step(d, now, &done))
        continue;
}

/* One read and no drain: nothing to choose, so the queue is not asked. */
static u64 read_alone(struct dram *d, u64 pa, u64 now, enum served *where)
{
    struct dram_request r = locate(d->part, pa);
    const struct dram_bank *b = &d->rank.bank[r.bank];
    u64 at = 0, from = later(d->clock, now + 1);
    bool opened = false; /* the row, for this: before a refresh then */
    enum dram_command c;

    d->stats.reads++;
    d->quiet = 0;
    do {
        c = !b->open ? DRAM_ACT : b->row == r.row ? DRAM_RD : DRAM_PRE;
        at = dram_legal(&d->rank, d->part, c, r.bank, from);
        d->clock = from;
        if (at >= d->rank.refresh_at && !opened) {
            refresh(d, d->rank.refresh_at);
            c = DRAM_ACT; /* not the last */
            continue;
        }
        opened = c == DRAM_ACT;
        classify(d, &r, c);
        dram_issue(&d->rank, d->part, c, r.bank, r.row, at);
        from = at + 1;
        if (c != DRAM_RD)
            queue_row_changed(&d->writes, &d->rank, r.bank);
    } while (c != DRAM_RD);
    d->clock = from;
    *where = r.touched;
    at += d->part->cl + d->part->burst;
    d->stats.read_latency_clocks += at - now;
    return at;
}

u64 dram_read(struct dram *d, u64 pa, u64 now, enum served *where)
{
    struct dram_done done;
    bool answered;

    dram_advance(d, now);
    if (d->writes.count == 0)
        return read_alone(d, pa, now, where);
    bool ok = dram_accept(d, false, pa, 0, now, &done, &answered);
    assert(ok); /* one read at a time */
    if (!answered)
        while (!dram_step(d, ~0ull, &done) || done.write)
            continue;
    *where = done.where;
    return done.finished;
}

u64 dram_next(const struct dram *d)
{
    return later(d->quiet, d->clock);
}

u64 dram_write(struct dram *d, u64 pa, u64 now)
{
    struct dram_done done;
    bool answered;

    dram_advance(d, now);
    while (!dram_accept(d, true, pa, 0, now, &done, &answered)) {
        dram_step(d, dram_next(d), &done); /* full: until one has gone */
        now = later(now, d->clock - 1);
    }
    return now;
}

struct dram_stats dram_stats(const struct dram *d)
{
    struct dram_stats s = d->stats;
    s.refreshes = d->rank.refreshes;
    return s;
}

unsigned dram_banks(const struct dram *d, struct dram_bank_view *out,
                    unsigned max)
{
    unsigned n = (unsigned)d->part->bank_groups * d->part->banks;

    for (unsigned i = 0; i < n && i < max; i++) {
        const struct dram_bank *b = &d->rank.bank[i];
        out[i] = (struct dram_bank_view){.open = b->open,
                                         .row = b->row,
                                         .hits = b->hits,
                                         .conflicts = b->conflicts};
    }
    return n < max ? n : max;
}

static void rank_state(struct dram_rank *r, unsigned banks, struct state *s)
{
    for (unsigned i = 0; i < banks; i++) {
        struct dram_bank *b = &r->bank[i];
        state_val(s, b->open);
        r->open = i ? r->open | (u32)(b->open & 1) << i : b->open & 1u;
        state_val(s, b->row);
        state_val(s, b->act_at);
        state_val(s, b->pre_at);
        state_val(s, b->col_at);
        state_val(s, b->hits);
        state_val(s, b->conflicts);
    }
    state_val(s, r->group_act_at);
    state_val(s, r->group_rd_at);
    state_val(s, r->group_wr_at);
    state_val(s, r->act_at);
    state_val(s, r->rd_at);
    state_val(s, r->wr_at);
    state_val(s, r->faw);
    state_val(s, r->faw_next);
    state_val(s, r->refresh_at);
    state_val(s, r->refreshes);
    state_check(s, r->faw_next < ARRAY_LEN(r->faw), "DRAM activations");
    if (r->faw_next >= ARRAY_LEN(r->faw))
        r->faw_next = 0;
}

/* Times lie near each other in any state that was reached by running; one
 * that was made up could keep the host in a loop over refreshes. */
static bool times_ok(const struct dram *d, unsigned banks)
{
    const struct dram_rank *r = &d->rank;
    const u64 far = 1 << 16; /* beyond any constraint */
    u64 most = later(d->clock, r->refresh_at) + far;
    bool ok = d->clock < 1ull << 62 && r->refresh_at < 1ull << 62 &&
              d->clock <= r->refresh_at + far && r->act_at <= most &&
              r->rd_at <= most && r->wr_at <= most;

    for (unsigned i = 0; i < banks; i++) {
        const struct dram_bank *b = &r->bank[i];
        ok &= b->open <= 1 && b->act_at <= most && b->pre_at <= most &&
              b->col_at <= most;
    }
    for (unsigned i = 0; i < DRAM_GROUPS; i++)
        ok &= r->group_act_at[i] <= most && r->group_rd_at[i] <= most &&
              r->group_wr_at[i] <= most && r->faw[i] <= most;
    return ok;
}

void dram_state(struct dram *d, struct state *s)
{
    unsigned banks = (unsigned)d->part->bank_groups * d->part->banks;

    state_tag(s, d->part->name);
    rank_state(&d->rank, banks, s);
    assert(d->reads.count == 0); /* a read is over when it returns */
    queue_state(&d->writes, &d->rank, banks, s);
    if (state_loading(s))
        d->order = d->writes.count;
    state_flag(s, &d->writing);
    state_val(s, d->clock);
    if (state_loading(s))
        d->quiet = 0;
    state_val(s, d->stats);
    bool ok = times_ok(d, banks);
    state_check(s, ok, "the DRAM's times");
    if (state_loading(s) && !ok) {
        dram_rank_init(&d->rank, d->part);
        d->writes = (struct dram_queue){0};
        d->clock = 0;
    }
}
