/* SPDX-License-Identifier: MIT */
/* Most of what the software TLB lacks in cycle timing, quickly: a page that the
 * modelled D-TLB has, or that its L2 or a plain walk brings (mmu/quick.h), at a
 * cost that does not depend on the time (time/quick.h). First all that may
 * forbid it is asked, then it is done. */
#include "engine/internal.h"
#include "mmu/quick.h"
#include "time/quick.h"

/* The same as walk(), for a region that others were looked at since, whose
 * pointers may have to be read, and a leaf that may be in memory. */
static __attribute__((noinline)) bool
walk_far(struct engine *e, struct refill_path *p, u64 va, bool store,
         struct quick_leaf *leaf, u64 *cycles)
{
    struct context *c = e->ctx;

    if (!path_found(e, p, va))
        return false;
    u64 pte = get_le(p->ptes + path_leaf(va), 8);
    if ((pte & c->mask[store]) != c->want[store] ||
        !soft_plain(e, c, pte >> 10 << PAGE_SHIFT))
        return false;
    *leaf = (struct quick_leaf){va >> PAGE_SHIFT, pte >> 10,
                                c->rest | QUICK_FLAG(pte)};
    *cycles = path_walk(e, p, va, store);
    return true;
}

/* With results of its own, so that the caller's can stay in registers. */
static inline bool walk_far_apart(struct engine *e, struct refill_path *p,
                                  u64 va, bool store, struct quick_leaf *leaf,
                                  u64 *cycles)
{
    struct quick_leaf l;
    u64 c;

    if (!walk_far(e, p, va, store, &l, &c))
        return false;
    *leaf = l;
    *cycles = c;
    return true;
}

/* The leaf of a usual page by a walk; *cycles is what that took (64 bits: a
 * spilled word of 32 would be read back as one of 64, which the host cannot
 * forward). False: nothing was done, or *what has: it faults. */
static inline bool walk(struct engine *e, u64 va, bool store,
                        struct quick_leaf *leaf, u64 *cycles, enum slow *what)
{
    struct context *c = e->ctx;
    struct refill_path *p = path_of(e, va);
    enum served where;
    u32 read;

    if (unlikely(!path_ready(e, p, va)))
        return walk_far_apart(e, p, va, store, leaf, cycles);
    u64 at = path_leaf(va), pte = get_le(p->ptes + at, 8);
    if ((pte & c->mask[store]) != c->want[store]) {
        if (path_faults(e, p, va, store))
            *what = SLOW_TRAP;
        return false;
    }
    if (!soft_plain(e, c, pte >> 10 << PAGE_SHIFT)) /* no bits above the PPN */
        return false;
    if (!memtime_quick_walk(&e->quick, p->lines, at, &read, &where))
        return walk_far_apart(e, p, va, store, leaf, cycles);
    *leaf = (struct quick_leaf){va >> PAGE_SHIFT, pte >> 10,
                                c->rest | QUICK_FLAG(pte)};
    *cycles = path_walked(e, p, va, store, pte, where, read);
    return true;
}

/* Whether the D-TLB's entry serves as it is. */
static __attribute__((noinline)) bool
present(struct engine *e, const struct tlb_entry *t, u64 va, bool store)
{
    struct context *c = e->ctx;
    return t->type == MEMTYPE_PMA &&
           soft_serves(c, quick_leaf(t).rest, store) &&
           soft_plain(e, c, tlb_pa(t, va & ~(PAGE_BYTES - 1)));
}

/* The D-TLB lacks the page: it comes, if it can; *cycles is what that takes. */
static inline bool come(struct engine *e, u64 va, bool store,
                        struct quick_leaf *leaf, u64 *cycles, enum slow *what)
{
    struct context *c = e->ctx;
    struct mmu *m = e->mmu;
    const struct tlb_entry *t = mmu_quick_l2(m, va, c->asid);

    if (t) {
        *leaf = quick_leaf(t);
        if ((leaf->rest & c->rest_mask[store]) != c->rest_want[store] ||
            !soft_plain(e, c, leaf->ppn << PAGE_SHIFT))
            return false;
        *cycles = m->l2_hit_cycles;
        e->mmu_quick.found++;
    } else {
        if (!walk(e, va, store, leaf, cycles, what))
            return false;
        mmu_quick_fill_l2(m, *leaf);
    }
    u64 out = mmu_quick_fill_l1(m, *leaf, c->asid);
    if (likely(out != QUICK_NOBODY)) {
        u32 tables = c->tables & e->tables_used;
        if (likely(tables == c->table_bit))
            soft_drop(&c->table->e[out & (SOFT_TIMED - 1)], out);
        else
            soft_evict(e, out, tables, SOFT_TIMED);
    }
    return true;
}

/* The software TLB has just got the page: its line most often is there or comes
 * from the L2. */
static inline enum slow line(struct engine *e, const struct soft *s, u64 va,
                             bool store)
{
    struct frame_lines *f = s->lines;
    u64 ok = store ? f->wr_ok : f->rd_ok;

    if (!(ok >> (va >> LINE_SHIFT & 63) & 1)) {
        enum quick q = memtime_quick_access(&e->quick, f, va, store);
        if (unlikely(q == QUICK_ASK))
            return slow_line(e, s, va, store);
        if (q == QUICK_MISSED)
            e->budget -= e->missed_cost;
    }
    return overdrawn(e) || e->leave ? SLOW_LEAVE : SLOW_DONE;
}

u8 *refill(struct engine *e, u64 va, bool store, enum slow *what)
{
    struct context *c = e->ctx;
    struct quick_leaf leaf;
    u64 cycles = 0;

    soft_foresee(e, va);
    if (!c->refills || e->split_pa != NO_LINE || !mmu_quick_may(e->mmu))
        return NULL;
    const struct tlb_entry *t = mmu_quick_l1(e->mmu, va, c->asid);
    if (unlikely(t)) {
        if (!present(e, t, va, store))
            return NULL;
        leaf = quick_leaf(t);
        leaf.vpn = va >> PAGE_SHIFT;
        leaf.ppn = tlb_pa(t, va) >> PAGE_SHIFT;
    } else if (!come(e, va, store, &leaf, &cycles, what)) {
        return NULL;
    }
    e->budget -= COST(cycles, 0);
    e->stats.refills++;
    bool stores = store || soft_serves(c, leaf.rest, true);
    struct soft *s =
        soft_put(e, va, frame_of(e, leaf.ppn << PAGE_SHIFT), stores, true);
    *what = line(e, s, va, store);
    return (u8 *)(uintptr_t)(s->host + va);
}

void refill_init(struct engine *e)
{
    u32 cycles = 2 * e->mmu->pwc_hit_cycles + e->quick.walk_cycles;

    e->walk_takes[WALKED_L1] = cycles;
    e->walk_takes[WALKED_L2] = cycles + e->quick.cycles;
    e->walk_takes[WALKED_RAM] = 0;
}

void refill_count(struct engine *e)
{
    mmu_quick_settle(e->mmu);
    e->l1d_more +=
        e->mmu_quick.walked[WALKED_L1] + e->mmu_quick.walked[WALKED_L2];
    e->by.walk += mmu_quick_count(e->mmu, &e->mmu_quick, e->walk_takes);
}
