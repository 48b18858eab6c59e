/* SPDX-License-Identifier: MIT */
/* Visits a page table tree in RAM. (The caches of the model hold no data, so
 * RAM is always up to date.) */
#include "inspect/internal.h"
#include "inspect/walk.h"

#define ENTRIES 512

struct walker {
    struct machine *m;
    struct tree_visit *v;
};

/* Returns the hardware walker's verdict on a PTE before rights are checked. A
 * misaligned large page faults whatever its rights are. */
static enum pte_verdict pte_verdict_of(const struct walker *w, u64 pte,
                                       unsigned level)
{
    const struct hart *h = &w->m->hart;
    enum pte_verdict v =
        pte_form(pte, level, hart_has(h, EXT_SVNAPOT), hart_pbmt(h));
    return v == PTE_SERVES && !pte_aligned(pte, level) ? PTE_MISALIGNED : v;
}

static void visit_leaf(struct walker *w, u64 va, u64 pte_pa, u64 pte,
                       unsigned level)
{
    u64 ppn = PTE_PPN(pte);
    if (!w->v->leaf)
        return;
    if (pte & PTE_N) /* each of the 16 PTEs maps one page */
        ppn = (ppn & ~(u64)(NAPOT_PAGES - 1)) |
              (va >> PAGE_SHIFT & (NAPOT_PAGES - 1));
    w->v->leaf(w->v->opaque, &(struct ins_leaf){.va = (u64)sext(va, 39),
                                                .pa = ppn << PAGE_SHIFT,
                                                .pte_pa = pte_pa,
                                                .pte = pte,
                                                .level = level});
}

static bool visit_table(struct walker *w, u64 pa, unsigned level, u64 va_base,
                        unsigned first, unsigned last)
{
    u64 pte[ENTRIES];
    if (!w->v->budget)
        return false;
    w->v->budget--;
    if (!machine_peek(w->m, pa, pte, sizeof pte))
        return true; /* a table outside RAM: a hardware walk faults there */
    if (w->v->table)
        w->v->table(w->v->opaque, pa, level);
    for (unsigned i = first; i <= last; i++) {
        if (!pte[i])
            continue; /* true of most entries; no visitor wants them */
        u64 va = va_base | (u64)i << (PAGE_SHIFT + 9 * level);
        enum pte_verdict v = pte_verdict_of(w, pte[i], level);
        if (v == PTE_ABSENT && !level && w->v->absent)
            w->v->absent(w->v->opaque, (u64)sext(va, 39), pte[i]);
        else if (v == PTE_SERVES)
            visit_leaf(w, va, pa + 8 * i, pte[i], level);
        else if (v == PTE_LEADS_ON &&
                 !visit_table(w, PTE_PPN(pte[i]) << PAGE_SHIFT, level - 1, va,
                              0, ENTRIES - 1))
            return false;
    }
    return true;
}

u64 ins_table_budget(struct machine *m)
{
    return 2 * ins_nframes(m);
}

bool ins_tree(struct machine *m, u64 satp, unsigned first, unsigned last,
              struct tree_visit *v)
{
    struct walker w = {m, v};
    if (SATP_MODE(satp) != SATP_MODE_SV39)
        return false;
    return visit_table(&w, SATP_ROOT(satp), 2, 0, first, last);
}
