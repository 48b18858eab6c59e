/* SPDX-License-Identifier: MIT */
#include "policy/linux24/mm24.h"
#include "policy/numbers.h"

#define PAGE  4096u
#define TABLE 1024u /* address spaces at most; more are not looked at */

static struct mm table[TABLE];
static unsigned used;

static uint64_t share_of(uint64_t frames, uint64_t ratio)
{
    return smaller(larger(frames / ratio, 10), 255);
}

struct policy_levels mm24_sum(const struct policy_zone_marks m[POLICY_ZONES])
{
    struct policy_levels sum = {0};
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++) {
        sum.min += m[z].levels.min;
        sum.low += m[z].levels.low;
        sum.high += m[z].levels.high;
    }
    return sum;
}

void mm24_zone_marks(const uint64_t present[POLICY_ZONES], uint64_t dma,
                     struct policy_zone_marks m[POLICY_ZONES])
{
    const uint64_t ratio[] = {
        [ZONE_DMA] = dma, [ZONE_NORMAL] = 128, [ZONE_HIGHMEM] = 128};
    uint64_t n = 0;
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++)
        n += present[z];
    if (present[ZONE_NORMAL] == n) {
        mm24_levels(n, &m[ZONE_NORMAL].levels);
        return;
    }
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++) {
        uint64_t mask = present[z] ? share_of(present[z], ratio[z]) : 0;
        m[z].levels = (struct policy_levels){mask, 2 * mask, 3 * mask};
    }
    struct policy_levels sum = mm24_sum(m), set = sum;
    set.min = set_or(TUN_FREEPAGES_MIN, 9, n / 8, sum.min);
    set.low = set_or(TUN_FREEPAGES_LOW, set.min, n / 4, 2 * set.min);
    set.high = set_or(TUN_FREEPAGES_HIGH, set.low, n / 2,
                      larger(3 * set.min, set.low + set.min));
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++) {
        m[z].levels.min = m[z].levels.min * set.min / sum.min;
        m[z].levels.low = m[z].levels.low * set.low / sum.low;
        m[z].levels.high = m[z].levels.high * set.high / sum.high;
    }
}

void mm24_levels(uint64_t nframes, struct policy_levels *l)
{
    uint64_t mask = share_of(nframes, 128);
    uint64_t min = set_or(TUN_FREEPAGES_MIN, 9, nframes / 8, mask);
    l->min = min;
    l->low = set_or(TUN_FREEPAGES_LOW, min, nframes / 4, 2 * min);
    l->high = set_or(TUN_FREEPAGES_HIGH, l->low, nframes / 2,
                     larger(3 * min, l->low + min));
}

void mm_forget(void)
{
    used = 0;
}

/* Both the table and policy_space_after are in the order of the ids. An id is
 * never used again, so new address spaces come last. */
unsigned mm_refresh(void)
{
    unsigned from = 0, to = 0;
    uint64_t id = policy_space_after(0);
    for (; id && to < TABLE; id = policy_space_after(id)) {
        while (from < used && table[from].id < id)
            from++;
        struct mm mm = {.id = id};
        if (from < used && table[from].id == id)
            mm = table[from++];
        table[to++] = mm;
    }
    return used = to;
}

struct mm *mm_at(unsigned i)
{
    return &table[i];
}

struct mm *mm_of(uint64_t id)
{
    unsigned lo = 0, hi = used;
    while (lo < hi) {
        unsigned mid = (lo + hi) / 2;
        if (table[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < used && table[lo].id == id ? &table[lo] : 0;
}

struct mm *mm_largest(unsigned shift, uint64_t least)
{
    unsigned n = mm_refresh();
    for (int assign = 0; assign < 2; assign++) {
        struct mm *best = 0;
        uint64_t most = 0;
        for (unsigned i = 0; i < n; i++) {
            struct mm *mm = &table[i];
            uint64_t rss = policy_space_rss(mm->id);
            if (!rss)
                continue;
            if (assign) {
                mm->swap_cnt = rss >> shift;
                if (mm->swap_cnt < least)
                    mm->swap_cnt = least;
            }
            if (mm->swap_cnt > most) {
                most = mm->swap_cnt;
                best = mm;
            }
        }
        if (best)
            return best;
    }
    return 0;
}

/* `look` may sleep, and the table may change meanwhile: mm is looked up again.
 */
bool mm_walk(struct mm *mm, mm_look *look)
{
    uint64_t id = mm->id, va = mm->swap_address;
    uint32_t frame;
    while (mm && (frame = policy_space_frame(id, &va)) != POLICY_NONE) {
        mm->swap_address = va + PAGE;
        if (look(mm, frame, va))
            return true;
        va += PAGE;
        mm = mm_of(id);
    }
    if (mm)
        mm->swap_address = mm->swap_cnt = 0;
    return false;
}
