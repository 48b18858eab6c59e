/* SPDX-License-Identifier: MIT */
/* Privilege, satp and mstatus decide how addresses are translated, which
 * table of the host TLB the hart uses, and what PMP permits. */
#include "engine/block_unwind.h"
#include "engine/context.h"
#include "engine/host_tlb.h"

static inline void set_ctx(struct mmu_ctx *c, const struct hart *h, u32 priv)
{
    c->satp = h->satp;
    c->priv = priv;
    c->sum = h->mstatus & MSTATUS_SUM;
    c->mxr = h->mstatus & MSTATUS_MXR;
    c->hw_ad = hart_hw_ad(h);
    c->napot = hart_has(h, EXT_SVNAPOT);
    c->pbmt = hart_pbmt(h);
}

static void set_keys(struct context *c, u16 asid)
{
    u8 user = c->data_priv == PRV_U ? PTE_U : 0;
    u8 mask = c->data_priv == PRV_U || !c->data.sum ? PTE_U : 0;

    c->key[false] = tlb_key(asid, mask | PTE_R, user | PTE_R);
    c->key[true] = tlb_key(asid, mask | PTE_W | PTE_D, user | PTE_W | PTE_D);
}

static void context_make(struct engine *e, struct context *c)
{
    const struct hart *h = e->h;
    bool sv39 = h->satp >> 60 == SATP_MODE_SV39;
    u16 asid = e->mmu->asids ? (u16)bits(h->satp, 59, 44) : 0;
    unsigned slot = 0;

    c->satp = h->satp;
    c->mstatus = context_bits(h->mstatus);
    c->data_priv = hart_data_priv(h);
    c->fetch_sv39 = sv39 && h->priv != PRV_M;
    c->data_sv39 = sv39 && c->data_priv != PRV_M;
    set_ctx(&c->data, h, c->data_priv);
    set_ctx(&c->fetch, h, h->priv);
    set_keys(c, asid);
    c->plain_bytes = 0;
    c->unobserved =
        !e->touch && !e->mmu->stale && !e->memory.n && !e->nwatch && !e->commit;
    if (c->fetch_sv39 || c->data_sv39)
        slot = host_tlb_slot_of(e, asid);
    c->which = (u8)(h->priv == PRV_M ? 0
                    : c->fetch_sv39  ? 2 + 2 * slot + (h->priv == PRV_U)
                                     : 1);
    host_tlb_choose(e, c, slot);
    e->contexts_valid |= 1u << (c - e->contexts);
}

void context_update(struct engine *e)
{
    unsigned i = context_index(e->h);
    struct context *c = &e->contexts[i];

    bool fits = e->contexts_valid >> i & 1 && c->satp == e->h->satp &&
                c->mstatus == context_bits(e->h->mstatus);
    e->context_dirty = false;
    if (!fits || c->data_sv39 != e->ctx->data_sv39 ||
        c->fetch_sv39 != e->ctx->fetch_sv39)
        engine_drain(e); /* hits so far belong to the old context */
    if (unlikely(!fits)) {
        context_make(e, c);
        if (e->mmu->stale && (c->fetch_sv39 || c->data_sv39))
            stale_entered(e->mmu, c->satp);
    }
    e->ctx = c;
    e->fctx = (u64)e->generation << 8 | c->which;
    e->host_tlb = c->table->e;
}

/* Sets c->plain to RAM pages of pa's PMP region. True: it grants `rights`. */
bool context_find_plain(struct engine *e, struct context *c, u64 pa,
                        unsigned rights)
{
    u64 from = e->port.ram_base, end = from + e->port.ram_bytes;

    if (!ram_holds(e, pa & ~(PAGE_BYTES - 1), PAGE_BYTES) ||
        !pmp_uniform(e, pa))
        return false;
    if (e->pmp.from > from)
        from = (e->pmp.from + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
    if (e->pmp.end < end)
        end = e->pmp.end & ~(PAGE_BYTES - 1);
    c->plain = from - e->port.ram_base;
    c->plain_bytes = end - from;
    c->plain_rights = 0;
    for (unsigned right = PMP_R; right <= PMP_W; right <<= 1)
        if (hart_pmp_region_ok(&e->pmp, right, c->data_priv))
            c->plain_rights |= right;
    return (c->plain_rights & rights) == rights;
}
