/* SPDX-License-Identifier: MIT */
/* Accesses of translated code whose line is not in L1D, or clean at a store.
 * This file is compiled to use no vector register, so that translated code need
 * not save its own. */
#include "engine/stubs.h"
#include "time/core/quick.h"

#if HOST_CODE

u64 line_missed(struct engine *e, u64 at, u64 store)
{
    u64 frame = (at - (u64)(uintptr_t)e->port.ram) >> PAGE_SHIFT;

    if (unlikely(e->budget < e->missed_least))
        return 1;
    switch (
        memtime_quick_access(&e->quick, &e->quick.lines[frame], at, store)) {
    case QUICK_MISSED:
        e->budget -= e->missed_cost;
        return 0;
    case QUICK_FREE:
        return 0;
    case QUICK_ASK:
        break;
    }
    return 1;
}

#endif
