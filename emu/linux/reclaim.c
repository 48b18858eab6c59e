/* SPDX-License-Identifier: MIT */
/* What reclaim decides of each folio. shrink_folio_list is given a list of
 * them, from the lists of either LRU, and leaves on it those that it keeps;
 * those that are gone are free (Linux 6.12, mm/vmscan.c). Why a folio is kept
 * is read from what folio_referenced has found and from its flags, where
 * keep_locked and activate_locked have left them. */
#include "linux/probes.h"

enum { A0 = 10 };

/* Calls fn for each folio of a list. False: it is no list, or too long. */
static bool each(struct linux_probes *p, u64 head,
                 void (*fn)(struct linux_probes *, struct lx_batch *, u64),
                 struct lx_batch *b)
{
    u64 at = head;
    for (unsigned i = 0; i <= LX_BATCH; i++) {
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
        .written = f.flags & KPF(WRITEBACK) ? 1 : 0,
        .frames_log2 = (u8)__builtin_ctz(n)};
}

bool lx_reclaim_enter(struct linux_probes *p, struct lx_call *c)
{
    struct lx_batch *b = NULL;
    for (c->batch = 0; c->batch < LX_BATCHES && !b; c->batch++)
        b = p->batch[c->batch].n ? NULL : &p->batch[c->batch];
    bool all = b && each(p, c->object, offered, b);
    c->batch--;
    p->lost += !all;
    if (b && !all)
        b->n = 0;
    return all && b->n;
}

static struct lx_offered *offered_here(struct linux_probes *p, u64 folio)
{
    const struct lx_call *c = lx_call_of(p, P_RECLAIM);
    struct lx_batch *b = c ? &p->batch[c->batch] : NULL;
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
    o->slot = slot;
    o->state = FS_SWAPCACHE;
}

void lx_reclaim_written(struct linux_probes *p, u64 folio)
{
    struct lx_offered *o = offered_here(p, folio);
    if (o)
        o->written = 1;
}

void lx_referenced_leave(struct linux_probes *p, const struct lx_call *c)
{
    struct lx_offered *o = offered_here(p, c->object);
    if (o)
        o->referenced = (s32)p->x[A0] > 0;
}

static void kept(struct linux_probes *p, struct lx_batch *b, u64 folio)
{
    (void)p;
    for (u32 i = 0; i < b->n; i++)
        if (b->at[i].folio == folio)
            b->at[i].kept = 1;
}

static enum reason why_kept(const struct lx_offered *o,
                            const struct linux_frame *f)
{
    u64 u = f->flags;
    if (u & (KPF(UNEVICTABLE) | KPF(MLOCKED)))
        return R_MLOCK;
    if (o->referenced)
        return u & KPF(ACTIVE) ? R_ACTIVATE : R_REF_CLEARED;
    if (o->written) /* the disk may be done with it already */
        return R_PUSH_QUEUED;
    if (u & (KPF(WRITEBACK) | KPF(DIRTY)))
        return u & KPF(SWAPCACHE) && !(u & KPF(WRITEBACK)) ? R_SWAP_KEEP
                                                           : R_PUSH_QUEUED;
    return u & KPF(ACTIVE) ? R_ACTIVATE : R_NONE;
}

static void decided(struct linux_probes *p, const struct lx_offered *o)
{
    struct linux_frame f;
    u64 pfn;
    unsigned n;
    struct lx_told t = {.va = o->va,
                        .pfn = o->pfn,
                        .n = 1u << o->frames_log2,
                        .slot = o->slot,
                        .from = o->state,
                        .to = FS_FREE,
                        .reason = R_RECLAIM};
    if (o->kept) {
        if (!lx_folio(p->k, o->folio, &pfn, &n, &f))
            return;
        t.reason = (u8)why_kept(o, &f);
        t.to = f.is.state;
    }
    if (t.reason != R_NONE)
        lx_tell(p, t);
}

void lx_reclaim_leave(struct linux_probes *p, struct lx_call *c)
{
    struct lx_batch *b = &p->batch[c->batch];
    bool all = each(p, c->object, kept, b);
    p->lost += !all;
    for (u32 i = 0; all && i < b->n; i++)
        decided(p, &b->at[i]);
}
