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

/* A new request: a command for its bank may now come sooner. A read may also
 * change whose turn it is. */
static void disturb(struct dram *d, bool write, unsigned bank)
{
    const struct dram_bank *b = &d->rank.bank[bank];
    enum dram_command c = d->writes.hits >> bank & 1 ? DRAM_WR
                          : b->open                  ? DRAM_PRE
                                                     : DRAM_ACT;
    u64 at = write ? dram_legal(&d->rank, d->part, c, bank, d->clock) : 0;

    if (at < d->quiet)
        d->quiet = at;
}

static void begin_drain(struct dram *d)
{
    d->draining = true;
    d->quiet = 0;
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
    } else if (q->count == DRAM_QUEUE) {
        return false;
    } else {
        r.id = id;
        r.accepted = clock;
        queue_add(q, &d->rank, &r);
        disturb(d, write, r.bank);
        /* a read that finds the bus in use for writes waits for the drain */
        if (write ? q->count == DRAM_QUEUE
                  : q->count == 1 && d->writes.count > DRAM_DRAIN_LOW)
            begin_drain(d);
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

struct candidate {
    u64 at, key, order;
    u32 slot, bank;
    enum dram_command command;
};

static u64 later(u64 a, u64 b)
{
    return a > b ? a : b;
}

/* Keeps the better: the smaller key (clock * 2, and 1 more if it is no column
 * command), of equal ones the older. */
static void consider(struct candidate *best, const struct dram_queue *q,
                     unsigned bank, u64 key)
{
    u64 order = q->r[q->pick[bank]].order;

    if (key > best->key || (key == best->key && order > best->order))
        return;
    best->key = key;
    best->order = order;
    best->bank = bank;
}

#define EACH_BANK(bank, set)                                                   \
    for (u32 left_ = (set), bank;                                              \
         left_ && (bank = (u32)__builtin_ctz(left_), true);                    \
         left_ &= left_ - 1)

/* The command that goes next: of those in the queue the one legal first; of
 * those legal in the same clock a column command, then the oldest. A row with
 * waiting hits is not closed. Each bank has one candidate, so this is a look
 * at the banks, not at the queue: those with hits, those to be closed, those
 * to be opened; a whole kind is passed over when it must come later. */
static bool choose(const struct dram *d, const struct dram_queue *q, bool write,
                   struct candidate *best)
{
    const struct dram_rank *r = &d->rank;
    const u64 *group_col = write ? r->group_wr_at : r->group_rd_at;
    u64 column = later(d->clock, write ? r->wr_at : r->rd_at);
    u64 activate = later(later(d->clock, r->faw[r->faw_next]), r->act_at);
    unsigned shift = (unsigned)__builtin_ctz(d->part->banks);
    u32 misses = q->banks & ~q->hits;

    best->key = ~0ull;
    EACH_BANK(i, q->hits)
    {
        u64 at = later(column, r->bank[i].col_at);
        consider(best, q, i, later(at, group_col[i >> shift]) * 2);
    }
    if (d->clock * 2 < best->key)
        EACH_BANK(i, misses & r->open)
        {
            consider(best, q, i, later(d->clock, r->bank[i].pre_at) * 2 + 1);
        }
    if (activate * 2 < best->key)
        EACH_BANK(i, misses & ~r->open)
        {
            u64 at = later(activate, r->bank[i].act_at);
            at = later(at, r->group_act_at[i >> shift]);
            consider(best, q, i, at * 2 + 1);
        }
    if (!q->banks)
        return false;
    best->at = best->key / 2;
    best->slot = q->pick[best->bank];
    best->command = !(best->key & 1)            ? write ? DRAM_WR : DRAM_RD
                    : r->open >> best->bank & 1 ? DRAM_PRE
                                                : DRAM_ACT;
    return true;
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
    if (write && q->count <= DRAM_DRAIN_LOW)
        d->draining = false;
}

static void refresh(struct dram *d, u64 until)
{
    if (d->rank.refresh_at > until)
        return;
    dram_refresh(&d->rank, d->part, d->clock, until);
    for (u32 left = d->reads.banks; left; left &= left - 1)
        queue_row_changed(&d->reads, &d->rank, (unsigned)__builtin_ctz(left));
    for (u32 left = d->writes.banks; left; left &= left - 1)
        queue_row_changed(&d->writes, &d->rank, (unsigned)__builtin_ctz(left));
}

bool dram_step(struct dram *d, u64 until, struct dram_done *done)
{
    while (until >= d->quiet) {
        bool write = d->reads.count == 0 || d->draining;
        struct dram_queue *q = write ? &d->writes : &d->reads;
        struct candidate c = {0};

        if (!choose(d, q, write, &c)) {
            refresh(d, until);
            d->quiet = d->rank.refresh_at;
            return false;
        }
        if (c.at >= d->rank.refresh_at && d->rank.refresh_at <= until) {
            /* due first: only this one, then look again */
            refresh(d, d->rank.refresh_at);
            continue;
        }
        d->quiet = c.at < d->rank.refresh_at ? c.at : d->rank.refresh_at;
        if (c.at > until)
            return false;
        struct dram_request *r = &q->r[c.slot];
        classify(d, r, c.command);
        dram_issue(&d->rank, d->part, c.command, r->bank, r->row, c.at);
        d->clock = c.at + 1;
        d->quiet = 0;
        if (c.command == DRAM_PRE || c.command == DRAM_ACT) {
            queue_row_changed(&d->reads, &d->rank, r->bank);
            queue_row_changed(&d->writes, &d->rank, r->bank);
        } else {
            finish(d, write, c.slot, c.at, done);
            return true;
        }
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
    enum dram_command c;

    d->stats.reads++;
    d->quiet = 0;
    do {
        c = !b->open ? DRAM_ACT : b->row == r.row ? DRAM_RD : DRAM_PRE;
        at = dram_legal(&d->rank, d->part, c, r.bank, from);
        d->clock = from;
        if (at >= d->rank.refresh_at) {
            refresh(d, d->rank.refresh_at);
            c = DRAM_ACT; /* not the last */
            continue;
        }
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

u64 dram_write(struct dram *d, u64 pa, u64 now)
{
    struct dram_done done;
    bool answered;

    dram_advance(d, now);
    while (!dram_accept(d, true, pa, 0, now, &done, &answered)) {
        dram_step(d, ~0ull, &done); /* full: until one has gone */
        now = d->clock - 1;
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
    state_flag(s, &d->draining);
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
