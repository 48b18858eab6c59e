/* SPDX-License-Identifier: MIT */
/* Mostly a hart asks for one line at a time and nobody else waits. Then the
 * device's times are all past but when each bank may close its row, there is
 * nothing to choose, and the clocks of an access are a few sums. A write that
 * is posted then waits here: it is known when it is done if nobody comes, and
 * what one read that comes before that does to it. The controller hears of all
 * this (settle, post) when more is asked: dram_calm_over. */
#include "time/dram.h"

static u64 later(u64 a, u64 b)
{
    return a > b ? a : b;
}

static s64 most(s64 a, s64 b)
{
    return a > b ? a : b;
}

/* What an access of that place at `now` needs, nobody else being there: what
 * first, and the clocks of its commands. */
static inline struct dram_calm_access
plan(const struct dram *d, const struct dram_place *at, u64 now, bool write)
{
    const struct dram_part *p = d->part;
    const struct dram_rank *r = &d->rank;
    u32 b = at->bank, open = r->open >> b & 1;
    u32 hit = open & (r->row[b] == at->row);
    u32 first = 2 * hit + (open ^ 1); /* enum dram_command; no branches */
    u64 row_at = (r->base + r->row_at.of[b]) & ((u64)hit - 1);
    u32 wait = (p->rcd + (p->rp & (0u - open))) & (hit - 1);
    u64 col = later(row_at, now + 1) + wait;

    return (struct dram_calm_access){
        .act = col - p->rcd, /* if there is one */
        .col = col,
        .bank = b,
        .first = (u8)first,
        .write = write,
    };
}

/* RD or WR may not come before, because of writes. */
static u64 after_writes(const struct dram *d, u32 bank, bool write)
{
    const struct dram_part *p = d->part;
    u64 mine = d->calm.wrote_to[bank >> d->bank_bits], any = d->calm.wrote;

    return write ? later(mine + p->ccd_l, any + p->ccd_s)
                 : later(mine + p->wtr_l, any + p->wtr_s) + d->after.data[1];
}

/* It is done, or certain. */
static inline void tell(struct dram *d, const struct dram_calm_access *a,
                        u32 row)
{
    const struct dram_part *p = d->part;
    struct dram_rank *r = &d->rank;
    struct dram_calm *c = &d->calm;
    u32 b = a->bank, pre = a->write ? d->after.data[1] + p->wr : p->rtp;
    u64 hit = a->first == DRAM_RD, row_at = r->base + r->row_at.of[b];
    u64 opened = a->act + p->ras;

    opened ^= (opened ^ row_at) & (0ull - hit); /* without a branch */
    r->row_at.of[b] = (u16)(later(opened, a->col + pre) - r->base);
    r->open |= 1u << b;
    r->row[b] = row;
    d->clock = a->col + 1;
    struct dram_calm_access *log = &c->log[c->logged++ % DRAM_LOG];
    log->act = a->act; /* one by one: else the host waits for them */
    log->col = a->col;
    log->bank = b;
    log->first = a->first;
    log->write = a->write;
}

static inline u64 tell_read(struct dram *d, const struct dram_calm_access *a,
                            u32 row, u64 now, enum served *where)
{
    u64 end = a->col + d->after.data[0];

    static_assert((int)SERVED_DRAM_CONFLICT - DRAM_ACT == SERVED_DRAM_CLOSED &&
                      (int)SERVED_DRAM_CONFLICT - DRAM_RD == SERVED_DRAM_HIT,
                  "told apart by what is needed first");
    tell(d, a, row);
    d->first[a->first][a->bank]++;
    d->stats.reads++;
    d->stats.read_latency_clocks += end - now;
    *where = (enum served)(SERVED_DRAM_CONFLICT - a->first);
    return end;
}

/* The write that was posted is done by now. */
static void posted_done(struct dram *d)
{
    struct dram_calm *c = &d->calm;
    const struct dram_calm_access *a = &c->post;

    d->first[a->first][a->bank] += !c->counted;
    tell(d, a, c->post_row);
    c->wrote = c->wrote_to[a->bank >> d->bank_bits] = a->col;
    c->ready = a->col;
    c->from = a->col + c->most;
    c->posted = c->paired = c->counted = false;
}

/* A read answered, until when a posted write is of consequence as well. */
static u64 tell_read_after(struct dram *d, const struct dram_calm_access *a,
                           u32 row, u64 now, enum served *where)
{
    struct dram_calm *c = &d->calm;

    c->ready = a->col + c->most_read;
    c->from = later(c->ready, c->wrote + c->most);
    return tell_read(d, a, row, now, where);
}

