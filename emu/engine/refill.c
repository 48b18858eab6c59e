/* SPDX-License-Identifier: MIT */
/* Most of what the software TLB lacks in cycle timing, quickly: a page that the
 * modelled D-TLB has, or that its L2 or a plain walk brings (mmu/quick.h), at a
 * cost that does not depend on the time (time/quick.h). First all that may
 * forbid it is asked, then it is done. */
#include "engine/internal.h"
#include "mmu/quick.h"
#include "time/quick.h"

/* Whether the walker may read the PTEs of the page at pa. */
static bool readable(struct engine *e, u64 pa)
{
    pa &= ~(PAGE_BYTES - 1);
    return ram_holds(e, pa, PAGE_BYTES) && pmp_uniform(e, pa) &&
           pmp_ok(e, pa, 8, 1, PRV_S);
}

static u64 pte_at(const struct engine *e, u64 pa)
{
    return get_le(e->port.ram + (pa - e->port.ram_base), 8);
}

/* The pointer at q->pte_pa[level]: the walker's cache's, or memory's. Behind
 * one that is to be read, what is cached may have to make room for that, so it
 * must be what memory has. False: something else. */
static bool find_pointer(struct engine *e, struct quick_path *q, u32 level,
                         bool *read)
{
    u64 pa = q->pte_pa[level], *pte = &q->pointer[level - 1];
    bool cached = mmu_quick_cached(e->mmu, q, level);

    if (!cached || *read) {
        if (!readable(e, pa) || (cached && *pte != pte_at(e, pa)))
            return false;
        *pte = pte_at(e, pa);
        *read = true;
    }
    return mmu_quick_pointer(*pte);
}

/* Makes *p the way to va's leaf. Nobody has come along it yet: if it does not
 * stand, pointers are still to be read. False: nothing was done, but that *p is
 * no way any more. */
static bool find_path(struct engine *e, struct refill_path *p, u64 va)
{
    const struct context *c = e->ctx;
    struct quick_path *q = &p->quick;
    u64 table = bits(c->data.satp, 43, 0) << PAGE_SHIFT;
    bool read = false;

    p->ctx = NULL;
    if (!sv39_canonical(va))
        return false;
    *q = (struct quick_path){.ctx = c->data, .asid = c->asid};
    for (u32 level = 2; level > 0; level--) {
        q->pte_pa[level] = table + bits(va, 20 + 9 * level, 12 + 9 * level) * 8;
        if (!find_pointer(e, q, level, &read))
            return false;
        table = PTE_PPN(q->pointer[level - 1]) << PAGE_SHIFT;
    }
    if (!readable(e, table))
        return false;
    q->pte_pa[0] = table;
    p->region = va >> 21;
    p->ptes = e->port.ram + (table - e->port.ram_base);
    p->lines = &e->mem->lines[frame_of(e, table)];
    p->used = &e->last_use[frame_of(e, table)];
    p->ctx = c;
    return true;
}

/* The same where *p is that way, but for pointers that the walker's cache has
 * lost since, or has in another place. */
static bool path_stands(struct engine *e, struct refill_path *p, u64 va)
{
    struct quick_path *q = &p->quick;
    bool read = false;

    if (p->region != va >> 21 || p->ctx != e->ctx)
        return false;
    for (u32 level = 2; level > 0; level--) {
        u64 pointer = q->pointer[level - 1];
        if (mmu_quick_has(e->mmu, q, level) && !read)
            continue;
        if (!find_pointer(e, q, level, &read) ||
            q->pointer[level - 1] != pointer)
            return false;
    }
    return true;
}

/* The PTE at pa is read when the walk has taken `since`, wherever it is. */
static u32 read_far(struct engine *e, u64 pa, u32 since, u8 *where)
{
    enum served served;
    u32 dram;

    stamp_use(e, pa);
    u32 cycles = memtime_access(e->mem, MEM_WALK, pa, engine_cycle(e) + since,
                                &served, &dram);
    *where = (u8)served;
    return cycles;
}

/* Those that the walker's cache has not, or no more when their turn comes. */
static void read_pointers(struct engine *e, struct quick_path *q, u8 where[3],
                          u32 cost[3])
{
    for (u32 level = 2, since = 0; level > 0; since += cost[level--]) {
        if (mmu_quick_has(e->mmu, q, level))
            continue;
        cost[level] = read_far(e, q->pte_pa[level], since, &where[level]);
        mmu_quick_enters(e->mmu, q, level);
    }
}

/* The same as walk(), for a region that others were looked at since, whose
 * pointers may have to be read, and a leaf that may be in memory. */
static __attribute__((noinline)) bool
walk_far(struct engine *e, struct refill_path *p, u64 va, bool store,
         struct quick_leaf *leaf, u64 *cycles)
{
    struct context *c = e->ctx;
    struct mmu *m = e->mmu;
    struct quick_path *q = &p->quick;
    u8 where[3] = {0, SERVED_PWC, SERVED_PWC};
    u32 cost[3] = {0, m->pwc_hit_cycles, m->pwc_hit_cycles};

    if (m->quick.path == q)
        mmu_quick_settle(m);
    if (!path_stands(e, p, va) && !find_path(e, p, va))
        return false;
    u64 at = bits(va, 20, 12) * 8, pte = get_le(p->ptes + at, 8);
    if ((pte & c->mask[store]) != c->want[store] ||
        !soft_plain(e, c, pte >> 10 << PAGE_SHIFT))
        return false;
    read_pointers(e, q, where, cost);
    cost[0] = read_far(e, q->pte_pa[0] + at, cost[2] + cost[1], where);
    *leaf = (struct quick_leaf){va >> PAGE_SHIFT, pte >> 10,
                                c->rest | QUICK_FLAG(pte)};
    *cycles = mmu_quick_walked_far(m, q, va, store ? ACC_STORE : ACC_LOAD, pte,
                                   where, cost);
    e->by.walk += *cycles;
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
 * forward). False: nothing was done. */
