/* SPDX-License-Identifier: MIT */
/* Serves most misses of the L1 D-TLB in cycle timing, inline in the engine: if
 * the L2 TLB or the usual walk (walk_quickly) gives a 4 KiB page's entry that
 * serves the access, and the L1 is full, has no competing entry, and evicts a
 * 4 KiB page. For other misses nothing has changed, or m->walk holds the walk
 * so far; mmu_refill and mmu_translate handle them. */
#pragma once

#include "mmu/tlb.h"

/* Returns the L1 D-TLB entry that va's page will replace; NULL: not quickly. */
static ALWAYS_INLINE const struct tlb_entry *quick_victim(const struct mmu *m,
                                                          u64 va)
{
    const struct tlb *l1 = &m->dtlb;

    if (unlikely(!m->quick || may_hold(l1, va >> PAGE_SHIFT) ||
                 l1->used[0] != l1->ways))
        return NULL;
    const struct tlb_entry *e = &l1->e[l1->fifo[0]];
    return likely(!size_of(e)) ? e : NULL;
}

/* Returns the L2's entry for va if it serves, or NULL. *walks: L2 lacks va. */
static ALWAYS_INLINE const struct tlb_entry *
quick_in_l2(const struct mmu *m, u64 va, const struct tlb_key *key, bool *walks)
{
    const u64 asid = ((struct tlb_entry){.asid = 0xffff}).kind;
    const struct tlb_entry *e = &m->l2tlb.e[va >> PAGE_SHIFT & m->quick];
    u64 differs = (e->kind ^ key->word) & key->word_mask;

    if (e->flags & PTE_G)
        differs &= ~asid;
    *walks = e->vpn != va >> PAGE_SHIFT || differs & asid;
    return likely(!*walks && !differs) ? e : NULL;
}

/* Returns the D-TLB entry that large_place[] remembers for the 2 MiB around va,
 * if it still translates va and serves the access; else NULL. */
static ALWAYS_INLINE struct tlb_entry *quick_large(struct mmu *m, u64 va,
                                                   const struct tlb_key *key)
{
    struct tlb_entry *e = &m->dtlb.e[*large_place(m, va)];

    return m->large_once && translates(e, va >> PAGE_SHIFT, key->asid) &&
                   tlb_serves(e, key)
               ? e
               : NULL;
}

/* Copies e, which the L2 or walk_quickly() gave, to the victim's place. */
static ALWAYS_INLINE struct tlb_entry *quick_fill(struct mmu *m,
                                                  const struct tlb_entry *e)
{
    m->dtlb.stats.misses++;
    m->l2tlb.stats.accesses++;
    if (m->dtlb.direct || m->dtlb.large || m->dtlb.sets != 1)
        __builtin_unreachable();
    return tlb_replace(&m->dtlb, tlb_victim(&m->dtlb, 0), e);
}
