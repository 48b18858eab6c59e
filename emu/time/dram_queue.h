/* SPDX-License-Identifier: MIT */
/* A queue of the memory controller: up to 32 requests, kept by bank, so that
 * neither choosing a command nor looking for a line goes through all of them.
 * For dram_run.c only, with which it is compiled.
 *
 * A sieve counts requests by a hash of their bank and row (or line): where it
 * says 0 there is none, and no chain need be followed. */
#ifndef CLOCKHAND_DRAM_QUEUE_H
#define CLOCKHAND_DRAM_QUEUE_H

#include "time/dram_lanes.h"

enum { NONE = DRAM_NO_SLOT, ORDERS = 1023 };

ALWAYS u32 line_sieve(u64 line)
{
    return (u32)(line ^ line >> 11) % (2 * DRAM_SIEVE);
}

/* The bank's lanes anew, from its bits, picks and chain. */
static void queue_lanes(struct dram_queue *q, u32 bank)
{
    u32 bit = 1u << bank;
    bool hit = q->hits & bit, owned = q->owned & bit;
    bool row = hit ? q->behind & bit && !owned : q->banks & bit;
    const struct dram_request *first =
        &q->r[q->banks & bit ? q->head[bank] : NONE];

    lanes_set(&q->low[DRAM_ROW], bank,
              row ? q->r[q->pick[DRAM_ROW][bank]].low : DRAM_NOBODY, true);
    lanes_set(&q->low[DRAM_COLUMN], bank,
              hit ? q->r[q->pick[DRAM_COLUMN][bank]].low | DRAM_LOW_COLUMN
                  : DRAM_NOBODY,
              true);
    lanes_set(&q->low_next, bank, q->r[first->next].low, true);
}

/* The bank was closed. */
static __attribute__((noinline)) void queue_row_closed(struct dram_queue *q,
                                                       u32 bank)
{
    q->hits &= ~(1u << bank);
    q->behind &= ~(1u << bank);
    q->pick[DRAM_ROW][bank] = q->head[bank];
    queue_lanes(q, bank);
}

/* The bank is open: chooses its candidates afresh. */
static __attribute__((noinline)) void
queue_row_opened(struct dram_queue *q, const struct dram_rank *rank, u32 bank)
{
    u32 bit = 1u << bank, hit = NONE, miss = NONE;
    u32 slot = q->banks & bit ? q->head[bank] : NONE;

    for (; slot != NONE && (hit == NONE || miss == NONE);
         slot = q->r[slot].next) {
        u32 *which = q->r[slot].row == rank->row[bank] ? &hit : &miss;
        if (*which == NONE)
            *which = slot;
    }
    q->pick[DRAM_ROW][bank] = (u8)miss;
    q->pick[DRAM_COLUMN][bank] = (u8)hit;
    q->hits = (q->hits & ~bit) | (hit != NONE ? bit : 0);
    q->behind = (q->behind & ~bit) | (hit != NONE && miss != NONE ? bit : 0);
    queue_lanes(q, bank);
}

/* Orders are few, as keys have room for them: now and then those that wait
 * are numbered afresh, both queues together. */
static __attribute__((noinline)) void renumber(struct dram *d)
{
    struct dram_request *by_age[2 * DRAM_SLOTS];
    u32 n = 0;

    for (u32 w = 0; w < 2; w++)
        for (u64 left = d->queue[w].used; left; left &= left - 1) {
            struct dram_request *r = &d->queue[w].r[__builtin_ctzll(left)];
            u32 i = n++;
            for (; i && dram_age(by_age[i - 1]) > dram_age(r); i--)
                by_age[i] = by_age[i - 1];
            by_age[i] = r;
        }
    for (u32 i = 0; i < n; i++)
        by_age[i]->low =
            (u16)((by_age[i]->low & DRAM_LOW_WAITS) | i << 5 | by_age[i]->bank);
    d->order = n;
    for (u32 w = 0; w < 2; w++)
        for (u32 left = d->queue[w].banks; left; left &= left - 1)
            queue_lanes(&d->queue[w], (u32)__builtin_ctz(left));
}

/* The new request is the first that hits, or the first that does not while
 * others do. */
static __attribute__((noinline)) void
queue_classify(struct dram_queue *q, u32 slot, bool hit, bool first)
{
    u32 bank = q->r[slot].bank, bit = 1u << bank;

    q->pick[hit ? DRAM_COLUMN : DRAM_ROW][bank] = (u8)slot;
    q->hits |= bit;
    q->behind |= first ? 0 : bit;
    queue_lanes(q, bank);
}

/* Adds one, the queue having room; its slot. Almost without branches: whether
 * a bank has others is anybody's guess. *wanted: it is its bank's candidate for
 * a command. */
