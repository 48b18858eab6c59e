/* SPDX-License-Identifier: MIT */
/* First in, first out.
 *
 * System and year. The first policy of all (the Atlas and its successors knew
 * better, many small systems did not), and the one that Belady, Nelson and
 * Shedler showed in 1969 to fault more often with more frames. Mach of 1986
 * and VMS were FIFO with a second chance behind it; here there is none.
 *
 *      comes in                                   goes
 *         |                                        ^
 *         v                                        |
 *      [newest] -> [ ] -> [ ] -> [ ] -> [ ] -> [oldest]
 *
 *      whether it has been used since plays no part
 *
 * Rules. A page joins the queue at one end when it comes into memory and goes
 * when it has reached the other. One that cannot go now (locked, under I/O, a
 * dirty page of a file met by a process that may not write it) begins anew.
 *
 * Constants. The marks are those of clock.c.
 *
 * What it leaves out: everything that later systems were invented for. It is
 * here as the lower end of the comparison (experiments.md, E1, E2, E4). */
#include "policy/marks.h"
#include "vm/policy.h"

enum { QUEUE = 1 };

static const struct policy_list lists[] = {{"fifo", LIST_PLAIN}, {0}};

static void page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    (void)why, (void)shadow;
    policy_add_tail(QUEUE, frame);
}

static uint32_t victim(uint64_t *budget)
{
    while (*budget) {
        uint32_t frame = policy_first(QUEUE);
        if (frame == POLICY_NONE)
            return POLICY_NONE;
        --*budget;
        bool may = policy_may_take(frame);
        policy_add_tail(QUEUE, frame); /* if it stays, it begins anew */
        if (may)
            return frame;
    }
    return POLICY_NONE;
}

const struct policy_ops policy_fifo = {
    .name = "fifo",
    .set_marks = linux_marks,
    .lists = lists,
    .page_in = page_in,
    .victim = victim,
};
