/* SPDX-License-Identifier: MIT */
/* Finds the state of hart and pipeline where a block is left in its middle. */
#pragma once

#include "engine/exec.h"

/* True if the rest of the block no longer fits before the deadline. */
static inline bool overdrawn(const struct engine *e)
{
    return e->budget < e->b->least;
}

/* Sets hart, counters and pipeline to their state before, in or after e->r. */
void block_unwind(struct engine *e, enum unwind how);
/* Leaves the executor between two blocks; pc: of the next instruction. */
void engine_out(struct engine *e, u64 pc);
/* Sets hart.cycle, instret and pc to the start of the instruction e->r. */
void engine_now(struct engine *e);
/* Returns the cycle at which e->r starts. */
static inline u64 engine_cycle(const struct engine *e)
{
    s64 left = (e->budget >> 32) + e->b->cycles - e->r->at;
    return e->slice_end - (u64)left;
}
/* Charges e->r with data-dependent cycles. Returns GO_ON or LEAVE_AFTER. */
enum outcome engine_charge(struct engine *e, u32 cycles);
u32 engine_raw(const struct engine *e); /* the encoding of e->r */
/* Take and charge a trap: engine_trap at h->pc, engine_trap_here at e->r. */
void engine_trap(struct engine *e, u64 cause, u64 tval);
void engine_trap_here(struct engine *e, u64 cause, u64 tval);
/* True if the executor may continue at hart.pc after a trap, a return from one,
 * a fence or a CSR write, without the run loop. The context is then current. */
bool engine_goes_on(struct engine *e);
/* Adds the pending counts to their totals. Call before the context changes. */
void engine_drain(struct engine *e);
/* Applies a CSR write's effects. True: the block must be left after e->r. */
bool engine_effects(struct engine *e, unsigned csr, unsigned effects);
