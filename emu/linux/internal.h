/* SPDX-License-Identifier: MIT */
/* Internal to linux/: declarations shared by its files. */
#pragma once

#include "linux/reader.h"
#include "mmu/pte.h"

#include <linux/kernel-page-flags.h>

/* ---- layout.c: names and numbers of 6.12 -------------------------------- */
enum lx_struct {
#define STRUCT(id) LX_##id,
#include "linux/layout.def"
    LX_STRUCTS
};
enum lx_field {
#define FIELD(id, structure, path) F_##id,
#include "linux/layout.def"
    LX_FIELDS
};
enum lx_value {
#define VALUE(id, name, needed, below) V_##id,
#include "linux/layout.def"
    LX_VALUES
};
enum lx_address {
#define ADDRESS(id, name) A_##id,
#include "linux/layout.def"
    LX_ADDRESSES
};
enum {
#define NUMBER(id, value, name) N_##id = value,
#include "linux/layout.def"
};
enum lx_probe {
#define PROBE(id, function, events) P_##id,
#include "linux/layout.def"
    LX_PROBES
};
#define LX_FLAGS 34 /* rows of FLAG at most, as layout.c checks */

struct lx_member {
    u32 at, size; /* bytes */
};
struct lx_layout {
    u32 size[LX_STRUCTS];
    struct lx_member field[LX_FIELDS];
    s64 value[LX_VALUES]; /* -1: the kernel lacks it */
    u64 address[LX_ADDRESSES];
    s8 flag[LX_FLAGS]; /* the bit in page.flags; -1: there is none */
};

extern const struct lx_probe_row {
    const char *function, *events;
} lx_probes[LX_PROBES];

/* ---- btf.c -------------------------------------------------------------- */
struct btf {
    u8 *data; /* the whole section, header first */
    size_t n;
    u32 types, strings, string_bytes; /* two offsets in data; a size */
    u32 ntypes;
    u32 *at; /* at[1..ntypes]: each type's offset in data */
};
/* Takes over data (malloc'd), and checks that its types fill their section.
 * NULL: it is not sound BTF, and data is freed. */
struct btf *btf_open(void *data, size_t n);
void btf_close(struct btf *b);
/* Returns the next struct or union of that name after type `after`; 0: none. */
u32 btf_struct(const struct btf *b, const char *name, u32 after);
bool btf_size(const struct btf *b, u32 type, u64 *bytes);
/* Finds a member by a path ("d_name.name"); searches anonymous members, too.
 * False: none, a bit field, or a member that lies outside the struct. */
bool btf_member(const struct btf *b, u32 type, const char *path,
                struct lx_member *out);
/* Calls fn for each enumerator of at most 32 bits. */
void btf_enumerators(const struct btf *b,
                     void (*fn)(void *, const char *name, s64 value),
                     void *opaque);

/* ---- the kernel --------------------------------------------------------- */
#define NOTE_BYTES  4096
#define TRANSLATED  1024 /* pages whose translation is cached */
#define MAPPINGS    256  /* files whose inode number is cached */
#define VMSTAT_MOST 512
#define LX_TEXT     40

struct lx_translation {
    u64 page; /* virtual page number + 1; 0: none */
    u64 pa;
};
struct lx_mapping {
    u64 mapping, inode;
};
struct linux_kernel {
    struct kernel_ram ram;
    u64 note_pa;
    char note[NOTE_BYTES];
    char release[24];
    u64 root; /* physical address of the kernel's page table */
    u64 vmemmap;
    u64 text[2], rodata[2], zero_pfn; /* zero_pfn counts from RAM's start */
    struct elf_symbols *symbols;
    bool own_symbols;
    struct lx_layout layout;
    u64 percpu; /* offset of the hart's own per-CPU data */

    struct lx_translation translated[TRANSLATED];
    struct lx_mapping mapping[MAPPINGS];
    u64 nframes;
    struct linux_frame *frame;
    u64 count[FS_COUNT];
    u8 *mark; /* by frame: the enum linux_kind that marks.c found */
    u32 *mark_owner;
    bool marked;
    struct lens_proc *task;
    unsigned ntasks;
    bool tasks_read;
    u64 root_sb;       /* the file system of pid 1's root; 0: not known */
    u64 free_block[2]; /* the free block found last: first frame, end */
    struct {           /* MGLRU's youngest generation of a memory cgroup */
        u64 memcg;
        s64 youngest; /* -1: not known */
    } lru;
    unsigned nvmstat;
    char vmstat[VMSTAT_MOST][LX_TEXT];
};

