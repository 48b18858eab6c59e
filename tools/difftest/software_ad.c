/* SPDX-License-Identifier: MIT */
#include "software_ad.h"

#include "run.h"

static void keep_hart(void *opaque, UNUSED const struct engine_commit *log)
{
    struct software_ad *a = opaque;
    a->before = a->m->hart;
}

void software_ad_watch(struct software_ad *a, struct machine *m)
{
    a->m = m;
    a->before = m->hart;
    engine_on_commit(m->engine, keep_hart, a);
    engine_catch_traps(m->engine, true);
}

/* Gives the leaf's address, and its value with A (and, for a store, D) set.
 * False: the fault has another cause. */
static bool lacks_ad(struct software_ad *a, u64 va, u64 cause, u64 *pa,
                     u64 *pte)
{
    const struct hart *h = &a->before;
    enum access access = access_of(cause);
    struct walk w;
    u64 want = PTE_A | (access == ACC_STORE ? PTE_D : 0);
    probe(a->m, h, va, access,
          access == ACC_FETCH ? h->priv : hart_data_priv(h), &w);
    if (w.phase != WALK_FILLED)
        return false;
    for (unsigned i = w.nsteps; i-- > 0;)
        if (w.steps[i].kind != STEP_FAULT && w.steps[i].pte_pa) {
            *pa = w.steps[i].pte_pa;
            *pte = get_le(a->m->ram + (*pa - MONITOR_PA), 8);
            bool lacks = (*pte & want) != want;
            *pte |= want;
            return lacks;
        }
    return false;
}

static void undo(struct software_ad *a, u64 epc)
{
    struct hart *h = &a->m->hart;
    const struct hart *b = &a->before;
    h->mstatus = b->mstatus;
    h->priv = b->priv;
    h->mepc = b->mepc;
    h->mcause = b->mcause;
    h->mtval = b->mtval;
    h->sepc = b->sepc;
    h->scause = b->scause;
    h->stval = b->stval;
    h->reservation = b->reservation;
    h->pc = epc;
    engine_context_changed(a->m->engine);
}

void software_ad_trap(struct software_ad *a)
{
    struct machine *m = a->m;
    const struct hart *h = &m->hart;
    bool to_m = h->priv == PRV_M;
    u64 cause = to_m ? h->mcause : h->scause;
    u64 tval = to_m ? h->mtval : h->stval, epc = to_m ? h->mepc : h->sepc;
    u64 pa, pte;
    bool page = cause == CAUSE_FETCH_PAGE || cause == CAUSE_LOAD_PAGE ||
                cause == CAUSE_STORE_PAGE;
    if (page && lacks_ad(a, tval, cause, &pa, &pte)) {
        put_le(m->ram + (pa - MONITOR_PA), pte, 8);
        engine_ram_written(m->engine, pa, 8);
        mmu_flush_all(&m->mmu);
        undo(a, epc);
        a->set++;
    }
    a->before = m->hart;
}
