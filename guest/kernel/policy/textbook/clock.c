/* SPDX-License-Identifier: MIT */
/* The clock, with one hand and with two.
 *
 * System and year. Frames lie in a circle in the order of their physical
 * addresses, and a hand goes round. One hand is Corbato's clock (Multics,
 * 1968; "A Paging Experiment with the Multics System"). Two hands at a fixed
 * distance are 4.3BSD's (1986, vm_page.c); at a distance of up to half of
 * memory, they are the pageout_scanner of SunOS and Solaris.
 *
 *                   front: clears the mark         frames, physical order
 *                     |
 *          . . . . . [*] . . . . . . .
 *        .            <---- handspread ----        a page's time to prove
 *       .                              \           that it is used
 *       .             direction         \
 *        .            ---------->       [*] back: takes pages that are
 *          . . . . . . . . . . . . . . .          still unmarked
 *
 * Rules. `clock`: a page that is marked as used loses the mark and is spared;
 * an unmarked page goes. So a page stays if it is used once in a revolution.
 * Nothing controls the time of a revolution: with much memory every page is
 * marked when the hand arrives, the hand clears marks for a whole revolution,
 * and then takes the page that it met first, which is FIFO. `twohand`: the
 * front hand only clears; the back hand, `clock.handspread` frames behind,
 * takes pages that have not been used in between. So a page has the time
 * spread / scan rate to be used in, whatever the size of memory. Both hands
 * move in step, one frame at a time.
 *
 * A process at its RLIMIT_RSS has a circle of its own under `clock`: its pages
 * in the order in which they came, whatever frames they got, and a hand that
 * stands at the oldest. (Under `twohand`, vm/limit.c chooses the victim.)
 *
 * Constants. 4.3BSD's spread is 2 MB: 512 frames. A spread of more than half of
 * the frames is of no use in a small machine, so half is the limit here; a
 * change of the tunable moves the front hand.
 *
 * The mark is the hardware's A bit in any PTE of the page, or the kernel's
 * own for read() and write(); a machine without A bits (--ad fault) faults at
 * the first use after clearing, which is how the VAX did it.
 *
 * Left out. The scan rate (slowscan..fastscan, evaluated four times a second)
 * and the swapper of whole processes: the daemon runs until the high mark is
 * reached (vm/pageout.c). 4.3BSD's core map has one owner for each page; here
 * the A bits of all PTEs of a shared page count. */
#include "policy/marks.h"
#include "vm/policy.h"

#define PAGE 4096u

static uint32_t count;
enum { BACK, FRONT };
static uint64_t hand[2]; /* the hands' frames; a single hand is BACK */
static uint32_t came;    /* the highest number given to a page */

static void clock_init(uint32_t nframes)
{
    count = nframes;
    hand[BACK] = 0;
    hand[FRONT] = POLICY_NONE;
    came = 0;
}

static void advance(int which)
{
    hand[which] = hand[which] + 1 == count ? 0 : hand[which] + 1;
}

static uint32_t clock_victim(uint64_t *budget)
{
    while (*budget) {
        uint32_t frame = (uint32_t)hand[BACK];
        bool found = policy_may_take(frame) && !policy_clear_used(frame);
        advance(BACK);
        --*budget;
        if (found)
            return frame;
    }
    return POLICY_NONE;
}

static void clock_page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    *policy_data(frame) = ++came;
}

/* On a process's own circle the distance from the hand to a page is the page's
 * number less the smallest number on the circle. */
struct circle {
    uint32_t first, n; /* first: smallest number; n: largest - smallest + 1 */
};

static struct circle circle_of(uint64_t space)
{
    struct circle c = {0};
    uint64_t va = 0;
    uint32_t frame;
    bool any = false;
    for (; (frame = policy_space_frame(space, &va)) != POLICY_NONE;
         va += PAGE) {
        uint32_t at = *policy_data(frame);
        if (!any || (int32_t)(at - c.first) < 0) {
            c.n += any ? c.first - at : 0;
            c.first = at;
        }
        any = true;
        if (at - c.first >= c.n)
            c.n = at - c.first + 1;
    }
    return c;
}

/* Moves the hand on by `way` numbers: the pages that it passes lose the mark
 * (locked pages keep it) and get numbers above all others. */
static void move_hand(uint64_t space, const struct circle *c, uint32_t way)
{
    uint64_t va = 0;
    uint32_t frame;
    for (; (frame = policy_space_frame(space, &va)) != POLICY_NONE; va += PAGE)
        if (*policy_data(frame) - c->first < way) {
            if (!policy_locked(frame))
                policy_clear_used(frame);
            *policy_data(frame) += c->n;
        }
    uint32_t last = c->first + c->n + way;
    came = (int32_t)(last - came) > 0 ? last : came;
}

static uint32_t clock_own_victim(uint64_t space)
{
    uint32_t found = POLICY_NONE, frame;
    for (int lap = 0; lap < 2 && found == POLICY_NONE; lap++) {
        struct circle c = circle_of(space);
        uint32_t way = c.n;
        uint64_t va = 0;
        for (; (frame = policy_space_frame(space, &va)) != POLICY_NONE;
             va += PAGE)
            if (*policy_data(frame) - c.first < way && policy_may_take(frame) &&
                !policy_used(frame)) {
                way = *policy_data(frame) - c.first;
                found = frame;
            }
        move_hand(space, &c, way);
    }
    return found;
}

static void place_front(void)
{
    uint64_t spread = (uint64_t)policy_tunable(TUN_HANDSPREAD);
    if (spread > count / 2)
        spread = count / 2;
    hand[FRONT] = (hand[BACK] + spread) % count;
}

static void twohand_init(uint32_t nframes)
{
    clock_init(nframes);
    place_front();
}

static uint32_t twohand_victim(uint64_t *budget)
{
    place_front(); /* clock.handspread may have been changed */
    while (*budget) {
        uint32_t frame = (uint32_t)hand[BACK], front = (uint32_t)hand[FRONT];
        if (policy_may_take(front))
            policy_clear_used(front);
        bool found = policy_may_take(frame) && !policy_used(frame);
        advance(BACK);
        advance(FRONT);
        --*budget;
        if (found)
            return frame;
    }
    return POLICY_NONE;
}

const struct policy_ops policy_clock = {
    .name = "clock",
    .notions = POLICY_HAS(SCANNER),
    .set_marks = linux_marks,
    .init = clock_init,
    .page_in = clock_page_in,
    .victim = clock_victim,
    .own_victim = clock_own_victim,
    .hands = hand,
};

const struct policy_ops policy_twohand = {
    .name = "twohand",
    .notions = POLICY_HAS(SCANNER),
    .set_marks = linux_marks,
    .init = twohand_init,
    .victim = twohand_victim,
    .hands = hand,
};