/* A posted write's row was opened before the read `a` came, so its WR goes
 * first of those legal in one clock, and the read's RD follows it. */
static u64 over_owner(struct dram *d, struct dram_calm_access *a, u32 row,
                      u64 now, enum served *where)
{
    const struct dram_part *p = d->part;
    struct dram_calm *c = &d->calm;
    const struct dram_calm_access *w = &c->post;
    bool same = a->bank >> d->bank_bits == w->bank >> d->bank_bits;
    u64 wtr = w->col + d->after.data[1] + (same ? p->wtr_l : p->wtr_s);

    if (a->first == DRAM_PRE)
        a->act += a->act - p->rp == w->col;
    else
        a->act = later(a->act, w->act + (same ? p->rrd_l : p->rrd_s));
    a->act += a->act == w->col;
    a->col =
        later(a->act + p->rcd, later(after_writes(d, a->bank, false), wtr));
    if ((w->col != w->act + p->rcd) | (a->col >= d->rank.refresh_at))
        return 0;
    posted_done(d);
    return tell_read_after(d, a, row, now, where);
}

static void keep_undo(struct dram *d, const struct dram_calm_access *a, u64 pa,
                      u64 now)
{
    const struct dram_rank *r = &d->rank;

    d->calm.undo = (struct dram_calm_undo){
        .pa = pa,
        .now = now,
        .end = a->col + d->after.data[0],
        .clock = d->clock,
        .open = r->open,
        .bank = a->bank,
        .row = r->row[a->bank],
        .post_row = r->row[d->calm.post.bank],
        .row_at = r->row_at.of[a->bank],
        .first = a->first,
    };
}

static void undo(struct dram *d)
{
    struct dram_rank *r = &d->rank;
    struct dram_calm *c = &d->calm;
    const struct dram_calm_undo *u = &c->undo;

    d->first[c->post.first][c->post.bank] -= c->counted;
    d->first[u->first][u->bank]--;
    d->stats.reads--;
    d->stats.read_latency_clocks -= u->end - u->now;
    d->clock = u->clock;
    r->open = u->open;
    r->row[c->post.bank] = u->post_row;
    r->row[u->bank] = u->row;
    r->row_at.of[u->bank] = u->row_at;
    c->logged--;
}

/* What of a posted write came before the RD of a read. */
static void tell_posted_before(struct dram *d, u64 rd)
{
    struct dram_rank *r = &d->rank;
    struct dram_calm *c = &d->calm;
    const struct dram_calm_access *w = &c->post;
    bool pre = w->first == DRAM_PRE && w->act - d->part->rp < rd;
    bool act = w->act < rd;

    c->counted = pre | act;
    d->first[w->first][w->bank] += c->counted;
    if (act) {
        r->open |= 1u << w->bank;
        r->row[w->bank] = c->post_row;
    } else if (pre) {
        r->open &= ~(1u << w->bank);
    }
}

/* A read that misses comes before a posted write is done, which missed as well:
 * no row command of the write goes before the read's row is open. 0: it is
 * another case than that. */
static u64 over_posted(struct dram *d, u64 pa, u64 now, enum served *where)
{
    const struct dram_part *p = d->part;
    struct dram_calm *c = &d->calm;
    struct dram_place at = dram_place_of(d, pa);
    struct dram_calm_access a = plan(d, &at, now, false), *w = &c->post;
    bool same = a.bank >> d->bank_bits == w->bank >> d->bank_bits;
    u64 pre = w->act - p->rp, act;

    if ((a.bank == w->bank) | (a.first == DRAM_RD) | (w->first == DRAM_RD))
        return 0;
    if (w->act <= now)
        return over_owner(d, &a, at.row, now, where);
    if (w->first == DRAM_PRE && pre > now) {
        pre = later(pre, a.act + 1);
        act = pre + (pre == a.col) + p->rp;
    } else {
        act = later(w->act, a.act + (same ? p->rrd_l : p->rrd_s));
    }
    act += act == a.col;
    u64 turn = a.col + p->cl + p->burst + 2 - p->cwl;
    u64 col = later(act + p->rcd, later(turn, w->col));
    if ((col >= d->rank.refresh_at) | (after_writes(d, a.bank, false) > a.col))
        return 0;
    keep_undo(d, &a, pa, now);
    w->act = act;
    w->col = col;
    u64 end = tell_read(d, &a, at.row, now, where);
    tell_posted_before(d, a.col);
    c->paired = true;
    c->ready = col;
    return end;
}

