/* SPDX-License-Identifier: MIT */
/* Interfaces between the files of this folder. */
#pragma once

#include "mmu/stale.h"

/* ---- walk.c ---- */

/* Prepares *w for a walk of va. The caller then performs the first step. */
void walk_arm(struct walk *w, const struct mmu_ctx *ctx, u64 va,
              enum access access);
/* Completes m->walk; m->placed becomes the L1 entry that it filled, or NULL. */
void walk_run(struct mmu *m, const struct mmu_port *port);
/* Does a whole walk of the usual kind, for quick.h in cycle timing: the L1
 * D-TLB and the L2 TLB lack the page, no observer is set, the walker's cache
 * has both pointers, the leaf serves `key`, and A and D are as needed. Returns
 * the L2 TLB's new entry, which the caller copies into the L1. NULL: nothing
 * was done, or m->walk is not IDLE, and mmu_translate completes it. */
const struct tlb_entry *walk_quickly(struct mmu *m, const struct mmu_ctx *ctx,
                                     const struct tlb_key *key, u64 va,
                                     enum access access,
                                     const struct mmu_port *port);
/* These return the trap cause of an access's page fault and access fault. */
u32 walk_page_fault(enum access access);
u32 walk_access_fault(enum access access);

static inline u16 ctx_asid(const struct mmu *m, const struct mmu_ctx *ctx)
{
    return m->asids ? (u16)bits(ctx->satp, 59, 44) : 0;
}

/* ---- translate.c ---- */

void walk_fills(struct mmu *m);

/* ---- pwc.c: the walker's cache of non-leaf PTEs ---- */

/* Returns the cached PTE at pte_pa, or NULL. */
const struct pwc_entry *pwc_search(struct mmu *m, u64 pte_pa, u16 asid);
static inline unsigned pwc_place(u64 pte_pa)
{
    return pte_pa >> 3 & (PWC_PLACES - 1);
}
static inline bool pwc_is(const struct pwc_entry *e, u64 pte_pa, u16 asid)
{
    return e->valid && e->pte_pa == pte_pa && e->asid == asid;
}
/* As pwc_search(), but first tries the entry where this PTE was found last. */
static inline const struct pwc_entry *pwc_find(struct mmu *m, u64 pte_pa,
                                               u16 asid)
{
    const struct pwc_entry *e = &m->pwc[m->pwc_place[pwc_place(pte_pa)]];

    return likely(pwc_is(e, pte_pa, asid)) ? e : pwc_search(m, pte_pa, asid);
}
void pwc_fill(struct mmu *m, u64 pte_pa, u64 pte, u32 level, u16 asid);
void pwc_flush(struct mmu *m, bool has_asid, u16 asid);
void pwc_state(struct mmu *m, struct state *s);

/* ---- tlb.c ---- */

void tlb_init(struct tlb *t, struct tlb_shape shape);
void tlb_free(struct tlb *t);
/* Saves or loads contents and counts. The shape must equal the saved one. */
void tlb_state(struct tlb *t, struct state *s);
void tlb_entry_state(struct tlb_entry *e, struct state *s);

/* The receiver of evicted entries. mmu NULL: no receiver. */
struct tlb_listener {
    struct mmu *mmu;
    enum l1_tlb tlb;
};
/* Puts a copy of e into the set in which accesses to va search. First drops
 * from that set, and from the other part of a TLB with `large`, the entries
 * that translate one of e's addresses. The copy takes the first place freed in
 * its set, else the lowest empty one, else the FIFO victim's. NULL: no TLB. */
struct tlb_entry *tlb_fill(struct tlb *t, const struct tlb_entry *e, u64 va,
                           struct tlb_listener l);
void tlb_flush(struct tlb *t, bool has_va, u64 va, bool has_asid, u16 asid,
               struct tlb_listener l);
