/* SPDX-License-Identifier: MIT */
/* Any page, by lot.
 *
 * System and year. What the M44/44X (IBM, 1965) tried beside FIFO, and what
 * hardware does where it has no room for bits: TLBs and caches, to this day.
 *
 *        . x . . . x x . . . x . . x . .      frames; x: holds a page
 *                ^
 *                |  a number is drawn; the first page from there on goes
 *
 * Rules. A frame's number is drawn. If it holds a page that can go, that page
 * goes; otherwise another number is drawn; after TRIES the next page behind
 * the last number is taken, so that a memory in which little can go is no
 * lottery without prizes. No page is remembered, no bit is looked at.
 *
 * Constants. TRIES is ours. The marks are those of clock.c. The numbers are
 * the kernel's, which are the machine's --seed: the same run, the same luck.
 *
 * Left out: all knowledge. A choice by chance is often
 * better than FIFO and LRU: a loop of one page more than memory holds costs
 * them every reference, and it a few. */
#include "policy/marks.h"
#include "vm/policy.h"

#define PAGE  4096u
#define TRIES 32

static uint32_t count;

static void init(uint32_t nframes)
{
    count = nframes;
}

static uint32_t victim(uint64_t *budget)
{
    uint32_t at = 0;
    for (int i = 0; i < TRIES && *budget; i++, --*budget) {
        at = (uint32_t)(policy_draw() % count);
        if (policy_may_take(at))
            return at;
    }
    for (uint32_t i = 0; i < count && *budget; i++, --*budget) {
        at = at + 1 == count ? 0 : at + 1;
        if (policy_may_take(at))
            return at;
    }
    return POLICY_NONE;
}

/* Each of the process's pages with the same chance. */
static uint32_t own_victim(uint64_t space)
{
    uint32_t drawn = POLICY_NONE, frame;
    uint64_t va = 0, n = 0;
    for (; (frame = policy_space_frame(space, &va)) != POLICY_NONE; va += PAGE)
        if (policy_may_take(frame) && policy_draw() % ++n == 0)
            drawn = frame;
    return drawn;
}

const struct policy_ops policy_random = {
    .name = "random",
    .set_marks = linux_marks,
    .init = init,
    .victim = victim,
    .own_victim = own_victim,
};
