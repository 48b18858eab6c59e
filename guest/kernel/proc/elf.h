/* SPDX-License-Identifier: MIT */
/* The parts of ELF64 that exec needs (System V gABI 4.1, chapters 4 and 5). */
#pragma once

#include "lib/kernel.h"

#include <linux/elf.h>

#define ELF_MAX_SEGMENTS 32

struct file;
struct space;

/* A checked image: all checks are done before the old program is discarded. */
struct elf_image {
    struct file *file; /* a reference by file_run */
    Elf64_Ehdr header;
    Elf64_Phdr segment[ELF_MAX_SEGMENTS];
    char interp[256]; /* "" if none */
    u64 low, high;    /* page-aligned extent of the PT_LOADs */
    u64 bias;         /* set by elf_map */
};

/* Reads and checks f's headers. -ENOEXEC, -EIO, -ENOMEM; on success image->file
 * is f, by file_run. => may sleep */
int elf_read(struct file *f, struct elf_image *image);
void elf_put(struct elf_image *image);
/* Maps the image: ET_EXEC at its addresses, ET_DYN at `base` (0: at an address
 * that space_map chooses). 0 or -errno. */
int elf_map(struct space *s, struct elf_image *image, u64 base);
