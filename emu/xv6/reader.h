/* SPDX-License-Identifier: MIT */
/* Reads an unmodified xv6-riscv in RAM: its ELF's symbols give the addresses of
 * its variables, its DWARF their layout. Reading changes nothing in the guest.
 *
 *   layout.c   names of xv6, looked up in symbols and DWARF (layout.def)
 *   open.c     opens and closes a kernel; reads its RAM and page tables
 *   census.c   the use of each frame, from all lists and tables
 *   tasks.c    proc[], the process on the hart, mappings found in page tables
 *
 * The guest may have written anything: every read is checked against RAM, every
 * list and tree has a bound, and data that does not fit is not reported. */
#pragma once

#include "abi.h"
#include "base/base.h"
#include "boot/elf.h"
#include "boot/reader.h"

/* ---- names of xv6 ------------------------------------------------------- */

enum xv6_symbol {
#define SYMBOL(id, name) XS_##id,
#define FIELD(id, path)
#define STATE(name, state)
#include "xv6/layout.def"
#undef SYMBOL
    XV6_SYMBOLS
};
enum xv6_field {
#define SYMBOL(id, name)
#undef FIELD
#define FIELD(id, path) XF_##id,
#include "xv6/layout.def"
#undef SYMBOL
#undef FIELD
#undef STATE
    XV6_FIELDS
};
#define XV6_STATES 16 /* values of enum procstate that are read */
struct xv6_layout {
    u64 symbol[XV6_SYMBOLS]; /* addresses */
    struct xv6_member {
        u32 at, size;    /* bytes; at: its offset in the struct */
        u32 count, each; /* elements of an array, bytes of each */
    } field[XV6_FIELDS];
    u8 state[XV6_STATES]; /* our enum proc_state, by xv6's enum procstate */
};
/* True if all symbols of layout.def are there: the kernel looks like xv6. */
bool xv6_symbols_known(const struct elf_symbols *s);
/* Fills *out from symbols and the file's DWARF. False if a symbol is missing,
 * and, with a reason in why, if DWARF is missing or lacks a name. */
bool xv6_layout_read(const struct elf_symbols *s, const char *file,
                     struct xv6_layout *out, char *why, size_t n);

/* ---- the kernel --------------------------------------------------------- */

struct xv6_kernel;
/* Opens the kernel in RAM. NULL, and a sentence in why: it is not initialised
 * yet, or not sound. The RAM must outlive the struct. */
struct xv6_kernel *xv6_open(const struct kernel_ram *ram,
                            const struct xv6_layout *layout, char *why,
                            size_t n);
void xv6_close(struct xv6_kernel *k); /* k or NULL */
/* Call when the guest has run: drops all cached data. False if the kernel's
 * page table is no longer sound. */
bool xv6_moved(struct xv6_kernel *k);
u64 xv6_satp(const struct xv6_kernel *k); /* the kernel's own page table */

/* ---- frames ------------------------------------------------------------- */

enum xv6_kind {
#define KIND(id, word, sentence) XV6_##id,
#include "xv6/kinds.def"
#undef KIND
    XV6_KINDS
};
extern const struct kernel_kind xv6_kinds[XV6_KINDS];

struct xv6_frame {
    struct lens_frame is; /* refs: processes' PTEs that map the frame */
    u8 kind;              /* enum xv6_kind */
    u8 spare[7];
};
/* Returns the current rows of all frames; pfn counts from the start of RAM. */
const struct xv6_frame *xv6_frames(struct xv6_kernel *k);
const u64 *xv6_counts(struct xv6_kernel *k); /* frames in each state */
/* Writes "blocks 33 46" for a frame of the buffer cache; false: no blocks. */
bool xv6_frame_name(struct xv6_kernel *k, u64 pfn, char *buf, size_t n);

/* ---- processes ---------------------------------------------------------- */

/* Gives the processes in the order of proc[], valid until xv6_moved, and
 * returns their number; lens_proc.vmas is a handle for xv6_vmas. */
unsigned xv6_tasks(struct xv6_kernel *k, const struct lens_proc **rows);
u32 xv6_current(struct xv6_kernel *k); /* pid on the hart; 0: none */
/* Lists a process's mappings in order of address; returns their number, at most
 * max. xv6 keeps no list of mappings. They are runs of equal rights in the page
 * table, and runs of unmapped addresses below p->sz. Names: "guard",
 * "trapframe", "trampoline" or "". */
unsigned xv6_vmas(struct xv6_kernel *k, u64 handle, struct kernel_vma *out,
                  unsigned max);

/* ---- numbers ------------------------------------------------------------ */

enum xv6_counter {
#define COUNTER(id, name) XC_##id,
#include "xv6/counters.def"
#undef COUNTER
    XV6_COUNTERS
};
/* Gives counter i and returns its name; NULL after the last. *known is false if
 * the counter depends on a free list that is not sound. */
const char *xv6_counter_nth(struct xv6_kernel *k, unsigned i, u64 *value,
                            bool *known);
