/* SPDX-License-Identifier: MIT */
/* Runs the interpreter's loop, and makes unusual transitions between blocks.
 *
 * Entering a block takes its cost from the budget, in cycles and instructions
 * together. A budget below zero means that the block does not fit before the
 * deadline or is dead; exec_enter_failed handles all such cases. A single step
 * is a block of one instruction with a budget of exactly its cost, so no
 * further block fits. */
#include "engine/exec.h"
#include "engine/block_unwind.h"
#include "engine/fetch.h"
#include "engine/host_tlb.h"

enum exec_end exec_run(struct engine *e, struct block *b, u64 pc)
{
    const handler_fn *handlers = e->timed ? handlers_cycle : handlers_fast;

    e->page = pc & ~(PAGE_BYTES - 1);
    e->end = EXEC_ON;
    const struct rec *r = exec_enter(e, b, pc, NULL, e->timed);
    if (handlers[EACH_RECORD])
        r = handlers[EACH_RECORD](e, r);
    while (r)
        r = handlers[r->handler](e, r);
    return e->end;
}

/* Returns the cached target of a jump to pc, or NULL. */
static struct block *jump_target(const struct engine *e, u64 pc)
{
    const struct jump_target *j = &e->jumps[jump_index(pc)];

    return j->va == pc && j->ctx == e->fctx ? j->block : NULL;
}

/* Returns the block to enter at pc instead of b, or NULL. */
static struct block *substitute_for(struct engine *e, struct block *b, u64 pc,
                                    struct block **edge)
{
    if (b == e->far) {
        struct block *known = jump_target(e, pc);
        if (known && known->cost != DEAD_COST)
            return known;
    }
    if (b->cost == DEAD_COST)
        return e->budget >= COST(1, 0) ? fetch_quick(e, pc, edge) : NULL;
    if (e->timed && b->wide && e->budget >= b->cost)
        return block_narrow(e, b, pc);
    return NULL;
}

/* At the start of each iteration b's cost has been taken from the budget, but b
 * cannot be entered. The loop gives the cost back and asks for a substitute: a
 * shorter block, or if b is dead the one that is cached or now decoded for pc.
 * The loop ends soon: no substitute is dead or leads back to a refused block.
 * At the end either a block is entered and paid, or the budget and the counts
 * are as before the jump to pc, and the run loop goes on at pc. */
const struct rec *exec_enter_failed(struct engine *e, struct block *b, u64 pc,
                                    struct block **edge)
{
    e->page = pc & ~(PAGE_BYTES - 1);
    for (;;) {
        e->budget += b->cost;
        b = substitute_for(e, b, pc, edge);
        edge = NULL;
        if (!b) {
            engine_out(e, pc);
            return NULL;
        }
        e->budget -= b->cost;
        if (e->budget >= 0 && !(e->timed && b->lines & ~*b->fetch_map))
            break;
    }
    e->acc += b->sums;
    e->b = b;
    return b->rec;
}

const struct rec *exec_indirect(struct engine *e, u64 pc)
{
    struct block *b = jump_target(e, pc);

    e->page = pc & ~(PAGE_BYTES - 1);
    return exec_enter(e, b ? b : e->unbound, pc, NULL, e->timed);
}

const struct rec *exec_elsewhere(struct engine *e)
{
    return engine_goes_on(e) ? exec_indirect(e, e->h->pc) : NULL;
}

const struct rec *exec_leave_after(struct engine *e, const struct rec *r)
{
    e->r = r;
    block_unwind(e, UNWIND_AFTER);
    return NULL;
}

const struct rec *exec_left(struct engine *e, const struct rec *r,
                            enum outcome went)
{
    if (went == TRAPPED)
        return exec_elsewhere(e);
    if (went == LEAVE_AFTER)
        return exec_leave_after(e, r);
    e->end = EXEC_CAUGHT;
    return NULL;
}

const struct rec *exec_trap(struct engine *e, const struct rec *r, u64 cause,
                            u64 tval)
{
    e->r = r;
    engine_trap_here(e, cause, tval);
    return exec_elsewhere(e);
}

const struct rec *exec_illegal(struct engine *e, const struct rec *r)
{
    e->r = r;
    return exec_trap(e, r, CAUSE_ILLEGAL, engine_raw(e));
}
