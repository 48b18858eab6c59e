/* SPDX-License-Identifier: MIT */
/* Executes loads and stores that miss the host TLB, from translation to data;
 * and hits whose line is not in L1D or holds decoded code.
 *
 *   data_load_*, data_store_*
 *       enter_page: refill, enter_slowly --------> host TLB, charge_new_page
 *           '---------- two pages, a device, ----> load_far, store_far
 *                       uncached, watched, misaligned
 *   page_missed: refill -------------------------> host TLB
 *   charge_line, line_missed, charge_new_page ---> charge_quickly
 *
 * Each inline function is compiled for both timings, fast and cycle. */
#include "engine/data_access.h"
#include "engine/walk_port.h"
#include "mmu/quick.h"
#include "time/core/quick.h"

/* ---- a line of a known page ---- */

/* Drops decoded code at the doubleword to which the executor stores next. */
static __attribute__((noinline)) void drop_line_of_code(struct engine *e,
                                                        u64 offset)
{
    u64 pa = e->port.ram_base + offset;

    if (unlikely(e->mmu->stale))
        walk_port_stored(e, pa & ~7ull, 8);
    blocks_drop(e, pa & ~7ull, 8);
    access_tell_watcher(e, pa, 1);
}

/* Does charge_line() in the general case. A repeated call does nothing. */
static __attribute__((noinline)) enum outcome
charge_slowly(struct engine *e, u64 offset, bool store)
{
    u64 line = offset >> LINE_SHIFT;

    /* A line that misses in the model usually misses in the host's cache. */
    __builtin_prefetch(e->port.ram + offset, 1);
    if (store && e->mem->code[line / 64] >> (line & 63) & 1)
        drop_line_of_code(e, offset);
    if (e->timed) {
        u64 now = engine_cycle(e);
        struct memtime_cost c = store ? memtime_store(e->mem, line, now)
                                      : memtime_data(e->mem, line, false, now);
        e->by.dram += c.dram;
        e->by.dcache += c.caches;
        e->budget -= COST((u64)c.caches + c.dram, 0);
    }
    return access_goes_on(e);
}

static ALWAYS_INLINE enum outcome charge_quickly(struct engine *e, u64 host,
                                                 bool store, const bool timed)
{
    u64 offset = host - (u64)(uintptr_t)e->port.ram;
    enum quick q = QUICK_ASK;

    if (timed)
        q = memtime_quick_access(&e->quick, offset >> LINE_SHIFT, store);
    if (q == QUICK_ASK)
        return charge_slowly(e, offset, store);
    if (q == QUICK_FREE)
        return GO_ON;
    e->budget -= COST(e->quick.cycles, 0);
    return overdrawn(e) ? LEAVE_AFTER : GO_ON;
}

enum outcome charge_line(struct engine *e, u64 host, bool store)
{
    return charge_quickly(e, host, store, e->timed);
}

/* Charges an aligned access to a page that has just entered the host TLB. */
static ALWAYS_INLINE enum outcome charge_new_page(struct engine *e,
                                                  const struct host_page *s,
                                                  u64 va, bool store,
                                                  const bool timed)
{
    u64 bit = 1ull << (va >> LINE_SHIFT & 63);

    if (timed ? !((store ? s->lines->wr_ok : s->lines->rd_ok) & bit)
              : store && unlikely(*s->code & bit))
        return charge_line(e, s->host + va, store);
    return access_goes_on(e);
}

/* ---- a page that the host TLB lacks ---- */

/* Returns the host address for a misaligned access within one page, or NULL.
 * Its probe misses, but its page's entry may allow it (engine/state.h). A
 * second line that it reaches counts as one more access of L1D. */
static ALWAYS_INLINE u8 *misaligned_hit(struct engine *e, u64 va, unsigned n,
                                        bool store, const bool timed)
{
    const struct host_page *s = host_tlb_slot(e, va, timed);
    u64 last = va + n - 1;
    u64 lines =
        1ull << (va >> LINE_SHIFT & 63) | 1ull << (last >> LINE_SHIFT & 63);

    if ((store ? s->store : s->load) != (va & ~(PAGE_BYTES - 1)) ||
        (va ^ last) >> PAGE_SHIFT || e->split_pa != NO_LINE)
        return NULL;
    if (timed) {
        if (lines & ~(store ? s->lines->wr_ok : s->lines->rd_ok))
            return NULL;
        e->l1d_more += (va ^ last) >> LINE_SHIFT != 0;
    } else if (store && lines & *s->code) {
        return NULL;
    }
    return (u8 *)(uintptr_t)(s->host + va);
}

/* Translates va: returns the D-TLB's entry, sets *pa, charges the time. NULL:
 * enter_slowly() must go on from here. */
