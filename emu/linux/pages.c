/* SPDX-License-Identifier: MIT */
/* Reports frames allocated and freed, file pages entering the page cache,
 * activations and refaults (Linux 6.12, mm/page_alloc.c, mm/filemap.c,
 * mm/swap.c, mm/workingset.c). A frame for a process or a file is allocated
 * with __GFP_MOVABLE. It is reported later, when its page is known: after the
 * fault, after its entry into the page cache, or when a read from swap begins.
 * All other frames are the kernel's own, and are reported when allocated. */
#include "linux/probes.h"

enum { A0 = 10, A1, A2, A3, A4, A5 };

#define BULK_MOST 1024 /* pages of one call that are examined */

/* Returns the frame's state after its latest event; free if it had none. */
static u8 last_state(const struct linux_probes *p, u64 pfn)
{
    u8 state = p->watcher.state(p->watcher.opaque, (u32)pfn);
    return state < FS_COUNT ? state : FS_FREE;
}

/* ---- allocated ---------------------------------------------------------- */

/* True if the gfp_t has the flag; false also if the kernel has no such flag. */
static bool gfp(const struct linux_probes *p, u64 flags, enum lx_value v)
{
    s64 bit = p->k->layout.value[v];
    return bit >= 0 && flags >> bit & 1;
}

/* True for a page table's frame: GFP_PGTABLE_USER in a fault or fork. */
static bool for_table(struct linux_probes *p, u64 flags, u64 order)
{
    return !order && gfp(p, flags, V_GFP_ZERO) &&
           gfp(p, flags, V_GFP_ACCOUNT) &&
           (lx_call_of(p, P_FAULT) || lx_call_of(p, P_COPY));
}

static void tell_taken(struct linux_probes *p, u64 page, u64 flags, u64 order)
{
    u64 pfn = lx_page_pfn(p->k, page);
    bool table = for_table(p, flags, order);
    struct lx_told t = {.pfn = (u32)pfn,
                        .n = 1u << order,
                        .slot = LINUX_NO_SLOT,
                        .from = FS_FREE,
                        .to = table ? FS_PGTABLE : FS_KDATA,
                        .reason = table ? R_ALLOC_PGTABLE : R_ALLOC_KERNEL};
    if (pfn < p->k->nframes && p->k->nframes - pfn >= t.n)
        lx_tell(p, t);
}

void lx_alloc_leave(struct linux_probes *p, const struct lx_call *c)
{
    u64 flags = c->object, order = c->va;
    bool many = lx_call_of(p, P_ALLOC_MANY) != NULL; /* lx_alloc_many_leave
                                                      * reports the frame */
    if (p->x[A0] && !many && order < N_ORDERS && !gfp(p, flags, V_GFP_MOVABLE))
        tell_taken(p, p->x[A0], flags, order);
}

static u64 page_of_array(struct linux_probes *p, u64 array, u64 i)
{
    u64 page;
    return lx_number(p->k, array + 8 * i, 8, &page) ? page : 0;
}

/* Counts in c->pte the array's first places that have a page already. */
void lx_alloc_many_enter(struct linux_probes *p, struct lx_call *c)
{
    c->root = p->x[A5];
    c->pte = 0;
    while (c->root && c->pte < BULK_MOST && c->pte < p->x[A3] &&
           page_of_array(p, c->root, c->pte))
        c->pte++;
}

void lx_alloc_many_leave(struct linux_probes *p, const struct lx_call *c)
{
    u64 n = c->root && !gfp(p, c->object, V_GFP_MOVABLE) ? p->x[A0] : 0;
    for (u64 i = c->pte; i < n && i < BULK_MOST; i++)
        tell_taken(p, page_of_array(p, c->root, i), c->object, 0);
}

/* ---- freed -------------------------------------------------------------- */

static enum reason private_freed(struct linux_probes *p)
{
    if (lx_call_of(p, P_EXIT_MM))
        return lx_call_of(p, P_EXEC) ? R_EXEC_DISCARD : R_EXIT;
    if (lx_call_of(p, P_REAP_MM))
        return R_EXIT;
    return lx_call_of(p, P_UNMAP) || lx_call_of(p, P_ZAP) ? R_UNMAP
                                                          : R_FREE_KERNEL;
}

static enum reason why_freed(struct linux_probes *p, u8 from)
{
    switch (from) {
    case FS_ANON:
    case FS_COW:
    case FS_SWAPCACHE:
        return private_freed(p);
    case FS_FILE_CLEAN:
    case FS_FILE_DIRTY:
    case FS_SHMEM:
        return lx_call_of(p, P_TRUNCATE) ? R_TRUNCATE : R_DROP_CACHE;
    case FS_PGTABLE:
        return R_FREE_PGTABLE;
    default:
        return R_FREE_KERNEL;
    }
}

/* Reports freed frames. A file's page has left its mapping by now, so the old
 * state is taken from the frame's latest event. */
