/* SPDX-License-Identifier: MIT */
/* One rank of DRAM as a set of "legal from" times: each command moves the
 * times of those that must keep a distance from it. No clock ticks here.
 * Constraints as in JESD79-4 (one rank, one channel). */
#include "time/dram.h"

static u64 later(u64 a, u64 b)
{
    return a > b ? a : b;
}

static void push(u64 *t, u64 to)
{
    if (*t < to)
        *t = to;
}

/* Banks a group is a power of two. */
static unsigned group_of(const struct dram_part *p, unsigned bank)
{
    return bank >> __builtin_ctz(p->banks);
}

static unsigned bank_count(const struct dram_part *p)
{
    return (unsigned)p->bank_groups * p->banks;
}

void dram_rank_init(struct dram_rank *r, const struct dram_part *p)
{
    memset(r, 0, sizeof(*r));
    assert(bank_count(p) <= DRAM_BANKS && p->bank_groups <= DRAM_GROUPS);
    assert(!(p->banks & (p->banks - 1)));
    assert(!(p->bank_groups & (p->bank_groups - 1)));
    r->refresh_at = p->refi;
}

u64 dram_legal(const struct dram_rank *r, const struct dram_part *p,
               enum dram_command c, unsigned bank, u64 from)
{
    const struct dram_bank *b = &r->bank[bank];
    unsigned g = group_of(p, bank);

    switch (c) {
    case DRAM_PRE:
        return later(from, b->pre_at);
    case DRAM_ACT:
        from = later(from, later(b->act_at, r->faw[r->faw_next]));
        return later(from, later(r->act_at, r->group_act_at[g]));
    case DRAM_RD:
        from = later(from, b->col_at);
        return later(from, later(r->rd_at, r->group_rd_at[g]));
    default:
        from = later(from, b->col_at);
        return later(from, later(r->wr_at, r->group_wr_at[g]));
    }
}

static void activate(struct dram_rank *r, const struct dram_part *p,
                     unsigned bank, u32 row, u64 at)
{
    struct dram_bank *b = &r->bank[bank];

    b->open = 1;
    r->open |= 1u << bank;
    b->row = row;
    push(&b->col_at, at + p->rcd);
    push(&b->pre_at, at + p->ras);
    push(&b->act_at, at + p->rc);
    push(&r->act_at, at + p->rrd_s);
    push(&r->group_act_at[group_of(p, bank)], at + p->rrd_l);
    r->faw[r->faw_next] = at + p->faw;
    r->faw_next = (r->faw_next + 1) % ARRAY_LEN(r->faw);
}

void dram_issue(struct dram_rank *r, const struct dram_part *p,
                enum dram_command c, unsigned bank, u32 row, u64 at)
{
    struct dram_bank *b = &r->bank[bank];
    unsigned g = group_of(p, bank);
    u64 data;

    switch (c) {
    case DRAM_PRE:
        b->open = 0;
        r->open &= ~(1u << bank);
        push(&b->act_at, at + p->rp);
        break;
    case DRAM_ACT:
        activate(r, p, bank, row, at);
        break;
    case DRAM_RD:
        push(&r->rd_at, at + p->ccd_s);
        push(&r->group_rd_at[g], at + p->ccd_l);
        /* the bus turns round: two clocks between the data */
        push(&r->wr_at, at + p->cl + p->burst + 2 - p->cwl);
        push(&b->pre_at, at + p->rtp);
        break;
    case DRAM_WR:
        data = at + p->cwl + p->burst;
        push(&r->wr_at, at + p->ccd_s);
        push(&r->group_wr_at[g], at + p->ccd_l);
        push(&r->rd_at, data + p->wtr_s);
        push(&r->group_rd_at[g], data + p->wtr_l);
        push(&b->pre_at, data + p->wr);
        break;
    }
}

/* One refresh of the whole rank: every open bank is precharged together, then
 * REF, then nothing is activated for tRFC. Returns the clock of REF. */
static u64 refresh_once(struct dram_rank *r, const struct dram_part *p,
                        u64 from)
{
    unsigned n = bank_count(p);
    u64 pre = later(from, r->refresh_at), ref = pre;
    bool open = false;

    for (unsigned i = 0; i < n; i++)
        if (r->bank[i].open) {
            open = true;
            pre = later(pre, r->bank[i].pre_at);
        }
    for (unsigned i = 0; i < n; i++) {
        if (open && r->bank[i].open)
            push(&r->bank[i].act_at, pre + p->rp);
        r->bank[i].open = 0;
        ref = later(ref, r->bank[i].act_at);
    }
    for (unsigned i = 0; i < n; i++)
        r->bank[i].act_at = ref + p->rfc;
    r->open = 0;
    r->refresh_at += p->refi;
    r->refreshes++;
    return ref;
}

/* After the first, an idle rank refreshes exactly when due, however often: so
 * an hour costs no more than a moment. */
void dram_refresh(struct dram_rank *r, const struct dram_part *p, u64 from,
                  u64 until)
{
    if (r->refresh_at > until)
        return;
    refresh_once(r, p, from);
    if (r->refresh_at > until)
        return;
    refresh_once(r, p, from); /* the first may have been late into this one */
    if (r->refresh_at > until)
        return;
    u64 more = (until - r->refresh_at) / p->refi;
    r->refresh_at += more * p->refi;
    r->refreshes += more;
    refresh_once(r, p, from);
}
