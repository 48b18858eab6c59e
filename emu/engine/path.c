/* SPDX-License-Identifier: MIT */
/* The ways to tables of leaves that refill.c and refill_fast.c walk along: by
 * which pointers, whether they stand, and walks that must read some of them or
 * end in a fault. */
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
    return pte_form(*pte, level, false, false) == PTE_LEADS_ON;
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

bool path_found(struct engine *e, struct refill_path *p, u64 va)
{
    if (e->mmu->quick.path == &p->quick)
        mmu_quick_settle(e->mmu);
    return path_stands(e, p, va) || find_path(e, p, va);
}

/* The PTE at pa is read when the walk has taken `since`, wherever it is. */
static u32 read_far(struct engine *e, u64 pa, u32 since, u8 *where)
{
    enum served served;
    u32 dram;

    stamp_use(e, pa);
    *where = SERVED_RAM;
    if (!e->timed)
        return 0;
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

u64 path_walk(struct engine *e, struct refill_path *p, u64 va, bool store)
{
    u32 hit = e->timed ? e->mmu->pwc_hit_cycles : 0, cost[3] = {0, hit, hit};
    u8 where[3] = {0, SERVED_PWC, SERVED_PWC};
    struct quick_path *q = &p->quick;
    u64 at = path_leaf(va);

    read_pointers(e, q, where, cost);
    cost[0] = read_far(e, q->pte_pa[0] + at, cost[2] + cost[1], where);
    u64 cycles =
        mmu_quick_walked_far(e->mmu, q, va, store ? ACC_STORE : ACC_LOAD,
                             get_le(p->ptes + at, 8), where, cost);
    e->by.walk += cycles;
    return cycles;
}

bool path_faults(struct engine *e, struct refill_path *p, u64 va, bool store)
{
    u64 at = path_leaf(va), pte = get_le(p->ptes + at, 8);
    u32 cause =
        mmu_quick_faults(&p->quick.ctx, pte, store ? ACC_STORE : ACC_LOAD);
    enum served where = SERVED_RAM;
    u32 read = 0;

    if (!cause)
        return false;
    if (e->timed && !memtime_quick_walk(&e->quick, p->lines, at, &read, &where))
        return false;
    e->budget -= COST(path_walked(e, p, va, store, pte, where, read), 0);
    e->mmu->dtlb.stats.accesses++; /* the executor counts what retires */
    e->mmu->quick.cause = (u8)cause;
    e->stats.refill_faults++;
    engine_trap_here(e, cause, va);
    return true;
}
