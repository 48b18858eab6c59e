/* SPDX-License-Identifier: MIT */
/* Models one rank of DRAM: its last commands, and how many clocks apart any two
 * must be. The tests' slow controller (dram_slow_serial.h) sends them. */
#pragma once

#include "dram_parts.h"

enum { REF = DRAM_WR + 1, LOG = 160 };

struct command {
    int kind;
    unsigned bank;
    u64 at;
};

struct device {
    const struct dram_part *p;
    struct command log[LOG]; /* the last commands, newest first */
    unsigned logged;
    bool open[DRAM_BANKS];
    u32 row[DRAM_BANKS];
    u64 refresh_due, now, refreshes;
};

/* Returns the least number of clocks from command a to a later command b. */
static int distance(const struct dram_part *p, int a, unsigned abank, int b,
                    unsigned bbank)
{
    bool same = abank == bbank, group = abank / p->banks == bbank / p->banks;

    if (a == REF)
        return b == DRAM_ACT || b == REF ? p->rfc : 0;
    if (b == REF)
        return a == DRAM_PRE ? p->rp : a == DRAM_ACT ? p->rc : 0;
    if (a == DRAM_ACT && b == DRAM_ACT)
        return same ? p->rc : group ? p->rrd_l : p->rrd_s;
    if (a == DRAM_ACT)
        return !same ? 0 : b == DRAM_PRE ? p->ras : p->rcd;
    if (a == DRAM_PRE)
        return same && b == DRAM_ACT ? p->rp : 0;
    if (b == DRAM_PRE)
        return !same ? 0 : a == DRAM_RD ? p->rtp : p->cwl + p->burst + p->wr;
    if (b == DRAM_ACT)
        return 0;
    if (a == b)
        return group ? p->ccd_l : p->ccd_s;
    if (a == DRAM_RD)
        return p->cl + p->burst + 2 - p->cwl;
    return p->cwl + p->burst + (group ? p->wtr_l : p->wtr_s);
}

/* True if the log allows the command at clock `at`. */
static bool legal_at(const struct device *v, int kind, unsigned bank, u64 at)
{
    unsigned acts = 0;

    for (unsigned i = 0; i < v->logged; i++) {
        const struct command *c = &v->log[i];
        if (c->at + (u64)distance(v->p, c->kind, c->bank, kind, bank) > at)
            return false;
        if (kind == DRAM_ACT && c->kind == DRAM_ACT && ++acts == 4 &&
            c->at + v->p->faw > at)
            return false;
    }
    return true;
}

static bool legal(const struct device *v, int kind, unsigned bank)
{
    return legal_at(v, kind, bank, v->now);
}

static void issue(struct device *v, int kind, unsigned bank)
{
    memmove(v->log + 1, v->log, sizeof(v->log) - sizeof(v->log[0]));
    v->log[0] = (struct command){kind, bank, v->now};
    if (v->logged < LOG)
        v->logged++;
}

/* Does one clock of a refresh that is due, while no request may use the bus:
 * closes the banks once all may be closed, then sends REF. */
static void refresh_tick(struct device *v)
{
    unsigned n = (unsigned)v->p->bank_groups * v->p->banks, open = 0;

    for (unsigned b = 0; b < n; b++) {
        if (v->open[b] && !legal(v, DRAM_PRE, b))
            return;
        open += v->open[b];
    }
    for (unsigned b = 0; b < n && open; b++) {
        if (v->open[b])
            issue(v, DRAM_PRE, b);
        v->open[b] = false;
    }
    if (!open && legal(v, REF, 0)) {
        issue(v, REF, 0);
        v->refreshes++;
        v->refresh_due += v->p->refi;
    }
}

/* A line's bank and row, by the address mapping (struct dram_map). */
struct where {
    u64 line;
    u32 row;
    unsigned bank;
};

static struct where where_is(const struct dram_part *p, u64 pa)
{
    u64 x = pa >> 6 >> p->column_bits;
    struct where r = {.line = pa >> 6};

    r.bank = (unsigned)(x % p->bank_groups * p->banks);
    x /= p->bank_groups;
    r.bank += (unsigned)(x % p->banks);
    r.row = (u32)(x / p->banks);
    return r;
}
