/* SPDX-License-Identifier: MIT */
/* Implements splitmix64 (Steele, Lea, Flood 2014): equal seeds, equal runs. */
#include "lib/kernel.h"

static u64 state = 0x436c6f636b68616eul; /* without a seed in the device tree */

static u64 next(void)
{
    u64 z = state += 0x9e3779b97f4a7c15ul;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ul;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebul;
    return z ^ (z >> 31);
}

void random_seed(const void *seed, size_t n)
{
    const u8 *p = seed;
    while (n--) {
        state = (state << 8 | state >> 56) ^ *p++;
        next();
    }
}

void random_bytes(void *buf, size_t n)
{
    u8 *p = buf;
    u64 v = 0;
    for (size_t i = 0; i < n; i++, v >>= 8) {
        if (i % sizeof v == 0)
            v = next();
        *p++ = (u8)v;
    }
}
