/* SPDX-License-Identifier: MIT */
/* Translates, checks and times data accesses that miss the host TLB. */
#include "engine/data_access.h"
#include "engine/observe.h"
#include "engine/walk_port.h"

/* ---- outcomes ---- */

enum outcome access_finish(struct engine *e, const struct data_access *a)
{
    access_settle(e, a);
    return access_goes_on(e);
}

enum outcome access_trap(struct engine *e, const struct data_access *a,
                         u64 cause, u64 tval)
{
    if (a->store_faults && cause == CAUSE_LOAD_PAGE)
        cause = CAUSE_STORE_PAGE;
    if (a->store_faults && cause == CAUSE_LOAD_ACCESS) /* a walk's fault */
        cause = CAUSE_STORE_ACCESS;
    access_settle(e, a);
    engine_trap_here(e, cause, tval);
    return TRAPPED;
}

/* ---- translation and permission ---- */

enum outcome access_untranslated(struct engine *e, const struct data_access *a,
                                 u64 va, enum mmu_verdict v, u32 cause)
{
    if (v == MMU_FAULT)
        return access_trap(e, a, cause, va);
    access_settle(e, a);
    block_unwind(e, UNWIND_BEFORE);
    return LEAVE_BEFORE;
}

/* A walk for the second half of a split access was caught. Keeps the
 * pa and memory type of the first half until the access is retried. */
static void split_keep(struct engine *e, const struct part *p)
{
    e->split_pa = p->pa | (p->uncached ? SPLIT_UNCACHED : 0);
}

/* Restores the half kept by split_keep. False: it belongs to another access. */
static bool split_again(struct engine *e, struct data_access *a)
{
    const struct walk *w = &e->mmu->walk;
    u64 pa = e->split_pa;

    e->split_pa = NO_LINE;
    if (a->parts != 2 || w->phase == WALK_IDLE || w->va != a->part[1].va)
        return false;
    a->part[0].pa = pa & ~SPLIT_UNCACHED;
    a->part[0].uncached = pa & SPLIT_UNCACHED;
    return true;
}

enum outcome access_elsewhere(struct engine *e, struct data_access *a,
                              const struct part *p, enum access access,
                              unsigned rights, bool aligned)
{
    u64 fault = access == ACC_LOAD ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS;

    if (!pmp_ok(e, p->pa, p->n, rights, e->ctx->data_priv))
        return access_trap(e, a, fault, p->va);
    if (ram_holds(e, p->pa, p->n))
        return GO_ON;
    a->in_ram = false;
    if (a->parts > 1 || !aligned) /* a device refuses both */
        return access_trap(e, a, fault, p->va);
    return GO_ON;
}

enum outcome access_locate_split(struct engine *e, struct data_access *a,
                                 u64 va, unsigned n, enum access access,
                                 unsigned rights)
{
    unsigned room = (unsigned)(PAGE_BYTES - (va & (PAGE_BYTES - 1)));

    a->part[0] = (struct part){.va = va, .n = n < room ? n : room};
    a->part[1] = (struct part){.va = va + room, .n = n - a->part[0].n};
    a->parts = n > room ? 2 : 1;
    for (unsigned i = 0; i < a->parts; i++) {
        struct part *p = &a->part[i];
        if (i == 0 && unlikely(e->split_pa != NO_LINE) && split_again(e, a))
            continue;
        enum outcome s = access_translate(e, a, p, access);
        if (s == LEAVE_BEFORE && i == 1)
            split_keep(e, &a->part[0]);
        if (s != GO_ON)
            return s;
    }
    for (unsigned i = 0; i < a->parts; i++) {
        enum outcome s = access_permitted(e, a, &a->part[i], access, rights,
                                          !(va & (n - 1)));
        if (s != GO_ON)
            return s;
    }
    e->dtlb_more += a->parts - 1;
    return GO_ON;
}

enum outcome access_locate_block(struct engine *e, struct data_access *a,
                                 u64 va, enum access access, unsigned rights)
{
    struct part *p = &a->part[0];

    *p = (struct part){.va = va, .n = CBO_BLOCK};
    a->parts = 1;
    a->in_ram = true;
    enum outcome s = access_translate(e, a, p, access);
    if (s != GO_ON)
        return s;
    p->pa &= ~(u64)(CBO_BLOCK - 1);
    if (!hart_pmp_ok(e->h, p->pa, CBO_BLOCK, rights, e->ctx->data_priv) ||
        !ram_holds(e, p->pa, CBO_BLOCK))
        return access_trap(e, a, CAUSE_STORE_ACCESS, va);
    return GO_ON;
}

