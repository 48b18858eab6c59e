/* SPDX-License-Identifier: MIT */
/* Gives the stand-alone model (refmodel.h) the shapes of a machine's caches and
 * TLBs, and compares their contents: tags, dirty bits, next victims, the PTEs
 * that the walker remembers, counts. *_differs return the number of differences
 * and, if `say`, print the counts of a cache or TLB that differs. */
#pragma once

#include "machine/parts.h"
#include "mmu/internal.h"
#include "time/core/cache.h"
#include "refmodel.h"

static void shape_cache(struct ref_cache *to, const struct cache_config *c)
{
    to->ways = c->ways;
    to->sets = c->bytes ? c->bytes / 64 / c->ways : 0;
    to->random = c->random;
    to->lot[1] = true;
    assert_true(to->sets <= 4096 && to->ways <= (c->random ? 4 : 16));
}

static void shape_tlb(struct ref_tlb *to, u32 entries, u32 ways)
{
    to->ways = ways && ways < entries ? ways : entries;
    to->sets = entries ? entries / to->ways : 0;
    assert_true(entries <= 1024);
}

static unsigned cache_differs(const char *name, const struct cache *c,
                              const struct ref_cache *r, bool say)
{
    unsigned wrong = 0;

    for (u32 i = 0; i < c->sets * c->ways; i++) {
        const struct ref_line *l = &r->way[i / c->ways][i % c->ways];
        u32 tag = c->tag[i];
        u64 line = tag ? tag - 1 + RP_BASE / 64 : 0;
        bool dirty = tag && *cache_word(c->dirty, tag - 1) & cache_bit(tag - 1);
        wrong += l->valid != !!tag ||
                 (tag && (l->line != line || l->dirty != dirty));
    }
    for (u32 s = 0; s < c->sets; s++)
        wrong += c->set[s].fifo != r->next[s];
    for (u32 i = 0; i < 16 && c->sets; i++)
        wrong += (c->lfsr >> i & 1) != r->lot[i + 1];
    wrong += c->stats.accesses != r->accesses;
    wrong += c->stats.misses != r->misses;
    wrong += c->stats.writebacks != r->writebacks;
    if (wrong && say)
        print_error("%s: accesses %llu (model %lu), misses %llu (%lu), written "
                    "back %llu (%lu)\n",
                    name, c->stats.accesses, r->accesses, c->stats.misses,
                    r->misses, c->stats.writebacks, r->writebacks);
    return wrong;
}

static unsigned tlb_differs(const char *name, const struct tlb *t,
                            const struct ref_tlb *r, bool say)
{
    unsigned wrong = 0;

    for (u32 i = 0; i < t->entries; i++) {
        const struct tlb_entry *e = &t->e[i];
        const struct ref_page *p = &r->page[i];
        wrong += e->valid != p->valid;
        if (e->valid && p->valid)
            wrong += (e->vpn & 0x7ffffff) != p->vpn || e->ppn != p->ppn ||
                     e->asid != p->asid || tlb_pages(e) != p->pages ||
                     !(e->flags & PTE_D) == p->dirty ||
                     !(e->flags & PTE_G) == p->global;
    }
    for (u32 s = 0; s < t->sets; s++)
        wrong += t->fifo[s] != r->next[s];
    wrong += t->stats.accesses != r->accesses;
    wrong += t->stats.misses != r->misses;
    if (wrong && say)
        print_error("%s: accesses %llu (model %lu), misses %llu (%lu)\n", name,
                    t->stats.accesses, r->accesses, t->stats.misses, r->misses);
    return wrong;
}

/* Compares all caches (L1I, L1D, L2), TLBs and the walker's pointers. */
static unsigned state_differs(const struct machine *m,
                              struct cache *const caches[3],
                              const struct refmodel *r, bool say)
{
    unsigned wrong = cache_differs("L1I", caches[0], &r->l1i, say) +
                     cache_differs("L1D", caches[1], &r->l1d, say) +
                     cache_differs("L2", caches[2], &r->l2, say) +
                     tlb_differs("I-TLB", &m->mmu.itlb, &r->itlb, say) +
                     tlb_differs("D-TLB", &m->mmu.dtlb, &r->dtlb, say) +
                     tlb_differs("L2 TLB", &m->mmu.l2tlb, &r->l2tlb, say);
    for (unsigned i = 0; i < PWC_ENTRIES; i++) {
        const struct pwc_entry *e = &m->mmu.pwc[i];
        const struct ref_pointer *p = &r->pointer[i];
        wrong += e->valid != p->valid ||
                 (e->valid && (e->pte_pa != p->address || e->pte != p->pte ||
                               e->asid != p->asid));
    }
    return wrong;
}
