/* SPDX-License-Identifier: MIT */
/* Finds the context of accesses (privilege, satp, mstatus); checks PMP. */
#pragma once

#include "engine/state.h"

static inline unsigned context_index(const struct hart *h)
{
    return h->priv << 1 | !!(h->mstatus & MSTATUS_SUM);
}
/* MPP matters only while MPRV is set. */
static inline u64 context_bits(u64 mstatus)
{
    return mstatus &
           (mstatus & MSTATUS_MPRV ? CONTEXT_BITS | MSTATUS_MPP : CONTEXT_BITS);
}

/* The PMP region of the last query is cached in e->pmp. */
static inline void pmp_find(struct engine *e, u64 pa)
{
    if (unlikely(pa - e->pmp.from >= e->pmp.end - e->pmp.from))
        e->pmp = hart_pmp_region(e->h, pa);
}
static inline bool pmp_ok(struct engine *e, u64 pa, unsigned n, unsigned kind,
                          u32 priv)
{
    pmp_find(e, pa);
    return likely(n <= e->pmp.end - pa)
               ? hart_pmp_region_ok(&e->pmp, kind, priv)
               : hart_pmp_ok(e->h, pa, n, kind, priv);
}
static inline bool pmp_uniform(struct engine *e, u64 pa)
{
    pmp_find(e, pa);
    return hart_pmp_uniform(&e->pmp, pa);
}

void context_update(struct engine *e); /* call after a change of the context */
/* False: a change of privilege, mstatus or satp has made e->ctx stale. */
static inline bool context_same(const struct engine *e)
{
    return e->ctx == &e->contexts[context_index(e->h)] &&
           e->ctx->satp == e->h->satp &&
           e->ctx->mstatus == context_bits(e->h->mstatus);
}
bool context_find_plain(struct engine *e, struct context *c, u64 pa,
                        unsigned rights);
/* True if the page of pa is RAM and PMP grants c these rights to all of it;
 * usually answered from c->plain. */
static inline bool context_plain(struct engine *e, struct context *c, u64 pa,
                                 unsigned rights)
{
    return (likely(pa - e->port.ram_base - c->plain < c->plain_bytes) &&
            likely((c->plain_rights & rights) == rights)) ||
           context_find_plain(e, c, pa, rights);
}
