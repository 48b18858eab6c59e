/* SPDX-License-Identifier: MIT */
/* The DRAM as others see it. The controller itself is dram_run.c, of which
 * there are five: what the host's processor has decides which, and how many
 * banks there are. */
#include <stdlib.h>

#include "time/dram.h"

static const struct dram_run *fitting(const struct dram_part *part)
{
#ifdef __x86_64__
    bool large = part->bank_groups * part->banks > 8;

    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
        __builtin_cpu_supports("bmi2")) {
        if (__builtin_cpu_supports("avx512vl") &&
            __builtin_cpu_supports("avx512bw"))
            return large ? &dram_run_avx512_16 : &dram_run_avx512_8;
        return large ? &dram_run_avx2_16 : &dram_run_avx2_8;
    }
#endif
    (void)part;
    return &dram_run_plain;
}

struct dram *dram_new(const struct dram_part *part)
{
    size_t size = (sizeof(struct dram) + 63) / 64 * 64;
    struct dram *d = aligned_alloc(64, size); /* lanes want 32 */

    assert(d);
    memset(d, 0, size);
    d->part = part;
    d->run = fitting(part);
    dram_rank_init(d);
    dram_queues_init(d);
    return d;
}

void dram_free(struct dram *d)
{
    free(d);
}

bool dram_accept(struct dram *d, bool write, u64 pa, u64 clock)
{
    dram_calm_over(d);
    return d->run->accept(d, write, pa, clock);
}

u64 dram_room(struct dram *d, bool write, u64 clock)
{
    dram_calm_over(d);
    return d->run->room(d, write, clock);
}

void dram_advance(struct dram *d, u64 now)
{
    dram_calm_over(d);
    d->run->advance(d, now);
}

u64 dram_drain(struct dram *d)
{
    dram_calm_over(d);
    while (d->reads.banks | d->writes.banks)
        d->run->advance(d, d->quiet > d->clock ? d->quiet : d->clock);
    return d->read_end > d->write_end ? d->read_end : d->write_end;
}

struct dram_stats dram_stats(const struct dram *d)
{
    struct dram_stats s = d->stats;

    for (unsigned i = 0; i < DRAM_BANKS; i++) {
        s.row_hits += d->first[DRAM_RD][i];
        s.row_closed += d->first[DRAM_ACT][i];
        s.row_conflicts += d->first[DRAM_PRE][i];
    }
    s.refreshes = d->rank.refreshes;
    return s;
}

unsigned dram_banks(const struct dram *d, struct dram_bank_view *out,
                    unsigned max)
{
    unsigned n = (unsigned)d->part->bank_groups * d->part->banks;

    for (unsigned i = 0; i < n && i < max; i++)
        out[i] = (struct dram_bank_view){.open = d->rank.open >> i & 1,
                                         .row = d->rank.row[i],
                                         .hits = d->first[DRAM_RD][i],
                                         .conflicts = d->first[DRAM_PRE][i]};
    return n < max ? n : max;
}
