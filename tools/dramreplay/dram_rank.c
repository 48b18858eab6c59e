/* SPDX-License-Identifier: MIT */
/* One rank of DRAM for many accesses at once. For each command the rank keeps
 * the time from which it is legal; a command that is sent moves the times of
 * the commands that must keep a distance from it (dram_rank.h). Nothing is done
 * clock by clock. This file has the distances of a part, refresh, and the
 * controller's interface, which hides the choice among its three variants. */
#include <stdlib.h>

#include "dram_crowd.h"

static void fill(struct dram_lanes *v, u32 x)
{
    for (unsigned i = 0; i < DRAM_BANKS; i++)
        v->of[i] = (u16)x;
}

static void distances(struct crowd_distances *t, const struct dram_part *p)
{
    struct dram_distances a = dram_distances_of(p);

    fill(&t->rp, a.rp);
    fill(&t->ras, a.ras);
    fill(&t->rcd, a.rcd);
    for (unsigned same = 0; same < 2; same++) {
        fill(&t->rrd[same], a.rrd[same]);
        fill(&t->ccd[same], a.ccd[same]);
        fill(&t->turn[0][same], a.turn);
        fill(&t->turn[1][same], a.wtr[same]);
    }
    fill(&t->pre[0], a.rtp);
    fill(&t->pre[1], a.wr_pre);
    t->data[0] = (u16)a.rd_end;
    t->data[1] = (u16)(p->cwl + p->burst);
}

static void rebase_lanes(struct dram_lanes *v, u16 by)
{
    for (unsigned i = 0; i < DRAM_BANKS; i++)
        v->of[i] = (u16)((v->of[i] > by ? v->of[i] : by) - by);
}

/* Counts clocks from a later base. No command may be sent before that base. */
static void rebase(struct crowd_rank *r, u64 base)
{
    u64 distance = base - r->base;
    u16 by = distance < 0xffff ? (u16)distance : 0xffff;

    rebase_lanes(&r->row_at, by);
    rebase_lanes(&r->col_at, by);
    rebase_lanes(&r->act_at, by);
    rebase_lanes(&r->data_at[0], by);
    rebase_lanes(&r->data_at[1], by);
    for (unsigned i = 0; i < ARRAY_LEN(r->faw); i++)
        r->faw[i] = r->faw[i] > by ? (u16)(r->faw[i] - by) : 0;
    r->base = base;
}

/* One refresh of the whole rank: every open bank is precharged together, then
 * REF, then nothing is activated for tRFC. */
static void refresh_once(struct dram_crowd *d)
{
    struct crowd_rank *r = &d->rank;
    const struct dram_part *p = d->part;
    unsigned n = (unsigned)p->bank_groups * p->banks;
    u64 pre = later(d->clock, r->refresh_at), ref = pre;
    u16 opened = 0,
        closed =
            0; /* clocks from which rows of either kind may have a command */

    for (unsigned i = 0; i < n; i++) {
        u16 at = r->row_at.of[i], shut = r->closed.of[i];
        u16 x = at & (u16)~shut, y = at & shut;
        opened = opened > x ? opened : x;
        closed = closed > y ? closed : y;
    }
    if (r->open) {
        pre = later(pre, r->base + opened);
        ref = pre + p->rp;
    }
    ref = later(ref, r->base + closed);
    r->open = 0;
    rebase(r, ref);
    fill(&r->closed, 0xffff);
    fill(&r->row_at, p->rfc);
    r->refresh_at += p->refi;
    d->stats.refreshes++;
}

/* After the first refresh, which may be late, an idle rank refreshes exactly
 * when due, so an hour costs no more than a moment. */
void crowd_refresh(struct dram_crowd *d, u64 until)
{
    struct crowd_rank *r = &d->rank;

    if (r->refresh_at <= until)
        refresh_once(d);
    if (r->refresh_at > until)
        return;
    u64 more = (until - r->refresh_at) / d->part->refi;
    r->refresh_at += more * d->part->refi;
    d->stats.refreshes += more;
    refresh_once(d);
}

struct dram_crowd *dram_crowd_new(const struct dram_part *part)
{
    struct dram_crowd *d = dram_alloc(sizeof(*d));

    d->part = part;
    d->run = DRAM_FITTING(dram_crowd, part);
    d->map = dram_map_of(part);
    distances(&d->after, part);
    d->rank.refresh_at = part->refi;
    fill(&d->rank.closed, 0xffff);
    for (unsigned w = 0; w < 2; w++) {
        struct dram_queue *q = &d->queue[w];
        memset(q->low, 0xff, sizeof(q->low)); /* DRAM_NOBODY */
        memset(q->after, 0xff, sizeof(q->after));
        q->lows[DRAM_PLACES] = DRAM_NOBODY;
    }
    return d;
}

void dram_crowd_free(struct dram_crowd *d)
{
    free(d);
}

bool dram_crowd_accept(struct dram_crowd *d, bool write, u64 pa, u64 clock)
{
    return d->run->accept(d, write, pa, clock);
}

u64 dram_crowd_room(struct dram_crowd *d, bool write, u64 clock)
{
    return d->run->room(d, write, clock);
}

void dram_crowd_advance(struct dram_crowd *d, u64 now)
{
    d->run->advance(d, now);
}

u64 dram_crowd_drain(struct dram_crowd *d)
{
    while (d->reads.banks | d->writes.banks)
        d->run->advance(d, later(d->quiet, d->clock));
    return d->end;
}

struct dram_stats dram_crowd_stats(const struct dram_crowd *d)
{
    struct dram_stats s = d->stats;

    s.row_hits = d->first[DRAM_RD];
    s.row_closed = d->first[DRAM_ACT];
    s.row_conflicts = d->first[DRAM_PRE];
    return s;
}
