/* SPDX-License-Identifier: MIT */
/* A random page.
 *
 * System and year. IBM's M44/44X (1965) tried random replacement beside FIFO.
 * Hardware still uses it where it has no room for bits: in TLBs and caches.
 *
 *        . x . . . x x . . . x . . x . .      frames; x: holds a page
 *                ^
 *                |  numbers are drawn until one hits a page, which goes
 *
 * Rules. A frame's number is drawn. If it holds a page that can go, that page
 * goes; otherwise another number is drawn. After TRIES numbers the search
 * goes on upwards from the last number to the first page that can go, so that
 * it ends even if few can. The policy remembers no page and looks at no bit.
 *
 * Constants. TRIES is ours. The levels are linux_marks'. The numbers are
 * the kernel's and follow from the machine's --seed, so that the same run draws
 * the same numbers.
 *
 * Left out. All knowledge of the pages. A random choice is often better than
 * FIFO and LRU: in a loop over one page more than memory holds, these two fault
 * at every reference, and a random choice at a few. But where the pages in use
 * just fit, it takes these, too: two compilers at work in 8 MiB (ccmix -d /mnt
 * 4 3M) need 19 to 44 s, under clock less than one. */
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

/* Draws one of the process's pages, each with the same probability. */
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
