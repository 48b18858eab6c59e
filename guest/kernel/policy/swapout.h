/* SPDX-License-Identifier: MIT */
/* Swaps a process out whole, page by page. The swappers of 4.3BSD and SunOS
 * share this; each decides itself what to do with a page. */
#pragma once

#include "vm/policy.h"

#define SWAPOUT_BATCH 64 /* pages in one step; then other tasks may run */

struct swapout {
    uint64_t id; /* the address space that is being taken out; 0: none */
    uint64_t va; /* the next address to look at */
};

static inline void swapout_begin(struct swapout *o, uint64_t id)
{
    policy_space_hold(id, true);
    policy_count_event(C_SWAPOUT, 1);
    *o = (struct swapout){id, 0};
}

/* Unmaps the page at o->va. True: no other process maps the frame, and it is
 * clean. */
static inline bool swapout_unmap(const struct swapout *o, uint32_t frame)
{
    return policy_space_unmap(o->id, o->va) && !policy_mapped(frame) &&
           !policy_dirty(frame);
}

/* Takes out a batch of pages; page_out takes out a single page, or returns
 * false if it cannot do so now. True when no page is left, or the process has
 * ended or is in again. */
static inline bool swapout_go_on(struct swapout *o,
                                 bool (*page_out)(uint32_t frame))
{
    struct policy_space s;
    bool out = policy_space(o->id, &s) && s.out;

    for (unsigned n = 0; n < SWAPOUT_BATCH; n++) {
        uint32_t frame = out ? policy_space_frame(o->id, &o->va) : POLICY_NONE;
        if (frame == POLICY_NONE) {
            o->id = 0;
            return true;
        }
        if (!page_out(frame))
            return false;
        o->va += 4096;
    }
    return false;
}
