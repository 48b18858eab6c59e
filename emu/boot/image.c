/* SPDX-License-Identifier: MIT */
#include "boot/boot.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

/* Linux Documentation/riscv/boot-image-header.rst: text_offset at 8,
 * image_size at 16, "RSC\x05" at 56. */
#define IMAGE_HEADER  64
#define IMAGE_MAGIC   0x05435352u
#define KERNEL_OFFSET (2u << 20)

static FILE *open_file(const char *file, struct stat *st)
{
    FILE *f = fopen(file, "rb");
    if (!f)
        die(file, "%s", strerror(errno));
    if (fstat(fileno(f), st) || !S_ISREG(st->st_mode))
        die(file, "not a regular file");
    return f;
}

u8 *boot_read_file(const char *file, size_t *n)
{
    struct stat st;
    FILE *f = open_file(file, &st);
    u8 *p = xcalloc(1, (size_t)st.st_size + 1);
    *n = fread(p, 1, (size_t)st.st_size, f);
    if (ferror(f) || *n != (size_t)st.st_size)
        die(file, "cannot read it: %s", strerror(errno));
    fclose(f);
    return p;
}

bool boot_is_elf(const char *file)
{
    struct stat st;
    char magic[4] = "";
    FILE *f = open_file(file, &st);
    bool is = fread(magic, 1, sizeof(magic), f) == sizeof(magic) &&
              !memcmp(magic, "\177ELF", sizeof(magic));
    fclose(f);
    return is;
}

void boot_place(const struct boot_ram *ram, const char *what, u64 pa,
                const u8 *image, size_t n)
{
    if (pa < ram->base || n > ram->bytes || pa - ram->base > ram->bytes - n)
        die(what, "does not fit into %lluM of RAM", ram->bytes >> 20);
    memcpy(ram->ram + (pa - ram->base), image, n);
    if (ram->wrote)
        ram->wrote(ram->opaque, pa, n);
}

u64 boot_flat_kernel(const char *file, const u8 *image, size_t n,
                     const struct boot_ram *ram, struct boot_range *range)
{
    u64 offset = KERNEL_OFFSET, size = n;
    if (n >= IMAGE_HEADER && get_le(image + 56, 4) == IMAGE_MAGIC) {
        offset = get_le(image + 8, 8);
        u64 whole = get_le(image + 16, 8);
        size = whole > n ? whole : n;
    }
    if (offset > ram->bytes || size > ram->bytes - offset)
        die(file, "does not fit into %lluM of RAM", ram->bytes >> 20);
    boot_place(ram, file, ram->base + offset, image, n);
    *range = (struct boot_range){ram->base + offset, ram->base + offset + size};
    return range->start;
}
