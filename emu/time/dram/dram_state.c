/* SPDX-License-Identifier: MIT */
/* Saves and loads the DRAM's state: all that matters to the next access, which
 * does not come before the last read's end. A clock is saved as an absolute
 * number, or as 0 if it cannot matter to that access, so that equal states have
 * equal bytes. */
#include "time/dram/dram.h"

/* Sends all commands up to the next access's earliest clock; returns it. */
static u64 up_to_now(struct dram *d)
{
    u64 end = d->base + d->rd + d->after.rd_end;
    u64 now = d->rd && end > d->clock ? end : d->clock;

    dram_advance(d, now);
    return now;
}

/* Saves or loads a clock; it is saved as 0 unless it is after `past`. */
static void clock_state(const struct dram *d, u16 *at, u64 past,
                        struct state *s)
{
    u64 clock = d->base + *at;

    if (!*at || (s64)(clock - past) <= 0)
        clock = 0;
    state_val(s, clock);
    if (!state_loading(s))
        return;
    bool ok = !clock || clock - d->base < 1 << 15;
    state_check(s, ok, "the DRAM's times");
    *at = (u16)(ok && clock ? clock - d->base : 0);
}

static void bank_state(struct dram *d, unsigned b, u64 now, struct state *s)
{
    u32 open = d->open >> b & 1, row = open ? d->row[b] : 0;
    u16 pre = open ? d->pre_at[b] : 0, act = d->act_at[b];

    act = open && !d->of[b] ? 0 : act; /* follows from pre if no write waits */
    state_val(s, row);
    clock_state(d, &pre, now, s);
    clock_state(d, &act, now, s);
    if (!state_loading(s))
        return;
    d->row[b] = row;
    d->pre_at[b] = pre;
    d->act_at[b] = act;
}

static void rank_state(struct dram *d, u64 now, struct state *s)
{
    u64 past = now - d->after.wr_pre; /* a WR before that no longer matters */
    u16 faw[ARRAY_LEN(d->faw)], act = (u16)d->act_from;

    for (unsigned i = 0; i < ARRAY_LEN(faw); i++) {
        faw[i] = d->faw[(d->faw_next + i) % ARRAY_LEN(faw)];
        clock_state(d, &faw[i], now, s);
    }
    clock_state(d, &act, now, s);
    clock_state(d, &d->wr, past, s);
    for (unsigned i = 0; i < DRAM_GROUPS; i++)
        clock_state(d, &d->wr_of[i], past, s);
    bool bound = d->bound && (s64)(d->base + d->wr - now) > 0;
    state_flag(s, &bound);
    if (!state_loading(s))
        return;
    d->bound = bound;
    d->act_from = act ? act : dram_clock(d, now); /* rows_next counts from it */
    memcpy(d->faw, faw, sizeof(faw));
    d->faw_next = 0;
    d->rd = 0;
}

/* Saves or loads a promise; of a past one only its column's clock and bank. */
static bool promise_state(struct dram *d, struct dram_promise *p, u64 now,
                          struct state *s)
{
    u32 banks = (u32)d->part->bank_groups * d->part->banks;

    clock_state(d, &p->col, now - d->after.wr_pre, s);
    if ((s64)(d->base + p->col - now) <= 0)
        p->line = p->from = p->pre = p->hit = 0;
    clock_state(d, &p->from, now, s);
    clock_state(d, &p->pre, now, s);
    state_vals(s, p->line, p->bank);
    state_flag(s, &p->hit);
    bool ok = p->bank < banks && p->col;
    state_check(s, ok, "a promise of the DRAM's");
    return ok;
}

/* Returns the number of promises that still matter. */
static u32 line_length(const struct dram *d, u64 now)
{
    u32 n = 0;

    for (; n < DRAM_LINE; n++) {
        u16 col = d->line[(d->tail - n - 1) % DRAM_LINE].col;
        if (!col || (s64)(d->base + col + d->after.wr_pre - now) <= 0)
            break;
    }
    return n;
}

