/* SPDX-License-Identifier: MIT */
/* Simulates the rules of emu/time/dram/dram_serial.c clock by clock: which
 * writes wait, which are promised the bus and when, and the one read that may
 * be outstanding. This model looks at every clock and every earlier command. */
#pragma once

#include "dram_rules.h"

struct slow_write {
    struct where r;
    u64 from, col; /* clocks: the row allows WR at `from`; WR is promised col */
    bool hit;
    bool closed; /* the write still waits, and its bank was closed for it */
};

struct slow_list {
    unsigned n;
    struct slow_write of[3 * DRAM_QUEUE];
};

struct slow_serial {
    struct device v;
    struct slow_list waiting, line; /* line: promised writes, by clock */
    /* held: writes that were in line when the read came and may go after RD,
     * whether still in line or not. late: writes whose rows were opened since
     * the read came, too late to go before RD. */
    struct slow_list held, late;
    struct {
        bool there, opened, hits;
        struct where r;
        u64 from; /* the earliest clock of its RD */
        u64 done;
    } read;
    /* The bank's row is not closed before this clock. A promise of a column in
     * the row postpones it; a column that comes sooner does not advance it. */
    u64 hold[DRAM_BANKS];
    int chosen; /* bank to open in the next clock, or -1 */
    u64 hits;   /* row hits, of promised writes and of reads */
};

static void slow_init(struct slow_serial *s, const struct dram_part *p)
{
    *s = (struct slow_serial){.v.p = p, .v.refresh_due = p->refi, .chosen = -1};
}

static void list_add(struct slow_list *l, unsigned at, struct slow_write w)
{
    memmove(&l->of[at + 1], &l->of[at], (l->n - at) * sizeof(w));
    l->of[at] = w;
    l->n++;
    assert(l->n < ARRAY_LEN(l->of));
}

static void list_drop(struct slow_list *l, unsigned at)
{
    l->n--;
    memmove(&l->of[at], &l->of[at + 1], (l->n - at) * sizeof(l->of[0]));
}

static bool list_has_line(const struct slow_list *l, u64 line)
{
    for (unsigned i = 0; i < l->n; i++)
        if (l->of[i].r.line == line)
            return true;
    return false;
}

static int list_first_of(const struct slow_list *l, unsigned bank)
{
    for (unsigned i = 0; i < l->n; i++)
        if (l->of[i].r.bank == bank)
            return (int)i;
    return -1;
}

/* Returns the first clock from `from` on at which a command may go, given all
 * commands sent and the first n columns in line. */
static u64 slow_plan(const struct slow_serial *s, int kind, unsigned bank,
                     u64 from, unsigned n)
{
    for (u64 t = from;; t++) {
        bool ok = legal_at(&s->v, kind, bank, t);
        for (unsigned i = 0; i < n; i++) {
            const struct slow_write *w = &s->line.of[i];
            int d = distance(s->v.p, DRAM_WR, w->r.bank, kind, bank);
            ok &= w->col + (u64)d <= t;
        }
        if (ok)
            return t;
    }
}

/* Plans a WR as if all other commands were for other bank groups. */
static u64 slow_plan_apart(const struct slow_serial *s, u64 from, unsigned n)
{
    const struct dram_part *p = s->v.p;

    for (unsigned i = 0; i < s->v.logged; i++) {
        const struct command *c = &s->v.log[i];
        int d = c->kind == DRAM_WR   ? p->ccd_s
                : c->kind == DRAM_RD ? p->cl + p->burst + 2 - p->cwl
                                     : 0;
        if (d && from < c->at + (u64)d)
            from = c->at + (u64)d;
    }
    for (unsigned i = 0; i < n; i++)
        if (from < s->line.of[i].col + p->ccd_s)
            from = s->line.of[i].col + p->ccd_s;
    return from;
}

static void slow_hold(struct slow_serial *s, const struct slow_write *w)
{
    u64 pre = w->col + (u64)distance(s->v.p, DRAM_WR, 0, DRAM_PRE, 0);

    if (s->hold[w->r.bank] < pre)
        s->hold[w->r.bank] = pre;
}

/* Puts w in line: at the end, or before the last write if only the bank group
 * delays that write and w can go before it. */