static ALWAYS_INLINE struct tlb_entry *
translation(struct engine *e, u64 va, bool store, const bool timed, u64 *pa)
{
    const struct context *c = e->ctx;
    const struct tlb_key *key = &c->key[store];
    struct mmu *m = e->mmu;
    enum access access = store ? ACC_STORE : ACC_LOAD;
    const struct tlb_entry *victim = timed ? quick_victim(m, va) : NULL;
    const struct tlb_entry *found = NULL;
    struct tlb_entry *leaf;
    u32 cycles = 0;
    bool walks;

    if (likely(victim)) {
        found = quick_in_l2(m, va, key, &walks);
        cycles = m->l2_hit_cycles;
        if (walks) {
            e->h->cycle = engine_cycle(e);
            found = walk_quickly(m, &c->data, key, va, access, &e->walk_port);
            cycles = m->walk.cycles;
        }
    }
    if (likely(found)) {
        host_tlb_page_evicted(e, victim, timed);
        leaf = quick_fill(m, found);
        *pa = leaf->ppn << PAGE_SHIFT | (va & (PAGE_BYTES - 1));
    } else {
        leaf = victim ? NULL : quick_large(m, va, key);
        cycles = 0;
        if (!leaf) {
            e->h->cycle = engine_cycle(e);
            leaf = mmu_refill(m, &c->data, key, va, access, &e->walk_port,
                              &cycles);
        }
        if (leaf)
            *pa = tlb_pa(leaf, va);
    }
    e->by.walk += cycles;
    e->budget -= COST(cycles, 0);
    return leaf;
}

/* Enters the page of va into the host TLB, if the modelled TLBs or a walk find
 * it and nothing is unusual. NULL: enter_slowly() must go on from here. */
static ALWAYS_INLINE const struct host_page *refill(struct engine *e,
                                                    struct host_page *s, u64 va,
                                                    bool store,
                                                    const bool timed)
{
    const struct context *c = e->ctx;
    struct tlb_entry *leaf = NULL;
    u64 pa = va;

    /* A walk that has faulted or is being stepped is left to enter_slowly(). */
    if (unlikely(e->split_pa != NO_LINE || !c->unobserved ||
                 e->mmu->walk.phase != WALK_IDLE))
        return NULL;
    if (c->data_sv39 && !(leaf = translation(e, va, store, timed, &pa)))
        return NULL;
    u64 offset = pa - e->port.ram_base;
    /* a page that the TLB lacks is mostly not in the host's cache, either */
    __builtin_prefetch(e->port.ram + offset, 1);
    if (unlikely(!(c->plain_rights & (store ? PMP_W : PMP_R))))
        return NULL;
    return host_tlb_enter(e, s, va, offset, leaf, store, true, true, timed);
}

/* Does refill() in the general case. NULL: *what is set as by enter_page(). */
static __attribute__((noinline)) const struct host_page *
enter_slowly(struct engine *e, struct data_access *a, u64 va, unsigned n,
             bool store, enum outcome *what)
{
    access_begin(e, a);
    *what = access_locate(e, a, va, n, store ? ACC_STORE : ACC_LOAD,
                          store ? PMP_W : PMP_R);
    if (*what != GO_ON || a->parts > 1)
        return NULL;
    const struct host_page *s =
        host_tlb_put(e, va, a->part[0].pa, a->leaf, store);
    if (!s || va & (n - 1))
        return NULL;
    access_settle(e, a);
    return s;
}

/* Returns the host address for a load or store within one page of RAM. The
 * host TLB then holds the page, the time is charged, and *what is the outcome
 * after the access. NULL: *what is the outcome or, if it is GO_ON, load_far()
 * or store_far() must do the access described by *a. */
static ALWAYS_INLINE u8 *enter_page(struct engine *e, struct data_access *a,
                                    u64 va, unsigned n, bool store,
                                    const bool timed, enum outcome *what)
{
    bool aligned = likely(!(va & (n - 1)));

    const struct host_page *s = NULL;

    *what = GO_ON;
    if (aligned) {
        s = refill(e, host_tlb_slot(e, va, timed), va, store, timed);
    } else {
        u8 *p = misaligned_hit(e, va, n, store, timed);
        if (p)
            return p;
    }
    if (!s)
        s = enter_slowly(e, a, va, n, store, what);
    if (!s)
        return NULL;
    *what = charge_new_page(e, s, va, store, timed);
    return (u8 *)(uintptr_t)(s->host + va);
}

/* ---- two pages, a device, uncached, watched, misaligned ---- */

/* Leaves the block if an event is due after the access to the device. */
static void leave_if_due(struct engine *e)
{
    if (__atomic_load_n(&e->asked, __ATOMIC_RELAXED) || e->context_dirty ||
        e->deadline < e->slice_end || hart_interrupt(e->h))
        e->leave = true;
}

