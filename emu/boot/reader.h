/* SPDX-License-Identifier: MIT */
/* Shared by the readers of kernels without a lens (emu/linux, emu/xv6). */
#pragma once

#include "abi.h"
#include "base/base.h"

struct kernel_ram { /* n bytes of RAM from physical address base on */
    const u8 *bytes;
    u64 base, n;
};
/* Returns n bytes at a physical address; NULL: not all of them are RAM. */
static inline const u8 *kernel_ram_at(const struct kernel_ram *r, u64 pa, u64 n)
{
    if (pa < r->base || n > r->n || pa - r->base > r->n - n)
        return NULL;
    return r->bytes + (pa - r->base);
}

struct kernel_kind { /* a use of frames by the kernel itself */
    const char *word, *sentence;
};
struct kernel_vma {
    struct lens_vma is; /* next and name are 0 */
    char name[64];
};
