/* SPDX-License-Identifier: MIT */
/* The predictor's parts as inline code, for the executor's hot path: branch.c
 * is these and nothing else. They count nothing. */
#ifndef CLOCKHAND_BRANCH_H
#define CLOCKHAND_BRANCH_H

#include "time/time.h"

static inline unsigned branch_slot(u64 pc, unsigned entries)
{
    return (unsigned)(pc >> 1) & (entries - 1); /* instructions are 2-aligned */
}

static inline u8 *branch_counter(struct branch_predictor *b, u64 pc)
{
    return &b->bht[branch_slot(pc, BHT_ENTRIES)];
}

/* What a 2-bit counter is after a branch, and whether it was wrong. */
static inline u8 branch_next(unsigned was, bool taken, bool *wrong)
{
    *wrong = was >> 1 != taken;
    /* saturating: 3 stays 3, 0 stays 0 */
    return (u8)(was + (taken & (was != 3)) - (!taken & (was != 0)));
}

/* A call's return address is remembered. */
static inline void branch_push(struct branch_predictor *b, u64 return_to)
{
    b->ras_top = b->ras_top + 1 < RAS_ENTRIES ? b->ras_top + 1 : 0;
    b->ras[b->ras_top] = return_to;
}

/* A stack that overflows forgets its oldest; one that underflows repeats
 * itself: as a ring of registers does. */
static inline u64 branch_pop(struct branch_predictor *b)
{
    u64 target = b->ras[b->ras_top];
    b->ras_top = (b->ras_top ? b->ras_top : RAS_ENTRIES) - 1;
    return target;
}

#endif
