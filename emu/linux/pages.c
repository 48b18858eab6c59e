/* SPDX-License-Identifier: MIT */
/* Reports frames allocated and freed, file pages entering the page cache and
 * becoming newer than the disk, pages of shared memory, moves, activations and
 * refaults (Linux 6.12, mm/page_alloc.c, mm/filemap.c, mm/page-writeback.c,
 * mm/shmem.c, mm/migrate.c, mm/swap.c, mm/workingset.c). A frame for a process
 * or a file is allocated with __GFP_MOVABLE. It is reported later, when its
 * page is known: after the fault, after its entry into the page cache, or when
 * a read from swap begins. All other frames are the kernel's own, and are
 * reported when allocated. */
#include "linux/probes.h"

enum { A0 = 10, A1, A2, A3, A4, A5 };

#define BULK_MOST 1024 /* pages of one call that are examined */

/* ---- allocated ---------------------------------------------------------- */

/* True if the gfp_t has the flag; false also if the kernel has no such flag. */
static bool gfp(const struct linux_probes *p, u64 flags, enum lx_value v)
{
    s64 bit = p->k->layout.value[v];
    return bit >= 0 && flags >> bit & 1;
}

/* True for a page table's frame: it is allocated by the functions for that, or
 * beforehand with GFP_PGTABLE_USER in a fault or fork. */
