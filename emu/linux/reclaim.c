/* SPDX-License-Identifier: MIT */
/* Reports reclaim's decision on each folio. shrink_folio_list gets a list of
 * folios, from MGLRU or the older LRU lists. It leaves the folios that it keeps
 * on the list, and frees the others (Linux 6.12, mm/vmscan.c). The reason for
 * keeping a folio follows from whether folio_referenced, add_to_swap and
 * filemap_release_folio were called for it, from their results, and from its
 * flags when shrink_folio_list returns. evict_folios gives folios that have
 * become clean to shrink_folio_list a second time. */
#include "linux/probes.h"

enum { A0 = 10, A2 = 12, A4 = 14 };

/* Of a large folio only the first SPLIT_MOST frames are reported as taken. */
#define SPLIT_MOST 512

/* Calls fn for each folio of a list. False: the list is unsound or too long. */
static bool each(struct linux_probes *p, u64 head,
                 void (*fn)(struct linux_probes *, struct lx_batch *, u64),
                 struct lx_batch *b)
{
    u64 at = head;
    for (unsigned i = 0; i <= LX_LIST; i++) {
        if (!lx_number(p->k, at, 8, &at) || at & 7)
            return false;
        if (at == head)
            return true;
        fn(p, b, at - p->k->layout.field[F_FOLIO_LRU].at);
    }
    return false;
}

static void offered(struct linux_probes *p, struct lx_batch *b, u64 folio)
{
    struct linux_frame f;
    u64 pfn;
    unsigned n;
    if (b->n == LX_BATCH || !lx_folio(p->k, folio, &pfn, &n, &f))
        return;
    b->at[b->n++] = (struct lx_offered){
        .folio = folio,
        .va = f.flags & KPF(ANON) ? f.is.index << PAGE_SHIFT : 0,
        .pfn = (u32)pfn,
        .slot = f.slot,
        .state = f.is.state,
        .writing = f.flags & KPF(WRITEBACK) ? 1 : 0,
        .frames_log2 = (u8)__builtin_ctz(n)};
}

static void tell_kept(struct linux_probes *p, const struct lx_offered *o,
                      enum linux_kept why)
{
    struct lx_told t = {.va = o->va,
                        .pfn = o->pfn,
                        .n = 1u << o->frames_log2,
                        .slot = o->slot,
                        .source = why,
                        .from = o->state,
                        .to = o->state,
                        .reason = R_KEPT};
    lx_tell(p, t);
}

static bool may_start_io(struct linux_probes *p, u64 sc)
{
    s64 bit = p->k->layout.value[V_GFP_IO];
    u64 gfp;
    return bit < 0 || !lx_get(p->k, sc, F_SCAN_GFP, &gfp) || gfp >> bit & 1;
}

bool lx_reclaim_enter(struct linux_probes *p, struct lx_call *c)
{
    struct lx_call *evict = lx_call_of(p, P_EVICT);
    struct lx_batch *b = NULL;
    for (c->batch = 0; c->batch < LX_BATCHES && !b; c->batch++)
        b = p->batch[c->batch].n ? NULL : &p->batch[c->batch];
    bool all = b && each(p, c->object, offered, b);
    c->batch--;
    p->lost += !all;
    if (b && !all)
        b->n = 0;
    if (!all || !b->n)
        return false;
    b->no_io = !may_start_io(p, p->x[A2]);
    b->any_use = p->x[A4] & 0xff;
    if (evict && evict->seen++)
        for (u32 i = 0; i < b->n; i++)
            tell_kept(p, &b->at[i], LINUX_KEPT_AGAIN);
    return true;
}

static struct lx_offered *offered_frame(struct lx_batch *b, u64 pfn)
{
    for (u32 i = 0; i < b->n; i++)
        if (pfn - b->at[i].pfn < 1ull << b->at[i].frames_log2)
            return &b->at[i];
    return NULL;
}

static struct lx_batch *batch_here(struct linux_probes *p)
{
    const struct lx_call *c = lx_call_of(p, P_RECLAIM);
    return c ? &p->batch[c->batch] : NULL;
}

static struct lx_offered *offered_here(struct linux_probes *p, u64 folio)
{
    struct lx_batch *b = batch_here(p);
    for (u32 i = 0; b && i < b->n; i++)
        if (b->at[i].folio == folio)
            return &b->at[i];
    return NULL;
}

void lx_reclaim_slot(struct linux_probes *p, u64 folio, u32 slot)
{
    struct lx_offered *o = offered_here(p, folio);
    if (!o)
        return;
    o->no_slot = slot == LINUX_NO_SLOT;
    if (o->no_slot)
        return;
    o->slot = slot;
    o->state = FS_SWAPCACHE;
}

void lx_reclaim_written(struct linux_probes *p, u64 folio)
{
    struct lx_offered *o = offered_here(p, folio);
    if (o)
        o->written = 1;
}

void lx_reclaim_released(struct linux_probes *p, const struct lx_call *c)
{
    struct lx_offered *o = offered_here(p, c->object);
    if (o)
        o->busy = !(p->x[A0] & 0xff);
}

void lx_referenced_leave(struct linux_probes *p, const struct lx_call *c)
{
    struct lx_offered *o = offered_here(p, c->object);
    if (!o)
        return;
    o->asked = 1;
    o->referenced = (s32)p->x[A0] > 0;
    o->contended = (s32)p->x[A0] < 0;
}

