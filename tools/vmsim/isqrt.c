/* SPDX-License-Identifier: MIT */
/* The only function of vm/policy.h that depends on nothing but its argument;
 * the simulated memory (seam.c) and the replay of a record (replay/) use it. */
#include "vm/policy.h"

uint64_t policy_isqrt(uint64_t n)
{
    uint64_t r = 0;
    for (uint64_t bit = 1ull << 31; bit; bit >>= 1)
        if ((r + bit) * (r + bit) <= n)
            r += bit;
    return r;
}
