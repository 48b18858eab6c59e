/* SPDX-License-Identifier: MIT */
/* Most misses of the D-TLB, as inline code for the engine: what is missing is a
 * 4 KiB page that the L2 TLB has, or that a walk finds whose pointers are in
 * the walker's cache and whose leaf needs nothing. A question changes nothing;
 * what has been found is then done in one go, and leaves all state as
 * mmu_translate would. Whatever else may be is mmu_translate's business. */
#ifndef CLOCKHAND_MMU_QUICK_H
#define CLOCKHAND_MMU_QUICK_H

#include "mmu/tlb.h"

/* Nobody steps or catches walks, and there may be one for va. */
static inline bool mmu_quick_may(const struct mmu *m, u64 va)
{
    return m->walk.phase == WALK_IDLE && !m->catch_walk && sv39_canonical(va);
}

/* What the D-TLB has for va, or NULL. */
static inline const struct tlb_entry *mmu_quick_l1(const struct mmu *m, u64 va,
                                                   u16 asid)
{
    const struct tlb *t = &m->dtlb;

    return likely(!may_hold(t, va >> PAGE_SHIFT)) ? NULL
                                                  : tlb_find(t, va, asid);
}

/* What the L2 TLB has, or NULL. */
static inline const struct tlb_entry *mmu_quick_l2(const struct mmu *m, u64 va,
                                                   u16 asid)
{
    const struct tlb *t = &m->l2tlb;

    if (unlikely(t->ways != 1))
        return tlb_find(t, va, asid);
    const struct tlb_entry *e = &t->e[set_index(t, va)];
    return e->valid && e->vpn == va >> PAGE_SHIFT &&
                   (e->asid == asid || e->flags & PTE_G)
               ? e
               : NULL;
}

/* ---- a walk ---- */

/* The PTEs that a walk comes by, by level, as far as the walker's cache goes;
 * the one of level 0 begins the table that is read. */
struct quick_path {
    u64 pte_pa[3], pte[3];
};

static inline bool quick_pointer(struct mmu *m, u64 pa, u16 asid, u64 *pte)
{
    const u64 bits =
        PTE_V | PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D | ~0ull << 54;
    const struct pwc_entry *c = pwc_find(m, pa, asid);

    if (!c || (c->pte & bits) != PTE_V)
        return false;
    *pte = c->pte;
    return true;
}

/* False: a pointer would have to be read, or to be judged. */
static inline bool mmu_quick_path(struct mmu *m, const struct mmu_ctx *ctx,
                                  u64 va, u16 asid, struct quick_path *p)
{
    u64 table = bits(ctx->satp, 43, 0) << PAGE_SHIFT;

    for (unsigned level = 2; level > 0; level--) {
        p->pte_pa[level] = table + bits(va, 20 + 9 * level, 12 + 9 * level) * 8;
        if (!quick_pointer(m, p->pte_pa[level], asid, &p->pte[level]))
            return false;
        table = PTE_PPN(p->pte[level]) << PAGE_SHIFT;
    }
    p->pte_pa[0] = table;
    return true;
}

/* Records what walks along this path have in common; m->pointers says how long
 * it stands. */
static inline void mmu_quick_begin(struct mmu *m, const struct mmu_ctx *ctx,
                                   const struct quick_path *p)
{
    struct walk *w = &m->walk;

    memset(w, 0, sizeof(*w));
    w->ctx = *ctx;
    w->table = p->pte_pa[0];
    w->nsteps = 3;
    for (u32 i = 0; i < 2; i++)
        w->steps[i] =
            (struct walk_step){.kind = STEP_READ,
                               .level = (u8)(2 - i),
                               .where = SERVED_PWC,
                               .cycles = m->timed ? m->pwc_hit_cycles : 0,
                               .pte_pa = p->pte_pa[2 - i],
                               .pte = p->pte[2 - i]};
}

/* The walk's leaf is that of a 4 KiB page and serves the access; it was at pa,
 * served by `where` for `cycles`. Returns what the walk has taken. */
static inline u32 mmu_quick_end(struct mmu *m, u64 va, enum access access,
                                u16 asid, u64 pa, u64 pte, enum served where,
                                u32 cycles)
{
    struct walk *w = &m->walk;

    w->access = access;
    w->va = va;
    w->steps[2] = (struct walk_step){.kind = STEP_DONE,
                                     .where = (u8)where,
                                     .cycles = cycles,
                                     .pte_pa = pa,
                                     .pte = pte};
    w->filled = (struct tlb_entry){.vpn = va >> PAGE_SHIFT,
                                   .ppn = PTE_PPN(pte),
                                   .asid = asid,
                                   .valid = 1,
                                   .flags = (u8)pte};
    cycles += w->steps[0].cycles + w->steps[1].cycles;
    w->cycles = cycles;
    m->walks++;
    m->pte_reads += 3;
    m->served[SERVED_PWC] += 2;
    m->served[where]++;
    m->walk_cycles += cycles;
    return cycles;
}

/* ---- fills ---- */

static inline bool quick_small(const struct tlb_entry *e)
{
    return !(e->level | e->napot);
}

/* Place i, which holds a 4 KiB page, gets another one. */
static inline void quick_replace(struct tlb *t, u32 i,
                                 const struct tlb_entry *e)
{
    struct tlb_entry *place = &t->e[i];

    t->near[0][place->vpn & (TLB_NEAR - 1)]--;
    t->near[0][e->vpn & (TLB_NEAR - 1)]++;
    *place = *e;
    t->key[i] = key_of(e->vpn);
}

/* The D-TLB is about to miss. */
static inline void mmu_quick_missed(struct mmu *m, bool l2_too)
{
    m->dtlb.stats.misses++;
    if (m->l2tlb.entries) {
        m->l2tlb.stats.accesses++;
        m->l2tlb.stats.misses += l2_too;
    }
}

/* What a walk has found enters the L2 TLB. */
static inline void mmu_quick_fill_l2(struct mmu *m, const struct tlb_entry *e)
{
    struct tlb *t = &m->l2tlb;
    u64 va = e->vpn << PAGE_SHIFT;

    if (likely(t->ways == 1)) {
        u32 i = set_index(t, va);
        if (likely(t->e[i].valid)) {
            quick_replace(t, i, e);
            return;
        }
    }
    tlb_fill(t, e, va, (struct tlb_listener){.mmu = m, .which = -1});
}

/* The entry of the D-TLB that leaves for e, which nothing there competes with:
 * to be dealt with, then given to mmu_quick_replace. NULL: tlb_fill it. */
static inline struct tlb_entry *mmu_quick_victim(struct mmu *m,
                                                 const struct tlb_entry *e)
{
    struct tlb *t = &m->dtlb;
    struct tlb_entry *victim = &t->e[t->fifo[0]];

    if (unlikely(t->sets != 1 || t->large || t->used[0] != t->ways ||
                 e->flags & PTE_G || !quick_small(victim)))
        return NULL;
    t->fifo[0] = t->fifo[0] + 1 == t->ways ? 0 : t->fifo[0] + 1;
    return victim;
}

static inline void mmu_quick_replace(struct mmu *m, struct tlb_entry *victim,
                                     const struct tlb_entry *e)
{
    quick_replace(&m->dtlb, (u32)(victim - m->dtlb.e), e);
}

static inline void mmu_quick_fill_l1(struct mmu *m, const struct tlb_entry *e,
                                     u64 va)
{
    tlb_fill(&m->dtlb, e, va, (struct tlb_listener){.mmu = m, .which = 1});
}

#endif
