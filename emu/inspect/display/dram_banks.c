/* SPDX-License-Identifier: MIT */
/* Gives a display the state of DRAM's banks. The model counts a bank's accesses
 * but keeps no times. The last access gets the cycle of the first update that
 * sees its count. */
#include "inspect/display/update.h"

#include <stdio.h>

void ins_update_banks(struct machine *m, struct ins_display *d)
{
    struct dram_bank_view v[INS_BANKS];
    const struct dram *dram =
        engine_timed(m->engine) ? memtime_dram(&m->mem) : NULL;
    snprintf(d->dram, sizeof d->dram, "%.15s",
             m->config->dram ? m->config->dram : "");
    d->nbanks = dram ? dram_banks(dram, v, INS_BANKS) : 0;
    for (unsigned i = 0; i < d->nbanks; i++) {
        struct ins_bank *b = &d->bank[i];
        u64 count = v[i].hits + v[i].misses + v[i].conflicts;
        if (count != d->update->bank_counts[i])
            b->last = d->cycle;
        d->update->bank_counts[i] = count;
        b->open = v[i].open;
        b->row = v[i].row;
        b->hits = v[i].hits;
        b->misses = v[i].misses;
        b->conflicts = v[i].conflicts;
    }
}
