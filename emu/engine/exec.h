/* SPDX-License-Identifier: MIT */
/* The interpreter: a function for each instruction, made from its row of
 * hart/semantics.def, and the loop that calls them. */
#ifndef CLOCKHAND_ENGINE_EXEC_H
#define CLOCKHAND_ENGINE_EXEC_H

#include "engine/state.h"

/* Tells the loop of instructions how to go on. */
enum outcome {
    GO_ON,       /* go on */
    LEAVE_AFTER, /* finish this instruction, then leave the block */
    TRAPPED,     /* the trap has been taken: leave */
    LEAVE_BEFORE /* leave before this instruction (a caught walk) */
};

/* Executes r, which is of e->b, and returns the record that comes next: of
 * this block or, entered already, of another. NULL: the executor comes back
 * (e->end); hart and counters are at a boundary. */
typedef const struct rec *(*handler_fn)(struct engine *e, const struct rec *r);
extern const handler_fn handlers_fast[HANDLERS], handlers_cycle[HANDLERS];

/* Runs b, which is at pc, and what follows it. */
enum exec_end exec_run(struct engine *e, struct block *b, u64 pc);

/* ---- from block to block. Each returns the next record, or NULL ---- */

/* b, which is at pc, has been charged and cannot be entered: what can be in its
 * place? edge: what led to it, to be bound; may be NULL. */
const struct rec *exec_lost(struct engine *e, struct block *b, u64 pc,
                            struct block **edge);
/* Enters b, which is at pc. */
static inline const struct rec *exec_enter(struct engine *e, struct block *b,
                                           u64 pc, struct block **edge,
                                           const bool timed)
{
    e->budget -= b->cost;
    if (unlikely(e->budget < 0) ||
        (timed && unlikely(b->lines & ~*b->fetch_map)))
        return exec_lost(e, b, pc, edge);
    e->acc += b->sums;
    e->b = b;
    return b->rec;
}
/* To any address. */
const struct rec *exec_indirect(struct engine *e, u64 pc);
/* The hart stands between two instructions, at hart.pc. */
const struct rec *exec_elsewhere(struct engine *e);
/* After r the block is left, whatever comes next. */
const struct rec *exec_leave_after(struct engine *e, const struct rec *r);
/* The outcome of r is not GO_ON. */
const struct rec *exec_left(struct engine *e, const struct rec *r,
                            enum outcome went);
const struct rec *exec_trap(struct engine *e, const struct rec *r, u64 cause,
                            u64 tval);
const struct rec *exec_illegal(struct engine *e, const struct rec *r);

#endif
