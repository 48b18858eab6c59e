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
    u64 at = write && d->writes.waiting < DRAM_DRAIN_HIGH
                 ? dram_legal(&d->rank, d->part, c, bank, d->clock)
                 : 0;

    if (at < d->quiet)
        d->quiet = at;
    if (d->writes.behind >> bank & 1 && b->pre_at < d->quiet)
        d->quiet = b->pre_at;
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
    } else if (q->waiting >= DRAM_QUEUE) {
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

/* A command, and whose. */
struct choice {
    u64 at; /* ~0: none */
    unsigned bank;
    bool write; /* of the write queue */
    enum dram_command command;
    u64 others; /* what is not of this bank comes no sooner */
};

/* While choosing: the smallest key goes next. From the high end: clocks from
 * now, order of acceptance, bank, 1 if it is no column command. */
struct keys {
    u64 best, second;
};

enum { KEY_CLOCK = 47, KEY_ORDER = 5, KEY_BANK = 1 };

static void consider(struct keys *k, u64 clocks, u64 order, u64 bank, u64 row)
{
    u64 key = clocks << KEY_CLOCK |
              (order & ((1ull << (KEY_CLOCK - KEY_ORDER)) - 1)) << KEY_ORDER |
              bank << KEY_BANK | row;
    u64 worse = k->best > key ? k->best : key;

    k->best = k->best > key ? key : k->best;
    k->second = k->second > worse ? worse : k->second;
}

#define EACH_BANK(bank, set)                                                   \
    for (u32 left_ = (set), bank;                                              \
         left_ && (bank = (u32)__builtin_ctz(left_), true);                    \
         left_ &= left_ - 1)

static u64 order_of(const struct dram_queue *q, unsigned bank)
{
    return q->r[q->pick[bank]].order;
}

static void columns(const struct dram *d, bool write, u32 set, struct keys *k)
{
    const struct dram_rank *r = &d->rank;
    const struct dram_queue *q = write ? &d->writes : &d->reads;
    const u64 *group = write ? r->group_wr_at : r->group_rd_at;
    u64 from = later(d->clock, write ? r->wr_at : r->rd_at);
    unsigned shift = (unsigned)__builtin_ctz(d->part->banks);

    EACH_BANK(i, set)
    {
        u64 at = later(r->bank[i].col_at, group[i >> shift]);
        consider(k, later(at, from) - d->clock, order_of(q, i), i, 0);
    }
}

static void rows(const struct dram *d, const struct dram_queue *q, u32 set,
                 struct keys *k)
{
    const struct dram_rank *r = &d->rank;
    unsigned shift = (unsigned)__builtin_ctz(d->part->banks);
    u64 now = d->clock;
    u64 from = later(later(now, r->faw[r->faw_next]), r->act_at);

    EACH_BANK(i, set & r->open)
    {
        u64 at = later(now, r->bank[i].pre_at);
        consider(k, at - now, q->r[q->miss[i]].order, i, 1);
    }
    EACH_BANK(i, set & ~r->open)
    {
        u64 at = later(from, r->bank[i].act_at);
        at = later(at, r->group_act_at[i >> shift]);
        consider(k, at - now, order_of(q, i), i, 1);
    }
}

static struct choice chosen(const struct dram *d, const struct keys *k)
{
    struct choice c = {.at = ~0ull, .others = ~0ull};

    if (k->best == ~0ull)
        return c;
    c.at = d->clock + (k->best >> KEY_CLOCK);
    c.others = d->clock + (k->second >> KEY_CLOCK);
    c.bank = k->best >> KEY_BANK & (DRAM_BANKS - 1);
    /* a column command is the other's if it opened the row */
    c.write = d->writing;
    if (k->best & 1) {
        c.command = d->rank.open >> c.bank & 1 ? DRAM_PRE : DRAM_ACT;
    } else {
        const struct dram_queue *other = d->writing ? &d->reads : &d->writes;
        c.write ^= other->owned >> c.bank & 1;
        c.command = c.write ? DRAM_WR : DRAM_RD;
    }
    return c;
}

/* The command that goes next: of those of the queue whose turn it is, and of
 * those for which a row was opened in the other, the one legal first; of those
 * legal in the same clock the oldest. A row that was opened for somebody who
 * still waits is not closed. Each bank has one candidate, or two where a
 * younger one hits: so this is a look at the banks, not at the queue. */
static struct choice choose(const struct dram *d)
{
    const struct dram_rank *r = &d->rank;
    const struct dram_queue *q = d->writing ? &d->writes : &d->reads;
    const struct dram_queue *other = d->writing ? &d->reads : &d->writes;
    u32 mine = q->banks & ~other->owned, all = mine | other->owned;
    struct keys k = {~0ull, ~0ull};

    if (!(all & (all - 1)) && !q->behind) { /* nothing to choose */
        struct choice c = {.at = ~0ull, .write = d->writing, .others = ~0ull};
        if (!all)
            return c;
        c.bank = (unsigned)__builtin_ctz(all);
        c.write ^= mine == 0;
        c.command = !mine || q->hits & mine ? c.write ? DRAM_WR : DRAM_RD
                    : r->open & mine        ? DRAM_PRE
                                            : DRAM_ACT;
        c.at = dram_legal(r, d->part, c.command, c.bank, d->clock);
        return c;
    }
    if (other->owned)
        columns(d, !d->writing, other->owned, &k);
    if (mine & q->hits)
        columns(d, d->writing, mine & q->hits, &k);
    rows(d, q, mine & ~(q->hits & ~(q->behind & ~q->owned)), &k);
    return chosen(d, &k);
}

static bool writes_next(const struct dram *d)
{
    u32 writes = d->writes.waiting;

    return !d->reads.waiting || writes >= DRAM_DRAIN_HIGH ||
           (d->writing && writes > DRAM_DRAIN_LOW);
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

/* Nobody waits: nothing comes before the next refresh, and writes may. */
static void rest(struct dram *d)
{
    d->quiet = d->rank.refresh_at;
    d->writing = true;
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
    if (!(d->reads.count | d->writes.count))
        rest(d);
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
    struct keys k = {~0ull, ~0ull};

    columns(d, false, d->reads.owned, &k);
    columns(d, true, d->writes.owned, &k);
    struct choice c = chosen(d, &k);
    c.write = d->writes.owned >> c.bank & 1;
    c.command = c.write ? DRAM_WR : DRAM_RD;
    return c;
}

static void row_changed(struct dram *d, unsigned bank)
{
    if (d->reads.banks >> bank & 1)
        queue_row_changed(&d->reads, &d->rank, bank);
    if (d->writes.banks >> bank & 1)
        queue_row_changed(&d->writes, &d->rank, bank);
}

/* Sends one command; true if it finished a request. */
static bool send(struct dram *d, const struct choice *c, struct dram_done *done)
{
    struct dram_queue *q = c->write ? &d->writes : &d->reads;
    u32 slot = c->command == DRAM_PRE ? q->miss[c->bank] : q->pick[c->bank];
    struct dram_request *r = &q->r[slot];

    classify(d, r, c->command);
    dram_issue(&d->rank, d->part, c->command, c->bank, r->row, c->at);
    d->clock = c->at + 1;
    d->quiet = 0;
    if (c->command == DRAM_PRE || c->command == DRAM_ACT) {
        if (c->command == DRAM_ACT)
            queue_opened(q, c->bank);
        row_changed(d, c->bank);
        return false;
    }
    finish(d, c->write, slot, c->at, done);
    return true;
}

bool dram_step(struct dram *d, u64 until, struct dram_done *done)
{
    while (until >= d->quiet) {
        if (until < d->clock)
            return false;
        d->writing = writes_next(d);
        struct choice c = choose(d);
        u64 due = d->rank.refresh_at;

        if (c.at >= due && due <= until) {
            /* what a row has been opened for goes before */
            c = opened(d);
            if (c.at == ~0ull) {
                refresh(d, d->reads.count || d->writes.count ? due : until);
                continue;
            }
            due = c.at;
        }
        d->quiet = c.at < due ? c.at : due;
        if (c.at > until)
            return false;
        if (send(d, &c, done))
            return true;
        /* the others no sooner than before, this bank by its own times */
        const struct dram_bank *b = &d->rank.bank[c.bank];
        u64 own = b->open ? b->col_at : b->act_at;
        if (writes_next(d) == d->writing)
            d->quiet = own < c.others ? own : c.others;
        if (d->quiet > d->rank.refresh_at)
            d->quiet = d->rank.refresh_at;
    }
    return false;
}

void dram_advance(struct dram *d, u64 now)
{
    struct dram_done done;

    while (dram_step(d, now, &done))
        continue;
}

/* One read, and writes have no say until its row is open: nothing to choose.
 * Returns the clock of its end or, having queued it with its row just opened
 * while writes wait, 0. */
static u64 read_alone(struct dram *d, struct dram_request *r, u64 now)
{
    const struct dram_bank *b = &d->rank.bank[r->bank];
    u64 at, from = later(d->clock, now + 1);
    bool opened = false; /* the row, for this: before a refresh then */
    enum dram_command c = DRAM_ACT;

    d->quiet = 0;
    d->writing = false;
    while (c != DRAM_RD) {
        c = !b->open ? DRAM_ACT : b->row == r->row ? DRAM_RD : DRAM_PRE;
        at = dram_legal(&d->rank, d->part, c, r->bank, from);
        d->clock = from;
        if (at >= d->rank.refresh_at && !opened) {
            refresh(d, d->rank.refresh_at);
            c = DRAM_ACT; /* not the last */
            continue;
        }
        opened = c == DRAM_ACT;
        classify(d, r, c);
        dram_issue(&d->rank, d->part, c, r->bank, r->row, at);
        d->clock = from = at + 1;
        if (c != DRAM_RD)
            row_changed(d, r->bank);
        if (opened && d->writes.count) {
            queue_add(&d->reads, &d->rank, r);
            queue_opened(&d->reads, r->bank);
            return 0;
        }
    }
    if (!d->writes.count)
        rest(d);
    at += d->part->cl + d->part->burst;
    d->stats.read_latency_clocks += at - now;
    return at;
}

u64 dram_read(struct dram *d, u64 pa, u64 now, enum served *where)
{
    struct dram_done done = {.write = true};
    struct dram_request r = locate(d->part, pa);
    bool answered = false;

    dram_advance(d, now);
    assert(!d->reads.count); /* one read at a time */
    if ((d->writing && d->writes.waiting > DRAM_DRAIN_LOW) ||
        d->writes.waiting >= DRAM_DRAIN_HIGH || d->writes.owned ||
        queue_has_line(&d->writes, r.bank, r.line)) {
        dram_accept(d, false, pa, 0, now, &done, &answered);
    } else {
        r.accepted = now;
        r.order = d->order++;
        d->stats.reads++;
        u64 end = read_alone(d, &r, now);
        *where = r.touched;
        if (end)
            return end;
    }
    while (!answered && (!dram_step(d, ~0ull, &done) || done.write))
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
