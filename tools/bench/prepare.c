/* SPDX-License-Identifier: MIT */
#include "bench.h"

#ifdef SV39
/* 64 MiB of 4 KiB pages, and the finisher's gigabyte as one leaf. */
u64 prepare(void)
{
    u64 *root = (u64 *)(RAM_BASE + RAM_BYTES - (64 << 12));
    u64 *mid = root + 512, *leaf = mid + 512;

    for (u64 i = 0; i < 512; i++)
        root[i] = mid[i] = 0;
    root[0] = 0xcf; /* V R W X A D */
    root[2] = (u64)mid >> 2 | 1;
    for (u64 m = 0; m < RAM_BYTES >> 21; m++, leaf += 512) {
        mid[m] = (u64)leaf >> 2 | 1;
        for (u64 i = 0; i < 512; i++)
            leaf[i] = (RAM_BASE + (m << 21) + (i << 12)) >> 2 | 0xcf;
    }
    return 8ul << 60 | 1ul << 44 | (u64)root >> 12;
}
#else
u64 prepare(void)
{
    return 0;
}
#endif
