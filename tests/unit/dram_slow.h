/* SPDX-License-Identifier: MIT */
/* A DRAM controller that looks at every clock and at every earlier command: the
 * slow and obvious judge of emu/time/dram_run.c, for test_dram. */
#ifndef TESTS_UNIT_DRAM_SLOW_H
#define TESTS_UNIT_DRAM_SLOW_H

#include "time/dram.h"

enum { REF = DRAM_WR + 1, LOG = 96 };

struct command {
    int kind;
    unsigned bank;
    u64 at;
};

struct slow {
    const struct dram_part *p;
    struct command log[LOG]; /* the last ones, newest first */
    unsigned logged;
    bool open[DRAM_BANKS];
    u32 row[DRAM_BANKS];
    u64 refresh_due, now, refreshes;
    struct slow_queue {
        unsigned n;
        struct slow_request {
            struct dram_request r;
            u64 order;
            bool opened; /* a row was, for this */
        } of[DRAM_SLOTS];
    } reads, writes;
    bool writing;
    u64 order, read_done, read_latency;
};

/* Clocks that must lie between an earlier command and a later one. */
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

static bool legal(const struct slow *s, int kind, unsigned bank)
{
    unsigned acts = 0;

    for (unsigned i = 0; i < s->logged; i++) {
        const struct command *c = &s->log[i];
        if (c->at + (u64)distance(s->p, c->kind, c->bank, kind, bank) > s->now)
            return false;
        if (kind == DRAM_ACT && c->kind == DRAM_ACT && ++acts == 4 &&
            c->at + s->p->faw > s->now)
            return false;
    }
    return true;
}

static void issue(struct slow *s, int kind, unsigned bank)
{
    memmove(s->log + 1, s->log, sizeof(s->log) - sizeof(s->log[0]));
    s->log[0] = (struct command){kind, bank, s->now};
    if (s->logged < LOG)
        s->logged++;
}

static void slow_refresh(struct slow *s)
{
    unsigned n = (unsigned)s->p->bank_groups * s->p->banks, open = 0;

    for (unsigned b = 0; b < n; b++) {
        if (s->open[b] && !legal(s, DRAM_PRE, b))
            return;
        open += s->open[b];
    }
    for (unsigned b = 0; b < n && open; b++) {
        if (s->open[b])
            issue(s, DRAM_PRE, b);
        s->open[b] = false;
    }
    if (!open && legal(s, REF, 0)) {
        issue(s, REF, 0);
        s->refreshes++;
        s->refresh_due += s->p->refi;
    }
}

static unsigned slow_waiting(const struct slow_queue *q)
{
    unsigned n = 0;

    for (unsigned i = 0; i < q->n; i++)
        n += !q->of[i].opened;
    return n;
}

/* What request i needs next, if it may have it now: -1 if not. */
static int slow_wants(const struct slow *s, const struct slow_queue *q,
                      unsigned i, bool column_only)
{
    const struct slow_queue *other = q == &s->reads ? &s->writes : &s->reads;
    const struct slow_request *x = &q->of[i];
    unsigned bank = x->r.bank;
    int command = !s->open[bank]             ? DRAM_ACT
                  : s->row[bank] != x->r.row ? DRAM_PRE
                  : q == &s->reads           ? DRAM_RD
                                             : DRAM_WR;
    bool column = command == DRAM_RD || command == DRAM_WR;

    if ((column_only && !column) || !legal(s, command, bank))
        return -1;
    for (unsigned k = 0; k < other->n && !column; k++)
        if (other->of[k].opened && other->of[k].r.bank == bank)
            return -1; /* a row is not closed under whom it was opened for */
    for (unsigned k = 0; k < q->n && !column; k++) {
        const struct slow_request *y = &q->of[k];
        bool hits = s->open[bank] && s->row[bank] == y->r.row;
        if (k != i && y->r.bank == bank && ((k < i && !hits) || y->opened))
            return -1; /* rows are changed for the oldest that needs it */
    }
    return command;
}

