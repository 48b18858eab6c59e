/* SPDX-License-Identifier: MIT */
/* What of quick.h need not be inline: the way to a table of leaves, and the
 * record of the last walk. */
#include "mmu/quick.h"

/* ---- the way ---- */

/* What the walker's cache has of the pointer at p->pte_pa[level]. */
static bool cached(struct mmu *m, struct quick_path *p, unsigned level)
{
    const struct pwc_entry *c = pwc_find(m, p->pte_pa[level], p->asid);

    if (!c)
        return false;
    p->pte[level] = c->pte;
    p->place[level - 1] = (u8)(c - m->pwc);
    p->serial[level - 1] = m->pwc_serial[c - m->pwc];
    return true;
}

unsigned mmu_quick_path(struct mmu *m, const struct mmu_ctx *ctx, u64 va,
                        u16 asid, struct quick_path *p)
{
    u64 root = bits(ctx->satp, 43, 0) << PAGE_SHIFT;

    *p = (struct quick_path){.ctx = *ctx, .asid = asid};
    p->pte_pa[2] = root + bits(va, 38, 30) * 8;
    if (!cached(m, p, 2) || !mmu_quick_pointer(p->pte[2]))
        return 0;
    p->pte_pa[1] = (PTE_PPN(p->pte[2]) << PAGE_SHIFT) + bits(va, 29, 21) * 8;
    if (!cached(m, p, 1))
        return 1;
    p->pte_pa[0] = PTE_PPN(p->pte[1]) << PAGE_SHIFT;
    return mmu_quick_pointer(p->pte[1]) ? 2 : 0;
}

void mmu_quick_enters(struct mmu *m, struct quick_path *p)
{
    pwc_fill(m, p->pte_pa[1], p->pte[1], 1, p->asid);
    cached(m, p, 1);
}

/* ---- the record ---- */

void mmu_quick_settle(struct mmu *m)
{
    struct quick_walk q = m->quick;
    const struct quick_path *p = q.path;
    struct walk *w = &m->walk;

    if (!p)
        return;
    m->quick.path = NULL;
    bool far = q.far_where != SERVED_NONE;
    const u8 where[3] = {q.where, far ? q.far_where : SERVED_PWC, SERVED_PWC};
    u32 known = m->pwc_hit_cycles, cycles[3] = {q.cycles, known, known};
    if (far)
        cycles[1] = q.far;
    /* only what is in use: clearing all of it at once is slow */
    if (w->nsteps > 3)
        memset(&w->steps[3], 0, (w->nsteps - 3) * sizeof(w->steps[0]));
    memset(w, 0, offsetof(struct walk, steps));
    w->access = q.access;
    w->va = q.va;
    w->ctx = p->ctx;
    w->table = p->pte_pa[0];
    w->cycles = cycles[0] + cycles[1] + cycles[2];
    w->nsteps = 3;
    for (u32 level = 0; level < 3; level++)
        w->steps[2 - level] = (struct walk_step){.kind = STEP_READ,
                                                 .level = (u8)level,
                                                 .where = where[level],
                                                 .cycles = cycles[level],
                                                 .pte_pa = p->pte_pa[level],
                                                 .pte = p->pte[level]};
    w->steps[2].kind = STEP_DONE;
    w->steps[2].pte_pa += bits(q.va, 20, 12) * 8;
    w->steps[2].pte = q.pte;
    quick_put(&w->filled,
              (struct quick_leaf){q.va >> PAGE_SHIFT, PTE_PPN(q.pte),
                                  quick_rest(p->asid, (u8)q.pte)});
}

u32 mmu_quick_walked_far(struct mmu *m, const struct quick_path *p, u64 va,
                         enum access access, u64 pte, const u8 where[3],
                         const u32 cycles[3])
{
    u32 all = cycles[0] + cycles[1] + cycles[2];

    mmu_quick_walked(m, p, va, access, pte, (enum served)where[0], cycles[0]);
    if (where[1] != SERVED_PWC) {
        m->quick.far_where = where[1];
        m->quick.far = cycles[1];
    }
    m->walks++;
    m->pte_reads += 3;
    m->walk_cycles += all;
    for (u32 level = 0; level < 3; level++)
        m->served[where[level]]++;
    m->dtlb.stats.misses++;
    if (m->l2tlb.entries) {
        m->l2tlb.stats.accesses++;
        m->l2tlb.stats.misses++;
    }
    return all;
}
