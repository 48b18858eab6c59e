/* SPDX-License-Identifier: MIT */
/* What cow maps as libc.so.1: 740 KiB of text, 8 and 24 KiB of data, of which
 * only the sizes count. (The data lie in another order than in memory, so
 * that no kernel makes one mapping of two.) */
    .text
    .fill 740 * 1024 / 4, 4, 0x00008067 /* ret */
    .fill 32 * 1024 / 8, 8, 1