static __attribute__((noinline)) enum outcome
load_far(struct engine *e, const struct data_access *a, u64 va, unsigned n,
         u64 *v)
{
    if (a->in_ram) {
        access_touch(e, a, false);
        access_watch_memory(e, a, false);
        *v = access_read(e, a);
    } else {
        access_drain(e);
        if (!e->port.mmio_read(e->port.opaque, a->part[0].pa, n, v))
            return access_trap(e, a, CAUSE_LOAD_ACCESS, va);
        e->l1d_more--;
        leave_if_due(e);
    }
    access_note(e, va, n, false, *v);
    return access_finish(e, a);
}

static __attribute__((noinline)) enum outcome
store_far(struct engine *e, const struct data_access *a, u64 va, unsigned n,
          u64 v)
{
    if (a->in_ram) {
        unsigned n0 = a->part[0].n;
        access_touch(e, a, true);
        access_watch_memory(e, a, true);
        access_before_store(e, a);
        memcpy(access_host(e, a->part[0].pa), &v, n0);
        if (a->parts > 1)
            memcpy(access_host(e, a->part[1].pa), (u8 *)&v + n0, a->part[1].n);
    } else {
        access_drain(e);
        if (!e->port.mmio_write(e->port.opaque, a->part[0].pa, n, v))
            return access_trap(e, a, CAUSE_STORE_ACCESS, va);
        e->l1d_more--;
        leave_if_due(e);
    }
    access_note(e, va, n, true, v);
    return access_finish(e, a);
}

static ALWAYS_INLINE enum outcome load(struct engine *e, u64 va, unsigned n,
                                       u64 *v, const bool timed)
{
    struct data_access a;
    enum outcome s;
    const u8 *p = enter_page(e, &a, va, n, false, timed, &s);

    if (!p)
        return s == GO_ON ? load_far(e, &a, va, n, v) : s;
    *v = get_sized(p, n);
    return s;
}

static ALWAYS_INLINE enum outcome store(struct engine *e, u64 va, unsigned n,
                                        u64 v, const bool timed)
{
    struct data_access a;
    enum outcome s;
    u8 *p = enter_page(e, &a, va, n, true, timed, &s);

    if (!p)
        return s == GO_ON ? store_far(e, &a, va, n, v) : s;
    put_sized(p, v, n);
    return s;
}

/* ---- for each timing ---- */

enum outcome data_load_fast(struct engine *e, u64 va, unsigned n, u64 *v)
{
    return load(e, va, n, v, false);
}

enum outcome data_load_cycle(struct engine *e, u64 va, unsigned n, u64 *v)
{
    return load(e, va, n, v, true);
}

enum outcome data_store_fast(struct engine *e, u64 va, unsigned n, u64 v)
{
    return store(e, va, n, v, false);
}

enum outcome data_store_cycle(struct engine *e, u64 va, unsigned n, u64 v)
{
    return store(e, va, n, v, true);
}

/* ---- for translated code ---- */

/* Enters va's page into the host TLB and returns va. NOT_DONE: refill() failed,
 * the block must be left, or va is misaligned and the host TLB has its page. */
static ALWAYS_INLINE u64 page_missed(struct engine *e, u64 va,
                                     const struct rec *r, bool store,
                                     const bool timed)
{
    struct host_page *s = host_tlb_slot(e, va, timed);

    e->r = r;
    if ((store ? s->store : s->load) == (va & ~(PAGE_BYTES - 1)) ||
        !refill(e, s, va, store, timed) || access_goes_on(e) != GO_ON)
        return NOT_DONE;
    return va;
}

static ALWAYS_INLINE u64 line_missed(struct engine *e, u64 host,
                                     const struct rec *r, bool store,
                                     const bool timed)
{
    e->r = r;
    return charge_quickly(e, host, store, timed) == GO_ON ? 0 : NOT_DONE;
}

#define MISS(kind, name, store, timed)                                         \
    static u64 name(struct engine *e, u64 at, const struct rec *r)             \
    {                                                                          \
        return kind##_missed(e, at, r, store, timed);                          \
    }
MISS(page, page_load_fast, false, false)
MISS(page, page_store_fast, true, false)
MISS(page, page_load_cycle, false, true)
MISS(page, page_store_cycle, true, true)
MISS(line, line_store_fast, true, false)
MISS(line, line_load_cycle, false, true)
MISS(line, line_store_cycle, true, true)

const miss_fn data_page_missed[2][2] = {{page_load_fast, page_store_fast},
                                        {page_load_cycle, page_store_cycle}};
const miss_fn data_line_missed[2][2] = {{NULL, line_store_fast},
                                        {line_load_cycle, line_store_cycle}};
