/* SPDX-License-Identifier: MIT */
/* Leaves a block in its middle. A block's static cost is paid on entry, so this
 * file computes the time inside a block, and the state that single steps would
 * have produced. */
#include "engine/block_unwind.h"
#include "engine/observe.h"
#include "engine/walk_port.h"

/* Returns hart.instret, counting entered blocks as complete. */
static u64 instret_of(const struct engine *e)
{
    return e->slice_instret + (INSTRET_TOP - (u32)e->budget);
}

void engine_now(struct engine *e)
{
    const struct block *b = e->b;
    e->h->cycle = engine_cycle(e);
    e->h->instret = instret_of(e) - b->n + block_index(b, e->r);
    e->h->pc = e->page + e->r->pcoff;
}

static void take_budget(struct engine *e)
{
    e->h->cycle = e->slice_end - (u64)(e->budget >> 32);
    e->h->instret = instret_of(e);
}

void engine_out(struct engine *e, u64 pc)
{
    take_budget(e);
    e->h->pc = pc;
    pipeline_reset(e);
}

u32 engine_raw(const struct engine *e)
{
    const struct block *b = e->b;
    if (b == e->scratch)
        return e->scratch_raw;
    const u8 *p = e->port.ram + ((b->pa & ~(PAGE_BYTES - 1)) + e->r->pcoff -
                                 e->port.ram_base);
    return (u32)get_le(p, e->r[1].pcoff - e->r->pcoff);
}

/* Unwinds at an instruction that ends its block (transfer, CSR access, fence,
 * system): no instruction follows it, so no cycles are refunded. */
static void unwind_at_end(struct engine *e, enum unwind how)
{
    memset(&e->sb, 0, sizeof(e->sb));
    e->waited = 0;
    e->fetch_line = NO_LINE;
    if (how == UNWIND_TRAP)
        e->budget += COST(0, 1); /* it does not retire */
}

/* Unwinds after the last instruction of a block that ends in a cut: all of its
 * cost is due, and decoding has stored the state of the pipeline. */
static void unwind_after_cut(struct engine *e)
{
    const struct block *b = e->b;

    if (b->after)
        e->sb = *b->after;
    else
        memset(&e->sb, 0, sizeof(e->sb));
    e->waited = 0;
    e->fetch_line = (b->pa + b->bytes - 1) >> LINE_SHIFT;
}

/* Unwinds at instruction k, which traps: the pipeline is empty afterwards. */
static void unwind_at_trap(struct engine *e, unsigned k)
{
    const struct block *b = e->b;
    u64 place = ((uintptr_t)b >> 6 ^ k) % TRAP_REFUNDS;
    struct trap_refund *c = &e->trap_refunds[place];

    if (unlikely(c->block != b || c->k != k)) {
        struct prefix p = block_prefix(e, b, k, UNWIND_TRAP);
        *c = (struct trap_refund){
            .block = b,
            .k = k,
            .sums = p.sums - b->sums,
            .budget = COST(b->cycles - p.cycles, b->n - p.insns)};
    }
    e->budget += c->budget;
    e->acc += c->sums;
}

static void unwind_in_block(struct engine *e, enum unwind how)
{
    const struct block *b = e->b;
    unsigned k = block_index(b, e->r);

    if (b->ends && k + 1 == b->n && how != UNWIND_BEFORE) {
        unwind_at_end(e, how);
        return;
    }
    if (k + 1 == b->n && how == UNWIND_AFTER) {
        unwind_after_cut(e);
        return;
    }
    if (how == UNWIND_TRAP) {
        unwind_at_trap(e, k);
        return;
    }
    struct prefix p = block_prefix(e, b, k, how);

    e->budget += COST(b->cycles - p.cycles, b->n - p.insns);
    e->acc += p.sums - b->sums;
    e->sb = p.sb;
    e->waited = p.waited;
    e->fetch_line = p.line;
}

static void unwind_in_step(struct engine *e, enum unwind how)
{
    const struct block *b = e->b;

    e->waited = 0;
    e->fetch_line = e->scratch_line;
    if (how == UNWIND_AFTER) {
        e->sb = e->scratch_after;
        if (b->ends)
            e->fetch_line = NO_LINE;
        return;
    }
    e->acc[SUM_MEM] -= b->sums[SUM_MEM];
    e->budget += COST(0, 1);
    if (how == UNWIND_BEFORE) {
        e->acc[SUM_ISSUE] -= b->sums[SUM_ISSUE];
        e->budget += COST(b->cycles, 0);
        e->sb = e->scratch_before;
        e->waited = e->scratch_waited;
    }
}

void block_unwind(struct engine *e, enum unwind how)
{
    const struct rec *r = e->r;

    e->fetched = how == UNWIND_BEFORE;
    e->fetched_raw = e->fetched ? engine_raw(e) : 0;
    if (e->b == e->scratch)
        unwind_in_step(e, how);
    else
        unwind_in_block(e, how);
    /* If the next instruction begins a line, the line last fetched does not
     * matter. Forget it, to give the state of engine_out() at a block's end. */
    if (how == UNWIND_AFTER && r[1].pcoff % LINE_BYTES == 0)
        e->fetch_line = NO_LINE;
    take_budget(e);
    e->h->pc = e->page + (how == UNWIND_AFTER ? r[1].pcoff : r->pcoff);
}

