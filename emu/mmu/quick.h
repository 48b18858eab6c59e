/* SPDX-License-Identifier: MIT */
/* Most misses of the L1 D-TLB that the L2 TLB serves, as inline code for the
 * engine: a 4 KiB page, whose entry serves the access, takes the place of
 * another in a full L1 where no entry competes with it. All other cases are
 * refused before anything has changed; mmu_refill handles them. */
#pragma once

#include "mmu/tlb.h"

/* The L2's entry for va, or NULL: refused. */
static ALWAYS_INLINE const struct tlb_entry *
quick_find(const struct mmu *m, u64 va, const struct tlb_key *key)
{
    const struct tlb *l1 = &m->dtlb;
    u64 vpn = va >> PAGE_SHIFT;

    if (unlikely(!m->quick))
        return NULL;
    const struct tlb_entry *e = &m->l2tlb.e[vpn & m->quick];
    u64 differs = (e->kind ^ key->word) & key->word_mask;
    if (e->flags & PTE_G)
        differs &= ~((struct tlb_entry){.asid = 0xffff}).kind;
    if (e->vpn != vpn || differs || may_hold(l1, vpn) ||
        l1->used[0] != l1->ways || size_of(&l1->e[l1->fifo[0]]))
        return NULL;
    return e;
}

/* The entry that e replaces: the caller drops it from the host TLB. */
static ALWAYS_INLINE const struct tlb_entry *quick_victim(const struct mmu *m)
{
    return &m->dtlb.e[m->dtlb.fifo[0]];
}

static ALWAYS_INLINE struct tlb_entry *quick_fill(struct mmu *m,
                                                  const struct tlb_entry *e)
{
    m->dtlb.stats.misses++;
    m->l2tlb.stats.accesses++;
    return tlb_replace(&m->dtlb, tlb_victim(&m->dtlb, 0), e);
}
