/* SPDX-License-Identifier: MIT */
/* The file that cow maps as libc.so.1: 740 KiB of text, 8 and 24 KiB of data;
 * only the sizes count. (The data lie in another order than in memory, so
 * that no kernel merges two mappings into one.) */
    .text
    .fill 740 * 1024 / 4, 4, 0x00008067 /* ret */
    .fill 32 * 1024 / 8, 8, 1