static bool for_table(struct linux_probes *p, u64 flags, u64 order)
{
    bool asked = lx_call_of(p, P_KERNEL_TABLE) ||
                 lx_call_of(p, P_LOWER_TABLE) || lx_call_of(p, P_UPPER_TABLE);
    bool beforehand = gfp(p, flags, V_GFP_ACCOUNT) &&
                      (lx_call_of(p, P_FAULT) || lx_call_of(p, P_COPY));
    if (lx_call_of(p, P_SPLIT_MAP))
        return !order;
    return !order && gfp(p, flags, V_GFP_ZERO) && (asked || beforehand);
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

static void tell_table(struct linux_probes *p, u64 pfn, bool begins)
{
    lx_tell(p, (struct lx_told){.pfn = (u32)pfn,
                                .n = 1,
                                .slot = LINUX_NO_SLOT,
                                .from = begins ? FS_KDATA : FS_PGTABLE,
                                .to = begins ? FS_PGTABLE : FS_KDATA,
                                .reason =
                                    begins ? R_ALLOC_PGTABLE : R_FREE_PGTABLE});
}

/* A root table is one while a process has it. Its allocation, which has no
 * flags of its own, was reported as the kernel's. */
void lx_root(struct linux_probes *p, u64 mm, bool begins)
{
    u64 pgd, pfn;
    if (lx_follow(p->k, mm, F_MM_PGD, &pgd) && lx_pfn(p->k, pgd, &pfn) &&
        (lx_state(p, pfn) == FS_PGTABLE) != begins)
        tell_table(p, pfn, begins);
}

/* Reports a table that no root leads to any more. It is freed when no hart can
 * be reading it. */
void lx_table_gone(struct linux_probes *p)
{
    u64 pfn = lx_page_pfn(p->k, p->x[A1]);
    if (pfn < p->k->nframes)
        tell_table(p, pfn, false);
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
    if (lx_call_of(p, P_MIGRATE)) /* the page is in another frame now */
        return R_FREE_KERNEL;
    switch (from) {
    case FS_ANON:
    case FS_COW:
    case FS_SWAPCACHE:
        return private_freed(p);
    case FS_FILE_CLEAN:
    case FS_FILE_DIRTY:
    case FS_SHMEM:
        return lx_call_of(p, P_TRUNCATE) || lx_call_of(p, P_TRUNCATE_SHMEM)
                   ? R_TRUNCATE
                   : R_DROP_CACHE;
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
    u8 from = lx_state(p, pfn);
    if (from == FS_FREE) /* taken for a page that did not come to be */
        tell_taken(p, page, 0, order);
    if (from == FS_FREE || from >= FS_COUNT)
        from = anon ? FS_ANON : FS_KDATA;
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

/* True if the faulting page is page `index` of the file with that mapping. */
static bool fault_wants(struct linux_probes *p, const struct lx_call *fault,
                        u64 mapping, u64 index)
{
    u64 start, first, file, inode, of;
    return fault && lx_follow(p->k, fault->object, F_VMA_FILE, &file) &&
           lx_follow(p->k, file, F_FILE_INODE, &inode) &&
           lx_follow(p->k, inode, F_INODE_MAPPING, &of) && of == mapping &&
           lx_get(p->k, fault->object, F_VMA_START, &start) &&
           lx_get(p->k, fault->object, F_VMA_PGOFF, &first) &&
           index == first + ((fault->va - start) >> PAGE_SHIFT);
}

static enum reason why_added(struct linux_probes *p, bool wanted, u64 index)
{
    const struct lx_call *fault = lx_call_of(p, P_FAULT);
    const struct lx_call *read = lx_call_of(p, P_READ);
    u64 at;
    if (lx_call_of(p, P_WRITE))
        return R_FILE_WRITE;
    if (fault && fault->file)
        return wanted ? R_PAGE_IN : R_READ_AHEAD;
    if (read && lx_get(p->k, read->object, F_KIOCB_POS, &at))
        return index == at >> PAGE_SHIFT ? R_FILE_READ : R_READ_AHEAD;
    return R_FILE_READ;
}

/* Reports the same event of all pages of a folio. R_NONE: the event of their
 * coming, whose reason differs from page to page. */
static void tell_pages(struct linux_probes *p, u64 folio, u8 to,
                       enum reason reason)
{
    const struct lx_call *fault = lx_call_of(p, P_FAULT);
    struct linux_frame f;
    u64 pfn;
    unsigned n;
    if (!lx_folio(p->k, folio, &pfn, &n, &f))
        return;
    for (unsigned i = 0; i < n; i++) {
        u64 index = f.is.index + i;
        bool own = fault_wants(p, fault, f.mapping, index);
        enum reason why = reason ? reason : why_added(p, own, index);
        struct lx_told t = {.va = own ? fault->va : 0,
                            .pfn = (u32)pfn + i,
                            .n = 1,
                            .slot = LINUX_NO_SLOT,
                            .from = FS_FREE,
                            .to = to,
                            .reason = (u8)why};
        lx_tell(p, t);
    }
}

void lx_cache_enter(struct linux_probes *p, struct lx_call *c)
{
    c->object = p->x[A1];
}

void lx_cache_leave(struct linux_probes *p, const struct lx_call *c)
{
    struct linux_frame f;
    u64 pfn;
    unsigned n;
    if ((s32)p->x[A0] || !lx_folio(p->k, c->object, &pfn, &n, &f) ||
        f.is.state >= FS_COUNT)
        return;
    tell_pages(p, c->object, f.is.state, R_NONE);
    lx_refault_tell(p, c->object);
}

/* Reports a page of tmpfs or of shared memory that came: new, or back from swap
 * (then its slot is given up next). */
void lx_shmem_leave(struct linux_probes *p, const struct lx_call *c)
{
    struct linux_frame f;
    u64 pfn;
    unsigned n;
    if ((s32)p->x[A0] || !lx_folio(p->k, c->object, &pfn, &n, &f))
        return;
    tell_pages(p, c->object, FS_SHMEM,
               f.flags & KPF(SWAPCACHE) ? R_SWAP_IN
               : lx_call_of(p, P_FAULT) ? R_DEMAND_ZERO
                                        : R_FILE_WRITE);
}

/* Reports that pages become newer than the disk: by write(), by a store (in its
 * fault, or when the entry that the walker marked is removed), or because the
 * kernel changes directories and tables of the file system. */
void lx_dirty(struct linux_probes *p, u64 folio, bool marked)
{
    struct linux_frame f;
    u64 pfn;
    unsigned n;
    if (!lx_folio(p->k, folio, &pfn, &n, &f) || !f.mapping ||
        (!marked && f.flags & KPF(DIRTY)))
        return;
    tell_pages(p, folio, f.flags & KPF(SWAPBACKED) ? FS_SHMEM : FS_FILE_DIRTY,
               R_FILE_WRITE);
}

/* ---- moves --------------------------------------------------------------- */

/* Reports a page that compaction has copied to a frame taken off the free
 * lists. Until its entries are made again, PG_anon_exclusive is not set. */
void lx_move(struct linux_probes *p)
{
    struct linux_frame f, old;
    u64 pfn, from;
    unsigned n, same;
    if (!lx_folio(p->k, p->x[A0], &pfn, &n, &f) ||
        !lx_folio(p->k, p->x[A1], &from, &same, &old) || n != same)
        return;
    for (u32 i = 0; i < n; i++) {
        u8 was = lx_state(p, from + i);
        bool private = f.flags & KPF(ANON) && !(f.flags & KPF(SWAPCACHE));
        struct lx_told t = {
            .va = f.flags & KPF(ANON) ? (f.is.index + i) << PAGE_SHIFT : 0,
            .pfn = (u32)pfn + i,
            .n = 1,
            .source = (u32)from + i,
            .slot = f.slot == LINUX_NO_SLOT ? f.slot : f.slot + i,
            .from = FS_FREE,
            .to = !private        ? f.is.state
                  : was == FS_COW ? FS_COW
                                  : FS_ANON,
            .reason = R_COLLAPSE};
        lx_tell(p, t);
    }
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
