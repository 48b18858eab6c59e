/* SPDX-License-Identifier: MIT */
/* Data accesses that are no soft hit: translation, PMP, the caches' time,
 * devices, misaligned accesses, reservations, watchpoints. The order is that
 * of the hardware: both halves of a split access are translated and checked
 * before anything is read or written, so that a fault leaves no trace. */
#include "engine/internal.h"
#include "time/quick.h"

enum { PMP_R = 1, PMP_W = 2 };

/* A part of an access that lies within one page. */
struct part {
    u64 va, pa;
    unsigned n;
    bool uncached; /* NC or IO (Svpbmt), in cycle timing */
};

struct slow_access {
    struct part part[2];
    unsigned parts;
    bool in_ram;       /* all of it */
    bool store_faults; /* whatever it does: cbo.clean and the like */
    u64 start;         /* hart.cycle when it began */
};

/* ---- costs and outcomes ---- */

static void begin(struct engine *e, struct slow_access *a)
{
    engine_now(e);
    a->start = e->h->cycle;
    a->parts = 0;
    a->store_faults = false;
}

/* The budget pays what has passed since begin(). */
static void settle(struct engine *e, const struct slow_access *a)
{
    e->budget -= COST(e->h->cycle - a->start, 0);
}

static enum slow finish(struct engine *e, const struct slow_access *a)
{
    settle(e, a);
    if (e->b->cost == DEAD_COST) /* it stored into itself */
        e->leave |= e->b != e->scratch;
    return overdrawn(e) || e->leave ? SLOW_LEAVE : SLOW_DONE;
}

static enum slow trap(struct engine *e, const struct slow_access *a, u64 cause,
                      u64 tval)
{
    if (a->store_faults && cause == CAUSE_LOAD_PAGE)
        cause = CAUSE_STORE_PAGE;
    settle(e, a);
    engine_trap_here(e, cause, tval);
    return SLOW_TRAP;
}

enum slow slow_charge(struct engine *e, u32 cycles)
{
    e->by.issue += cycles;
    e->budget -= COST(cycles, 0);
    return overdrawn(e) ? SLOW_LEAVE : SLOW_DONE;
}

/* After a device has been asked: whether somebody wants the hart. */
static void look_around(struct engine *e)
{
    if (__atomic_load_n(&e->asked, __ATOMIC_RELAXED) || e->context_dirty ||
        e->deadline < e->slice_end || hart_interrupt(e->h))
        e->leave = true;
}

/* ---- where the bytes are ---- */

static enum slow translate(struct engine *e, struct slow_access *a,
                           struct part *p, enum access access)
{
    struct mmu_port port = walk_port(e);
    const struct tlb_entry *leaf;
    u32 cause = 0, tlb = 0, walk = 0;

    p->pa = p->va;
    if (!e->ctx->data_sv39)
        return SLOW_DONE;
    enum mmu_verdict v =
        mmu_translate(e->mmu, &e->ctx->data, p->va, access, &port, &p->pa,
                      &leaf, &cause, &tlb, &walk);
    charge(e, &e->by.walk, tlb + walk);
    if (v == MMU_FAULT)
        return trap(e, a, cause, p->va);
    if (v == MMU_CAUGHT) {
        settle(e, a);
        engine_stand(e, STAND_BEFORE);
        return SLOW_RETRY;
    }
    e->dtlb_more--; /* mmu counted this one */
    p->uncached = e->timed && leaf->type != MEMTYPE_PMA;
    return SLOW_DONE;
}

/* The first half of a split access is translated; for the other one a walk was
 * caught. Remembered with its type until the access is tried again. */
static void split_keep(struct engine *e, const struct part *p)
{
    e->split_pa = p->pa | (p->uncached ? SPLIT_UNCACHED : 0);
}

/* False: it must be translated (again), for this is another access. */
static bool split_again(struct engine *e, struct slow_access *a)
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