static void slow_join(struct slow_serial *s, struct slow_write w)
{
    const struct dram_part *p = s->v.p;
    unsigned n = s->line.n;

    w.col = slow_plan(s, DRAM_WR, w.r.bank, w.from, n);
    if (n) {
        struct slow_write *last = &s->line.of[n - 1];
        u64 free = slow_plan_apart(s, last->from, n - 1);
        u64 own = slow_plan(s, DRAM_WR, last->r.bank, last->from, n - 1);
        u64 before = slow_plan(s, DRAM_WR, w.r.bank, w.from, n - 1);
        if (p->bank_groups > 1 && free < own && own == last->col &&
            before < last->col) {
            struct slow_write x = *last;
            w.col = before;
            list_add(&s->line, n - 1, w);
            u64 then = slow_plan(s, DRAM_WR, x.r.bank, x.from, n);
            s->line.of[n].col = then > x.col ? then : x.col;
            slow_hold(s, &s->line.of[n - 1]);
            slow_hold(s, &s->line.of[n]);
            return;
        }
    }
    list_add(&s->line, n, w);
    slow_hold(s, &w);
}

static bool slow_promised(const struct slow_serial *s, unsigned bank)
{
    return list_first_of(&s->line, bank) >= 0 ||
           list_first_of(&s->held, bank) >= 0 ||
           list_first_of(&s->late, bank) >= 0;
}

/* True while it is the read's turn: until its row is opened or, on a hit, RD is
 * sent. */
static bool slow_reading(const struct slow_serial *s)
{
    return s->read.there && !s->read.opened;
}

/* Returns how many writes wait plus how many writes in line hit. */
static unsigned slow_count(const struct slow_serial *s)
{
    unsigned n = s->waiting.n;

    for (unsigned i = 0; i < s->line.n; i++)
        n += s->line.of[i].hit;
    return n;
}

/* Moves the writes that wait for this row into the line or into `late`. */
static void slow_all_hit(struct slow_serial *s, unsigned bank, u32 row,
                         u64 from, bool late)
{
    for (unsigned i = 0; i < s->waiting.n;) {
        struct slow_write w = s->waiting.of[i];
        if (w.r.bank != bank || w.r.row != row) {
            i++;
            continue;
        }
        list_drop(&s->waiting, i);
        s->hits += !w.closed;
        w.from = from;
        w.hit = true;
        if (late)
            list_add(&s->late, s->late.n, w);
        else
            slow_join(s, w);
    }
}

static int slow_in_line(const struct slow_serial *s, u64 line)
{
    for (unsigned k = 0; k < s->line.n; k++)
        if (s->line.of[k].r.line == line)
            return (int)k;
    return -1;
}

static u64 slow_plan_rd(const struct slow_serial *s, unsigned n)
{
    return slow_plan(s, DRAM_RD, s->read.r.bank, s->read.from, n);
}

/* Called when the read's row was opened: puts held writes in line again, in
 * order, up to the first that would go after RD. */
static void slow_release(struct slow_serial *s, u64 from)
{
    for (unsigned i = 0; i < s->held.n; i++) {
        int k = slow_in_line(s, s->held.of[i].r.line);
        if (k >= 0 && s->line.of[k].col > slow_plan_rd(s, (unsigned)k))
            return; /* a write for which a row was opened goes after RD */
        if (k >= 0)
            list_drop(&s->held, i--);
    }
    while (s->held.n) {
        struct slow_write w = s->held.of[0];
        w.from = w.from < from ? from : w.from;
        if (slow_plan(s, DRAM_WR, w.r.bank, w.from, s->line.n) >
            slow_plan_rd(s, s->line.n))
            return;
        list_drop(&s->held, 0);
        slow_join(s, w);
    }
}

/* Notes whether the bank was closed for its oldest waiting write. */
static void slow_touch(struct slow_serial *s, unsigned bank, bool closed)
{
    bool first = true;

    for (unsigned i = 0; i < s->waiting.n; i++)
        if (s->waiting.of[i].r.bank == bank) {
            s->waiting.of[i].closed = closed && first;
            first = false;
        }
}

/* Called when RD was sent: plans the columns of all writes after RD. */
static void slow_after_rd(struct slow_serial *s)
{
    const struct where r = s->read.r;
    struct slow_list held = s->held, late = s->late;
    u64 now = s->v.now;

    s->held.n = s->late.n = 0;
    s->line.n = 0; /* the writes still in line are in `held`, too */
    for (unsigned i = 0; i < held.n; i++) {
        struct slow_write w = held.of[i];
        if (w.hit && s->read.hits && w.from <= now)
            w.from = now + 1;
        slow_join(s, w);
    }
    if (!s->read.hits)
        slow_all_hit(s, r.bank, r.row, now, false);
    slow_touch(s, r.bank, false);
    for (unsigned i = 0; i < late.n; i++)
        slow_join(s, late.of[i]);
}

