/* SPDX-License-Identifier: MIT */
/* Reads ELF files with libelf: segments for RAM, symbols for interfaces. */
#pragma once

#include "base/base.h"

/* The RAM that images are loaded into, at physical `base`. */
struct boot_ram {
    u8 *ram;
    u64 base, bytes;
    /* Called for each range written; may be NULL. */
    void (*wrote)(void *opaque, u64 pa, u64 n);
    void *opaque;
};

/* Half-open range of physical addresses that an image occupies. */
struct boot_range {
    u64 start, end;
};

/* Loads PT_LOAD segments by physical address. *entry is physical, too (a
 * virtual e_entry is mapped through its segment). Returns NULL, or the reason
 * for a failure; nothing in the file is trusted. */
const char *elf_load(const char *file, const struct boot_ram *ram, u64 *entry,
                     struct boot_range *range);
/* As elf_load, from memory; for tests. */
const char *elf_load_memory(void *image, size_t n, const struct boot_ram *ram,
                            u64 *entry, struct boot_range *range);

/* ---- symbols ------------------------------------------------------------ */

struct elf_symbols;
/* Reads symbols. Never NULL: a file without symbols has an empty table. */
struct elf_symbols *elf_symbols_read(const char *file);
struct elf_symbols *elf_symbols_read_memory(void *image, size_t n);
/* Makes an empty table. Before any query, put symbols, then sort once. */
struct elf_symbols *elf_symbols_new(void);
/* Copies `name`. Leaves out a name that is empty or begins with "$" or ".L". */
void elf_symbols_put(struct elf_symbols *s, char *name, u64 va, bool global);
void elf_symbols_sort(struct elf_symbols *s);
void elf_symbols_free(struct elf_symbols *s);
/* Gets the virtual address of a name; false: no such symbol. */
bool elf_symbol(const struct elf_symbols *s, const char *name, u64 *va);
/* Returns the name of the function or object that contains va, and va's offset
 * in it. NULL: none does. A label has no size: it ends at the next symbol, or
 * after 64 KiB. */
const char *elf_symbol_at(const struct elf_symbols *s, u64 va, u64 *offset);
/* Returns the i-th symbol by address; NULL past the end. */
const char *elf_symbol_nth(const struct elf_symbols *s, size_t i, u64 *va);
