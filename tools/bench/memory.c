/* SPDX-License-Identifier: MIT */
/* Runs a sieve over 1 MiB, a sort and a hash table. */
#include "bench.h"

#ifndef ROUNDS
#define ROUNDS 12
#endif

static u32 sieve(u8 *flags, u32 n)
{
    u32 count = 0;
    for (u32 i = 0; i < n; i++)
        flags[i] = 1;
    for (u32 i = 2; i < n; i++) {
        if (!flags[i])
            continue;
        count++;
        for (u32 j = i * 2; j < n; j += i)
            flags[j] = 0;
    }
    return count;
}

static void sort(u32 *a, s64 n)
{
    while (n > 12) {
        u32 pivot = a[n / 2];
        s64 i = 0, j = n - 1;
        for (;; i++, j--) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i >= j)
                break;
            u32 t = a[i];
            a[i] = a[j];
            a[j] = t;
        }
        sort(a, i);
        a += i;
        n -= i;
    }
    for (s64 i = 1; i < n; i++) {
        u32 v = a[i];
        s64 j = i;
        for (; j > 0 && a[j - 1] > v; j--)
            a[j] = a[j - 1];
        a[j] = v;
    }
}

static u64 hash(const u32 *a, u64 n, u32 *table, u64 mask)
{
    u64 collisions = 0;
    for (u64 i = 0; i <= mask; i++)
        table[i] = 0;
    for (u64 i = 0; i < n; i++) {
        u32 key = a[i] | 1;
        u64 at = key * 2654435761ul >> 7 & mask;
        while (table[at] && table[at] != key) {
            at = (at + 1) & mask;
            collisions++;
        }
        table[at] = key;
    }
    return collisions;
}

int main(void)
{
    u32 *a = (u32 *)heap, *table = a + (1 << 18);
    u64 seed = 0x123456789abcdeful, n = 1 << 16, check = 0;

    for (int round = 0; round < ROUNDS; round++) {
        check += sieve((u8 *)heap, 1 << 20);
        for (u64 i = 0; i < n; i++)
            a[i] = (u32)next_random(&seed);
        sort(a, (s64)n);
        for (u64 i = 1; i < n; i++)
            if (a[i - 1] > a[i])
                return 1;
        check += hash(a, n, table, (1 << 17) - 1);
    }
    return check == 0;
}
