/* SPDX-License-Identifier: MIT */
/* Creates the DRAM, shows its counts, and does undelayed reads: reads that past
 * commands delay only through the earliest PRE or ACT of the read's own bank.
 * Writes and all other reads are in dram_serial.c. */
#include <stdlib.h>

#include "time/dram/dram.h"

struct dram *dram_new(const struct dram_part *part)
{
    struct dram *d = xcalloc(1, sizeof(*d));

    d->part = part;
    d->quiet = ~0u;
    dram_bank_init(d);
    return d;
}

void dram_free(struct dram *d)
{
    free(d);
}

/* Computes an undelayed read itself; dram_read_line does the others. Hits and
 * misses of rows take no branch: the host could not predict it. */
u64 dram_read(struct dram *d, u64 pa, u64 now, enum served *where)
{
    if (unlikely(now < d->undelayed_from))
        return dram_read_line(d, pa, now, where);
    const struct dram_distances *after = &d->after;
    struct dram_place at = dram_place_of(&d->map, pa);
    u32 b = at.bank, open = d->open >> b & 1;
    u32 hit = open & (d->row[b] == at.row), miss = hit - 1;
    u32 first = 2 * hit + (open ^ 1); /* enum dram_command */
    u32 pre = (open ? d->pre_at : d->act_at)[b];
    u32 wait = after->rcd + (after->rp & (0u - open));
    u64 t = now - d->base + 1;
    /* A miss first needs PRE or ACT, which the bank allows from this clock. */
    u64 opens = pre & miss, rd = (opens > t ? opens : t) + (wait & miss);

    if (unlikely(rd >= d->due))
        return dram_read_line(d, pa, now, where);
    u32 own = (u32)rd + (after->rtp & ~miss) + (after->rd_pre & miss);
    static_assert(DRAM_RD == 2 && DRAM_ACT == 1 && !DRAM_PRE &&
                      (int)SERVED_DRAM_CONFLICT - DRAM_ACT ==
                          SERVED_DRAM_CLOSED &&
                      (int)SERVED_DRAM_CONFLICT - DRAM_RD == SERVED_DRAM_HIT,
                  "the value follows from the first command");
    pre &= ~miss;
    d->pre_at[b] = (u16)(pre > own ? pre : own);
    d->open |= 1u << b;
    d->row[b] = at.row;
    d->rd = (u16)rd;
    d->clock = now;
    d->undelayed_from = d->base + rd + after->rd_most;
    d->first[first][b]++;
    d->stats.reads++;
    d->stats.read_latency_clocks += d->base + rd + after->rd_end - now;
    *where = (enum served)(SERVED_DRAM_CONFLICT - first);
    return d->base + rd + after->rd_end;
}

struct dram_stats dram_stats(const struct dram *d)
{
    struct dram_stats s = d->stats;

    for (unsigned i = 0; i < DRAM_BANKS; i++) {
        s.row_hits += d->first[DRAM_RD][i];
        s.row_closed += d->first[DRAM_ACT][i];
        s.row_conflicts += d->first[DRAM_PRE][i];
    }
    return s;
}

unsigned dram_banks(const struct dram *d, struct dram_bank_view *out,
                    unsigned max)
{
    unsigned n = (unsigned)d->part->bank_groups * d->part->banks;
    u32 now = dram_clock(d, d->clock);

    for (unsigned i = 0; i < n && i < max; i++) {
        u32 pre = d->pre_at[i];
        /* a row is closed for a waiting write unless a refresh is due first */
        bool shut = d->of[i] && pre <= now && pre < d->due;
        bool open = !shut && d->open >> i & 1;
        out[i] = (struct dram_bank_view){.open = open,
                                         .row = open ? d->row[i] : 0,
                                         .hits = d->first[DRAM_RD][i],
                                         .misses = d->first[DRAM_ACT][i],
                                         .conflicts = d->first[DRAM_PRE][i]};
    }
    return n < max ? n : max;
}
