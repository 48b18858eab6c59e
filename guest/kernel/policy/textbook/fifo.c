/* SPDX-License-Identifier: MIT */
/* First in, first out.
 *
 * System and year. FIFO is the simplest policy. Atlas (1962), the first machine
 * with paging, had a better one; many small systems later used FIFO. Belady,
 * Nelson and Shedler showed in 1969 that FIFO can fault more often with more
 * frames. Mach of 1986 and VMS gave pages a second chance after a FIFO queue;
 * here they get none.
 *
 *      comes in                                   goes
 *         |                                        ^
 *         v                                        |
 *      [newest] -> [ ] -> [ ] -> [ ] -> [ ] -> [oldest]
 *
 *      use in the meantime plays no part
 *
 * Rules. A page joins the queue at one end when it comes into memory and goes
 * when it has reached the other end. A page that cannot go joins again: one
 * that is locked, pinned or under I/O, or needs a slot while swap is full; or a
 * dirty file page, unless the pageout daemon, which may write it, looks for the
 * victim. A process at its RLIMIT_RSS loses its page that joined longest ago.
 *
 * Constants. The levels of free memory are Linux's (linux_marks).
 *
 * Left out. Everything that later systems look at. FIFO is here to be compared
 * with. */
#include "policy/marks.h"
#include "vm/policy.h"

#define PAGE 4096u

enum { QUEUE = 1 };

static const struct policy_list lists[] = {{"fifo", LIST_PLAIN}, {0}};

static uint32_t joined; /* joins so far, of all pages together */

static void init(uint32_t nframes)
{
    joined = 0;
}

static void join(uint32_t frame)
{
    *policy_data(frame) = ++joined;
    policy_add_tail(QUEUE, frame);
}

static void page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    join(frame);
}

static uint32_t victim(uint64_t *budget)
{
    while (*budget) {
        uint32_t frame = policy_first(QUEUE);
        if (frame == POLICY_NONE)
            return POLICY_NONE;
        --*budget;
        bool may = policy_may_take(frame);
        join(frame); /* in case it stays: the caller may fail to take it */
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
        if (policy_may_take(frame) &&
            (oldest == POLICY_NONE ||
             (int32_t)(*policy_data(frame) - *policy_data(oldest)) < 0))
            oldest = frame;
    if (oldest != POLICY_NONE)
        join(oldest); /* in case it stays: another process may map it */
    return oldest;
}

const struct policy_ops policy_fifo = {
    .name = "fifo",
    .set_marks = linux_marks,
    .lists = lists,
    .init = init,
    .page_in = page_in,
    .victim = victim,
    .own_victim = own_victim,
};
