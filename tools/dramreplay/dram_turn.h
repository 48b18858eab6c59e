/* SPDX-License-Identifier: MIT */
/* A turn of one of the controller's two queues: the choice of the next command,
 * and the effects of sending it. Compiled as part of dram_crowd.c.
 *
 * For each bank the controller has at most one row command and one column
 * command that are wanted, and compares all of them together. Each has a key of
 * 32 bits: the clock at which it is legal, the order of acceptance, and the
 * command; the smallest key is sent. */
#ifndef CLOCKHAND_DRAM_TURN_H
#define CLOCKHAND_DRAM_TURN_H

#include "dram_queue.h"
#include "dram_rank.h"

/* The data of one turn of a queue, copied from the queues and the rank. The
 * originals in memory are stale until flush() writes them back. */
struct turn {
    struct dram_crowd *d;
    struct dram_queue *q, *other;
    struct bank_times v;
    lanes low[DRAM_KINDS];
    lanes now; /* first clock free */
    lanes own; /* banks opened for the other queue */
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

/* Chooses the next command. Candidates are the commands of the queue whose turn
 * it is, and those of requests in the other queue for which a row was opened.
 * The first to be legal is chosen; among those legal in the same clock, the
 * oldest. A row is not closed while the request for which it was opened is not
 * done. `only`: only requests with opened rows are candidates. */
ALWAYS struct choice choose(const struct turn *t, bool writing, bool only)
{
    const struct bank_times *v = &t->v;
    lanes none = lanes_all(DRAM_NOBODY);
    lanes row = t->low[DRAM_ROW], column = t->low[DRAM_COLUMN];
    lanes theirs = lanes_get(&t->other->low[DRAM_COLUMN]);
    lanes data = v->data[writing], own = t->own;
    struct choice c;

    row = lanes_or(row, own);
    if (t->q->hits & t->other->owned && !only) {
        /* another request that hits the row goes first if the owner must wait
         * longer; the bank's own time delays both */
        lanes since = lanes_max(v->col, t->now);
        lanes mine = lanes_or(lanes_max(since, data), lanes_same(column, none));
        lanes other = lanes_max(since, v->data[!writing]);
        own = lanes_and(own, lanes_same(lanes_max(mine, other), mine));
    }
    column = lanes_pick(column, theirs, own);
    data = lanes_pick(data, v->data[!writing], own);
    if (only) {
        row = none;
        column = lanes_pick(none, column,
                            lanes_or(lanes_of_set(t->q->owned), t->own));
    }
    /* use last the value that is computed last */
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

/* Classifies a request by its first command. */
ALWAYS void classify(struct dram_crowd *d, struct dram_request *r,
                     enum dram_command c)
{
    d->first[c] += !r->touched;
    r->touched = true;
}

/* Sends the row command of a choice. */
ALWAYS void send_row(struct turn *t, const struct choice *c)
{
    struct dram_crowd *d = t->d;
    struct dram_queue *q = t->q;
    u32 b = c->bank, bit = 1u << b;
    u32 slot = dram_oldest(q->of[b] & ~q->hit[b]);
    lanes bank = keys_lanes(c->row[0], c->row[1], c->least);
    lanes at = keys_clock(c->least), *low = t->low;

    d->rank.open ^= bit;
    if (d->rank.open & bit) {
        classify(d, &q->r[slot], DRAM_ACT);
        d->rank.row[b] = q->rows.full[slot];
        bank_activate(d, &t->v, at, bank, c->clock);
        lanes owner = lanes_but(low[DRAM_ROW], lanes_all(DRAM_LOW_WAITS));
        owner = lanes_or(owner, lanes_all(DRAM_LOW_COLUMN));
        low[DRAM_COLUMN] = lanes_pick(low[DRAM_COLUMN], owner, bank);
        low[DRAM_ROW] = lanes_or(low[DRAM_ROW], bank);
        queue_own(q, slot, b);
        if (t->other->banks)
            queue_row_opened(t->other, b, q->rows.full[slot]);
        return;
    }
    classify(d, &q->r[slot], DRAM_PRE);
    bank_precharge(&d->after, &t->v, at, bank);
    if (unlikely(q->hits & bit)) {
        flush(t);
        queue_row_closed(q, b);
        fetch(t);
    }
    if (unlikely(t->other->hits & bit))
        queue_row_closed(t->other, b);
}

/* Sends the column command of a choice from the queue `write`; `low`: the
 * queue's current lanes. */
ALWAYS void send_column(struct turn *t, const struct choice *c,
                        struct dram_queue *q, bool write, lanes *low)
{
    struct dram_crowd *d = t->d;
    lanes bank = keys_lanes(c->column[0], c->column[1], c->least);
    u32 slot = dram_oldest(q->hit[c->bank]);
    struct dram_request *r = &q->r[slot];
    u64 end = d->rank.base + c->clock + d->after.data[write];

    classify(d, r, DRAM_RD);
    bank_column(&d->after, &t->v, write, keys_clock(c->least), bank);
    d->end = later(d->end, end);
    if (write)
        d->lines[dram_sieve(r->line)]--;
    else
        d->stats.read_latency_clocks += end - r->accepted;
    queue_done(q, slot, c->bank, bank, low);
}

/* send_column() for the queue whose turn it is not. */
ALWAYS void send_their_column(struct turn *t, const struct choice *c,
                              bool write)
{
    struct dram_lanes *low = t->other->low;
    lanes had[DRAM_KINDS] = {lanes_get(&low[0]), lanes_get(&low[1])};
    lanes bank = keys_lanes(c->column[0], c->column[1], c->least);

    send_column(t, c, t->other, write, had);
    lanes_put(&low[0], had[0]);
    lanes_put(&low[1], had[1]);
    t->own = lanes_but(t->own, bank);
}

#endif
