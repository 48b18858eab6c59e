/* SPDX-License-Identifier: MIT */
/* Defines __ctzdi2, which GCC calls for __builtin_ctzl() on a hart without Zbb.
 * The cross compiler's own libgcc is built for an ABI with floating point and
 * cannot be linked here. The method is libgcc's: find the byte, then look it up
 * in a table. */
#include "lib/kernel.h"

/* By byte: the number of its highest set bit, counted from 1; 0: none set. */
static const u8 place[256] = {
    [1] = 1,         [2 ... 3] = 2,   [4 ... 7] = 3,    [8 ... 15] = 4,
    [16 ... 31] = 5, [32 ... 63] = 6, [64 ... 127] = 7, [128 ... 255] = 8,
};

int __ctzdi2(u64 x);

int __ctzdi2(u64 x)
{
    u64 low = x & -x, shift = 56;
    for (; shift > 0; shift -= 8)
        if (low >> shift & 0xff)
            break;
    return (int)(place[low >> shift] + shift - 1);
}
