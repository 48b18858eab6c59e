/* SPDX-License-Identifier: MIT */
/* Gives policies the numbers they ask for, and takes those they report. */
#include "vm/policy.h"
#include "arch/fdt.h"
#include "lib/tunable.h"
#include "vm/pte.h"
#include "vm/seam.h"

u64 policy_frames(void)
{
    return nframes;
}

u64 policy_free(void)
{
    return free_frames;
}

u64 policy_cached(void)
{
    return cached_frames;
}

u64 policy_mapped_frames(void)
{
    return mapped_files + mapped_anon;
}

u64 policy_now(void)
{
    return now_ns();
}

u64 policy_load(void)
{
    u64 avg[3];
    load_average(avg);
    return avg[0];
}

/* Policies draw from their own stream, seeded by --seed (rng-seed of the device
 * tree), so that programs draw the same numbers under every policy. */
u64 policy_draw(void)
{
    static u64 lot;
    u32 n = 0;
    const u8 *seed = lot ? NULL : fdt_prop(fdt_path("/chosen"), "rng-seed", &n);
    for (u32 i = 0; seed && i < n; i++)
        lot = lot * 0x100000001b3ul + seed[i];
    lot = lot * 6364136223846793005ul + 1442695040888963407ul;
    return lot >> 16;
}

u64 policy_isqrt(u64 n)
{
    u64 r = 0;
    for (u64 bit = 1ul << 31; bit; bit >>= 1)
        if ((r + bit) * (r + bit) <= n)
            r += bit;
    return r;
}

s64 policy_tunable(enum tunable id)
{
    return tun(id);
}

void policy_count_event(enum counter id, u64 n)
{
    counters[id] += n;
}

void policy_event(u32 pfn, enum reason why)
{
    page_set_state(&frames[pfn], frames[pfn].frame.state, why);
}
