/* SPDX-License-Identifier: MIT */
/* Inline functions for the parts of the predictor, for the executor's hot path
 * and for branch.c. They update no statistics. */
#pragma once

#include "time/time.h"

/* Returns the bits of a branch's address that index the table of counters. */
static inline u32 branch_slot(const struct branch_predictor *b, u64 pc)
{
    return (u32)(pc >> 1) & b->pc_bits;
}

/* Returns a conditional branch's counter, whose value is a multiple of
 * BRANCH_STEP, and appends the outcome to *history. */
static inline u8 *branch_counter_of(struct branch_predictor *b, u32 *history,
                                    u32 slot, bool taken)
{
    static_assert(HISTORY_MAX == 8, "the oldest outcome falls out of a byte");
    slot ^= b->fold[*history];
    *history = (u8)(2 * *history + taken);
    return &b->bht[slot];
}

/* Returns a counter's next value; *wrong: the counter mispredicted. Bit 0 is
 * the prediction; with two bits, bit 1 is the last outcome, and the new bit 0
 * is the majority of both bits and this outcome (Rocket's BTB.scala, with
 * counters of one bit since November 2017, of two before). */
static inline u8 branch_next(const struct branch_model *m, unsigned was,
                             bool taken, bool *wrong)
{
    bool last = was >> 1, said = was & 1;

    *wrong = said != taken;
    if (m->counter_bits == 1)
        return taken;
    return (u8)(taken << 1 | ((last & said) | ((last | said) & taken)));
}

/* Pushes a call's return address on the return stack. */
static inline void branch_push(struct branch_predictor *b, u64 return_to)
{
    b->ras_top = b->ras_top + 1 < b->returns ? b->ras_top + 1 : 0;
    b->ras[b->ras_top] = return_to;
}

/* Pops the return stack, which is a ring of registers: on overflow it loses the
 * oldest address, on underflow it repeats itself. */
static inline u64 branch_pop(struct branch_predictor *b)
{
    u64 target = b->ras[b->ras_top];
    b->ras_top = (b->ras_top ? b->ras_top : b->returns) - 1;
    return target;
}
