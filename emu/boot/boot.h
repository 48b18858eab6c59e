/* SPDX-License-Identifier: MIT */
/* Fills memory and the reset ROM before the first instruction.
 *
 *   elf.c symbols.c   ELF files        image.c  flat images, whole files
 *   fdt.c             the device tree  boot.c   the memory layout
 *   tables.c          tunables and policies of the kernel
 *   firmware.c        the built-in ROM and firmware (roms/) */
#pragma once

#include "boot/elf.h"
#include "config/config.h"

#define ROM_BASE  0x1000ull
#define ROM_BYTES 0xf000u

struct boot_input {
    const struct config *config;
    struct boot_ram ram;
    const char *append; /* the kernel's command line; NULL: none */
    u64 exts;           /* extensions of the hart, for the tree */
    u64 timebase_hz;
};
struct boot_result {
    u64 pc;     /* the hart's first pc */
    u64 a0, a1; /* x10 and x11 at the first instruction */
    u64 dtb_pa, dtb_bytes;
    const char *symbols_file;   /* the ELF program or kernel; NULL: no ELF */
    struct boot_range tunables; /* the kernel's table of tunables, or empty */
};
/* Fills RAM (which must be zero) and rom (ROM_BYTES). Ends the program with one
 * line if a file or --set is bad or does not fit, and after --dump-dtb. */
void boot_load(const struct boot_input *in, u8 *rom, struct boot_result *out);

/* image.c: reads a whole file; dies if it cannot be read. */
u8 *boot_read_file(const char *file, size_t *n);
/* True if the file begins as an ELF file; dies if it cannot be read. */
bool boot_is_elf(const char *file);
/* Copies n bytes to pa; dies with a message about `what` if RAM has no room. */
void boot_place(const struct boot_ram *ram, const char *what, u64 pa,
                const u8 *image, size_t n);
/* Places a flat kernel, raw or with Linux's riscv Image header, 2 MiB into RAM
 * or where its header says. Returns the entry; *range includes its bss. */
u64 boot_flat_kernel(const char *file, const u8 *image, size_t n,
                     const struct boot_ram *ram, struct boot_range *range);

/* firmware.c: images built into the program. */
struct boot_blob {
    const u8 *bytes;
    size_t n;
};
struct boot_blob boot_reset_rom(void);
struct boot_blob boot_firmware(void);
/* Returns the bytes of RAM used by the firmware: code, data, stack. */
u64 boot_firmware_bytes(void);