static void tell_freed(struct linux_probes *p, u64 page, u64 order)
{
    struct linux_frame f;
    u64 pfn = lx_page_pfn(p->k, page), n = 1ull << (order & 15);
    if (order >= N_ORDERS || pfn >= p->k->nframes || p->k->nframes - pfn < n ||
        lx_reclaim_taken(p, pfn, n) || !lx_frame(p->k, pfn, &f))
        return;
    bool anon = f.flags & KPF(ANON);
    u8 last = last_state(p, pfn);
    u8 from = anon ? FS_ANON : last == FS_FREE ? FS_KDATA : last;
    struct lx_told t = {.va = anon ? f.is.index << PAGE_SHIFT : 0,
                        .pfn = (u32)pfn,
                        .n = (u32)n,
                        .slot = LINUX_NO_SLOT,
                        .from = from,
                        .to = FS_FREE,
                        .reason = (u8)why_freed(p, from)};
    lx_tell(p, t);
}

void lx_free(struct linux_probes *p)
{
    tell_freed(p, p->x[A0], p->x[A1]);
}

void lx_free_many(struct linux_probes *p)
{
    u64 n, batch = p->x[A0], folio;
    if (!lx_get(p->k, batch, F_BATCH_NR, &n))
        return;
    for (u64 i = 0; i < n && i < N_BATCH_FOLIOS; i++) {
        struct linux_frame f;
        u64 pfn;
        unsigned frames;
        u64 at = lx_at(p->k, batch, F_BATCH_FOLIOS) + 8 * i;
        if (lx_number(p->k, at, 8, &folio) &&
            lx_folio(p->k, folio, &pfn, &frames, &f))
            tell_freed(p, folio, (u64)__builtin_ctz(frames));
    }
}

/* ---- the page cache ----------------------------------------------------- */

/* True if the faulting page is page `index` of the file. */
static bool fault_wants(struct linux_probes *p, const struct lx_call *fault,
                        u64 index)
{
    u64 start, first;
    return lx_get(p->k, fault->object, F_VMA_START, &start) &&
           lx_get(p->k, fault->object, F_VMA_PGOFF, &first) &&
           index == first + ((fault->va - start) >> PAGE_SHIFT);
}

static enum reason why_added(struct linux_probes *p, u64 index)
{
    const struct lx_call *fault = lx_call_of(p, P_FAULT);
    const struct lx_call *read = lx_call_of(p, P_READ);
    u64 at;
    if (lx_call_of(p, P_WRITE))
        return R_FILE_WRITE;
    if (fault && fault->file)
        return fault_wants(p, fault, index) ? R_PAGE_IN : R_READ_AHEAD;
    if (read && lx_get(p->k, read->object, F_KIOCB_POS, &at))
        return index == at >> PAGE_SHIFT ? R_FILE_READ : R_READ_AHEAD;
    return R_FILE_READ;
}

void lx_cache_enter(struct linux_probes *p, struct lx_call *c)
{
    c->object = p->x[A1];
    c->va = p->x[A2];
}

void lx_cache_leave(struct linux_probes *p, const struct lx_call *c)
{
    const struct lx_call *fault = lx_call_of(p, P_FAULT);
    struct linux_frame f;
    u64 pfn;
    unsigned n;
    if ((s32)p->x[A0] || !lx_folio(p->k, c->object, &pfn, &n, &f) ||
        f.is.state >= FS_COUNT)
        return;
    for (unsigned i = 0; i < n; i++) {
        enum reason why = why_added(p, c->va + i);
        bool own = why == R_PAGE_IN && fault;
        struct lx_told t = {
            .va = own ? fault->va : 0,
            .pfn = (u32)pfn + i,
            .n = 1,
            .slot = LINUX_NO_SLOT,
            .from = last_state(p, pfn + i) == FS_KDATA ? FS_KDATA : FS_FREE,
            .to = f.is.state,
            .reason = (u8)why};
        lx_tell(p, t);
    }
    lx_refault_tell(p, c->object);
}

/* ---- the lists ----------------------------------------------------------- */

/* Reports an event that leaves the folio's state as it is. */
static void tell_stays(struct linux_probes *p, u32 pfn, u32 n,
                       const struct linux_frame *f, enum reason why)
{
    struct lx_told t = {.pfn = pfn,
                        .n = n,
                        .slot = f->slot,
                        .from = f->is.state,
                        .to = f->is.state,
                        .reason = (u8)why};
    lx_tell(p, t);
}

void lx_activate(struct linux_probes *p)
{
    struct linux_frame f;
    u64 pfn;
    unsigned n;
    if (!lx_folio(p->k, p->x[A1], &pfn, &n, &f) || f.is.state >= FS_COUNT ||
        f.flags & (KPF(ACTIVE) | KPF(UNEVICTABLE)))
        return;
    tell_stays(p, (u32)pfn, n, &f, R_ACTIVATE);
}

/* ---- refaults ----------------------------------------------------------- */

/* Keeps a refault until the event of the page's read, or the next refault. */
void lx_refault(struct linux_probes *p)
{
    if (p->refault)
        lx_refault_tell(p, p->refault);
    p->refault = p->x[A0];
}

void lx_refault_tell(struct linux_probes *p, u64 folio)
{
    struct linux_frame f;
    u64 pfn;
    unsigned n;
    if (!p->refault || p->refault != folio)
        return;
    p->refault = 0;
    if (!lx_folio(p->k, folio, &pfn, &n, &f) || f.is.state >= FS_COUNT)
        return;
    tell_stays(p, (u32)pfn, n, &f, R_REFAULT);
}