/* A trap empties the pipeline, and the next line is fetched again. */
void engine_trap(struct engine *e, u64 cause, u64 tval)
{
    bool fetch = cause == CAUSE_FETCH_ACCESS || cause == CAUSE_FETCH_PAGE ||
                 cause == CAUSE_FETCH_MISALIGNED;
    unsigned cycles = e->timed ? e->cpu->pipe.trap_entry : 0;

    if (unlikely(e->touch))
        observe_fault(e, cause, tval);
    if (!e->first.n++ || e->first.instret != e->h->instret)
        e->first = (struct engine_first){e->h->instret, e->h->pc, cause,
                                         e->h->priv,    1,        true};
    hart_trap(e->h, cause, tval);
    /* else a handler that cannot be fetched would trap for ever at one cycle */
    if (fetch && !cycles)
        cycles = 1;
    charge(e, &e->by.trap, cycles);
    pipeline_reset(e);
    e->context_dirty = true;
    e->trapped = true;
    e->traps++;
    if (unlikely(e->on_trap))
        e->on_trap(e->trap_opaque, cause, tval);
}

void engine_trap_here(struct engine *e, u64 cause, u64 tval)
{
    block_unwind(e, UNWIND_TRAP);
    u64 before = e->h->cycle;
    engine_trap(e, cause, tval);
    e->budget -= COST(e->h->cycle - before, 0);
}

enum outcome engine_charge(struct engine *e, u32 cycles)
{
    e->by.issue += cycles;
    e->budget -= COST(cycles, 0);
    return overdrawn(e) ? LEAVE_AFTER : GO_ON;
}

/* Makes the run loop's checks, except for the budget, which is checked when the
 * next block is entered. */
bool engine_goes_on(struct engine *e)
{
    if (e->b == e->scratch || e->leave || e->deadline < e->slice_end ||
        (e->trapped && e->catch_traps) ||
        __atomic_load_n(&e->asked, __ATOMIC_RELAXED) || hart_interrupt(e->h))
        return false;
    e->trapped = false;
    if (e->context_dirty)
        context_update(e);
    return true;
}

void engine_drain(struct engine *e)
{
    u64 mem = (u64)(s64)(s32)e->acc[SUM_MEM];
    u64 lines = (u64)(s64)(s32)e->acc[SUM_LINES];

    e->by.issue += e->acc[SUM_ISSUE];
    e->by.interlock += e->acc[SUM_INTERLOCK];
    e->by.branch += e->branch_acc[SUM_BRANCH_CYCLES];
    e->predictor.branches += e->branch_acc[SUM_BRANCHES];
    e->predictor.mispredicts += e->branch_acc[SUM_MISPREDICTS];
    if (e->ctx->data_sv39)
        mmu_count_hits(e->mmu, L1_DTLB, mem + e->dtlb_more);
    if (e->ctx->fetch_sv39)
        mmu_count_hits(e->mmu, L1_ITLB, lines + e->itlb_more);
    e->by.dcache += memtime_count_quick(e->mem, &e->quick);
    if (e->timed)
        memtime_count_hits(e->mem, mem + e->l1d_more, lines + e->l1i_more);
    e->dtlb_more = e->itlb_more = e->l1d_more = e->l1i_more = 0;
    e->acc = e->branch_acc = (sums4){0};
    e->drained_at = e->h->cycle;
}

static bool is_pmp(unsigned csr)
{
    return csr >= CSR_pmpcfg0 && csr <= CSR_pmpaddr63;
}

static bool changes_translation(unsigned csr)
{
    return csr == CSR_satp || csr == CSR_menvcfg || is_pmp(csr);
}

/* The hart's counts are those of the instruction's start (engine_now). */
bool engine_effects(struct engine *e, unsigned csr, unsigned effects)
{
    unsigned irq = effects & (HE_INTERRUPT | HE_TIMER);

    e->h->pc = e->page + e->r->pcoff; /* with rd = x0, pc was the sink */
    if (irq && e->port.hart_changed)
        e->port.hart_changed(e->port.opaque, irq);
    if (effects & HE_CONTEXT) {
        if (is_pmp(csr))
            host_tlb_flush(e);
        if (csr == CSR_satp && unlikely(e->mmu->stale))
            walk_port_new_satp(e);
        if (changes_translation(csr)) {
            e->context_dirty = true;
            if (csr != CSR_satp)
                e->contexts_valid = 0;
            return true;
        }
        if (!context_same(e))
            context_update(e); /* sstatus and mstatus affect only data */
    }
    return e->deadline < e->slice_end || e->context_dirty || e->leave ||
           hart_interrupt(e->h);
}