static void slow_rd(struct slow_serial *s)
{
    for (unsigned k = 0; k < s->line.n; k++) {
        bool held = false;
        for (unsigned i = 0; i < s->held.n; i++)
            held |= s->held.of[i].r.line == s->line.of[k].r.line;
        assert(held);
    }
    issue(&s->v, DRAM_RD, s->read.r.bank);
    s->read.done = s->v.now + s->v.p->cl + s->v.p->burst;
    s->read.there = false;
    s->hits += s->read.hits;
    slow_after_rd(s);
}

/* Sends the WR or RD that is due in this clock; returns false if none is. */
static bool slow_column(struct slow_serial *s)
{
    if (s->line.n && s->line.of[0].col <= s->v.now) {
        struct slow_write w = s->line.of[0];
        assert(w.col == s->v.now && legal(&s->v, DRAM_WR, w.r.bank));
        assert(s->v.open[w.r.bank] && s->v.row[w.r.bank] == w.r.row);
        issue(&s->v, DRAM_WR, w.r.bank);
        list_drop(&s->line, 0);
        for (unsigned i = 0; i < s->held.n; i++)
            if (s->held.of[i].r.line == w.r.line)
                list_drop(&s->held, i--); /* w went before RD */
        return true;
    }
    if (s->read.there && (s->read.opened || s->read.hits) &&
        s->v.now >= s->read.from && legal(&s->v, DRAM_RD, s->read.r.bank)) {
        slow_rd(s);
        return true;
    }
    return false;
}

static void slow_open_for_read(struct slow_serial *s)
{
    const struct where r = s->read.r;

    issue(&s->v, DRAM_ACT, r.bank);
    s->v.open[r.bank] = true;
    s->v.row[r.bank] = r.row;
    s->read.opened = true;
    s->read.from = s->v.now + s->v.p->rcd;
    slow_release(s, s->v.now + 1);
}

static void slow_open(struct slow_serial *s, unsigned bank)
{
    int i = list_first_of(&s->waiting, bank);
    struct slow_write w = s->waiting.of[i];

    issue(&s->v, DRAM_ACT, bank);
    s->v.open[bank] = true;
    s->v.row[bank] = w.r.row;
    list_drop(&s->waiting, (unsigned)i);
    slow_touch(s, bank, false);
    w.from = s->v.now + s->v.p->rcd;
    w.hit = false;
    bool late = s->read.there &&
                (s->held.n || slow_plan(s, DRAM_WR, bank, w.from, s->line.n) >
                                  slow_plan_rd(s, s->line.n));
    late |= s->late.n > 0;
    if (late)
        list_add(&s->late, s->late.n, w);
    else
        slow_join(s, w);
    slow_all_hit(s, bank, w.r.row, w.from, late);
}

/* Returns the bank to open now: in the read's turn only the read's bank, else
 * that of the oldest waiting write whose bank can be opened; -1: none. */
static int slow_choose(const struct slow_serial *s)
{
    if (slow_reading(s)) {
        unsigned b = s->read.r.bank;
        bool may = !s->read.hits && !s->v.open[b];
        return may && legal(&s->v, DRAM_ACT, b) ? (int)b : -1;
    }
    for (unsigned i = 0; i < s->waiting.n; i++) {
        unsigned b = s->waiting.of[i].r.bank;
        if (!s->v.open[b] && legal(&s->v, DRAM_ACT, b))
            return (int)b;
    }
    return -1;
}

static void slow_close(struct slow_serial *s)
{
    unsigned n = (unsigned)s->v.p->bank_groups * s->v.p->banks;
    const bool reading = slow_reading(s);

    for (unsigned b = 0; b < n; b++) {
        bool mine = s->read.there && s->read.r.bank == b;
        bool wanted = reading ? mine && !s->read.hits
                              : !mine && list_first_of(&s->waiting, b) >= 0;
        if (wanted && s->v.open[b] && !slow_promised(s, b) &&
            s->v.now >= s->hold[b] && legal(&s->v, DRAM_PRE, b)) {
            issue(&s->v, DRAM_PRE, b);
            s->v.open[b] = false;
            slow_touch(s, b, !reading);
        }
    }
}

static bool slow_all_free(const struct slow_serial *s)
{
    for (unsigned b = 0; b < DRAM_BANKS; b++)
        if (s->v.open[b] && s->hold[b] > s->v.now)
            return false;
    return true;
}

