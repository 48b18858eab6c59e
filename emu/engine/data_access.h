/* SPDX-License-Identifier: MIT */
/* Translates, checks and charges a data access that misses the host TLB. As in
 * hardware, both halves of a split access are translated and checked before
 * anything is read or written, so that a fault leaves nothing half done. */
#pragma once

#include "engine/block_unwind.h"
#include "engine/data.h"
#include "engine/host_tlb.h"

/* A part of an access that lies within one page. */
struct part {
    u64 va, pa;
    unsigned n;
    bool uncached; /* NC or IO (Svpbmt), in cycle timing */
};

struct data_access {
    struct part part[2];
    unsigned parts;
    bool in_ram;            /* all of it */
    bool store_faults;      /* faults count as faults of a store: cbo.* */
    struct tlb_entry *leaf; /* of the last part; NULL: not translated */
    u64 start;              /* hart.cycle when it began */
};

/* Sets hart's clock to the start of e->r; charge() then advances it. */
static inline void access_begin(struct engine *e, struct data_access *a)
{
    engine_now(e);
    a->start = e->h->cycle;
    a->parts = 0;
    a->store_faults = false;
}

/* Takes the cycles since access_begin() from the budget. */
static inline void access_settle(struct engine *e, const struct data_access *a)
{
    e->budget -= COST(e->h->cycle - a->start, 0);
}

/* Returns the outcome of an access without a fault. */
static ALWAYS_INLINE enum outcome access_goes_on(const struct engine *e)
{
    return overdrawn(e) || e->leave ? LEAVE_AFTER : GO_ON;
}

static inline u8 *access_host(const struct engine *e, u64 pa)
{
    return e->port.ram + (pa - e->port.ram_base);
}

/* Handles a part that could not be translated: a fault or a caught walk. */
enum outcome access_untranslated(struct engine *e, const struct data_access *a,
                                 u64 va, enum mmu_verdict v, u32 cause);
static ALWAYS_INLINE enum outcome access_translate(struct engine *e,
                                                   struct data_access *a,
                                                   struct part *p,
                                                   enum access access)
{
    u32 cause = 0, tlb = 0, walk = 0;

    p->pa = p->va;
    a->leaf = NULL;
    if (!e->ctx->data_sv39)
        return GO_ON;
    enum mmu_verdict v =
        mmu_translate(e->mmu, &e->ctx->data, p->va, access, &e->walk_port,
                      &p->pa, &a->leaf, &cause, &tlb, &walk);
    charge(e, &e->by.walk, tlb + walk);
    if (unlikely(v != MMU_OK))
        return access_untranslated(e, a, p->va, v, cause);
    e->dtlb_more--; /* mmu_translate counted this access */
    p->uncached = e->timed && a->leaf->type != MEMTYPE_PMA;
    return GO_ON;
}

/* Handles a part whose page is not RAM, or not granted as a whole by PMP. */
enum outcome access_elsewhere(struct engine *e, struct data_access *a,
                              const struct part *p, enum access access,
                              unsigned rights, bool aligned);
/* Checks PMP for p; a->in_ram becomes false if p is not RAM. */
static inline enum outcome
access_permitted(struct engine *e, struct data_access *a, const struct part *p,
                 enum access access, unsigned rights, bool aligned)
{
    if (unlikely(!context_plain(e, e->ctx, p->pa, rights)))
        return access_elsewhere(e, a, p, access, rights, aligned);
    __builtin_prefetch(access_host(e, p->pa), 1);
    return GO_ON;
}

/* Does access_locate() for an access that crosses a page's end, or for any
 * access while e->split_pa keeps the first half of a split access. */
enum outcome access_locate_split(struct engine *e, struct data_access *a,
                                 u64 va, unsigned n, enum access access,
                                 unsigned rights);
/* Translates and checks n bytes at va; rights: PMP_R, PMP_W or both. An outcome
 * other than GO_ON ends the access. */
static ALWAYS_INLINE enum outcome access_locate(struct engine *e,
                                                struct data_access *a, u64 va,
                                                unsigned n, enum access access,
                                                unsigned rights)
{
    struct part *p = &a->part[0];

    a->in_ram = true;
    if (unlikely((va & (PAGE_BYTES - 1)) + n > PAGE_BYTES ||
                 e->split_pa != NO_LINE))
        return access_locate_split(e, a, va, n, access, rights);
    p->va = va;
    p->n = n;
    p->uncached = false;
    a->parts = 1;
    enum outcome s = access_translate(e, a, p, access);
    return s != GO_ON
               ? s
               : access_permitted(e, a, p, access, rights, !(va & (n - 1)));
}
/* Does access_locate() for the aligned block of CBO_BLOCK bytes around va,
 * which must be in RAM. */
enum outcome access_locate_block(struct engine *e, struct data_access *a,
                                 u64 va, enum access access, unsigned rights);
/* Charges all lines of an access to RAM, and stamps the frames as used. */
void access_touch(struct engine *e, const struct data_access *a, bool store);
/* Waits for the posted stores. */
void access_drain(struct engine *e);
/* Marks the frames as written, and drops the decoded code that the store
 * overlaps. Every store to RAM on the slow path calls it before it writes. */
void access_before_store(struct engine *e, const struct data_access *a);
u64 access_read(const struct engine *e, const struct data_access *a);
/* These tell watchpoints and the commit log of an access. */
void access_watch(struct engine *e, u64 va, unsigned n, bool store);
void access_watch_memory(struct engine *e, const struct data_access *a,
                         bool store); /* the access is in RAM */
void access_note(struct engine *e, u64 va, unsigned n, bool store, u64 data);
enum outcome access_trap(struct engine *e, const struct data_access *a,
                         u64 cause, u64 tval);
enum outcome access_finish(struct engine *e, const struct data_access *a);
/* Stops the run if engine_watch_line() watches the line. */
void access_tell_watcher(struct engine *e, u64 pa, unsigned n);