static inline bool walk(struct engine *e, u64 va, bool store,
                        struct quick_leaf *leaf, u64 *cycles)
{
    struct context *c = e->ctx;
    struct refill_path *p = &e->paths[va >> 21 & (REFILL_PATHS - 1)];
    enum served where;
    u32 read;

    if (unlikely(p->region != va >> 21 || p->ctx != c ||
                 !mmu_quick_stands(e->mmu, &p->quick)))
        return walk_far_apart(e, p, va, store, leaf, cycles);
    u64 at = bits(va, 20, 12) * 8, pte = get_le(p->ptes + at, 8);
    if ((pte & c->mask[store]) != c->want[store] ||
        !soft_plain(e, c, pte >> 10 << PAGE_SHIFT)) /* no bits above the PPN */
        return false;
    if (!memtime_quick_walk(&e->quick, p->lines, at, &read, &where))
        return walk_far_apart(e, p, va, store, leaf, cycles);
    bool l2 = where == SERVED_L2;
    *leaf = (struct quick_leaf){va >> PAGE_SHIFT, pte >> 10,
                                c->rest | QUICK_FLAG(pte)};
    *p->used = e->epoch;
    *cycles = e->walk_takes[l2];
    e->mmu_quick.walked[l2]++;
    mmu_quick_walked(e->mmu, &p->quick, va, store ? ACC_STORE : ACC_LOAD, pte,
                     where, read);
    return true;
}

/* Whether the D-TLB's entry serves as it is. */
static __attribute__((noinline)) bool
present(struct engine *e, const struct tlb_entry *t, u64 va, bool store)
{
    struct context *c = e->ctx;
    u64 differs = quick_leaf(t).rest ^ c->rest_want[store];

    return t->type == MEMTYPE_PMA &&
           !(differs & c->rest_mask[store] & QUICK_FLAG(0xff)) &&
           soft_plain(e, c, tlb_pa(t, va & ~(PAGE_BYTES - 1)));
}

/* The D-TLB lacks the page: it comes, if it can; *cycles is what that takes. */
static inline bool come(struct engine *e, u64 va, bool store,
                        struct quick_leaf *leaf, u64 *cycles)
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
        if (!walk(e, va, store, leaf, cycles))
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

/* The software TLB gets the page. */
static inline struct soft *fill(struct engine *e, u64 va, bool store,
                                struct quick_leaf leaf)
{
    struct context *c = e->ctx;
    unsigned i = (unsigned)leaf.vpn & (SOFT_TIMED - 1);
    u64 offset = (leaf.ppn << PAGE_SHIFT) - e->port.ram_base;
    u64 page = va & ~(PAGE_BYTES - 1);
    u64 differs = (leaf.rest ^ c->rest_want[1]) & c->rest_mask[1];
    struct soft *s = &c->table->e[i];

    if (unlikely(!s->host))
        soft_live(e, i);
    s->load = page; /* what may be stored to may be loaded from */
    s->store = !store && differs >> 32 & 0xff ? SOFT_NONE : page;
    s->host = (u64)(uintptr_t)e->port.ram + offset - page;
    s->lines = &e->mem->lines[offset >> PAGE_SHIFT];
    e->last_use[offset >> PAGE_SHIFT] = e->epoch;
    e->hints[leaf.vpn & (SOFT_HINTS - 1)] = s->host;
    return s;
}

/* The software TLB has just got the page: its line most often is there or comes
 * from the L2. */
static inline enum slow line(struct engine *e, const struct soft *s, u64 va,
                             bool store)
{
    struct frame_lines *f = s->lines;
    u64 ok = store ? f->wr_ok : f->rd_ok;

    if (!(ok >> (va >> LINE_SHIFT & 63) & 1)) {
        if (unlikely(store && code_kept(e, f, va)))
            return SLOW_RETRY;
        enum quick q = memtime_quick_access(&e->quick, f, va, store);
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
    struct quick_leaf leaf;
    u64 cycles = 0;

    soft_foresee(e, va);
    if (!c->refills || va & (n - 1) || e->split_pa != NO_LINE ||
        !mmu_quick_may(e->mmu))
        return NULL;
    const struct tlb_entry *t = mmu_quick_l1(e->mmu, va, c->asid);
    if (unlikely(t)) {
        if (!present(e, t, va, store))
            return NULL;
        leaf = quick_leaf(t);
        leaf.vpn = va >> PAGE_SHIFT;
        leaf.ppn = tlb_pa(t, va) >> PAGE_SHIFT;
    } else if (!come(e, va, store, &leaf, &cycles)) {
        return NULL;
    }
    e->budget -= COST(cycles, 0);
    e->stats.refills++;
    struct soft *s = fill(e, va, store, leaf);
    *what = line(e, s, va, store);
    return (u8 *)(uintptr_t)(s->host + va);
}

void refill_init(struct engine *e)
{
    u32 cycles = 2 * e->mmu->pwc_hit_cycles + e->quick.walk_cycles;

    e->walk_takes[0] = cycles;
    e->walk_takes[1] = cycles + e->quick.cycles;
}

void refill_count(struct engine *e)
{
    mmu_quick_settle(e->mmu);
    e->l1d_more += e->mmu_quick.walked[0] + e->mmu_quick.walked[1];
    e->by.walk += mmu_quick_count(e->mmu, &e->mmu_quick, e->walk_takes);
}
