/* SPDX-License-Identifier: MIT */
/* Most of what the software TLB lacks in fast timing, where nothing costs time:
 * a page that is not translated, that the modelled D-TLB has, or that a plain
 * walk brings (mmu/quick.h). First all that may forbid it is asked, then it is
 * done. */
#include "engine/internal.h"
#include "mmu/quick.h"

/* The D-TLB lacks the page: a walk brings the usual leaf of one. False: nothing
 * was done, or *what has: it faults. */
static inline bool walk(struct engine *e, u64 va, bool store,
                        struct quick_leaf *leaf, enum slow *what)
{
    struct context *c = e->ctx;
    struct refill_path *p = path_of(e, va);
    bool ready = path_ready(e, p, va);

    if (unlikely(!ready) && !path_found(e, p, va))
        return false;
    u64 pte = get_le(p->ptes + path_leaf(va), 8);
    if ((pte & c->mask[store]) != c->want[store]) {
        if (ready && path_faults(e, p, va, store))
            *what = SLOW_TRAP;
        return false;
    }
    if (!soft_plain(e, c, pte >> 10 << PAGE_SHIFT)) /* no bits above the PPN */
        return false;
    *leaf = (struct quick_leaf){va >> PAGE_SHIFT, pte >> 10,
                                c->rest | QUICK_FLAG(pte)};
    if (likely(ready))
        path_walked(e, p, va, store, pte, SERVED_RAM, 0);
    else
        path_walk(e, p, va, store);
    mmu_quick_fill(e->mmu, *leaf);
    return true;
}

/* Where the page of va is, and what it lets do (of `rest` the flags): from the
 * D-TLB, or by a walk. */
static inline bool find(struct engine *e, u64 va, bool store,
                        struct quick_leaf *leaf, enum slow *what)
{
    struct context *c = e->ctx;
    const struct tlb_entry *t = tlb_find(&e->mmu->dtlb, va, c->asid);

    if (!t)
        return !e->mmu->l2tlb.entries && walk(e, va, store, leaf, what);
    *leaf = quick_leaf(t);
    leaf->ppn = tlb_pa(t, va) >> PAGE_SHIFT;
    return soft_serves(c, leaf->rest, store) &&
           soft_plain(e, c, leaf->ppn << PAGE_SHIFT);
}

u8 *refill_fast(struct engine *e, u64 va, bool store, enum slow *what)
{
    struct context *c = e->ctx;
    bool stores = true;
    u64 pa = va;

    soft_foresee(e, va);
    if (!c->refills || e->split_pa != NO_LINE || !mmu_quick_may(e->mmu))
        return NULL;
    if (c->data_sv39) {
        struct quick_leaf leaf;
        if (!find(e, va, store, &leaf, what))
            return NULL;
        pa = leaf.ppn << PAGE_SHIFT;
        stores = store || soft_serves(c, leaf.rest, true);
    } else if (!soft_plain(e, c, va & ~(PAGE_BYTES - 1))) {
        return NULL;
    }
    e->stats.refills++;
    struct soft *s = soft_put(e, va, frame_of(e, pa), stores, false);
    if (store && unlikely(*s->code >> (va >> LINE_SHIFT & 63) & 1))
        *what = slow_line(e, s, va, true);
    else
        *what = overdrawn(e) || e->leave ? SLOW_LEAVE : SLOW_DONE;
    return (u8 *)(uintptr_t)(s->host + va);
}
