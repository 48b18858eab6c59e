/* SPDX-License-Identifier: MIT */
/* What of quick.h need not be inline: pointers on the way to a table of
 * leaves, and the record of the last walk. */
#include "mmu/quick.h"

static void at(const struct mmu *m, struct quick_path *p, u32 level, u8 place)
{
    p->place[level - 1] = place;
    p->serial[level - 1] = m->pwc_serial[place];
}

bool mmu_quick_cached(struct mmu *m, struct quick_path *p, u32 level)
{
    const struct pwc_entry *c = pwc_find(m, p->pte_pa[level], p->asid);

    p->serial[level - 1] = QUICK_NOWHERE;
    if (!c)
        return false;
    p->pointer[level - 1] = c->pte;
    at(m, p, level, (u8)(c - m->pwc));
    return true;
}

void mmu_quick_enters(struct mmu *m, struct quick_path *p, u32 level)
{
    u64 pte = p->pointer[level - 1];

    at(m, p, level, pwc_fill(m, p->pte_pa[level], pte, level, p->asid));
}

void mmu_quick_settle(struct mmu *m)
{
    struct quick_walk q = m->quick;
    const struct quick_path *p = q.path;
    struct walk *w = &m->walk;

    if (!p)
        return;
    m->quick.path = NULL;
    for (u32 level = 1; level < 3 && !q.far; level++) {
        q.where[level] = SERVED_PWC;
        q.cycles[level] = m->timed ? m->pwc_hit_cycles : 0;
    }
    /* only what is in use: clearing all of it at once is slow */
    if (w->nsteps > 3)
        memset(&w->steps[3], 0, (w->nsteps - 3) * sizeof(w->steps[0]));
    memset(w, 0, offsetof(struct walk, steps));
    w->access = q.access;
    w->va = q.va;
    w->ctx = p->ctx;
    w->table = p->pte_pa[0];
    w->cycles = q.cycles[0] + q.cycles[1] + q.cycles[2];
    w->nsteps = 3;
    for (u32 level = 0; level < 3; level++)
        w->steps[2 - level] =
            (struct walk_step){.kind = STEP_READ,
                               .level = (u8)level,
                               .where = q.where[level],
                               .cycles = q.cycles[level],
                               .pte_pa = p->pte_pa[level],
                               .pte = level ? p->pointer[level - 1] : q.pte};
    w->steps[2].pte_pa += bits(q.va, 20, 12) * 8;
    w->steps[2].kind = q.cause ? STEP_FAULT : STEP_DONE;
    w->steps[2].cause = q.cause;
    w->cause = q.cause;
    if (q.cause)
        memset(&w->filled, 0, sizeof(w->filled));
    else
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
    memcpy(m->quick.where, where, sizeof(m->quick.where));
    memcpy(m->quick.cycles, cycles, sizeof(m->quick.cycles));
    m->quick.far = true;
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
