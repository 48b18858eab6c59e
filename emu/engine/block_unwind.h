/* SPDX-License-Identifier: MIT */
/* Where hart and pipeline are in the middle of a block, and leaving it there.
 */
#ifndef CLOCKHAND_ENGINE_BLOCK_UNWIND_H
#define CLOCKHAND_ENGINE_BLOCK_UNWIND_H

#include "engine/exec.h"

/* The rest of the block no longer fits before the deadline. When its last
 * instruction issues with the one before, one cycle more must be left. */
static inline bool overdrawn(const struct engine *e)
{
    return e->budget < e->b->least;
}

/* Puts hart, counters and pipeline where they stand around e->r of e->b. */
void block_unwind(struct engine *e, enum unwind how);
/* Leaves the executor between blocks: pc is the next instruction. */
void engine_out(struct engine *e, u64 pc);
/* hart.cycle and instret at the start of the instruction e->r. */
void engine_now(struct engine *e);
static inline u64 engine_cycle(const struct engine *e)
{
    s64 left = (e->budget >> 32) + e->b->cycles - e->r->at;
    return e->slice_end - (u64)left;
}
/* Charges data-dependent cycles to the instruction in progress. */
enum outcome engine_charge(struct engine *e, u32 cycles);
u32 engine_raw(const struct engine *e); /* bits of the instruction e->r */
/* Takes a trap at h->pc, with its cost; _here: at e->r. */
void engine_trap(struct engine *e, u64 cause, u64 tval);
void engine_trap_here(struct engine *e, u64 cause, u64 tval);
/* Whether the executor may go on at hart.pc, between two instructions, after
 * what sends it there (a trap, a return from one, a fence): nobody waits for it
 * to come back. The context is the hart's then. */
bool engine_goes_on(struct engine *e);
/* Hands over the counts in acc: before the context changes. */
void engine_drain(struct engine *e);
/* After a CSR write: true when the executor must come back. */
bool engine_effects(struct engine *e, unsigned csr, unsigned effects);

#endif
