/* SPDX-License-Identifier: MIT */
/* Executes the system words of hart/semantics.def: CSR, XRET, WFI and so on. */
#include "engine/system.h"
#include "engine/block_unwind.h"
#include "engine/data.h"

bool system_csr_read(struct engine *e, const struct rec *r,
                     struct csr_access *c)
{
    unsigned csr = (unsigned)r->imm & 0xfff;

    e->r = r;
    engine_now(e);
    if (c->read)
        c->effects |= hart_csr_read(e->h, csr, &c->value);
    if (c->write && !(c->effects & HE_TRAP))
        c->old = hart_csr_base(e->h, csr, c->value);
    return !(c->effects & HE_TRAP);
}

const struct rec *system_csr_write(struct engine *e, const struct rec *r,
                                   struct csr_access *c, u64 value)
{
    unsigned csr = (unsigned)r->imm & 0xfff;
    u64 *x = (u64 *)e->h;
    struct edges *edges = (struct edges *)(uintptr_t)(r + 2);

    if (c->write)
        c->effects |= hart_csr_write(e->h, csr, value);
    if (c->effects & HE_TRAP)
        return exec_illegal(e, r);
    x[r->rd] = c->value;
    if (c->effects && engine_effects(e, csr, c->effects)) {
        block_unwind(e, UNWIND_AFTER);
        return exec_elsewhere(e);
    }
    return exec_enter(e, edges->fall, e->page + r[1].pcoff, &edges->fall,
                      e->timed);
}

const struct rec *system_return(struct engine *e, const struct rec *r,
                                bool (*xret)(struct hart *))
{
    e->r = r;
    if (!xret(e->h))
        return exec_illegal(e, r);
    u64 pc = e->h->pc;
    block_unwind(e, UNWIND_AFTER);
    e->h->pc = pc;
    e->context_dirty = true;
    if (unlikely(e->mmu->stale) && e->h->priv == PRV_U)
        stale_returned(e->mmu);
    if (unlikely(e->on_trap))
        e->on_trap(e->trap_opaque, ENGINE_RETURNED, 0);
    return exec_elsewhere(e);
}

/* wfi and wrs return to the run loop. */
const struct rec *system_wfi(struct engine *e, const struct rec *r)
{
    struct hart *h = e->h;

    e->r = r;
    if (!hart_wfi_allowed(h))
        return exec_illegal(e, r);
    block_unwind(e, UNWIND_AFTER);
    h->wfi = !(hart_pending(h) & h->mie);
    h->wake_at = ~0ull;
    return NULL;
}

const struct rec *system_wrs(struct engine *e, const struct rec *r,
                             enum wrs kind)
{
    struct hart *h = e->h;

    e->r = r;
    engine_now(e);
    bool waits = h->reservation != ~0ull && !(hart_pending(h) & h->mie);
    if (waits && !hart_wrs_allowed(h, kind))
        return exec_illegal(e, r);
    block_unwind(e, UNWIND_AFTER);
    h->wfi = waits;
    h->wake_at = h->cycle + (kind == WRS_STO ? WRS_STO_CYCLES : WRS_NTO_CYCLES);
    return NULL;
}

const struct rec *system_sfence(struct engine *e, const struct rec *r)
{
    e->r = r;
    if (!hart_sfence_allowed(e->h))
        return exec_illegal(e, r);
    mmu_sfence(e->mmu, r->rs1, e->h->x[r->rs1], r->rs2, (u16)e->h->x[r->rs2]);
    if (e->timed)
        data_fence(e);
    block_unwind(e, UNWIND_AFTER);
    return exec_elsewhere(e);
}
