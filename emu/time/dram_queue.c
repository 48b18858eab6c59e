/* SPDX-License-Identifier: MIT */
/* A queue of the memory controller: up to 32 requests, kept by bank, so that
 * neither choosing a command nor looking for a line goes through all of them.
 */
#include "time/dram.h"

static const u8 NONE = 0xff;
/* In what is saved: a row was opened for this one (with enum served). */
static const u8 OWNER = 0x80;

static bool hits(const struct dram_queue *q, const struct dram_bank *b,
                 u32 slot)
{
    return b->open && b->row == q->r[slot].row;
}

void queue_row_changed(struct dram_queue *q, const struct dram_rank *rank,
                       unsigned bank)
{
    u32 bit = 1u << bank;
    bool missed = false;
    u8 slot;

    q->hits &= ~bit;
    q->behind &= ~bit;
    if (!(q->banks & bit))
        return;
    q->pick[bank] = q->miss[bank] = q->head[bank];
    if (!rank->bank[bank].open)
        return;
    for (slot = q->head[bank]; slot != NONE; slot = q->r[slot].next) {
        if (hits(q, &rank->bank[bank], slot) && !(q->hits & bit)) {
            q->pick[bank] = slot;
            q->hits |= bit;
        } else if (!hits(q, &rank->bank[bank], slot) && !missed) {
            q->miss[bank] = slot;
            missed = true;
        }
        if (missed && q->hits & bit) {
            q->behind |= bit;
            return;
        }
    }
}

void queue_add(struct dram_queue *q, const struct dram_rank *rank,
               const struct dram_request *r)
{
    u8 slot = (u8)__builtin_ctzll(~q->used);
    u32 bit = 1u << r->bank;

    assert(q->count < DRAM_SLOTS);
    q->used |= 1ull << slot;
    q->count++;
    q->waiting++;
    q->r[slot] = *r;
    q->r[slot].next = NONE;
    if (q->banks & bit)
        q->r[q->tail[r->bank]].next = slot;
    else
        q->head[r->bank] = q->pick[r->bank] = q->miss[r->bank] = slot;
    q->tail[r->bank] = slot;
    q->banks |= bit;
    bool hit = hits(q, &rank->bank[r->bank], slot);
    if (hit && !(q->hits & bit)) {
        q->pick[r->bank] = slot;
        q->hits |= bit;
        q->behind |= slot != q->head[r->bank] ? bit : 0;
    } else if (!hit && q->hits & bit & ~q->behind) {
        q->miss[r->bank] = slot;
        q->behind |= bit;
    }
}

void queue_opened(struct dram_queue *q, unsigned bank)
{
    q->owned |= 1u << bank;
    q->waiting--;
}

void queue_remove(struct dram_queue *q, const struct dram_rank *rank, u32 slot)
{
    unsigned bank = q->r[slot].bank;
    u8 next = q->r[slot].next, before = NONE;

    if (q->head[bank] == slot) {
        q->head[bank] = next;
    } else {
        before = q->head[bank];
        while (q->r[before].next != slot)
            before = q->r[before].next;
        q->r[before].next = next;
    }
    if (next == NONE)
        q->tail[bank] = before;
    if (q->head[bank] == NONE)
        q->banks &= ~(1u << bank);
    q->used &= ~(1ull << slot);
    q->count--;
    if (q->owned & 1u << bank)
        q->owned &= ~(1u << bank);
    else
        q->waiting--;
    queue_row_changed(q, rank, bank);
}

bool queue_has_line(const struct dram_queue *q, unsigned bank, u64 line)
{
    if (!(q->banks >> bank & 1))
        return false;
    for (u8 slot = q->head[bank]; slot != NONE; slot = q->r[slot].next)
        if (q->r[slot].line == line)
            return true;
    return false;
}

/* The slots in the order of acceptance: what is saved does not tell where in
 * the queue a request happened to lie. */
static u32 by_age(const struct dram_queue *q, u8 *slots)
{
    u32 n = 0;

    for (u64 left = q->used; left; left &= left - 1) {
        u8 slot = (u8)__builtin_ctzll(left);
        u32 i = n++;
        for (; i > 0 && q->r[slots[i - 1]].order > q->r[slot].order; i--)
            slots[i] = slots[i - 1];
        slots[i] = slot;
    }
    return n;
}

static void request_state(struct dram_request *r, unsigned banks,
                          struct state *s)
{
    state_val(s, r->line);
    state_val(s, r->id);
    state_val(s, r->accepted);
    state_val(s, r->row);
    state_val(s, r->bank);
    state_val(s, r->touched);
    bool ok = r->bank < banks && (r->touched & ~OWNER) < SERVED_COUNT;
    state_check(s, ok, "a DRAM request");
    if (!ok)
        r->bank = r->touched = 0;
}

void queue_state(struct dram_queue *q, const struct dram_rank *rank,
                 unsigned banks, struct state *s)
{
    u8 slots[DRAM_SLOTS];
    u32 n = by_age(q, slots);

    state_val(s, n);
    state_check(s, n <= DRAM_SLOTS, "a DRAM queue");
    if (n > DRAM_SLOTS)
        n = 0;
    if (!state_loading(s)) {
        for (u32 i = 0; i < n; i++) {
            struct dram_request r = q->r[slots[i]];
            if (q->owned >> r.bank & 1 && q->pick[r.bank] == slots[i])
                r.touched |= OWNER;
            request_state(&r, banks, s);
        }
        return;
    }
    *q = (struct dram_queue){0};
    for (u32 i = 0; i < n; i++) {
        struct dram_request r = {.order = i};
        request_state(&r, banks, s);
        bool owner = r.touched & OWNER;
        r.touched &= (u8)~OWNER;
        u32 had = q->hits;
        queue_add(q, rank, &r);
        /* only the oldest of a bank, its row being open, can be */
        if (owner && q->hits & ~had & 1u << r.bank)
            queue_opened(q, r.bank);
    }
}
