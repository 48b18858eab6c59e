/* SPDX-License-Identifier: MIT */
/* Makes the device tree of QEMU's virt board from dev/map.def, with the minimum
 * that Linux, OpenSBI and U-Boot require. */
#pragma once

#include "base/base.h"

struct fdt_facts {
    u64 ram_base, ram_bytes;
    u64 exts; /* the hart's extensions, for riscv,isa and the like */
    u64 timebase_hz;
    u64 firmware_base, firmware_bytes; /* reserved range; 0 bytes: none */
    const char *bootargs;              /* NULL or "" : none */
    u64 initrd_start, initrd_end;      /* equal: none */
    /* The kernel's range, if RAM is zero except there, in our firmware and in
     * the tree. Equal: RAM may hold more (other firmware, an initrd). */
    u64 alone_start, alone_end;
    u64 seed; /* of chosen/rng-seed */
    u64 uart_clock_hz;
};
/* Makes a tree, allocated with xcalloc; *bytes is its total size. */
void *fdt_make(const struct fdt_facts *f, size_t *bytes);
/* Adds bootargs and initrd to a tree given by --dtb. Returns a new tree, or
 * NULL with *why set. */
void *fdt_amend(const void *tree, size_t n, const struct fdt_facts *f,
                size_t *bytes, const char **why);

/* Adds free room to a tree, up to a page's end and at least 512 bytes, because
 * boot loaders extend the tree in place. (U-Boot copies as many bytes as the
 * header says. Its `booti` adds bootargs and initrd to this copy, which is at
 * ${fdtcontroladdr}; without room, it would overwrite U-Boot's own variables.)
 * Frees the tree; returns the new one (xcalloc) and its size. */
void *fdt_leave_room(void *tree, size_t *bytes);
