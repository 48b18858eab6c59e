/* SPDX-License-Identifier: MIT */
/* First in, first out.
 *
 * System and year. FIFO is the oldest policy; the Atlas and its successors had
 * better ones, many small systems did not. Belady, Nelson and Shedler showed in
 * 1969 that FIFO can fault more often with more frames. Mach of 1986 and VMS
 * gave pages a second chance after a FIFO queue; here they get none.
 *
 *      comes in                                   goes
 *         |                                        ^
 *         v                                        |
 *      [newest] -> [ ] -> [ ] -> [ ] -> [ ] -> [oldest]
 *
 *      use in the meantime plays no part
 *
 * Rules. A page joins the queue at one end when it comes into memory and goes
 * when it has reached the other end. A page that cannot go (locked, under I/O,
 * or, unless the pageout daemon looks for the victim, a dirty file page) joins
 * again. A process at its RLIMIT_RSS loses the first of its pages that joined
 * the queue.
 *
 * Constants. The marks are those of clock.c.
 *
 * Left out. Everything that later systems look at. FIFO is here to be compared
 * with. */
#include "policy/marks.h"
#include "vm/policy.h"

#define PAGE 4096u

enum { QUEUE = 1 };

static const struct policy_list lists[] = {{"fifo", LIST_PLAIN}, {0}};

static uint32_t joined; /* how often a page has joined the queue */

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
        join(frame); /* if it stays, it has joined again */
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
        join(oldest); /* another process may map it, too: it stays, and joins
                         again */
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
