/* SPDX-License-Identifier: MIT */
/* The first page of a swap disk, as mkswap (util-linux) writes it. The guest
 * recognises a swap disk by it; --swap writes it to the disk that it makes. */
#pragma once

#include <stdint.h>

#define SWAP_MAGIC   "SWAPSPACE2" /* without the NUL */
#define SWAP_VERSION 1

struct swap_header {
    uint8_t boot[1024];
    uint32_t version, last_page, bad_pages;
    uint8_t rest[4096 - 1024 - 12 - 10];
    char magic[10];
} __attribute__((packed));
_Static_assert(sizeof(struct swap_header) == 4096, "one page");
