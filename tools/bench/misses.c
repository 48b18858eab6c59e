/* SPDX-License-Identifier: MIT */
/* Follows N pointers of a ring of RING pointers that lie STEP bytes apart. */
#include "bench.h"

int main(void)
{
    char *base = (char *)(((u64)heap + PAGE - 1) & ~(PAGE - 1));
    for (u64 i = 0; i < RING; i++)
        *(char **)(base + i * STEP) = base + (i + 1) % RING * STEP;
    u64 n = N;
    __asm__ volatile("1: ld %0, 0(%0)\naddi %1, %1, -1\nbnez %1, 1b"
                     : "+r"(base), "+r"(n)::"memory");
    return base == 0;
}
