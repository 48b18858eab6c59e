/* SPDX-License-Identifier: MIT */
/* Reads an unmodified Linux 6.12 (riscv64, Sv39, 4 KiB pages, one hart) in RAM,
 * by the kernel's own descriptions: VMCOREINFO gives its page table and the
 * place of its symbols, kallsyms all other addresses, BTF the layout of its
 * types. Reading changes nothing in the guest.
 *
 *   note.c     VMCOREINFO
 *   memory.c   reads at kernel addresses, through the kernel's page tables
 *   kallsyms.c symbols, from RAM or a file
 *   btf.c      types
 *   layout.c   looks up the names of layout.def in the symbols and types
 *   open.c     finds and closes a kernel
 *   frames.c   struct page of every frame
 *   marks.c    frames whose struct page does not show their use: stacks, page
 *              tables (kernel's; processes' roots), free frames of a CPU
 *   tasks.c    processes and threads
 *   maps.c     mappings: the maple tree
 *   files.c    names of files and slabs
 *   probes.c   calls of the kernel's functions, observed
 *   faults.c   the outcome of a fault
 *   reclaim.c  folios that reclaim took and kept
 *   pages.c    frames allocated, freed; file pages read; refaults, activations
 *   lives.c    fork, exec, exit; pages mapped around a fault; splits
 *   counters.c numbers of /proc/vmstat; thresholds; swap
 *
 * The guest may have written anything: every read is checked against RAM, every
 * list, tree and string has a bound, and data that does not fit is not
 * reported. */
#pragma once

#include "abi.h"
#include "base/base.h"
#include "base/state.h"
#include "boot/elf.h"
#include "boot/reader.h"

struct linux_kernel;
/* Opens the kernel in RAM; the bytes of RAM must outlive the result. `symbols`
 * is a file of symbols (--symbols), an ELF or a System.map; NULL: from RAM.
 * Returns NULL, and why: no kernel, an unknown or damaged one, bad symbols. */
struct linux_kernel *linux_open(const struct kernel_ram *ram,
                                const char *symbols, char *why, size_t n);
/* True if a kernel's VMCOREINFO lies in the n bytes of RAM from physical
 * address `from` on: a cheap test before linux_open. */
bool linux_described(const struct kernel_ram *ram, u64 from, u64 n);
void linux_close(struct linux_kernel *k); /* k or NULL */
/* Call when the guest has run: drops cached translations, tasks and marks.
 * False if the kernel's VMCOREINFO is no longer there. */
bool linux_moved(struct linux_kernel *k);
const char *linux_release(const struct linux_kernel *k); /* "6.12.107" */
/* Gives the symbols to the caller, who frees them after linux_close(k). */
struct elf_symbols *linux_take_symbols(struct linux_kernel *k);
u64 linux_satp(const struct linux_kernel *k); /* the kernel's own page table */

/* ---- frames ------------------------------------------------------------- */

/* The use of a frame that is the kernel's, on a free list of a processor, or
 * hugetlbfs's; frames of processes have only a state. */
enum linux_kind {
#define KIND(id, word, sentence) LINUX_##id,
#include "linux/kinds.def"
    LINUX_KINDS
};
extern const struct kernel_kind linux_kinds[LINUX_KINDS];

/* The reasons for which reclaim keeps a folio. */
enum linux_kept {
#define KEPT(id, word, active, sentence) LINUX_KEPT_##id,
#include "linux/kept.def"
    LINUX_KEPTS
};
extern const struct linux_kept_word {
    const char *word, *sentence;
} linux_kepts[LINUX_KEPTS];

#define LINUX_NO_SLOT (~0u)
struct linux_frame {
    struct lens_frame is; /* owner: set for stacks and root tables */
    u64 flags;            /* as in /proc/kpageflags; bit 48: workingset */
    u64 mapping;          /* address of its struct address_space, or 0 */
    u64 folio;            /* address of its folio's struct page */
    u32 slot;             /* if in the swap cache; LINUX_NO_SLOT: none */
    u8 kind;              /* enum linux_kind */
    u8 generation; /* of MGLRU: 1 the youngest, 4 the oldest; 0: on no list */
    u8 anon; /* anonymous memory: FS_ANON or FS_COW, also in the swap cache */
    u8 spare;
};
/* Reads one frame now; pfn counts from the start of RAM. False: its struct page
 * is missing or damaged. */
bool linux_frame(struct linux_kernel *k, u64 pfn, struct linux_frame *out);
/* linux_frames returns the rows of all frames; linux_frames_read reads rows
 * from..to-1 anew. A frame that the kernel does not describe, or that was not
 * read yet, has an invalid state. linux_counts returns the number of rows in
 * each state. */