static u8 *host(const struct engine *e, u64 pa)
{
    return e->port.ram + (pa - e->port.ram_base);
}

/* Whether the n bytes at va may be accessed where p is: PMP, and what is
 * there. */
static inline enum slow permitted(struct engine *e, struct slow_access *a,
                                  const struct part *p, enum access access,
                                  unsigned pmp, bool aligned)
{
    u64 fault = access == ACC_LOAD ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS;

    if (!pmp_ok(e, p->pa, p->n, pmp, e->ctx->data_priv))
        return trap(e, a, fault, p->va);
    if (likely(ram_holds(e, p->pa, p->n))) {
        __builtin_prefetch(host(e, p->pa), 1);
        return SLOW_DONE;
    }
    a->in_ram = false;
    if (a->parts > 1 || !aligned) /* devices know no such thing */
        return trap(e, a, fault, p->va);
    return SLOW_DONE;
}

/* It crosses a page, or did so when a walk was caught. */
static enum slow locate_split(struct engine *e, struct slow_access *a, u64 va,
                              unsigned n, enum access access, unsigned pmp)
{
    unsigned room = (unsigned)(PAGE_BYTES - (va & (PAGE_BYTES - 1)));

    a->part[0] = (struct part){.va = va, .n = n < room ? n : room};
    a->part[1] = (struct part){.va = va + room, .n = n - a->part[0].n};
    a->parts = n > room ? 2 : 1;
    a->in_ram = true;
    for (unsigned i = 0; i < a->parts; i++) {
        struct part *p = &a->part[i];
        if (i == 0 && unlikely(e->split_pa != NO_LINE) && split_again(e, a))
            continue;
        enum slow s = translate(e, a, p, access);
        if (s == SLOW_RETRY && i == 1)
            split_keep(e, &a->part[0]);
        if (s != SLOW_DONE)
            return s;
    }
    for (unsigned i = 0; i < a->parts; i++) {
        enum slow s =
            permitted(e, a, &a->part[i], access, pmp, !(va & (n - 1)));
        if (s != SLOW_DONE)
            return s;
    }
    e->dtlb_more += a->parts - 1;
    return SLOW_DONE;
}

/* Translates and checks all parts; pmp: PMP_R | PMP_W. */
static enum slow locate(struct engine *e, struct slow_access *a, u64 va,
                        unsigned n, enum access access, unsigned pmp)
{
    struct part *p = &a->part[0];

    if (unlikely((va & (PAGE_BYTES - 1)) + n > PAGE_BYTES ||
                 e->split_pa != NO_LINE))
        return locate_split(e, a, va, n, access, pmp);
    p->va = va;
    p->n = n;
    p->uncached = false;
    a->parts = 1;
    a->in_ram = true;
    enum slow s = translate(e, a, p, access);
    return s != SLOW_DONE ? s
                          : permitted(e, a, p, access, pmp, !(va & (n - 1)));
}

/* Past the caches: memory is asked each time. */
static void touch_memory(struct engine *e, u64 pa, bool store)
{
    charge(e, &e->by.dram, memtime_uncached(e->mem, store, pa, e->h->cycle));
    e->l1d_more--;
}

/* Posted stores have happened before what follows. */
static void drain(struct engine *e)
{
    if (likely(!e->mem->busy_until))
        return;
    struct memtime_cost c = memtime_drain(e->mem, e->h->cycle);
    charge(e, &e->by.dram, c.dram);
    charge(e, &e->by.dcache, c.caches);
}

void slow_fence(struct engine *e)
{
    struct memtime_cost c = memtime_drain(e->mem, engine_cycle(e));

    e->by.dram += c.dram;
    e->by.dcache += c.caches;
    e->budget -= COST((u64)c.caches + c.dram, 0);
}

