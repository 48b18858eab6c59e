/* SPDX-License-Identifier: MIT */
/* Models the device: the least distances between commands (JESD79-4; one rank,
 * one channel), the address mapping, and refresh. */
#include "time/dram/dram.h"

struct dram_map dram_map_of(const struct dram_part *p)
{
    u32 banks = (u32)p->bank_groups * p->banks;
    struct dram_map m = {
        .line_shift = LINE_SHIFT + p->column_bits,
        .row_shift = (u32)__builtin_ctz(banks),
        .bank_mask = banks - 1,
    };

    assert(banks <= DRAM_BANKS && !(banks & (banks - 1)));
    /* rows_activate takes a group to have four banks */
    assert(p->bank_groups == 1 ||
           (p->bank_groups == DRAM_GROUPS && p->banks == 4));
    for (u32 x = 0; x < banks; x++)
        m.bank_of[x] = (u8)(x % p->bank_groups * p->banks + x / p->bank_groups);
    return m;
}

/* tRC is never longer than tRAS + tRP, so it needs no distance of its own. */
struct dram_distances dram_distances_of(const struct dram_part *p)
{
    bool one = p->bank_groups == 1; /* all banks are in one group */
    u32 data = (u32)p->cwl + p->burst;
    struct dram_distances a = {
        .rp = p->rp,
        .rcd = p->rcd,
        .ras = p->ras,
        .rtp = p->rtp,
        .faw = p->faw,
        .rrd = {one ? p->rrd_l : p->rrd_s, p->rrd_l},
        .ccd = {one ? p->ccd_l : p->ccd_s, p->ccd_l},
        .wtr = {data + (one ? p->wtr_l : p->wtr_s), data + p->wtr_l},
        .turn = p->cl + p->burst + 2u - p->cwl,
        .wr_pre = data + p->wr,
        .rd_end = (u32)p->cl + p->burst,
    };

    assert(p->rc <= p->ras + p->rp);
    a.rd_pre = most(a.ras - a.rcd, a.rtp);
    a.rd_most = most(a.turn, a.ccd[1]);
    a.wr_most = most(a.wtr[1], a.ccd[1]);
    return a;
}

/* Checks two facts. Once a read has ended, its ACT delays no other bank, and
 * its RD delays only a PRE in its own bank; so dram.c's undelayed read need
 * not update `faw` and act_at. Once an ACT's column is sent, the ACT delays
 * others by FAW alone. */
static void check(const struct dram_distances *a)
{
    assert(a->rcd + a->rd_end >= a->faw);
    assert(a->rcd >= a->rrd[1] && a->rp >= a->rrd[1]);
    assert(a->rd_end >= a->rd_most);
}

void dram_bank_init(struct dram *d)
{
    const struct dram_part *p = d->part;

    d->map = dram_map_of(p);
    d->after = dram_distances_of(p);
    check(&d->after);
    d->bank_bits = (u32)__builtin_ctz(p->banks);
    d->base = 0 - (u64)DRAM_LONG_AGO;
    d->due = DRAM_LONG_AGO + p->refi;
    memset(d->bus, 0xff, sizeof(d->bus));
}

/* Moves the base to DRAM_LONG_AGO before REF, and forgets older commands. */
static void rebase(struct dram *d, u32 ref)
{
    u32 by = ref - DRAM_LONG_AGO;

    d->base += by;
    d->due -= by;
    d->act_from = 0;
    d->rd = d->wr = 0;
    memset(d->wr_of, 0, sizeof(d->wr_of));
    memset(d->faw, 0, sizeof(d->faw));
    memset(d->bus, 0xff, sizeof(d->bus));
    memset(d->hit_at, 0, sizeof(d->hit_at));
    for (u32 i = 0; i < DRAM_LINE; i++)
        d->line[i].col = 0;
    d->bound = false;
}

/* Closes all open rows together once the last may be closed, then sends REF; no
 * row is opened for tRFC. */
void dram_refresh(struct dram *d)
{
    const struct dram_part *p = d->part;
    u32 ref = most(d->due, DRAM_LONG_AGO + p->rfc); /* the last REF is over */

    for (u32 left = d->open; left; left &= left - 1) {
        u32 b = (u32)__builtin_ctz(left), pre = d->pre_at[b];
        /* the row may have been closed for a waiting write */
        bool shut = d->of[b] && pre < d->due;
        ref = most(ref, (shut ? pre : most(pre, d->due)) + p->rp);
    }
    rebase(d, ref);
    d->open = 0;
    for (u32 b = 0; b < DRAM_BANKS; b++) {
        d->pre_at[b] = 0;
        d->act_at[b] = (u16)(DRAM_LONG_AGO + p->rfc);
    }
    d->due += p->refi;
    d->stats.refreshes++;
    d->quiet = d->waiting ? 0 : ~0u;
    d->undelayed_from = d->waiting ? ~0ull : d->base + DRAM_LONG_AGO;
}

/* The first refresh of an idle rank may be late and delay the second. All later
 * ones come exactly when due, so an hour costs no more than a moment. */
void dram_refresh_idle(struct dram *d, u64 until)
{
    u64 next = d->base + d->due, more;

    for (u32 i = 0; i < 2 && next <= until; i++) {
        dram_refresh(d);
        next = d->base + d->due;
    }
    if (next > until)
        return;
    more = (until - next) / d->part->refi;
    d->base += more * d->part->refi;
    d->stats.refreshes += more;
    dram_refresh(d);
}

void dram_places_pack(struct dram *d, u32 but)
{
    u32 row[DRAM_PLACES];
    u64 line[DRAM_PLACES], used = 0;
    u8 bank[DRAM_PLACES];
    u32 n = but;

    memcpy(row, d->row_of, sizeof(row));
    memcpy(line, d->line_of, sizeof(line));
    memcpy(bank, d->bank_of, sizeof(bank));
    for (u32 b = 0; b < DRAM_BANKS; b++) {
        used |= d->of[b];
        d->of[b] = 0;
    }
    for (; used; used &= used - 1) {
        u32 from = (u32)__builtin_ctzll(used), b = bank[from], to = n++;
        d->row_of[to] = row[from];
        d->line_of[to] = line[from];
        d->bank_of[to] = (u8)b;
        d->of[b] |= 1ull << to;
    }
    d->next = n;
}