struct slow_pick {
    struct slow_queue *q;
    unsigned i;
    int command;
};

/* Who goes before: has a row opened for him, or is older. */
static bool before(const struct slow_request *a, const struct slow_request *b)
{
    return a->opened != b->opened ? a->opened : a->order < b->order;
}

/* The first of those that may have a command. */
static void slow_consider(const struct slow *s, struct slow_queue *q,
                          bool opened_only, struct slow_pick *best)
{
    for (unsigned i = 0; i < q->n; i++) {
        int command = opened_only && !q->of[i].opened
                          ? -1
                          : slow_wants(s, q, i, opened_only);
        if (command < 0)
            continue;
        if (best->q && before(&best->q->of[best->i], &q->of[i]))
            continue;
        *best = (struct slow_pick){q, i, command};
    }
}

/* One clock: at most one command. */
static void slow_tick(struct slow *s)
{
    bool reads = slow_waiting(&s->reads) > 0;
    unsigned writes = slow_waiting(&s->writes);
    bool opened = s->reads.n + s->writes.n > slow_waiting(&s->reads) + writes;
    bool due = s->now >= s->refresh_due;
    struct slow_pick p = {0};

    s->writing = !reads || writes >= 26 || (s->writing && writes > 6);
    if (due && !opened) {
        slow_refresh(s);
        return;
    }
    slow_consider(s, &s->reads, s->writing || due, &p);
    slow_consider(s, &s->writes, !s->writing || due, &p);
    if (!p.q)
        return;
    struct slow_request *x = &p.q->of[p.i];
    unsigned bank = x->r.bank;
    issue(s, p.command, bank);
    s->open[bank] = p.command != DRAM_PRE;
    if (p.command == DRAM_ACT) {
        s->row[bank] = x->r.row;
        x->opened = true;
    }
    if (p.command == DRAM_PRE || p.command == DRAM_ACT)
        return;
    if (p.command == DRAM_RD) {
        s->read_done = s->now + s->p->cl + s->p->burst;
        s->read_latency += s->read_done - x->r.accepted;
    }
    p.q->n--;
    memmove(x, x + 1, (p.q->n - p.i) * sizeof(*x));
}

static void slow_until(struct slow *s, u64 t)
{
    for (; s->now <= t; s->now++)
        slow_tick(s);
}

static struct dram_request where_is(const struct dram_part *p, u64 pa)
{
    u64 x = pa >> 6 >> p->column_bits;
    struct dram_request r = {.line = pa >> 6};

    r.bank = (u8)(x % p->bank_groups * p->banks);
    x /= p->bank_groups;
    r.bank = (u8)(r.bank + x % p->banks);
    r.row = (u32)(x / p->banks);
    return r;
}

static bool slow_has(const struct slow_queue *q, u64 line)
{
    for (unsigned i = 0; i < q->n; i++)
        if (q->of[i].r.line == line)
            return true;
    return false;
}

/* False when there is no room. */
static bool slow_accept(struct slow *s, bool write, u64 pa, u64 t)
{
    struct slow_queue *q = write ? &s->writes : &s->reads;
    struct dram_request r = where_is(s->p, pa);

    if (slow_has(&s->writes, pa >> 6)) {
        s->read_latency += !write;
        return true;
    }
    if (slow_waiting(q) == DRAM_QUEUE)
        return false;
    r.accepted = t;
    q->of[q->n++] = (struct slow_request){r, s->order++, false};
    return true;
}

static u64 slow_write(struct slow *s, u64 pa, u64 t)
{
    slow_until(s, t);
    while (!slow_accept(s, true, pa, t)) {
        slow_tick(s);
        t = s->now++;
    }
    return t;
}

static u64 slow_read(struct slow *s, u64 pa, u64 t)
{
    slow_until(s, t);
    slow_accept(s, false, pa, t);
    s->read_done = t + 1;
    while (s->reads.n)
        slow_until(s, s->now);
    return s->read_done;
}

#endif