/* Returns why shrink_folio_list kept and activated a folio with flags u. */
static enum linux_kept kept_active(const struct lx_offered *o, u64 u)
{
    if (o->referenced)
        return LINUX_KEPT_USED;
    if (!o->asked)
        return o->writing || u & (KPF(WRITEBACK) | KPF(RECLAIM))
                   ? LINUX_KEPT_WRITING
                   : LINUX_KEPT_UNEVICTABLE;
    if (o->no_slot)
        return LINUX_KEPT_NO_SWAP;
    if (u & KPF(MMAP))
        return LINUX_KEPT_UNMAP_FAILED;
    if (u & KPF(DIRTY) || u & KPF(WRITEBACK))
        return u & KPF(SWAPBACKED) ? LINUX_KEPT_NO_SWAP : LINUX_KEPT_DIRTY;
    return o->busy ? LINUX_KEPT_BUFFERS : LINUX_KEPT_PINNED;
}

static enum linux_kept kept_locked(const struct lx_batch *b,
                                   const struct lx_offered *o, u64 u)
{
    if (!o->asked)
        return u & KPF(MMAP) && !(u & KPF(LOCKED)) ? LINUX_KEPT_MAPPED
                                                   : LINUX_KEPT_LOCKED;
    if (o->contended)
        return LINUX_KEPT_LOCKED;
    bool to_write = u & KPF(DIRTY) || (u & KPF(ANON) && u & KPF(SWAPBACKED) &&
                                       !(u & KPF(SWAPCACHE)));
    if (b->no_io && to_write)
        return LINUX_KEPT_NO_IO;
    return u & KPF(DIRTY) && !(u & KPF(SWAPBACKED)) ? LINUX_KEPT_NO_IO
                                                    : LINUX_KEPT_HELD;
}

static enum reason why_kept(const struct lx_batch *b,
                            const struct lx_offered *o,
                            const struct linux_frame *f, u32 *detail)
{
    u64 u = f->flags;
    bool promoted = !o->asked && u & KPF(MMAP) && u & KPF(REFERENCED);
    if (u & KPF(MLOCKED))
        return R_MLOCK;
    if (o->referenced && !(u & KPF(ACTIVE)))
        return R_REF_CLEARED;
    if (u & KPF(ACTIVE)) {
        *detail = kept_active(o, u);
        return R_KEPT;
    }
    if (promoted && !b->any_use) /* MGLRU's ageing found it used meanwhile */
        return R_REF_CLEARED;
    if (o->written) /* the write may have ended already */
        return R_PUSH_QUEUED;
    *detail = kept_locked(b, o, u);
    bool slot = u & KPF(SWAPCACHE) && u & KPF(DIRTY);
    return slot && *detail == LINUX_KEPT_HELD ? R_SWAP_KEEP : R_KEPT;
}

/* Reports the frames of a kept folio, perhaps a part of an offered one. */
static void kept(struct linux_probes *p, struct lx_batch *b, u64 folio)
{
    struct linux_frame f;
    u64 pfn;
    unsigned n;
    if (!lx_folio(p->k, folio, &pfn, &n, &f))
        return;
    struct lx_offered *o = offered_frame(b, pfn);
    if (!o)
        return;
    u64 inside = pfn - o->pfn, room = (1ull << o->frames_log2) - inside;
    struct lx_told t = {.va = o->va ? o->va + (inside << PAGE_SHIFT) : 0,
                        .pfn = (u32)pfn,
                        .n = n < room ? n : (u32)room,
                        .slot = f.slot,
                        .from = o->state,
                        .to = f.is.state};
    t.reason = (u8)why_kept(b, o, &f, &t.source);
    for (u64 i = inside; i < inside + t.n && i < SPLIT_MOST; i++)
        o->told[i / 64] |= 1ull << i % 64;
    lx_tell(p, t);
}

/* Reports frames from..to-1 of an offered folio as taken, each only once. */
static void taken(struct linux_probes *p, struct lx_offered *o, u32 from,
                  u32 to)
{
    for (u32 i = from; i < to && i < SPLIT_MOST; i++) {
        struct lx_told t = {.va = o->va ? o->va + ((u64)i << PAGE_SHIFT) : 0,
                            .pfn = o->pfn + i,
                            .n = 1,
                            .slot = o->slot == LINUX_NO_SLOT ? o->slot
                                                             : o->slot + i,
                            .from = o->state,
                            .to = FS_FREE,
                            .reason = R_RECLAIM};
        if (!(o->told[i / 64] >> i % 64 & 1))
            lx_tell(p, t);
        o->told[i / 64] |= 1ull << i % 64;
    }
}

/* Reports frames as taken while shrink_folio_list still runs, because they may
 * have another use before it returns. */
bool lx_reclaim_taken(struct linux_probes *p, u64 pfn, u64 n)
{
    struct lx_batch *b = batch_here(p);
    struct lx_offered *o = b ? offered_frame(b, pfn) : NULL;
    if (!o)
        return false;
    taken(p, o, (u32)(pfn - o->pfn), (u32)(pfn - o->pfn + n));
    return true;
}

void lx_reclaim_leave(struct linux_probes *p, struct lx_call *c)
{
    struct lx_batch *b = &p->batch[c->batch];
    for (u32 i = 0; b->any_use && i < b->n; i++)
        b->at[i].asked = 1; /* with any_use, folio_referenced is not called */
    bool all = each(p, c->object, kept, b);
    p->lost += !all;
    for (u32 i = 0; all && i < b->n; i++)
        taken(p, &b->at[i], 0, 1u << b->at[i].frames_log2);
}
