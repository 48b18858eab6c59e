/* SPDX-License-Identifier: MIT */
/* One rank of DRAM as a set of "legal from" times: each command moves the
 * times of those that must keep a distance from it (dram_bank.h). Here: the
 * distances of a part, and refresh. No clock ticks here. Constraints as in
 * JESD79-4 (one rank, one channel). */
#include "time/dram.h"

static u64 later(u64 a, u64 b)
{
    return a > b ? a : b;
}

static u32 most(u32 a, u32 b)
{
    return a > b ? a : b;
}

static void fill(struct dram_lanes *v, u32 x)
{
    for (unsigned i = 0; i < DRAM_BANKS; i++)
        v->of[i] = (u16)x;
}

static void distances(struct dram_distances *t, const struct dram_part *p)
{
    bool one = p->bank_groups == 1; /* no bank is of another */
    u32 data = (u32)p->cwl + p->burst;

    fill(&t->rp, p->rp);
    fill(&t->ras, p->ras);
    fill(&t->rcd, p->rcd);
    fill(&t->rrd[0], one ? p->rrd_l : p->rrd_s);
    fill(&t->rrd[1], p->rrd_l);
    fill(&t->ccd[0], one ? p->ccd_l : p->ccd_s);
    fill(&t->ccd[1], p->ccd_l);
    for (unsigned same = 0; same < 2; same++) {
        /* the bus turns round: two clocks between the data */
        fill(&t->turn[0][same], p->cl + p->burst + 2u - p->cwl);
        fill(&t->turn[1][same], data + (one || same ? p->wtr_l : p->wtr_s));
    }
    fill(&t->pre[0], p->rtp);
    fill(&t->pre[1], data + p->wr);
    t->data[0] = (u16)(p->cl + p->burst);
    t->data[1] = (u16)data;
}

/* dram_calm.c counts on it that a bank's column comes after all that its ACT
 * holds up, but for that bank's PRE and the activations four later. */
static void calm(struct dram *d, const struct dram_part *p)
{
    struct dram_calm *c = &d->calm;
    u32 act = most(p->rcd, most(p->rrd_l, p->faw));
    u32 read = most(p->ccd_l, p->cl + p->burst + 2u - p->cwl);
    u32 write = most(p->ccd_l, (u32)p->cwl + p->burst + p->wtr_l);

    assert(p->rcd >= p->rrd_l && p->rp >= p->rrd_l &&
           2 * p->rcd >= p->faw - p->rrd_l);
    *c = (struct dram_calm){
        .from = DRAM_NEVER,
        .ready = DRAM_NEVER,
        .most = most(act, most(read, write)),
        .most_read = most(act - p->rcd, read),
        .line_shift = LINE_SHIFT + p->column_bits,
        .row_shift = (u32)__builtin_ctz(p->bank_groups * p->banks),
        .bank_mask = (u32)p->bank_groups * p->banks - 1,
        .rp = p->rp,
        .rcd = p->rcd,
        .rtp = p->rtp,
        .more = most(p->ras, p->rcd + p->rtp) - p->rcd - p->rtp,
        .end = d->after.data[0],
    };
    for (u32 x = 0; x <= c->bank_mask; x++)
        c->bank_of[x] =
            (u8)(x % p->bank_groups * p->banks + x / p->bank_groups);
}

/* A row's cycle is never longer than open and closed together (tRC = tRAS +
 * tRP), so it needs no time of its own; lanes_apart knows groups of four. */
void dram_rank_init(struct dram *d)
{
    const struct dram_part *p = d->part;

    assert(p->bank_groups * p->banks <= DRAM_BANKS);
    assert(!(p->banks & (p->banks - 1)));
    assert(p->bank_groups == 1 || (p->banks == 4 && p->bank_groups == 4));
    assert(p->rc <= p->ras + p->rp);
    memset(&d->rank, 0, sizeof(d->rank));
    d->bank_bits = (u32)__builtin_ctz(p->banks);
    d->rank.refresh_at = p->refi;
    fill(&d->rank.closed, 0xffff);
    distances(&d->after, p);
    calm(d, p);
}

static void rebase_lanes(struct dram_lanes *v, u16 by)
{
    for (unsigned i = 0; i < DRAM_BANKS; i++)
        v->of[i] = (u16)((v->of[i] > by ? v->of[i] : by) - by);
}

/* Counts clocks from a later one on, before which no command can come. */
static void rebase(struct dram_rank *r, u64 base)
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
 * REF, then nothing is activated for tRFC. `from`: the first free clock of the
 * command bus. */
static void refresh_once(struct dram_rank *r, const struct dram_part *p,
                         u64 from)
{
    unsigned n = (unsigned)p->bank_groups * p->banks;
    u64 pre = later(from, r->refresh_at), ref = pre;
    u16 opened = 0, closed = 0; /* when rows of either may have a command */

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
    r->refreshes++;
}

/* After the first, an idle rank refreshes exactly when due, however often: so
 * an hour costs no more than a moment. */
void dram_refresh(struct dram *d, u64 until)
{
    struct dram_rank *r = &d->rank;

    if (r->refresh_at > until)
        return;
    refresh_once(r, d->part, d->clock);
    if (r->refresh_at > until)
        return;
    /* the first may have been late into this one */
    refresh_once(r, d->part, d->clock);
    if (r->refresh_at > until)
        return;
    u64 more = (until - r->refresh_at) / d->part->refi;
    r->refresh_at += more * d->part->refi;
    r->refreshes += more;
    refresh_once(r, d->part, d->clock);
}