/* ---- memory.c ----------------------------------------------------------- */
/* Returns n bytes of RAM at a physical address; NULL: not all are RAM. */
const u8 *lx_ram(const struct linux_kernel *k, u64 pa, u64 n);
bool lx_pa(struct linux_kernel *k, u64 va, u64 *pa);
/* Returns the number of the frame to which a leaf PTE points. */
static inline u64 lx_frame_of_pte(const struct linux_kernel *k, u64 pte)
{
    return PTE_PPN(pte) - (k->ram.base >> PAGE_SHIFT);
}
bool lx_read(struct linux_kernel *k, u64 va, void *to, size_t n);
/* Returns the entry at which a walk for va ends, a leaf or invalid; 0: the walk
 * leaves RAM. `table` is the Sv39 root's physical address. */
u64 lx_entry(const struct linux_kernel *k, u64 table, u64 va, unsigned *level);
/* Finds the page table (physical) that holds va's level-0 PTE; false: none. */
bool lx_table(const struct linux_kernel *k, u64 root, u64 va, u64 *table);
/* Reads 1 to 8 bytes as a number. False, and *value 0: they are not in RAM. */
bool lx_number(struct linux_kernel *k, u64 va, unsigned bytes, u64 *value);
/* Reads a member of the struct at va; false, and *value 0: not in RAM. */
bool lx_get(struct linux_kernel *k, u64 va, enum lx_field f, u64 *value);
/* lx_at returns a member's address. lx_follow reads a pointer there; false: it
 * is 0 or unaligned, or the member is not in RAM. */
u64 lx_at(const struct linux_kernel *k, u64 va, enum lx_field f);
bool lx_follow(struct linux_kernel *k, u64 va, enum lx_field f, u64 *to);
/* Copies a string to n bytes at most, with '?' for bytes that cannot be
 * printed. False: the string is empty or not in RAM. */
bool lx_string(struct linux_kernel *k, u64 va, char *to, size_t n);
/* Finds the frame of RAM to which the kernel's page table maps va. */
bool lx_pfn(struct linux_kernel *k, u64 va, u64 *pfn);

/* ---- note.c ------------------------------------------------------------- */
/* Finds VMCOREINFO's page from physical address *from on; moves *from to it. */
bool lx_note_find(const struct kernel_ram *ram, u64 *from,
                  char note[NOTE_BYTES]);
/* Reads the value of "SYMBOL(x)" (hexadecimal), "NUMBER(x)" or "PAGESIZE". */
bool lx_note(const struct linux_kernel *k, const char *key, u64 *value);

/* ---- others ------------------------------------------------------------- */
struct elf_symbols *lx_kallsyms(struct linux_kernel *k);
struct elf_symbols *lx_symbol_file(const char *file);
/* These look up names of layout.def. False: `why` names the missing one. */
bool lx_addresses_find(struct linux_kernel *k, char *why, size_t n);
bool lx_layout_find(struct linux_kernel *k, const struct btf *b, char *why,
                    size_t n);
/* Flags of /proc/kpageflags beyond those that the kernel promises. lx_flags
 * returns the flags that are bits of page.flags; others are computed. */
enum { KPF_RESERVED = 32, KPF_MLOCKED = 33 };
#define KPF(name) (1ull << KPF_##name)
u64 lx_flags(const struct linux_kernel *k, u64 page);
void lx_marks(struct linux_kernel *k); /* marks.c: recomputes the marks */
void lx_mark_task(struct linux_kernel *k, u64 stack, u32 pid);
void lx_mark_root(struct linux_kernel *k, u64 satp, u32 pid);
/* Returns the frame whose struct page is at va; ~0: none. frames.c */
u64 lx_page_pfn(const struct linux_kernel *k, u64 va);
/* Reads the folio whose struct is at va. Its first frame is *pfn, which *out
 * describes as lx_frame does. The folio has *n frames. False: no folio. */
bool lx_folio(struct linux_kernel *k, u64 va, u64 *pfn, unsigned *n,
              struct linux_frame *out);
/* As linux_frame, but never renews the marks: too costly at a probe. */
bool lx_frame(struct linux_kernel *k, u64 pfn, struct linux_frame *out);
/* Returns inspect's number for the slot of a swap area's page. tasks.c */
#define LX_SLOT_BITS 24
u32 lx_slot(u64 area, u64 page);
/* Returns the folio's MGLRU generation, 1 the youngest .. 4; 0: none.
 * counters.c */
u8 lx_generation(struct linux_kernel *k, u64 page_flags, u64 memcg_data);
void lx_vmstat_names(struct linux_kernel *k);
/* Calls fn for each zone of the only NUMA node. */
void lx_zones(struct linux_kernel *k, void (*fn)(void *, u64 zone),
              void *opaque);
/* These find the inode to which a struct address_space belongs. _host returns
 * the inode's address (0: none), _inode sets its number (false: none). */
u64 lx_mapping_host(struct linux_kernel *k, u64 mapping);
bool lx_mapping_inode(struct linux_kernel *k, u64 mapping, u64 *number);
bool lx_inode_path(struct linux_kernel *k, u64 inode, char *buf, size_t n);
bool lx_dentry_path(struct linux_kernel *k, u64 dentry, char *buf, size_t n);