static void slow_tick(struct slow_serial *s)
{
    bool due = s->v.now >= s->v.refresh_due, reading = slow_reading(s);
    bool column = slow_column(s);

    if (due) {
        s->chosen = -1;
        for (unsigned i = 0; i < s->waiting.n && !s->read.there; i++)
            s->waiting.of[i].closed = false; /* the refresh closes its bank */
        if (!column && !s->line.n && !s->read.there && slow_all_free(s))
            refresh_tick(&s->v);
        return;
    }
    int bank = s->chosen >= 0 ? s->chosen : slow_choose(s);
    if (reading && !slow_reading(s))
        bank = -1; /* RD has just gone */
    s->chosen = column ? bank : -1;
    if (!column && bank >= 0) {
        if (slow_reading(s))
            slow_open_for_read(s);
        else
            slow_open(s, (unsigned)bank);
    }
    if (!(reading && !slow_reading(s)))
        slow_close(s);
}

static void slow_until(struct slow_serial *s, u64 t)
{
    for (; s->v.now <= t; s->v.now++)
        slow_tick(s);
}

static bool slow_has(const struct slow_serial *s, u64 line)
{
    return list_has_line(&s->waiting, line) || list_has_line(&s->line, line);
}

/* Returns the first clock from `from` on at which the bank may be closed, after
 * all writes in line. */
static u64 slow_pre(const struct slow_serial *s, unsigned bank, u64 from)
{
    if (from < s->hold[bank])
        from = s->hold[bank];
    return slow_plan(s, DRAM_PRE, bank, from, s->line.n);
}

static u64 slow_write(struct slow_serial *s, u64 pa, u64 t)
{
    struct slow_write w = {.r = where_is(s->v.p, pa)};
    unsigned b = w.r.bank;

    slow_until(s, t);
    if (slow_has(s, w.r.line))
        return t;
    while (slow_count(s) >= DRAM_QUEUE) {
        slow_tick(s);
        t = s->v.now++;
    }
    w.from = t + 1;
    if (t < s->v.refresh_due && s->v.open[b] && s->v.row[b] == w.r.row &&
        (list_first_of(&s->waiting, b) < 0 ||
         slow_plan(s, DRAM_WR, b, w.from, s->line.n) <=
             slow_pre(s, b, w.from))) {
        w.hit = true;
        slow_join(s, w);
        s->hits++;
    } else {
        list_add(&s->waiting, s->waiting.n, w);
    }
    return t;
}

/* Accepts a read, whose turn begins with the next clock (v.now). */
static void slow_let_in(struct slow_serial *s, struct where r)
{
    unsigned lost = 0;
    bool open = s->v.open[r.bank];

    s->chosen = -1;
    s->read.there = true;
    s->read.opened = false;
    s->read.hits = open && s->v.row[r.bank] == r.row;
    s->read.r = r;
    s->read.from = s->v.now;
    s->held = s->line;
    for (unsigned i = 0; i < s->held.n; i++) {
        struct slow_write w = s->held.of[i];
        if (!w.hit) { /* w keeps its clock; RD in its row waits for w.from */
            if (w.r.bank == r.bank && s->read.hits && w.from > s->read.from)
                s->read.from = w.from;
            continue;
        }
        for (unsigned k = 0; k < s->line.n; k++)
            if (s->line.of[k].r.line == w.r.line)
                list_drop(&s->line, k--);
        if (w.r.bank != r.bank || s->read.hits)
            continue;
        list_drop(&s->held, i--); /* it waits for its row again */
        list_add(&s->waiting, lost++, w);
        s->hits--;
        s->hold[r.bank] = 0; /* revoked promises keep no row open */
    }
    for (unsigned i = 0; i < s->line.n; i++)
        slow_hold(s, &s->line.of[i]);
}

/* True if the read, before a refresh is due, hits or has its row opened. */
static bool slow_in_time(const struct slow_serial *s, struct where r)
{
    static struct slow_serial copy;

    if (s->v.now >= s->v.refresh_due)
        return false;
    copy = *s;
    slow_let_in(&copy, r);
    if (copy.read.hits)
        return true;
    while (!copy.read.opened && copy.v.now < copy.v.refresh_due) {
        slow_tick(&copy);
        copy.v.now++;
    }
    return copy.read.opened;
}

static u64 slow_read(struct slow_serial *s, u64 pa, u64 t)
{
    struct where r = where_is(s->v.p, pa);

    slow_until(s, t);
    if (slow_has(s, r.line))
        return t + 1;
    while (slow_count(s) > 6)
        slow_until(s, s->v.now);
    if (!slow_in_time(s, r)) {
        u64 refreshes = s->v.refreshes;
        while (s->v.refreshes == refreshes)
            slow_until(s, s->v.now);
        s->v.now = s->v.now > t ? s->v.now : t;
    }
    slow_let_in(s, r);
    while (s->read.there)
        slow_until(s, s->v.now);
    return s->read.done;
}
