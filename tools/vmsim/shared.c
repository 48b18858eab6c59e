/* SPDX-License-Identifier: MIT */
/* The part of vm/policy.h that the simulated memory (seam.c) and the replay of
 * a record (replay/) share: it depends on nothing but its argument. */
#include "tools/vmsim/seam.h"

uint64_t policy_isqrt(uint64_t n)
{
    uint64_t r = 0;
    for (uint64_t bit = 1ull << 31; bit; bit >>= 1)
        if ((r + bit) * (r + bit) <= n)
            r += bit;
    return r;
}