static __attribute__((noinline)) u64 read_calm(struct dram *d, u64 pa, u64 now,
                                               enum served *where)
{
    struct dram_calm *c = &d->calm;

    if (now < d->rank.refresh_at) {
        if (c->posted & (now >= c->post.col))
            posted_done(d);
        if (c->posted && !c->paired) {
            u64 end = over_posted(d, pa, now, where);
            if (end)
                return end;
        } else if (now >= c->ready) {
            struct dram_place at = dram_place_of(d, pa);
            struct dram_calm_access a = plan(d, &at, now, false);
            a.col = later(a.col, after_writes(d, at.bank, false));
            if (a.col < d->rank.refresh_at)
                return tell_read_after(d, &a, at.row, now, where);
        }
    }
    dram_calm_over(d);
    return d->run->read(d, pa, now, where);
}

/* The common case is told at once, and without branches: whether it hits is
 * anybody's guess. */
u64 dram_read(struct dram *d, u64 pa, u64 now, enum served *where)
{
    struct dram_calm *c = &d->calm;
    struct dram_rank *r = &d->rank;
    u64 due = r->refresh_at, x = pa >> c->line_shift;

    if (unlikely((now < c->from) | (now >= due)))
        return c->ready == DRAM_NEVER ? d->run->read(d, pa, now, where)
                                      : read_calm(d, pa, now, where);
    u32 row = (u32)(x >> c->row_shift), b = c->bank_of[x & c->bank_mask];
    u32 open = r->open >> b & 1, hit = open & (r->row[b] == row);
    u32 first = 2 * hit + (open ^ 1), miss = hit - 1;
    u32 row_at = r->row_at.of[b], wait = c->rcd + (c->rp & (0u - open));
    s64 from = (s64)(now + 1 - r->base); /* before a refresh that was late */
    s64 rd = most(row_at & miss, from) + (wait & miss);
    u64 col = r->base + (u64)rd;

    if (unlikely(col >= due))
        return read_calm(d, pa, now, where);
    c->from = c->ready = col + c->most_read;
    r->row_at.of[b] = (u16)most(row_at & ~miss, rd + c->rtp + (c->more & miss));
    r->open |= 1u << b;
    r->row[b] = row;
    d->clock = col + 1;
    c->logged = 1; /* all before is past */
    c->log[0].act = col - c->rcd;
    c->log[0].col = col;
    c->log[0].bank = b;
    c->log[0].first = (u8)first;
    c->log[0].write = false;
    d->first[first][b]++;
    d->stats.reads++;
    d->stats.read_latency_clocks += col + c->end - now;
    *where = (enum served)(SERVED_DRAM_CONFLICT - first);
    return col + c->end;
}

static __attribute__((noinline)) u64 write_calm(struct dram *d, u64 pa, u64 now)
{
    struct dram_calm *c = &d->calm;
    u64 due = d->rank.refresh_at;

    if (now < due) {
        if (c->posted & (now >= c->post.col))
            posted_done(d);
        if (!c->posted & (now >= c->ready)) {
            struct dram_place at = dram_place_of(d, pa);
            struct dram_calm_access a = plan(d, &at, now, true);
            a.col = later(a.col, after_writes(d, at.bank, true));
            if (a.col < due) {
                c->post = a;
                c->post_pa = pa;
                c->post_at = now;
                c->post_row = at.row;
                c->posted = true;
                c->from = DRAM_NEVER;
                c->ready = a.col;
                d->stats.writes++;
                d->clock = now + 1;
                return now;
            }
        }
    }
    dram_calm_over(d);
    return d->run->write(d, pa, now);
}

u64 dram_write(struct dram *d, u64 pa, u64 now)
{
    if (d->calm.ready == DRAM_NEVER)
        return d->run->write(d, pa, now);
    return write_calm(d, pa, now);
}

void dram_calm_over(struct dram *d)
{
    struct dram_calm *c = &d->calm;
    enum served where;

    if (c->ready == DRAM_NEVER)
        return;
    if (c->paired)
        undo(d);
    d->run->settle(d);
    c->from = c->ready = DRAM_NEVER;
    if (c->posted)
        d->run->post(d, c->post_pa, c->post_at);
    if (c->paired)
        d->run->read(d, c->undo.pa, c->undo.now, &where);
    c->posted = c->paired = c->counted = false;
}