const struct linux_frame *linux_frames(const struct linux_kernel *k);
void linux_frames_read(struct linux_kernel *k, u64 from, u64 to);
const u64 *linux_counts(const struct linux_kernel *k);
/* Writes flags' names as Linux's tools/mm/page-types does: "uptodate lru". */
void linux_flag_words(u64 flags, char *buf, size_t n);
u64 linux_flag(const char *word); /* the bit of such a name; 0: none */
/* Writes "/bin/sh", "tmpfs:/x" for a file's page, "dentry" for a slab's. */
bool linux_frame_name(struct linux_kernel *k, u64 pfn, char *buf, size_t n);

/* ---- processes ---------------------------------------------------------- */

#define LINUX_TASKS 4096 /* read at most */
/* Gives rows of tasks, user programs' first, and returns their number. They are
 * valid until linux_moved; lens_proc.vmas is a handle for linux_vmas. */
unsigned linux_tasks(struct linux_kernel *k, const struct lens_proc **rows);
/* Returns the hart's task; *tgid: that task's process. 0: idle or unknown. */
u32 linux_current(struct linux_kernel *k, u32 *tgid);
/* Lists mappings in order of address; returns their number, at most max. */
unsigned linux_vmas(struct linux_kernel *k, u64 mm, struct kernel_vma *out,
                    unsigned max);
/* Returns the slot that an invalid PTE names: area << 24 | page of the area;
 * LINUX_NO_SLOT: none. */
u32 linux_pte_slot(u64 pte);

/* ---- events ------------------------------------------------------------- */

/* An event, seen by a probe at a function of the kernel (layout.def). */
struct linux_event {
    u64 va;              /* the faulting address, or the page's; or 0 */
    u64 fault_va;        /* the fault around which the page was mapped; or 0 */
    u32 pid, tid;        /* of the task on the hart; R_OOM: pid of the victim */
    u32 pfn;             /* LENS_NO_PFN: of no frame */
    u32 source, slot;    /* as in struct ins_event; R_KEPT's source: enum
                          * linux_kept */
    u8 from, to, reason; /* from and to: enum frame_state */
    u8 actor;
};
struct linux_watcher {
    void *opaque;
    void (*probe)(void *opaque, u64 va); /* asks for a probe at va */
    void (*event)(void *opaque, const struct linux_event *e);
    /* Returns the frame's state after its latest event; FS_COUNT: no event. */
    u8 (*state)(void *opaque, u32 pfn);
};
/* Remembers calls that have not returned: a function's end is seen at its
 * caller's next instruction. */
struct linux_probes;
u64 linux_text_delta(const struct linux_kernel *k); /* the code's va - pa */
struct linux_probes *linux_probes_new(void);
void linux_probes_free(struct linux_probes *p); /* p or NULL */
/* Asks for a probe at each function that exists, and drops all remembered
 * calls. k must outlive all calls of linux_probes_visit. */
void linux_probes_attach(struct linux_probes *p, struct linux_kernel *k,
                         const struct linux_watcher *w);
/* Call when the hart, with registers x, is about to execute a probed pc. */
void linux_probes_visit(struct linux_probes *p, u64 pc, const u64 *x);
/* Saves or loads what is remembered, for a machine that goes back in time. */
void linux_probes_past(struct linux_probes *p, struct state *s);
void linux_probes_forget(struct linux_probes *p); /* drops them */
/* Writes the i-th sentence about events not reported; false: no more. */
bool linux_probes_untold(const struct linux_probes *p, unsigned i, char *buf,
                         size_t n);

/* ---- numbers ------------------------------------------------------------ */

/* Reads a number by its name in /proc/vmstat. False: not known. */
bool linux_counter(struct linux_kernel *k, const char *name, u64 *value);
/* Gives the i-th line of /proc/vmstat; NULL after the last. *known is false if
 * the kernel computes the number only when it is read. */
const char *linux_counter_nth(struct linux_kernel *k, unsigned i, u64 *value,
                              bool *known);
struct linux_level { /* in frames, summed over all zones */
    u64 min, low, high;
};
bool linux_levels(struct linux_kernel *k, struct linux_level *out);
bool linux_swap(struct linux_kernel *k, u64 *total, u64 *used);
/* A swap area in use. linux_area_read reads swap_info_struct.swap_map: for each
 * of n pages from `first` on, a byte with flags and the number of users. */
#define LINUX_SWAP_AREAS 4
struct linux_area {
    u32 number, pages; /* pages: including the header */
    u64 map;
};
unsigned linux_areas(struct linux_kernel *k,
                     struct linux_area out[LINUX_SWAP_AREAS]);
bool linux_area_read(struct linux_kernel *k, const struct linux_area *a,
                     u64 first, u8 *to, size_t n);
bool linux_slot_bad(u8 byte);
bool linux_slot_cached(u8 byte); /* the page is in the swap cache, too */
