/* SPDX-License-Identifier: MIT */
#include "policy/marks.h"

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t linux_min(uint64_t nframes)
{
    uint64_t kib = (uint64_t)policy_tunable(TUN_MIN_FREE_KBYTES);
    if (!kib)
        kib = smaller(policy_isqrt(16 * nframes * 4), 262144);
    return smaller(larger(kib, 128) / 4, nframes / 4);
}

void linux_marks(uint64_t nframes, struct policy_levels *l)
{
    uint64_t factor = (uint64_t)policy_tunable(TUN_WATERMARK_SCALE);
    l->min = linux_min(nframes);
    uint64_t step = larger(l->min / 4, nframes * factor / 10000);
    l->low = l->min + step;
    l->high = l->min + 2 * step;
}
