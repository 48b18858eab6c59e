/* SPDX-License-Identifier: MIT */
/* The file that cow maps as ld.so.1: 132 KiB of text, 8 and 4 KiB of data. */
    .text
    .fill 132 * 1024 / 4, 4, 0x00008067 /* ret */
    .fill 12 * 1024 / 8, 8, 1