ALWAYS u32 queue_add(struct dram *d, bool write, const struct dram_place *at,
                     u64 id, u64 accepted, u32 touched, bool *wanted)
{
    struct dram_queue *q = &d->queue[write];
    u32 slot = (u32)__builtin_ctzll(~q->used), bank = at->bank;
    u32 had = q->banks >> bank & 1, keep = 0u - had;

    if (unlikely(d->order >= ORDERS))
        renumber(d);
    u32 low = DRAM_LOW_WAITS | d->order++ << 5 | bank;
    u32 before = (q->tail[bank] & keep) | ((NONE + 1) & ~keep);
    bool second = q->head[bank] == before;
    struct dram_request *r = &q->r[slot];
    r->line = at->line;
    r->id = id;
    r->accepted = accepted;
    r->row = at->row;
    r->low = (u16)low;
    r->sieve = (u16)at->sieve;
    r->bank = (u8)bank;
    r->touched = (u8)touched;
    r->next = NONE;
    q->r[before].next = (u8)slot;
    q->tail[bank] = (u8)slot;
    q->head[bank] = (u8)((q->head[bank] & keep) | (slot & ~keep));
    u8 *pick = &q->pick[DRAM_ROW][bank];
    *pick = (u8)((*pick & keep) | (slot & ~keep));
    lanes_set(&q->low[DRAM_ROW], bank, low, !had);
    lanes_set(&q->low_next, bank, low, second);
    d->calm.from = d->calm.ready = DRAM_NEVER;
    q->used |= 1ull << slot;
    q->banks |= 1u << bank;
    q->waiting++;
    q->rows[at->sieve]++;
    if (write)
        d->lines[line_sieve(at->line)]++;
    u32 hit = d->rank.open >> bank & (d->rank.row[bank] == at->row);
    u32 new = hit ? ~q->hits : q->hits & ~q->behind;
    *wanted = (had ^ 1) | (new >> bank & 1);
    if (new >> bank & 1)
        queue_classify(q, slot, hit, !had);
    return slot;
}

/* A row was opened for the request, the oldest of its bank: it leaves the
 * queue for the bank. */
ALWAYS void queue_own(struct dram_queue *q, u32 slot, u32 bank, lanes lane)
{
    q->hits |= 1u << bank;
    q->owned |= 1u << bank;
    q->waiting--;
    q->pick[DRAM_COLUMN][bank] = (u8)slot;
    q->r[slot].low &= (u16)~DRAM_LOW_WAITS;
    lanes_put(&q->own, lanes_or(lanes_get(&q->own), lane));
}

/* The same for a read that comes alone, its row just opened. */
ALWAYS void queue_own_only(struct dram *d, const struct dram_place *at,
                           u64 accepted, u32 touched, lanes lane)
{
    struct dram_queue *q = &d->reads;
    u32 bank = at->bank, bit = 1u << bank;

    if (unlikely(d->order >= ORDERS))
        renumber(d);
    u32 low = d->order++ << 5 | bank;
    q->r[0] = (struct dram_request){.line = at->line,
                                    .accepted = accepted,
                                    .row = at->row,
                                    .low = (u16)low,
                                    .sieve = (u16)at->sieve,
                                    .bank = (u8)bank,
                                    .touched = (u8)touched,
                                    .next = NONE};
    q->used = 1;
    q->banks = q->hits = q->owned = bit;
    q->head[bank] = q->tail[bank] = 0;
    q->pick[DRAM_COLUMN][bank] = 0;
    q->rows[at->sieve]++;
    lanes_put(&q->own, lane);
    lanes_put(&q->low[DRAM_COLUMN],
              lanes_pick(lanes_all(DRAM_NOBODY),
                         lanes_all(low | DRAM_LOW_COLUMN), lane));
}

static void queue_unlink(struct dram_queue *q, u32 slot, u32 bank)
{
    u32 next = q->r[slot].next, before = q->head[bank];

    if (before == slot) {
        q->head[bank] = (u8)next;
        q->banks &= ~((u32)(next == NONE) << bank);
        return;
    }
    while (q->r[before].next != slot)
        before = q->r[before].next;
    q->r[before].next = (u8)next;
    if (next == NONE)
        q->tail[bank] = (u8)before;
}

/* One that hit is done, and there may be more of its row, here or (its row
 * having been opened for it) in the other queue: the bank's candidates now. */
static __attribute__((noinline)) void
queue_hit_done(struct dram *d, bool write, u32 slot, u32 bank, bool owner)
{
    struct dram_queue *q = &d->queue[write], *other = &d->queue[!write];
    u32 hit = q->r[slot].next, row = d->rank.row[bank];

    queue_unlink(q, slot, bank);
    if (owner) {
        queue_row_opened(q, &d->rank, bank);
        if (other->rows[q->r[slot].sieve])
            queue_row_opened(other, &d->rank, bank);
        return;
    }
    if (q->behind >> bank & 1)
        while (hit != NONE && q->r[hit].row != row)
            hit = q->r[hit].next;
    q->pick[DRAM_COLUMN][bank] = (u8)hit;
    if (hit == NONE) {
        q->hits &= ~(1u << bank);
        q->behind &= ~(1u << bank);
        q->pick[DRAM_ROW][bank] = q->head[bank];
    }
    queue_lanes(q, bank);
}

static __attribute__((noinline)) bool chain_has_line(const struct dram_queue *q,
                                                     u32 bank, u64 line)
{
    u32 slot = q->banks >> bank & 1 ? q->head[bank] : NONE;

    while (slot != NONE && q->r[slot].line != line)
        slot = q->r[slot].next;
    return slot != NONE;
}

ALWAYS bool write_waits(const struct dram *d, const struct dram_place *at)
{
    return unlikely(d->lines[line_sieve(at->line)]) &&
           chain_has_line(&d->writes, at->bank, at->line);
}

#endif
