/* SPDX-License-Identifier: MIT */
/* The interpreter has a function for each instruction, made from its row of
 * hart/semantics.def, and a loop that calls these functions. */
#pragma once

#include "engine/state.h"

/* The outcome of an instruction, for the loop. */
enum outcome {
    GO_ON,       /* continue with the next record */
    LEAVE_AFTER, /* finish this instruction, then leave the block */
    TRAPPED,     /* the trap has been taken: leave the block */
    LEAVE_BEFORE /* leave before this instruction (a caught walk) */
};

/* Executes r of e->b and returns the next record, of this block or of one that
 * it has entered. NULL: the executor must return (e->end); hart and counters
 * are then at an instruction boundary. */
typedef const struct rec *(*handler_fn)(struct engine *e, const struct rec *r);
extern const handler_fn handlers_fast[HANDLERS], handlers_cycle[HANDLERS];

enum exec_end exec_run(struct engine *e, struct block *b, u64 pc);

/* ---- from block to block. Each returns the next record, or NULL ---- */

/* Refunds b, which was charged but cannot be entered at pc, and enters another
 * block instead. edge: the edge that led to b, to be bound anew; or NULL. */
const struct rec *exec_enter_failed(struct engine *e, struct block *b, u64 pc,
                                    struct block **edge);
static inline const struct rec *exec_enter(struct engine *e, struct block *b,
                                           u64 pc, struct block **edge,
                                           const bool timed)
{
    e->budget -= b->cost;
    if (unlikely(e->budget < 0) ||
        (timed && unlikely(b->lines & ~*b->fetch_map)))
        return exec_enter_failed(e, b, pc, edge);
    e->acc += b->sums;
    e->b = b;
    return b->rec;
}
const struct rec *exec_indirect(struct engine *e, u64 pc);
/* Continues at hart.pc, between two instructions. */
const struct rec *exec_elsewhere(struct engine *e);
const struct rec *exec_leave_after(struct engine *e, const struct rec *r);
/* Continues after an outcome of r other than GO_ON. */
const struct rec *exec_left(struct engine *e, const struct rec *r,
                            enum outcome went);
const struct rec *exec_trap(struct engine *e, const struct rec *r, u64 cause,
                            u64 tval);
const struct rec *exec_illegal(struct engine *e, const struct rec *r);
