/* SPDX-License-Identifier: MIT */
/* The clock, with one hand and with two.
 *
 * System and year. Frames lie in a circle in the order of their physical
 * addresses, and a hand goes round. One hand is Corbato's clock (Multics,
 * 1968; "A Paging Experiment with the Multics System"), two hands with a
 * fixed distance are 4.3BSD's (1986, vm_page.c) and, with a distance of half
 * of memory and more, SunOS's and Solaris's pageout_scanner.
 *
 *                   front: clears the mark         frames, physical order
 *                     |
 *          . . . . . [*] . . . . . . .
 *        .            <---- handspread ----        a page's time to prove
 *       .                              \           that it is used
 *       .             direction         \
 *        .            ---------->       [*] back: takes what is still
 *          . . . . . . . . . . . . . . .          unmarked
 *
 * Rules. `clock`: a page that is marked as used loses the mark and is spared;
 * one that is not marked goes. So a page lives if it is used once in a
 * revolution, whose length nobody controls: with much memory every page is
 * marked when the hand comes, and after a whole revolution of clearing the
 * first page met goes, which is FIFO. `twohand`: the front hand only clears,
 * the back hand, `clock.handspread` frames behind, takes what has not been
 * used in between: the time to prove use is the spread over the scan rate,
 * whatever the size of memory. Both hands move in step, one frame at a time.
 *
 * Constants. 4.3BSD's spread is 2 MB: 512 frames. No more than half of the
 * frames is useful in a small machine, so that is the limit here; a change of
 * the tunable moves the front hand.
 *
 * The mark is the hardware's A bit in any PTE of the page, or the kernel's
 * own for read() and write(); a machine without A bits (--ad fault) faults at
 * the first use after clearing, which is how the VAX did it.
 *
 * Left out. The scan rate (slowscan..fastscan, evaluated four times a second)
 * and the swapper of whole processes: the daemon runs until the high mark is
 * reached (vm/pageout.c). 4.3BSD's core map has one owner a page, here all
 * PTEs of a shared page are asked. */
#include "policy/marks.h"
#include "vm/policy.h"

static uint32_t count;
static uint32_t back, front; /* one hand is back */

static void init(uint32_t nframes)
{
    count = nframes;
    back = 0;
}

static uint32_t next(uint32_t frame)
{
    return frame + 1 == count ? 0 : frame + 1;
}

static uint32_t clock_victim(uint64_t *budget)
{
    while (*budget) {
        uint32_t frame = back;
        back = next(back);
        --*budget;
        if (policy_may_take(frame) && !policy_clear_used(frame))
            return frame;
    }
    return POLICY_NONE;
}

static void clock_hands(uint64_t hand[2])
{
    hand[0] = back;
    hand[1] = POLICY_NONE;
}

static void place_front(void)
{
    uint64_t spread = (uint64_t)policy_tunable(TUN_HANDSPREAD);
    if (spread > count / 2)
        spread = count / 2;
    front = (uint32_t)((back + spread) % count);
}

static uint32_t twohand_victim(uint64_t *budget)
{
    while (*budget) {
        place_front();
        uint32_t frame = back;
        if (policy_may_take(front))
            policy_clear_used(front);
        back = next(back);
        --*budget;
        if (policy_may_take(frame) && !policy_used(frame))
            return frame;
    }
    return POLICY_NONE;
}

static void twohand_hands(uint64_t hand[2])
{
    place_front();
    hand[0] = back;
    hand[1] = front;
}

const struct policy_ops policy_clock = {
    .name = "clock",
    .notions = POLICY_HAS(SCANNER),
    .set_marks = linux_marks,
    .init = init,
    .victim = clock_victim,
    .hands = clock_hands,
};

const struct policy_ops policy_twohand = {
    .name = "twohand",
    .notions = POLICY_HAS(SCANNER),
    .set_marks = linux_marks,
    .init = init,
    .victim = twohand_victim,
    .hands = twohand_hands,
};
