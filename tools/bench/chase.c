/* SPDX-License-Identifier: MIT */
/* A pointer chase over 16 MiB in random order, one cache line a step; with
 * SV39 all translations are dropped every 64 Ki steps. */
#include "bench.h"

#ifndef ROUNDS
#define ROUNDS 60
#endif

int main(void)
{
    u64 lines = 16ul << 20 >> 6, seed = 0x9e3779b97f4a7c15ul;
    u64 **at = (u64 **)(((u64)heap + 63) & ~63ul);
    u32 *order = (u32 *)((u64)at + (20ul << 20));

    for (u64 i = 0; i < lines; i++)
        order[i] = (u32)i;
    for (u64 i = lines - 1; i > 0; i--) { /* one cycle: Sattolo */
        u64 j = next_random(&seed) % i;
        u32 t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
    for (u64 i = 0; i < lines; i++)
        at[order[i] * 8] = (u64 *)&at[order[(i + 1) % lines] * 8];
    u64 **p = at;
    for (int round = 0; round < ROUNDS; round++) {
        for (u64 i = 0; i < 65536; i++)
            p = (u64 **)*p;
#ifdef SV39
        __asm__ volatile("sfence.vma" ::: "memory");
#endif
    }
    return p == 0;
}
