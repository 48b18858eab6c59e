/* SPDX-License-Identifier: MIT */
/* The conditional predictor as inline code, for the executor's hot path:
 * branch_conditional() is this and nothing else. */
#ifndef CLOCKHAND_BRANCH_H
#define CLOCKHAND_BRANCH_H

#include "time/time.h"

static inline unsigned branch_slot(u64 pc, unsigned entries)
{
    return (unsigned)(pc >> 1) & (entries - 1); /* instructions are 2-aligned */
}

/* Whether the 2-bit counter was wrong; it learns. */
static inline bool branch_learn(struct branch_predictor *b, u64 pc, bool taken)
{
    u8 *counter = &b->bht[branch_slot(pc, BHT_ENTRIES)];
    unsigned was = *counter;
    bool wrong = was >> 1 != taken;

    /* saturating, branchless: 3 stays 3, 0 stays 0 */
    *counter = (u8)(was + (taken & (was != 3)) - (!taken & (was != 0)));
    b->branches++;
    b->mispredicts += wrong;
    return wrong;
}

#endif
