/* SPDX-License-Identifier: MIT */
#include "policy/marks.h"
#include "policy/numbers.h"

/* linux_min's arguments in 6.12. Since 2.6.10 only MOST has changed. */
#define FACTOR 16u
#define MOST   262144u /* KiB */

uint64_t linux_min(uint64_t nframes, uint64_t factor, uint64_t most)
{
    uint64_t kib = (uint64_t)policy_tunable(TUN_MIN_FREE_KBYTES);
    if (!kib)
        kib = smaller(policy_isqrt(factor * nframes * 4), most);
    return smaller(larger(kib, 128) / 4, nframes / 4);
}

/* Computes low and high from l->min, the frames and watermark_scale_factor. */
static void add_steps(uint64_t present, struct policy_levels *l)
{
    uint64_t factor = (uint64_t)policy_tunable(TUN_WATERMARK_SCALE);
    uint64_t step = larger(l->min / 4, present * factor / 10000);
    l->low = l->min + step;
    l->high = l->min + 2 * step;
}

void linux_marks(uint64_t nframes, struct policy_levels *l)
{
    l->min = linux_min(nframes, FACTOR, MOST);
    add_steps(nframes, l);
}

void linux_share_min(uint64_t min, const uint64_t present[POLICY_ZONES],
                     struct policy_zone_marks marks[POLICY_ZONES])
{
    uint64_t low = present[ZONE_DMA] + present[ZONE_NORMAL];
    for (unsigned z = ZONE_DMA; z <= ZONE_NORMAL; z++)
        marks[z].levels.min = min * present[z] / low;
    if (present[ZONE_HIGHMEM])
        marks[ZONE_HIGHMEM].levels.min =
            smaller(larger(present[ZONE_HIGHMEM] / 1024, 32), 128);
}

void linux_zone_marks(const uint64_t present[POLICY_ZONES],
                      struct policy_zone_marks marks[POLICY_ZONES])
{
    static const uint64_t ratio[] = {[ZONE_DMA] = 256, [ZONE_NORMAL] = 32};
    uint64_t low = present[ZONE_DMA] + present[ZONE_NORMAL];
    linux_share_min(linux_min(low, FACTOR, MOST), present, marks);
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++) {
        uint64_t above = 0;
        add_steps(present[z], &marks[z].levels);
        for (unsigned top = z + 1; top < POLICY_ZONES; top++) {
            above += present[top];
            marks[z].reserve[top] = above / ratio[z];
        }
    }
}
