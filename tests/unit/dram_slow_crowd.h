/* SPDX-License-Identifier: MIT */
/* A DRAM controller that looks at every clock and at every earlier command: the
 * slow and obvious judge of tools/dramreplay/dram_crowd.c. */
#ifndef TESTS_UNIT_DRAM_SLOW_CROWD_H
#define TESTS_UNIT_DRAM_SLOW_CROWD_H

#include "dram_rules.h"

struct slow_crowd {
    struct device v;
    struct slow_queue {
        unsigned n;
        struct slow_request {
            struct where at;
            u64 accepted, order;
            bool opened;               /* a row was opened for it */
        } of[DRAM_QUEUE + DRAM_BANKS]; /* these left the queue for banks */
    } reads, writes;
    bool writing;
    u64 order, read_done, read_latency;
};

static unsigned slow_waiting(const struct slow_queue *q)
{
    unsigned n = 0;

    for (unsigned i = 0; i < q->n; i++)
        n += !q->of[i].opened;
    return n;
}

/* The command that request i needs next; -1 if it may not have it now. */
static int slow_wants(const struct slow_crowd *s, const struct slow_queue *q,
                      unsigned i, bool column_only)
{
    const struct slow_queue *other = q == &s->reads ? &s->writes : &s->reads;
    const struct slow_request *x = &q->of[i];
    unsigned bank = x->at.bank;
    int command = !s->v.open[bank]              ? DRAM_ACT
                  : s->v.row[bank] != x->at.row ? DRAM_PRE
                  : q == &s->reads              ? DRAM_RD
                                                : DRAM_WR;
    bool column = command == DRAM_RD || command == DRAM_WR;

    if ((column_only && !column) || !legal(&s->v, command, bank))
        return -1;
    for (unsigned k = 0; k < other->n && !column; k++)
        if (other->of[k].opened && other->of[k].at.bank == bank)
            return -1; /* that row was opened for another request */
    for (unsigned k = 0; k < q->n && !column; k++) {
        const struct slow_request *y = &q->of[k];
        bool hits = s->v.open[bank] && s->v.row[bank] == y->at.row;
        if (k != i && y->at.bank == bank && ((k < i && !hits) || y->opened))
            return -1; /* the bank's oldest request that misses goes first */
    }
    return command;
}

struct slow_pick {
    struct slow_queue *q;
    unsigned i;
    int command;
};

/* True if a goes before b: a row was opened for it, or it is older. */
static bool before(const struct slow_request *a, const struct slow_request *b)
{
    return a->opened != b->opened ? a->opened : a->order < b->order;
}

/* Makes `best` the first of itself and the queue's requests that may have a
 * command. */
static void slow_consider(const struct slow_crowd *s, struct slow_queue *q,
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
static void slow_tick(struct slow_crowd *s)
{
    bool reads = slow_waiting(&s->reads) > 0;
    unsigned writes = slow_waiting(&s->writes);
    bool opened = s->reads.n + s->writes.n > slow_waiting(&s->reads) + writes;
    bool due = s->v.now >= s->v.refresh_due;
    struct slow_pick p = {0};

    s->writing = !reads || writes >= 26 || (s->writing && writes > 6);
    if (due && !opened) {
        refresh_tick(&s->v);
        return;
    }
    slow_consider(s, &s->reads, s->writing || due, &p);
    slow_consider(s, &s->writes, !s->writing || due, &p);
    if (!p.q)
        return;
    struct slow_request *x = &p.q->of[p.i];
    unsigned bank = x->at.bank;
    issue(&s->v, p.command, bank);
    s->v.open[bank] = p.command != DRAM_PRE;
    if (p.command == DRAM_ACT) {
        s->v.row[bank] = x->at.row;
        x->opened = true;
    }
    if (p.command == DRAM_PRE || p.command == DRAM_ACT)
        return;
    if (p.command == DRAM_RD) {
        s->read_done = s->v.now + s->v.p->cl + s->v.p->burst;
        s->read_latency += s->read_done - x->accepted;
    }
    p.q->n--;
    memmove(x, x + 1, (p.q->n - p.i) * sizeof(*x));
}

static void slow_until(struct slow_crowd *s, u64 t)
{
    for (; s->v.now <= t; s->v.now++)
        slow_tick(s);
}

static bool slow_has(const struct slow_queue *q, u64 line)
{
    for (unsigned i = 0; i < q->n; i++)
        if (q->of[i].at.line == line)
            return true;
    return false;
}

/* False when there is no room. */
static bool slow_accept(struct slow_crowd *s, bool write, u64 pa, u64 t)
{
    struct slow_queue *q = write ? &s->writes : &s->reads;

    if (slow_has(&s->writes, pa >> 6)) {
        s->read_latency += !write;
        return true;
    }
    if (slow_waiting(q) == DRAM_QUEUE)
        return false;
    q->of[q->n++] =
        (struct slow_request){where_is(s->v.p, pa), t, s->order++, false};
    return true;
}

#endif
