/* SPDX-License-Identifier: MIT */
/* Reports the accesses to DRAM, its rows and banks. */
#include "inspect/parts.h"

void inspect_dram(struct machine *m, struct ins_dram *out)
{
    struct dram_bank_view bank[INS_DRAM_BANKS];
    struct memtime_stats t = memtime_stats(&m->mem);
    const struct dram *d = memtime_dram(&m->mem);
    *out = (struct ins_dram){.reads = t.dram.reads,
                             .writes = t.dram.writes,
                             .row_hits = t.dram.row_hits,
                             .row_closed = t.dram.row_closed,
                             .row_conflicts = t.dram.row_conflicts,
                             .refreshes = t.dram.refreshes};
    out->nbanks = d ? dram_banks(d, bank, INS_DRAM_BANKS) : 0;
    for (unsigned i = 0; i < out->nbanks; i++)
        out->bank[i] = (struct ins_dram_bank){bank[i].open, bank[i].row,
                                              bank[i].hits, bank[i].conflicts};
}
