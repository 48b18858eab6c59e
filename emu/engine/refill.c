/* SPDX-License-Identifier: MIT */
/* Most of what the software TLB lacks in cycle timing, quickly: a page that the
 * modelled D-TLB has, or that its L2 or a plain walk brings (mmu/quick.h), at a
 * cost that does not depend on the time (time/quick.h). First all that may
 * forbid it is asked, then it is done. */
#include "engine/internal.h"
#include "mmu/quick.h"
#include "time/quick.h"

/* Looks for the pages around pa that this context may read and write as far as
 * PMP goes, and that are RAM. */
static __attribute__((noinline)) bool find_plain(struct engine *e,
                                                 struct context *c, u64 pa)
{
    u64 from = e->port.ram_base, end = from + e->port.ram_bytes;

    if (!ram_holds(e, pa, PAGE_BYTES) || !pmp_uniform(e, pa) ||
        !hart_pmp_region_ok(&e->pmp, 1, c->data_priv) ||
        !hart_pmp_region_ok(&e->pmp, 2, c->data_priv))
        return false;
    if (e->pmp.from > from)
        from = (e->pmp.from + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
    if (e->pmp.end < end)
        end = e->pmp.end & ~(PAGE_BYTES - 1);
    c->plain = from;
    c->plain_bytes = end - from;
    return true;
}

static inline bool plain(struct engine *e, struct context *c, u64 pa)
{
    return likely(pa - c->plain < c->plain_bytes) || find_plain(e, c, pa);
}

/* Makes e->path the way to va's leaf, if the walker's cache knows it. */
static __attribute__((noinline)) bool find_path(struct engine *e, u64 va,
                                                u16 asid)
{
    const struct mmu_ctx *ctx = &e->ctx->data;
    struct quick_path p;

    if (!mmu_quick_path(e->mmu, ctx, va, asid, &p))
        return false;
    u64 pa = p.pte_pa[0];
    if (!ram_holds(e, pa, PAGE_BYTES) || !pmp_uniform(e, pa) ||
        !pmp_ok(e, pa, 8, 1, PRV_S))
        return false;
    mmu_quick_begin(e->mmu, ctx, &p);
    e->path =
        (struct refill_path){.ctx = e->ctx,
                             .region = va >> 21,
                             .pointers = e->mmu->pointers,
                             .pa = pa,
                             .ptes = e->port.ram + (pa - e->port.ram_base),
                             .lines = &e->mem->lines[frame_of(e, pa)]};
    return true;
}

/* The page's entry by a walk, and what that cost; NULL: nothing was done. */
static inline const struct tlb_entry *walk(struct engine *e, u64 va, u16 asid,
                                           bool store, u32 *cycles)
{
    struct context *c = e->ctx;
    struct refill_path *p = &e->path;
    enum served where;

    if (unlikely(p->region != va >> 21 || p->ctx != c ||
                 p->pointers != e->mmu->pointers) &&
        !find_path(e, va, asid))
        return NULL;
    u64 at = bits(va, 20, 12) * 8, pte = get_le(p->ptes + at, 8);
    if ((pte & c->mask[store]) != c->want[store] ||
        !plain(e, c, PTE_PPN(pte) << PAGE_SHIFT) ||
        !memtime_quick_walk(&e->quick, p->lines, p->pa + at, cycles, &where))
        return NULL;
    e->l1d_more++;
    stamp_use(e, p->pa);
    *cycles = mmu_quick_end(e->mmu, va, store ? ACC_STORE : ACC_LOAD, asid,
                            p->pa + at, pte, where, *cycles);
    return &e->mmu->walk.filled;
}

/* The page's entry in the D-TLB, where it may come now; cycles: what that took.
 * NULL: nothing was done. */
static inline const struct tlb_entry *entry(struct engine *e, u64 va,
                                            bool store, u32 *cycles)
{
    struct context *c = e->ctx;
    struct mmu *m = e->mmu;
    u16 asid = ctx_asid(m, &c->data);
    u8 mask = (u8)c->mask[store], want = (u8)c->want[store];
    const struct tlb_entry *leaf = mmu_quick_l1(m, va, asid);

    *cycles = 0;
    if (leaf)
        return (leaf->flags & mask) == want && leaf->type == MEMTYPE_PMA &&
                       plain(e, c, tlb_pa(leaf, va) & ~(PAGE_BYTES - 1))
                   ? leaf
                   : NULL;
    leaf = mmu_quick_l2(m, va, asid);
    if (leaf) {
        if ((leaf->flags & mask) != want || leaf->type != MEMTYPE_PMA ||
            !plain(e, c, leaf->ppn << PAGE_SHIFT))
            return NULL;
        *cycles = m->timed ? m->l2_hit_cycles : 0;
        mmu_quick_missed(m, false);
    } else {
        leaf = walk(e, va, asid, store, cycles);
        if (!leaf)
            return NULL;
        mmu_quick_missed(m, true);
        mmu_quick_fill_l2(m, leaf);
    }
    struct tlb_entry *victim = mmu_quick_victim(m, leaf);
    if (likely(victim)) {
        soft_evict(e, victim->vpn, victim->asid, victim->flags & PTE_G);
        mmu_quick_replace(m, victim, leaf);
    } else {
        mmu_quick_fill_l1(m, leaf, va);
    }
    return leaf;
}

/* The software TLB has just got the page: its line most often is there or comes
 * from the L2. */
static inline enum slow line(struct engine *e, const struct soft *s, u64 va,
                             bool store)
{
    struct frame_lines *f = s->lines;
    u64 ok = store ? f->wr_ok : f->rd_ok;

    if (!(ok >> (va >> LINE_SHIFT & 63) & 1)) {
        enum quick q = store ? memtime_quick_store(&e->quick, f, va)
                       : memtime_quick_load(&e->quick, f, va) ? QUICK_MISSED
                                                              : QUICK_ASK;
        if (unlikely(q == QUICK_ASK))
            return slow_line(e, s, va, store);
        if (q == QUICK_MISSED)
            e->budget -= e->missed_cost;
    }
    return overdrawn(e) || e->leave ? SLOW_LEAVE : SLOW_DONE;
}

u8 *refill(struct engine *e, u64 va, unsigned n, bool store, enum slow *what)
{
    struct context *c = e->ctx;
    u32 cycles;

    if (!e->timed || !c->data_sv39 || c->table == e->none || va & (n - 1) ||
        e->split_pa != NO_LINE || !mmu_quick_may(e->mmu, va))
        return NULL;
    const struct tlb_entry *leaf = entry(e, va, store, &cycles);
    if (!leaf)
        return NULL;
    e->by.walk += cycles;
    e->budget -= COST(cycles, 0);

    u64 page = va & ~(PAGE_BYTES - 1), pa = tlb_pa(leaf, page);
    struct soft *s = soft_slot(e, va);
    bool other = (leaf->flags & (u8)c->mask[!store]) == (u8)c->want[!store];
    stamp_use(e, pa);
    *s = (struct soft){
        .load = !store || other ? page : SOFT_NONE,
        .store = store || other ? page : SOFT_NONE,
        .host = (u64)(uintptr_t)(e->port.ram + (pa - e->port.ram_base)) - page,
        .lines = &e->mem->lines[frame_of(e, pa)]};
    soft_filled(e, va, s->host);
    e->stats.refills++;
    *what = line(e, s, va, store);
    return (u8 *)(uintptr_t)(s->host + va);
}
