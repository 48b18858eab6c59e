/* SPDX-License-Identifier: MIT */
/* The parts of ELF64 that exec needs (System V gABI 4.1, chapters 4 and 5). */
#ifndef PROC_ELF_H
#define PROC_ELF_H

#include "lib/kernel.h"

struct elf_header {
    u8 ident[16];
    u16 type, machine;
    u32 version;
    u64 entry, phoff, shoff;
    u32 flags;
    u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
struct elf_segment {
    u32 type, flags;
    u64 offset, vaddr, paddr, filesz, memsz, align;
};

#define ET_EXEC   2
#define ET_DYN    3
#define EM_RISCV  243
#define PT_LOAD   1
#define PT_INTERP 3
#define PF_X      1u
#define PF_W      2u
#define PF_R      4u

#define ELF_MAX_SEGMENTS 32

struct file;
struct space;

/* A checked image: all checks are done before the old program is discarded. */
struct elf_image {
    struct file *file; /* a reference by file_run */
    struct elf_header header;
    struct elf_segment segment[ELF_MAX_SEGMENTS];
    char interp[256]; /* "" if none */
    u64 low, high;    /* page-aligned extent of the PT_LOADs */
    u64 bias;         /* set by elf_map */
};

/* => may sleep. -ENOEXEC, -EIO, -ENOMEM; on success image->file is f, by
 * file_run. */
int elf_read(struct file *f, struct elf_image *image);
void elf_put(struct elf_image *image);
/* Maps it into s: ET_EXEC at its addresses, ET_DYN at `base` (0: where mmap
 * would). */
int elf_map(struct space *s, struct elf_image *image, u64 base);

#endif
