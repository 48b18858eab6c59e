/* SPDX-License-Identifier: MIT */
/* Least recently used, exactly, for processes with an RLIMIT_RSS.
 *
 * System and year. LRU is the textbooks' yardstick; no system has it (Belady
 * 1966; Mattson, Gecsei, Slutz and Traiger 1970, who proved that it is a stack
 * algorithm: the pages in n frames are also among those in n + 1, so that more
 * frames never mean more faults). Exact LRU has to see every use; a reference
 * bit tells only that there was at least one.
 *
 *      used ----------------------------------------.
 *        ^                                          v
 *      [least recent] [ ] [ ] [ ] [ ] [ ] [most recent] <- comes in
 *        |
 *        goes
 *
 * Rules. A page gets the next number when it comes in and at each use that
 * mechanism reports; a process at its limit loses its page with the smallest
 * number. For such a process mechanism reports every use of data, at the cost
 * of a fault for each (vm/limit.c): exact, and too slow for a real system. Uses
 * of program text show in reference bits, at the next replacement. Uses before
 * the process had its limit are not in the order.
 *
 * For all other processes there are only reference bits: a used page at the
 * front of the queue goes to the end, which is FIFO with second chance.
 *
 * Constants. The levels of free memory are Linux's (linux_marks). */
#include "policy/marks.h"
#include "vm/policy.h"

#define PAGE 4096u

enum { QUEUE = 1 };

static const struct policy_list lists[] = {{"lru", LIST_PLAIN}, {0}};

static uint32_t uses; /* seen so far */

static void init(uint32_t nframes)
{
    uses = 0;
}

static void used(uint32_t frame)
{
    *policy_data(frame) = ++uses;
    policy_add_tail(QUEUE, frame);
}

static void page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    used(frame);
}

static void page_touched(uint32_t frame, enum policy_why why)
{
    used(frame);
}

static uint32_t victim(uint64_t *budget)
{
    while (*budget) {
        uint32_t frame = policy_first(QUEUE);
        if (frame == POLICY_NONE)
            return POLICY_NONE;
        --*budget;
        bool may = policy_may_take(frame) && !policy_clear_used(frame);
        used(frame); /* if it stays, it counts as used now */
        if (may)
            return frame;
    }
    return POLICY_NONE;
}

static uint32_t own_victim(uint64_t space)
{
    uint32_t oldest = POLICY_NONE, frame;
    uint64_t va = 0;
    for (; (frame = policy_space_frame(space, &va)) != POLICY_NONE; va += PAGE)
        if (policy_exec(frame) && policy_clear_used(frame))
            used(frame);
    for (va = 0; (frame = policy_space_frame(space, &va)) != POLICY_NONE;
         va += PAGE)
        if (policy_may_take(frame) &&
            (oldest == POLICY_NONE ||
             (int32_t)(*policy_data(frame) - *policy_data(oldest)) < 0))
            oldest = frame;
    return oldest;
}

const struct policy_ops policy_lru = {
    .name = "lru",
    .set_marks = linux_marks,
    .lists = lists,
    .init = init,
    .page_in = page_in,
    .page_touched = page_touched,
    .victim = victim,
    .own_victim = own_victim,
    .every_use = true,
};
