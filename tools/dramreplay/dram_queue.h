/* SPDX-License-Identifier: MIT */
/* A queue of the memory controller: up to 32 requests, as sets of bits in the
 * order of acceptance, so that choosing a command and looking for a row need
 * neither loops nor branches. Compiled as part of dram_crowd.c.
 *
 * A sieve counts the waiting writes by a hash of their line: a count of 0 means
 * that no waiting write is to a line with this hash. */
#ifndef CLOCKHAND_DRAM_QUEUE_H
#define CLOCKHAND_DRAM_QUEUE_H

#include "dram_crowd.h"
#include "time/dram/dram_lanes.h"

enum { ORDERS = 1023 };

/* The second oldest of a set. */
ALWAYS u32 second_oldest(u64 set)
{
    return dram_oldest(set & (set - 1));
}

/* Updates the bank's lanes after its requests, or their hits, have changed. */
static __attribute__((noinline)) void queue_lanes(struct dram_queue *q,
                                                  u32 bank)
{
    u64 all = q->of[bank], hit = q->hit[bank];
    u32 bit = 1u << bank, row = q->lows[dram_oldest(all & ~hit)];
    u32 column = q->lows[dram_oldest(hit)] | DRAM_LOW_COLUMN;
    u32 second = q->lows[second_oldest(hit)] | DRAM_LOW_COLUMN;

    q->hits = (q->hits & ~bit) | (hit ? bit : 0);
    q->after[DRAM_ROW][bank] = (u16)row;
    q->after[DRAM_COLUMN][bank] = (u16)second;
    lanes_set(&q->low[DRAM_ROW], bank, q->owned & bit ? DRAM_NOBODY : row,
              true);
    lanes_set(&q->low[DRAM_COLUMN], bank, column, true);
}

/* The bank was closed. */
static void queue_row_closed(struct dram_queue *q, u32 bank)
{
    q->hit[bank] = 0;
    queue_lanes(q, bank);
}

/* The bank was opened for the other queue. */
ALWAYS void queue_row_opened(struct dram_queue *q, u32 bank, u32 row)
{
    u64 hit = same_row(&q->rows, row, q->of[bank]);

    if (unlikely(hit)) {
        q->hit[bank] = hit;
        queue_lanes(q, bank);
    }
}

/* Orders are small numbers, so that they fit into keys. When they run out, the
 * waiting requests of both queues are numbered again from 0. */
static __attribute__((noinline)) void renumber(struct dram_crowd *d)
{
    struct dram_queue *q = d->queue;
    u64 left[2] = {q[0].used, q[1].used};

    for (d->order = 0; left[0] | left[1]; d->order++) {
        u32 slot[2] = {dram_oldest(left[0]), dram_oldest(left[1])};
        u32 a = q[0].lows[slot[0]] | DRAM_LOW_WAITS;
        u32 b = q[1].lows[slot[1]] | DRAM_LOW_WAITS;
        u32 w = !left[0] || (left[1] && b < a);
        u16 *low = &q[w].lows[slot[w]];
        *low =
            (u16)((*low & (DRAM_LOW_WAITS | (DRAM_BANKS - 1))) | d->order << 5);
        left[w] &= ~(1ull << slot[w]);
    }
    for (u32 w = 0; w < 2; w++)
        for (u32 banks = q[w].banks; banks; banks &= banks - 1)
            queue_lanes(&q[w], (u32)__builtin_ctz(banks));
}

/* All places have been used: moves the waiting requests to the first ones. */
static __attribute__((noinline)) void queue_pack(struct dram_queue *q)
{
    u64 hit[DRAM_BANKS];

    memcpy(hit, q->hit, sizeof(hit));
    memset(q->of, 0, sizeof(q->of));
    memset(q->hit, 0, sizeof(q->hit));
    q->next = 0;
    for (u64 left = q->used; left; left &= left - 1) {
        u32 from = (u32)__builtin_ctzll(left), to = q->next++;
        u32 bank = q->r[from].bank;
        q->r[to] = q->r[from];
        dram_row_put(&q->rows, to, q->rows.full[from]);
        q->lows[to] = q->lows[from];
        q->of[bank] |= 1ull << to;
        q->hit[bank] |= (hit[bank] >> from & 1) << to;
    }
    q->used = (1ull << q->next) - 1;
}

