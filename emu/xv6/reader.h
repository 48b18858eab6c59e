/* SPDX-License-Identifier: MIT */
/* An unmodified xv6-riscv read from its RAM: its ELF's symbols say where its
 * variables are, its DWARF how they are laid out. Reading changes nothing in
 * the guest.
 *
 *   layout.c   what is bound to xv6, found in symbols and DWARF (layout.def)
 *   open.c     a kernel found and let go; reads at its addresses
 *   census.c   what each frame is, by all lists and tables together
 *   tasks.c    proc[], the process on the hart, mappings by page tables
 *
 * The guest may have written anything: every read is checked against RAM, every
 * list and tree has a bound, and what does not fit is not told. */
#ifndef CLOCKHAND_XV6_READER_H
#define CLOCKHAND_XV6_READER_H

#include "abi.h"
#include "base/base.h"
#include "boot/elf.h"

struct xv6_ram { /* n bytes of RAM from physical address base on */
    const u8 *bytes;
    u64 base, n;
};

/* ---- what is bound to xv6 ----------------------------------------------- */

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
#define XV6_STATES 16 /* values of enum procstate that are looked at */
struct xv6_layout {
    u64 symbol[XV6_SYMBOLS]; /* addresses */
    struct xv6_member {
        u32 at, size;    /* bytes, in the struct that has it */
        u32 count, each; /* of an array: elements, bytes of one */
    } field[XV6_FIELDS];
    u8 state[XV6_STATES]; /* enum proc_state */
};
/* False, and no sentence: the symbols are another kernel's. */
bool xv6_symbols_known(const struct elf_symbols *s);
/* False with a sentence in why: the file's DWARF lacks something. */
bool xv6_layout_read(const struct elf_symbols *s, const char *file,
                     struct xv6_layout *out, char *why, size_t n);

/* ---- the kernel --------------------------------------------------------- */

struct xv6_kernel;
/* NULL with a sentence in why: it has not come so far, or is not sound. The RAM
 * must outlive it. */
struct xv6_kernel *xv6_open(const struct xv6_ram *ram,
                            const struct xv6_layout *layout, char *why,
                            size_t n);
void xv6_close(struct xv6_kernel *k); /* k or NULL */
/* To be called when the guest has run: false if its page table is not sound any
 * more. What was remembered is dropped. */
bool xv6_moved(struct xv6_kernel *k);
u64 xv6_satp(const struct xv6_kernel *k); /* of its own page table */

/* ---- frames ------------------------------------------------------------- */

enum xv6_kind {
#define KIND(id, word, sentence) XV6_##id,
#include "xv6/kinds.def"
#undef KIND
    XV6_KINDS
};
extern const struct xv6_kind_word {
    const char *word, *sentence;
} xv6_kinds[XV6_KINDS];

struct xv6_frame {
    struct lens_frame is; /* refs: PTEs of processes that map it */
    u8 kind;              /* enum xv6_kind */
    u8 spare[7];
};
/* The rows of all frames as they are now; pfn counts from the start of RAM. */
const struct xv6_frame *xv6_frames(struct xv6_kernel *k);
const u64 *xv6_counts(struct xv6_kernel *k); /* FS_COUNT of rows */
/* "blocks 33 46" of a frame of the buffer cache; false: it has none. */
bool xv6_frame_name(struct xv6_kernel *k, u64 pfn, char *buf, size_t n);

/* ---- processes ---------------------------------------------------------- */

/* Rows of proc[], in its order, valid until xv6_moved; lens_proc.vmas is a
 * handle for xv6_vmas. */
unsigned xv6_tasks(struct xv6_kernel *k, const struct lens_proc **rows);
u32 xv6_current(struct xv6_kernel *k); /* pid on the hart; 0: none */
struct xv6_vma {
    struct lens_vma is; /* next and name are 0 */
    const char *name;   /* "guard", "trapframe", "trampoline"; or "" */
};
/* xv6 keeps no mappings: they are the runs of equal rights in the page table,
 * and, up to p->sz, what is not mapped yet. In order of address; returns how
 * many of at most max. */
unsigned xv6_vmas(struct xv6_kernel *k, u64 handle, struct xv6_vma *out,
                  unsigned max);

/* ---- numbers ------------------------------------------------------------ */

enum xv6_counter {
#define COUNTER(id, name) XC_##id,
#include "xv6/counters.def"
#undef COUNTER
    XV6_COUNTERS
};
/* The i-th one's name; NULL behind the last. known: false if a list that it
 * counts is not sound. */
const char *xv6_counter_nth(struct xv6_kernel *k, unsigned i, u64 *value,
                            bool *known);

#endif