/* Enters a loaded promise; false if it is impossible. A future one needs its
 * row open. Hits need room in the queue; a bank has at most one other. */
static bool promised(struct dram *d, u32 i, const struct dram_promise *p,
                     u64 now, u32 *owners)
{
    u32 bit = 1u << p->bank;

    d->line[i] = *p;
    /* an ACT in this clock must wait, since the column has the bus */
    d->bus[p->col % ARRAY_LEN(d->bus)] = p->col;
    if ((s64)(d->base + p->col - now) <= 0)
        return true;
    d->sieve_col[dram_sieve(p->line)] = (u32)d->base + p->col;
    if (p->hit)
        d->hit_at[d->hits++] = p->col;
    bool second = !p->hit && *owners & bit;
    *owners |= p->hit ? 0 : bit;
    return !second && d->open & bit && d->hits + d->waiting <= DRAM_QUEUE;
}

static void line_state(struct dram *d, u64 now, struct state *s)
{
    u32 n = line_length(d, now), last = 0, owners = 0;

    state_val(s, n);
    state_check(s, n < DRAM_LINE, "the DRAM's line");
    for (u32 i = 0; i < n && n < DRAM_LINE; i++) {
        struct dram_promise p = d->line[(d->tail - n + i) % DRAM_LINE];
        bool ok = promise_state(d, &p, now, s) && p.col >= last;
        if (state_loading(s) && ok)
            ok = promised(d, i, &p, now, &owners);
        state_check(s, ok, "the DRAM's line");
        last = p.col;
    }
    d->tail = state_loading(s) ? n : d->tail;
}

static void waits_again(struct dram *d, u64 line)
{
    struct dram_place at = dram_place_of(&d->map, line << LINE_SHIFT);
    dram_wait(d, d->next++, line, at.row, at.bank);
}

static void waiting_state(struct dram *d, struct state *s)
{
    u32 n = d->waiting;
    u64 left = 0;

    for (unsigned b = 0; b < DRAM_BANKS; b++)
        left |= d->of[b];
    state_val(s, n);
    state_check(s, n <= DRAM_QUEUE, "the DRAM's queue");
    for (; n && n <= DRAM_QUEUE; n--) {
        u64 line = left ? d->line_of[__builtin_ctzll(left)] : 0;
        state_val(s, line);
        left &= left - 1;
        if (state_loading(s))
            waits_again(d, line);
    }
}

/* Drops all writes and past commands, before a load. */
static void empty(struct dram *d)
{
    const struct dram_part *part = d->part;

    memset(d, 0, sizeof(*d));
    d->part = part;
    dram_bank_init(d);
}

void dram_state(struct dram *d, struct state *s)
{
    unsigned banks = (unsigned)d->part->bank_groups * d->part->banks;
    u64 now = state_loading(s) ? 0 : up_to_now(d);
    u64 refreshed = d->base + DRAM_LONG_AGO, due = d->base + d->due;

    state_tag(s, d->part->name);
    if (state_loading(s))
        empty(d);
    state_vals(s, now, refreshed, due);
    u64 between = due - refreshed;
    bool ok = now < 1ull << 62 && between <= d->part->refi &&
              now < due + d->part->refi && refreshed < now + d->part->refi;
    state_check(s, ok, "the DRAM's times");
    if (state_loading(s) && ok) {
        d->base = refreshed - DRAM_LONG_AGO;
        d->due = DRAM_LONG_AGO + (u32)between;
        d->clock = now;
    }
    waiting_state(d, s);
    state_val(s, d->open);
    state_check(s, !(d->open >> banks), "open DRAM banks");
    for (unsigned b = 0; b < banks; b++)
        bank_state(d, b, now, s);
    rank_state(d, now, s);
    line_state(d, now, s);
    state_vals(s, d->stats, d->first);
    if (state_loading(s))
        d->undelayed_from = ~0ull; /* until it is computed */
}
