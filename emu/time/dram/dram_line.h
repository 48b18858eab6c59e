/* SPDX-License-Identifier: MIT */
/* The line is the queue of writes with promised bus slots. A write joins at the
 * end once its row is open. The clock of its column is then known: only writes
 * in line go before it. But a read may put promises off or revoke them, and a
 * later write overtakes the last one if that one waits only for its bank group.
 * Compiled as part of dram_serial.c. */
#pragma once

#include "time/dram/dram_rows.h"

ALWAYS u32 bank_group(const struct dram *d, u32 bank)
{
    return bank >> d->bank_bits;
}

/* These return the first clock at which a WR is allowed. free_clock heeds all
 * rules but those about its bank group, group_clock only those, write_clock all
 * rules. Those with `from` return no earlier clock. */
ALWAYS u32 free_clock(const struct dram *d, u32 from)
{
    const struct dram_distances *after = &d->after;

    return most(from, most(d->wr + after->ccd[0], d->rd + after->turn));
}

ALWAYS u32 group_clock(const struct dram *d, u32 bank)
{
    return d->wr_of[bank_group(d, bank)] + d->after.ccd[1];
}

ALWAYS u32 write_clock(const struct dram *d, u32 bank, u32 from)
{
    return most(free_clock(d, from), group_clock(d, bank));
}

ALWAYS u32 read_clock(const struct dram *d, u32 bank, u32 from)
{
    const struct dram_distances *after = &d->after;
    u32 any = d->wr + after->wtr[0];
    u32 group = d->wr_of[bank_group(d, bank)] + after->wtr[1];

    return most(most(from, d->rd + after->ccd[1]), most(any, group));
}

ALWAYS void bus_taken(struct dram *d, u32 clock)
{
    d->bus[clock % ARRAY_LEN(d->bus)] = (u16)clock;
}

ALWAYS struct dram_promise *line_place(struct dram *d, u32 n)
{
    return &d->line[n % DRAM_LINE];
}

/* True if at least n promises that hit have their columns after clock t. */
ALWAYS bool hits_after(const struct dram *d, u32 t, u32 n)
{
    return d->hit_at[(d->hits - n) % DRAM_LINE] > t;
}

/* Puts a write, whose WR is sent at `col`, at the end of the line. */
ALWAYS void line_put(struct dram *d, const struct dram_promise *p, u32 col)
{
    struct dram_promise *x = line_place(d, d->tail++);

    *x = *p;
    x->col = (u16)col;
    d->hit_at[d->hits % DRAM_LINE] = (u16)col;
    d->hits += p->hit;
    d->wr = d->wr_of[bank_group(d, p->bank)] = (u16)col;
    d->sieve_col[dram_sieve(p->line)] = (u32)d->base + col;
    bus_taken(d, col);
}

/* Removes the line's last promise; its write must join or wait again. */
static void line_unput(struct dram *d)
{
    struct dram_promise *x = line_place(d, --d->tail);

    d->hits -= x->hit;
    d->bus[x->col % ARRAY_LEN(d->bus)] = DRAM_NOBODY;
}

static __attribute__((noinline)) void
line_overtake(struct dram *d, struct dram_promise p, u32 col)
{
    struct dram_promise last = *line_place(d, d->tail - 1);
    u32 then = most(last.col, col + d->after.ccd[0]);

    line_unput(d);
    line_put(d, &p, col);
    line_put(d, &last, then);
    d->bound = then > col + d->after.ccd[0];
    rows_hold(d, last.bank, then + d->after.wr_pre);
}

/* Promises the bus to p; returns its column's clock. The caller must then hold
 * the bank's row for it. */
ALWAYS u32 line_join(struct dram *d, struct dram_promise p)
{
    const struct dram_distances *after = &d->after;
    u32 own = group_clock(d, p.bank), free = free_clock(d, p.from);
    u32 col = most(free, own);

    if (unlikely(d->bound)) {
        u32 before = d->wr + after->ccd[0] - after->ccd[1];
        before = most(before, most(own, p.from));
        if (before < d->wr) {
            line_overtake(d, p, before);
            return before;
        }
    }
    d->bound = own > free;
    line_put(d, &p, col);
    return col;
}

/* Does line_join() and holds the bank's row for the promise. */
ALWAYS void line_join_held(struct dram *d, struct dram_promise p)
{
    rows_hold(d, p.bank, line_join(d, p) + d->after.wr_pre);
}

/* Puts a promise back into line with its old clock. */
ALWAYS void line_keep(struct dram *d, const struct dram_promise *p)
{
    u32 own = group_clock(d, p->bank);

    d->bound = (own > free_clock(d, p->from)) & (own == p->col);
    line_put(d, p, p->col);
}

/* Moves promises of clock `from` and later to cut[], in order; counts them. */
static u32 line_cut(struct dram *d, u32 from, struct dram_promise *cut)
{
    u32 n = 0;

    while (line_place(d, d->tail - 1)->col >= from) {
        n++;
        line_unput(d);
    }
    for (u32 i = 0; i < n; i++)
        cut[i] = *line_place(d, d->tail + i);
    /* of all earlier promises only the last two matter */
    memset(d->wr_of, 0, sizeof(d->wr_of));
    for (u32 i = 2; i; i--) {
        const struct dram_promise *p = line_place(d, d->tail - i);
        d->wr = d->wr_of[bank_group(d, p->bank)] = p->col;
    }
    d->bound = false;
    return n;
}

static __attribute__((noinline)) bool line_has(const struct dram *d, u64 line,
                                               u32 t)
{
    for (u32 i = 1; i < DRAM_LINE; i++) {
        const struct dram_promise *p = &d->line[(d->tail - i) % DRAM_LINE];
        if (p->col <= t)
            return false;
        if (p->line == line)
            return true;
    }
    return false;
}