/* One line's time. */
static void touch_line(struct engine *e, u64 pa, bool store)
{
    u64 line = (pa - e->port.ram_base) >> LINE_SHIFT;

    if (!e->timed)
        return;
    const struct frame_lines *f = &e->mem->lines[line / 64];
    u64 ok = store ? f->wr_ok : f->rd_ok;
    if (ok >> (line & 63) & 1)
        return;
    struct memtime_cost c =
        store ? memtime_store(e->mem, line, e->h->cycle)
              : memtime_data(e->mem, line, false, e->h->cycle);
    charge(e, &e->by.dram, c.dram);
    charge(e, &e->by.dcache, c.caches);
}

/* The time of all lines of an access to RAM, and its mark on the frames. */
static void touch(struct engine *e, const struct slow_access *a, bool store)
{
    const struct part *only = &a->part[0];
    unsigned lines = 0;

    if (likely(a->parts == 1 && !only->uncached &&
               !((only->pa ^ (only->pa + only->n - 1)) >> LINE_SHIFT))) {
        stamp_use(e, only->pa);
        touch_line(e, only->pa, store);
        return;
    }
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

/* Somebody waits for stores to this line. */
static void tell_watcher(struct engine *e, u64 pa, unsigned n)
{
    if (pa >> LINE_SHIFT <= e->watch_line &&
        (pa + n - 1) >> LINE_SHIFT >= e->watch_line) {
        engine_ask_stop(e);
        e->leave = true;
    }
}

/* Decoded code that the store is about to change goes away. */
static void drop_code(struct engine *e, const struct slow_access *a)
{
    for (unsigned i = 0; i < a->parts; i++) {
        const struct part *p = &a->part[i];
        u64 code = e->mem->code[frame_of(e, p->pa)];
        u64 last = p->pa + p->n - 1;
        if (likely(!code))
            continue;
        if (code >> (p->pa >> LINE_SHIFT & 63) & 1 ||
            code >> (last >> LINE_SHIFT & 63) & 1) {
            blocks_drop(e, p->pa, p->n);
            tell_watcher(e, p->pa, p->n);
        }
    }
}

static void watch(struct engine *e, u64 va, unsigned n, bool store)
{
    for (size_t i = 0; i < e->nwatch; i++) {
        const struct engine_watch *w = &e->watch[i];
        if ((store ? w->on_write : w->on_read) && va < w->va + w->len &&
            w->va < va + n)
            e->leave = e->watch_hit = true;
    }
}

static void note(struct engine *e, u64 va, unsigned n, bool store, u64 data)
{
    watch(e, va, n, store);
    e->log.load = !store;
    e->log.store = store;
    e->log.addr = va;
    e->log.bytes = (u8)n;
    e->log.data = data;
}

/* ---- a known page ---- */

static inline enum slow go_on(const struct engine *e)
{
    return overdrawn(e) || e->leave ? SLOW_LEAVE : SLOW_DONE;
}

/* What slow_line does in cycle timing, but for decoded code. */
static inline enum slow line(struct engine *e, const struct soft *s, u64 va,
                             bool store)
{
    u64 line = quick_line(&e->quick, s->lines, va), now = engine_cycle(e);
    struct memtime_cost c = store ? memtime_store(e->mem, line, now)
                                  : memtime_data(e->mem, line, false, now);

    e->by.dram += c.dram;
    e->by.dcache += c.caches;
    e->budget -= COST((u64)c.caches + c.dram, 0);
    return go_on(e);
}

/* In the line, which the executor is about to store to, is code. */
static __attribute__((noinline)) enum slow
line_of_code(struct engine *e, const struct soft *s, u64 va)
{
    u64 pa = e->port.ram_base + (s->host + va - (u64)(uintptr_t)e->port.ram);

    blocks_drop(e, pa & ~7ull, 8);
    tell_watcher(e, pa, 1);
    e->leave |= e->b->cost == DEAD_COST;
    return e->timed ? line(e, s, va, true) : go_on(e);
}

/* The software TLB has the page and the access is aligned: only its line has
 * to be fetched, made dirty, or freed of decoded code. The executor then
 * accesses it itself. */
enum slow slow_line(struct engine *e, const struct soft *s, u64 va, bool store)
{
    /* What misses in the model mostly misses in the host: meanwhile. */
    __builtin_prefetch((const void *)(uintptr_t)(s->host + va), 1);
    e->stats.slow_lines++;
    if (unlikely(!e->timed)) /* why else would the executor ask */
        return line_of_code(e, s, va);
    if (store && unlikely(s->lines->code >> (va >> LINE_SHIFT & 63) & 1))
        return line_of_code(e, s, va);
    return line(e, s, va, store);
}

/* ---- loads and stores ---- */

static void ram_read(const struct engine *e, const struct slow_access *a,
                     u64 *v)
{
    u8 bytes[8] = {0};
    unsigned n0 = a->part[0].n;
    const u8 *p = host(e, a->part[0].pa);

    if (a->parts == 1 && n0 == 8) {
        *v = get_le(p, 8);
        return;
    }
    memcpy(bytes, p, n0);
    if (a->parts > 1)
        memcpy(bytes + n0, host(e, a->part[1].pa), a->part[1].n);
    *v = get_le(bytes, 8);
}

enum slow slow_load_long(struct engine *e, u64 va, unsigned n, u64 *v)
{
    struct slow_access a;
    enum slow s;

    e->stats.slow_loads++;
    soft_foresee(e, va);
    begin(e, &a);
    s = locate(e, &a, va, n, ACC_LOAD, PMP_R);
    if (s != SLOW_DONE)
        return s;
    if (a.in_ram) {
        touch(e, &a, false);
        ram_read(e, &a, v);
        if (a.parts == 1 && !a.part[0].uncached)
            soft_fill(e, va, a.part[0].pa, true, false);
    } else {
        drain(e);
        if (!e->port.mmio_read(e->port.opaque, a.part[0].pa, n, v))
            return trap(e, &a, CAUSE_LOAD_ACCESS, va);
        e->l1d_more--;
        look_around(e);
    }
    note(e, va, n, false, *v);
    return finish(e, &a);
}

enum slow slow_store_long(struct engine *e, u64 va, unsigned n, u64 v)
{
    struct slow_access a;
    enum slow s;

    e->stats.slow_stores++;
    soft_foresee(e, va);
    begin(e, &a);
    s = locate(e, &a, va, n, ACC_STORE, PMP_W);
    if (s != SLOW_DONE)
        return s;
    if (a.in_ram) {
        unsigned n0 = a.part[0].n;
        touch(e, &a, true);
        drop_code(e, &a);
        if (likely(n0 == 8))
            memcpy(host(e, a.part[0].pa), &v, 8);
        else
            memcpy(host(e, a.part[0].pa), &v, n0);
        if (a.parts > 1)
            memcpy(host(e, a.part[1].pa), (u8 *)&v + n0, a.part[1].n);
        else if (!a.part[0].uncached)
            soft_fill(e, va, a.part[0].pa, false, true);
    } else {
        drain(e);
        if (!e->port.mmio_write(e->port.opaque, a.part[0].pa, n, v))
            return trap(e, &a, CAUSE_STORE_ACCESS, va);
        e->l1d_more--;
        look_around(e);
    }
    note(e, va, n, true, v);
    return finish(e, &a);
}

/* ---- A ---- */

/* Aligned, in RAM, translated: what lr, sc and amo have in common. */
static enum slow locate_atomic(struct engine *e, struct slow_access *a, u64 va,
                               unsigned n, bool load, unsigned pmp)
{
    begin(e, a);
    if (va & (n - 1))
        return trap(e, a, load ? CAUSE_LOAD_MISALIGNED : CAUSE_STORE_MISALIGNED,
                    va);
    enum slow s = locate(e, a, va, n, load ? ACC_LOAD : ACC_STORE, pmp);
    if (s == SLOW_DONE && !a->in_ram)
        return trap(e, a, load ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS, va);
    return s;
}

static u64 reservation_of(u64 pa)
{
    return pa & ~(u64)(LINE_BYTES - 1);
}

enum slow slow_lr(struct engine *e, u64 va, unsigned n, u64 *v)
{
    struct slow_access a;
    enum slow s = locate_atomic(e, &a, va, n, true, PMP_R);
    if (s != SLOW_DONE)
        return s;
    touch(e, &a, false);
    drain(e);
    ram_read(e, &a, v);
    e->h->reservation = reservation_of(a.part[0].pa);
    note(e, va, n, false, *v);
    return finish(e, &a);
}

enum slow slow_sc(struct engine *e, u64 va, unsigned n, u64 v, u64 *failed)
{
    struct slow_access a;
    enum slow s = locate_atomic(e, &a, va, n, false, PMP_W);
    if (s != SLOW_DONE)
        return s;
    u64 pa = a.part[0].pa;
    *failed = e->h->reservation != reservation_of(pa);
    e->h->reservation = ~0ull;
    if (*failed) {
        e->l1d_more--;
        return finish(e, &a);
    }
    touch(e, &a, true);
    drain(e);
    drop_code(e, &a);
    memcpy(host(e, pa), &v, n);
    note(e, va, n, true, v);
    return finish(e, &a);
}

enum slow slow_amo(struct engine *e, u64 va, unsigned n, void **p)
{
    struct slow_access a;
    enum slow s = locate_atomic(e, &a, va, n, false, PMP_R | PMP_W);
    if (s != SLOW_DONE)
        return s;
    touch(e, &a, true);
    drain(e); /* its own line, if it has missed */
    drop_code(e, &a);
    *p = host(e, a.part[0].pa);
    watch(e, va, n, false);
    note(e, va, n, true, 0);
    return finish(e, &a);
}

void slow_amo_done(struct engine *e, u64 stored)
{
    e->log.load = true;
    e->log.data = stored;
}

/* ---- blocks of 64 bytes ---- */

/* All of the block is translated, checked and touched at once (CMO 1.0.1,
 * 2.5): zeroing as a store; the others as a load, whose permission any store
 * has too, so D is not asked for. Faults are a store's, tval is rs1. */
enum slow slow_cbo(struct engine *e, u64 va, enum cbo op)
{
    const u64 within = CBO_BLOCK - 1;
    bool zero = op == CBO_ZERO;
    struct slow_access a;
    struct part *p = &a.part[0];

    begin(e, &a);
    a.store_faults = true;
    a.parts = 1;
    *p = (struct part){.va = va, .n = CBO_BLOCK};
    enum slow s = translate(e, &a, p, zero ? ACC_STORE : ACC_LOAD);
    if (s != SLOW_DONE)
        return s;
    p->pa &= ~within;
    if (!hart_pmp_ok(e->h, p->pa, CBO_BLOCK, zero ? PMP_W : PMP_R,
                     e->ctx->data_priv) ||
        !ram_holds(e, p->pa, CBO_BLOCK))
        return trap(e, &a, CAUSE_STORE_ACCESS, va);
    if (!zero) {
        u32 cycles = memtime_block(e->mem, p->pa, e->h->cycle, op != CBO_CLEAN);
        stamp_use(e, p->pa);
        e->l1d_more--; /* no access of the data cache */
        charge(e, &e->by.dram, cycles);
        return finish(e, &a);
    }
    touch(e, &a, true);
    drop_code(e, &a);
    memset(host(e, p->pa), 0, CBO_BLOCK);
    if (!p->uncached)
        soft_fill(e, va, p->pa | (va & within), false, true);
    note(e, va & ~within, CBO_BLOCK, true, 0);
    return finish(e, &a);
}