/* A place for one more request, and its order. */
ALWAYS u32 queue_place(struct dram_crowd *d, struct dram_queue *q, u32 bank,
                       u32 *low)
{
    if (unlikely(d->order >= ORDERS))
        renumber(d);
    if (unlikely(q->next == DRAM_PLACES))
        queue_pack(q);
    *low = DRAM_LOW_WAITS | d->order++ << 5 | bank;
    return q->next++;
}

ALWAYS void queue_fill(struct dram_queue *q, u32 slot,
                       const struct dram_place *at, u64 accepted, u32 low)
{
    struct dram_request *r = &q->r[slot];

    r->line = at->line;
    r->accepted = accepted;
    r->bank = (u8)at->bank;
    r->touched = false;
    dram_row_put(&q->rows, slot, at->row);
    q->lows[slot] = (u16)low;
}

/* Adds a request; the queue must have room. There are no branches: the host
 * could not predict whether a bank has other requests. */
ALWAYS void queue_add(struct dram_crowd *d, bool write,
                      const struct dram_place *at, u64 accepted)
{
    struct dram_queue *q = &d->queue[write];
    u32 bank = at->bank, low, slot = queue_place(d, q, bank, &low);
    u64 all = q->of[bank], hit = q->hit[bank];
    u32 hits = d->rank.open >> bank & (d->rank.row[bank] == at->row);
    u64 alike = hits ? hit : all ^ hit; /* requests that go before it */
    bool first = !alike, second = !(alike & (alike - 1)) & !first;
    bool wanted = first & (hits | ~q->owned >> bank);
    u16 *after = &q->after[hits][bank];

    queue_fill(q, slot, at, accepted, low);
    q->used |= 1ull << slot;
    q->of[bank] = all | 1ull << slot;
    q->hit[bank] = hit | (u64)hits << slot;
    q->waiting++;
    q->banks |= 1u << bank;
    q->hits |= hits << bank;
    if (write)
        d->lines[dram_sieve(at->line)]++;
    low |= hits * DRAM_LOW_COLUMN;
    *after = (hits ? second : first) ? (u16)low : *after;
    lanes_set(&q->low[hits], bank, low, wanted);
}

/* A row was opened for the request, the oldest of its bank that did not hit: it
 * owns the bank and no longer counts as waiting. The caller updates the lanes
 * of the bank's candidates. */
ALWAYS void queue_own(struct dram_queue *q, u32 slot, u32 bank)
{
    u64 all = q->of[bank], hit = same_row(&q->rows, q->rows.full[slot], all);

    q->hit[bank] = hit;
    q->hits |= 1u << bank;
    q->owned |= 1u << bank;
    q->waiting--;
    q->lows[slot] &= (u16)~DRAM_LOW_WAITS;
    q->after[DRAM_ROW][bank] = q->lows[dram_oldest(all & ~hit)];
    q->after[DRAM_COLUMN][bank] = q->lows[second_oldest(hit)] | DRAM_LOW_COLUMN;
}

/* The column command of a request was sent, the oldest that hits in its bank.
 * `low`: the current lanes of its queue. */
ALWAYS void queue_done(struct dram_queue *q, u32 slot, u32 bank, lanes lane,
                       lanes *low)
{
    u64 left = ~(1ull << slot), all = q->of[bank] & left;
    u64 hit = q->hit[bank] & left;
    u32 bit = 1u << bank;
    u16 *after = &q->after[DRAM_COLUMN][bank];

    low[DRAM_ROW] =
        lanes_pick(low[DRAM_ROW], lanes_all(q->after[DRAM_ROW][bank]), lane);
    low[DRAM_COLUMN] = lanes_pick(low[DRAM_COLUMN], lanes_all(*after), lane);
    *after = q->lows[second_oldest(hit)] | DRAM_LOW_COLUMN;
    q->used &= left;
    q->of[bank] = all;
    q->hit[bank] = hit;
    q->banks &= ~((u32)!all << bank);
    q->hits &= ~((u32)!hit << bank);
    q->waiting -= ~q->owned >> bank & 1;
    q->owned &= ~bit;
}

static __attribute__((noinline)) bool bank_has_line(const struct dram_queue *q,
                                                    u32 bank, u64 line)
{
    u64 left = q->of[bank];

    while (left && q->r[__builtin_ctzll(left)].line != line)
        left &= left - 1;
    return left;
}

ALWAYS bool write_waits(const struct dram_crowd *d, const struct dram_place *at)
{
    return unlikely(d->lines[dram_sieve(at->line)]) &&
           bank_has_line(&d->writes, at->bank, at->line);
}

#endif
