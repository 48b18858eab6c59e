/* SPDX-License-Identifier: MIT */
/* A page replacement policy of your own. Copy this file, change it, then
 *     clockhand --policy-file mine.c --run '...'    runs the guest with it,
 *     tools/grade mine.c                            compares it with
 * textbook policies. Unchanged, it is FIFO. vm/policy.h lists all calls that a
 * policy may make: policy_used(frame), policy_clear_used(frame) and
 * policy_dirty(frame) are for the reference and the dirty bit of a page. */
#include "policy/marks.h"
#include "vm/policy.h"

OWN_POLICY(mine, "first in, first out");

enum { QUEUE = 1 };
static const struct policy_list lists[] = {{"queue", LIST_PLAIN}, {0}};

/* A page has come into memory: it goes to the queue's end. */
static void page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    policy_add_tail(QUEUE, frame);
}

/* The page to evict: the first of the queue. If it cannot go now (it is locked,
 * or under I/O), it moves to the end, and the next page is tried. */
static uint32_t victim(uint64_t *budget)
{
    for (; *budget; --*budget) {
        uint32_t frame = policy_first(QUEUE);
        if (frame == POLICY_NONE || policy_may_take(frame))
            return frame;
        policy_add_tail(QUEUE, frame);
    }
    return POLICY_NONE;
}

const struct policy_ops policy_mine = {
    .name = "mine",           /* as OWN_POLICY has it */
    .set_marks = linux_marks, /* free frames at which the daemon begins, ends */
    .lists = lists,
    .page_in = page_in,
    .victim = victim,
};
