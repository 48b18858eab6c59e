/* SPDX-License-Identifier: MIT */
/* The device tree: QEMU's virt board as Linux, OpenSBI and xv6 look for it
 * (what the least tree must have), from dev/map.def. */
#ifndef CLOCKHAND_BOOT_FDT_H
#define CLOCKHAND_BOOT_FDT_H

#include "base/base.h"

struct fdt_facts {
    u64 ram_base, ram_bytes;
    u64 exts; /* the hart's, for riscv,isa and its kin */
    u64 timebase_hz;
    u64 firmware_base, firmware_bytes; /* reserved; 0 bytes: none */
    const char *bootargs;              /* NULL or "" : none */
    u64 initrd_start, initrd_end;      /* equal: none */
    /* All of RAM is zeros but for this program, our firmware and the tree
     * (equal: other software has been there, or may have). */
    u64 alone_start, alone_end;
    u64 seed; /* of chosen/rng-seed */
    u64 uart_clock_hz;
};
/* A tree in memory of xcalloc; *bytes is its total size. */
void *fdt_make(const struct fdt_facts *f, size_t *bytes);
/* Given by --dtb: adds what only we know (bootargs, initrd). Returns a new
 * tree, or NULL with *why set. */
void *fdt_amend(const void *tree, size_t n, const struct fdt_facts *f,
                size_t *bytes, const char **why);

/* Room within the tree, to the end of its last page and 512 bytes at least:
 * boot loaders write into it where it lies. U-Boot keeps a copy of the size
 * that the header names, and `booti` with that copy (${fdtcontroladdr}) puts
 * bootargs and initrd into it; without room that is over its own variables.
 * Returns the tree, perhaps elsewhere (xcalloc), and its new size. */
void *fdt_leave_room(void *tree, size_t *bytes);

#endif
