/* SPDX-License-Identifier: MIT */
/* Gives the contents of the modelled TLBs. */
#include "inspect/parts.h"

static const struct tlb *tlb_of(const struct machine *m, unsigned tlb)
{
    const struct tlb *all[INS_TLBS] = {&m->mmu.itlb, &m->mmu.dtlb,
                                       &m->mmu.l2tlb};
    return all[tlb];
}

struct ins_tlb inspect_tlb(const struct machine *m, unsigned tlb)
{
    static const char *const names[INS_TLBS] = {"itlb", "dtlb", "l2tlb"};
    const struct tlb *t = tlb_of(m, tlb);
    return (struct ins_tlb){.name = names[tlb],
                            .entries = t->entries,
                            .large = t->large,
                            .ways = t->ways,
                            .accesses = t->stats.accesses,
                            .misses = t->stats.misses};
}

bool inspect_tlb_entry(const struct machine *m, unsigned tlb, u32 i,
                       struct ins_tlb_entry *out)
{
    const struct tlb_entry *e = &tlb_of(m, tlb)->e[i];
    *out = (struct ins_tlb_entry){.va = (u64)sext(e->vpn << PAGE_SHIFT, 39),
                                  .pa = e->ppn << PAGE_SHIFT,
                                  .bytes = PAGE_BYTES * tlb_pages(e),
                                  .asid = e->asid,
                                  .level = e->level,
                                  .flags = e->flags,
                                  .type = memtype_name[e->type]};
    return e->valid;
}