/* ---- cost ---- */

static void charge_data(struct engine *e, struct memtime_cost c)
{
    charge(e, &e->by.dram, c.dram);
    charge(e, &e->by.dcache, c.caches);
}

/* Charges an uncached access, which always goes to memory. */
static void touch_memory(struct engine *e, u64 pa, bool store)
{
    charge(e, &e->by.dram, memtime_uncached(e->mem, store, pa, e->h->cycle));
    e->l1d_more--;
}

void data_fence(struct engine *e)
{
    struct memtime_cost c = memtime_drain(e->mem, engine_cycle(e));

    e->by.dram += c.dram;
    e->by.dcache += c.caches;
    e->budget -= COST((u64)c.caches + c.dram, 0);
}

void access_drain(struct engine *e)
{
    if (unlikely(e->mem->busy_until))
        charge_data(e, memtime_drain(e->mem, e->h->cycle));
}

static void touch_line(struct engine *e, u64 pa, bool store)
{
    u64 line = (pa - e->port.ram_base) >> LINE_SHIFT;

    if (!e->timed)
        return;
    const struct frame_lines *f = &e->mem->lines[line / 64];
    u64 ok = store ? f->wr_ok : f->rd_ok;
    if (ok >> (line & 63) & 1)
        return;
    charge_data(e, store ? memtime_store(e->mem, line, e->h->cycle)
                         : memtime_data(e->mem, line, false, e->h->cycle));
}

void access_touch(struct engine *e, const struct data_access *a, bool store)
{
    unsigned lines = 0;

    if (unlikely(e->touch))
        observe_access(e, a, store);
    for (unsigned i = 0; i < a->parts; i++) {
        const struct part *p = &a->part[i];
        u64 last = p->pa + p->n - 1;
        void (*line)(struct engine *, u64, bool) =
            p->uncached ? touch_memory : touch_line;
        stamp_use(e, p->pa);
        line(e, p->pa, store);
        lines++;
        if ((p->pa ^ last) >> LINE_SHIFT) {
            line(e, last, store);
            lines++;
        }
    }
    e->l1d_more += lines - 1;
}

/* ---- decoded code, watchpoints, the commit log ---- */

void access_tell_watcher(struct engine *e, u64 pa, unsigned n)
{
    if (pa >> LINE_SHIFT <= e->watch_line &&
        (pa + n - 1) >> LINE_SHIFT >= e->watch_line) {
        engine_ask_stop(e);
        e->leave = true;
    }
}

void access_before_store(struct engine *e, const struct data_access *a)
{
    for (unsigned i = 0; i < a->parts; i++) {
        const struct part *p = &a->part[i];
        stamp_written(e, p->pa);
        u64 code = e->mem->code[frame_of(e, p->pa)];
        u64 last = p->pa + p->n - 1;
        if (likely(!code))
            continue;
        if (code >> (p->pa >> LINE_SHIFT & 63) & 1 ||
            code >> (last >> LINE_SHIFT & 63) & 1) {
            if (unlikely(e->mmu->stale))
                walk_port_stored(e, p->pa, p->n);
            blocks_drop(e, p->pa, p->n);
            access_tell_watcher(e, p->pa, p->n);
        }
    }
}

void access_watch(struct engine *e, u64 va, unsigned n, bool store)
{
    for (size_t i = 0; i < e->nwatch; i++) {
        const struct engine_watch *w = &e->watch[i];
        if (!(store ? w->on_write : w->on_read) || va >= w->va + w->len ||
            w->va >= va + n)
            continue;
        if (!e->watch_hit)
            e->watched = (struct engine_watched){va, n, store};
        e->leave = e->watch_hit = true;
    }
}

void access_watch_memory(struct engine *e, const struct data_access *a,
                         bool store)
{
    for (unsigned i = 0; i < a->parts; i++)
        if (memory_watched(e, a->part[i].pa, a->part[i].n,
                           store ? ACC_STORE : ACC_LOAD))
            e->leave = e->watch_hit = e->memory_by_hart = true;
}

void access_note(struct engine *e, u64 va, unsigned n, bool store, u64 data)
{
    access_watch(e, va, n, store);
    e->log.load = !store;
    e->log.store = store;
    e->log.addr = va;
    e->log.bytes = (u8)n;
    e->log.data = data;
}

u64 access_read(const struct engine *e, const struct data_access *a)
{
    u8 bytes[8] = {0};

    for (unsigned i = 0, n = 0; i < a->parts; n += a->part[i++].n)
        memcpy(bytes + n, access_host(e, a->part[i].pa), a->part[i].n);
    return get_le(bytes, 8);
}
