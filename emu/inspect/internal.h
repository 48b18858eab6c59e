/* SPDX-License-Identifier: MIT */
/* Shared by the folders of inspect/: reads page table trees, and rows of the
 * kernel's tables. The lens describes these tables, or emu/linux and emu/xv6
 * derive them from an unmodified kernel. The guest may have written anything
 * there, so every address is checked, and every chain and tree is bounded. */
#pragma once

#include "inspect/answers.h"
#include "linux/reader.h"
#include "xv6/reader.h"

struct ins_display;
struct ins_leaf;
struct ins_row;
struct ins_sample;
struct ins_vma;

#define INS_SLOTS_MAX 4096 /* rows of the process table that are read */
#define INS_VMAS_MAX  1024

/* ins_dram_part returns the machine's DRAM part (NULL: none); ins_dram_place
 * gives the bank and row of pa. */
const struct dram_part *ins_dram_part(struct machine *m);
void ins_dram_place(const struct dram_part *part, u64 pa, unsigned *bank,
                    u32 *row);
/* Returns the open lens, or NULL. */
const struct lens_view *ins_lens(struct machine *m);
/* True if the kernel has opened a lens, or its file has the symbol of one. RAM
 * is not searched then; at 64 GiB a search takes the host half a second. */
bool ins_has_lens(struct machine *m);
/* These return the unmodified kernel in RAM, or NULL. It is read anew if the
 * machine has run since the last call. unmodified.c */
struct linux_kernel *ins_linux(struct machine *m);
struct xv6_kernel *ins_xv6(struct machine *m);
/* Records an event that a probe saw, as if the lens had reported it. */
void ins_events_probed(struct ins_events *e, const struct linux_event *l);
/* Adds the names of the processes that ended last to d->names. */
void ins_events_names(const struct ins_events *e, struct ins_display *d);
/* Returns the frame's state after its latest event; FS_COUNT: no event. */
u8 ins_events_state(const struct ins_events *e, u32 pfn);
u64 ins_nframes(struct machine *m);
/* The ins_kernel_ functions read the kernel's tables: those that the lens
 * describes, or Linux's or xv6's. ins_kernel_frame reads a row of the frame
 * table; false: beyond its end or outside RAM, or no tables are known. */
bool ins_kernel_frame(struct machine *m, u64 pfn, struct lens_frame *out);
/* Returns all rows of the frame table: *n rows, *stride bytes apart, of which
 * only from..to-1 are up to date. Serves callers that read them sixty times a
 * second. NULL: no kernel's tables can be read, or not all is in RAM. */
const u8 *ins_kernel_rows(struct machine *m, u64 from, u64 to, u64 *n,
                          u64 *stride);
/* Returns the satp of the kernel's own page table; 0: not known. The kernel's
 * root entries begin at *first. */
u64 ins_kernel_satp(struct machine *m, unsigned *first);
struct ins_unmodified ins_unmodified(struct machine *m, u64 pfn);
/* Writes a frame's kind with its slab's or file's name; "": not known. */
void ins_unmodified_what(struct machine *m, u64 pfn,
                         const struct ins_unmodified *f, char *buf, size_t n);
/* Adds to `blocks` the free blocks that start at this row; returns the number
 * of their frames. */
u64 ins_free_run(const struct lens_frame *f, u64 blocks[INS_ORDERS]);
bool ins_kernel_proc(struct machine *m, u64 slot, struct lens_proc *out);
bool ins_kernel_counter(struct machine *m, unsigned id, u64 *value);
bool ins_kernel_free(struct machine *m, u64 *frames);
u64 ins_nslots(struct machine *m);

/* Reads the Sv39 tree under `satp`, from root entry `first` to `last`. Calls
 * table for each table, the root included, and leaf for each leaf that hardware
 * would use; either may be NULL. Each table takes 1 from the budget, so that a
 * cycle of tables ends. False: the budget ran out, or satp is not Sv39. */
#define TREE_USER_FIRST   0
#define TREE_USER_LAST    255
#define TREE_KERNEL_FIRST 256
#define TREE_KERNEL_LAST  511
struct tree_visit {
    void (*table)(void *opaque, u64 pa, unsigned level);
    void (*leaf)(void *opaque, const struct ins_leaf *leaf);
    void *opaque;
    u64 budget; /* a tree has at most as many tables as there are frames */
    /* Called for a 4 KiB page's entry that is invalid but not 0; or NULL. */
    void (*absent)(void *opaque, u64 va, u64 pte);
};
bool ins_tree(struct machine *m, u64 satp, unsigned first, unsigned last,
              struct tree_visit *v);

/* Returns a generous bound on the number of tables in all trees: twice the
 * number of frames. (Each user table is one frame and belongs to one tree.) */
u64 ins_table_budget(struct machine *m);

/* Calls fn with one process's row for each address space (processes between
 * vfork and exec share one). */
void ins_spaces(struct machine *m, void (*fn)(void *, const struct lens_proc *),
                void *opaque);

u8 ins_state_by_rights(u64 pte); /* frame.c */

/* True for states that count as resident. In Linux and the built guest, RSS is
 * the number of a process's PTEs that map such a frame. A frame that is mapped
 * twice counts twice; the shared zero frame and device pages do not count. */
static inline bool ins_resident(u8 state)
{
    return state < FS_COUNT && state != FS_ZEROED;
}

/* True: no process owns such a frame for being the first to map it. */
static inline bool ins_is_kernels(u8 state)
{
    return state == FS_KCODE || state == FS_KDATA || state == FS_PGTABLE ||
           state == FS_ZEROED;
}

/* Reads levels and counters now, without the tally (sample.c). Requires
 * inspect_tables_known. */
void ins_sample_now(struct machine *m, const struct ins_policy *p,
                    struct ins_sample *out);

/* The policy's belief about a frame's page. With lists: HOT if it is on an
 * active list. Without lists: HOT if the kernel or a PTE's A bit marks it as
 * used. Else COLD. NO_BELIEF: the page cannot be taken, or counts as free. */
enum ins_believed { NO_BELIEF, COLD, HOT };
bool ins_takable(u8 state);
enum ins_believed ins_believed(u8 state, u8 flags, bool lists, bool accessed);
/* Sets the byte of each frame that the leaf maps, if the leaf has its A bit. */
void ins_accessed_leaf(const struct ins_leaf *l, u8 *accessed, u64 nframes);

/* Makes a word a name for expressions: blank and hyphen become _. stats.c */
const char *ins_key(const char *word, char *buf, size_t n);

/* True for a thread other than its process's first. */
static inline bool ins_is_thread(const struct lens_proc *p)
{
    return p->tgid != p->pid;
}
/* Finds the row of a living task, and its slot (task.c). */
bool ins_task_row(struct machine *m, u32 task, struct lens_proc *p, u64 *slot);
/* Finds the offset of a member in a struct by the DWARF of `file`; false: the
 * DWARF does not have it (dwarf_member.c). */
bool ins_member(const char *file, const char *structure, const char *member,
                u64 *offset);
/* Translates va through satp with the rights of a supervisor that has SUM and
 * MXR (space.c). */
bool ins_va_to_pa(struct machine *m, u64 satp, u64 va, u64 *pa);
/* Returns the address at which a process has the anonymous page of that index,
 * in frame pfn: page number `index`, unless mremap has moved some mapping.
 * told: the address that the kernel has told, for a page that is mapped
 * nowhere; or 0. Returns 0 if it is not known. */
u64 ins_page_va(struct machine *m, u32 pid, u64 index, u32 pfn, u64 told);
/* These return the pid and the task on the hart; 0: none or unknown. space.c */
u32 ins_current_pid(struct machine *m);
u32 ins_current_tid(struct machine *m);
void ins_proc_fill(const struct lens_proc *p, u32 current,
                   struct ins_proc *out);
/* Lists mappings from the row at `vmas` on; resident, anon, shared are 0. */
unsigned ins_vma_list(struct machine *m, u64 vmas, struct ins_vma *out,
                      unsigned max);
void ins_mark_row(struct ins_row *r); /* sets marks (frame_marks.c) */

/* The built guest kernel's layout, as far as the lens does not describe it. The
 * PTE of a page in swap has V clear, bit 1 set, and the slot in place of the
 * PPN. A swap-cache frame's row has its slot at offset GUEST_FRAME_SLOT. */
#define GUEST_PTE_SWAP   2ull
#define GUEST_FRAME_SLOT 56
#define GUEST_SLOT_BITS  24 /* low bits: the slot in its area; above: area */
u32 ins_slot(u64 slot);     /* INS_NO_SLOT if it cannot be one */
/* Returns the slot of a frame of the swap cache; INS_NO_SLOT: another frame. */
u32 ins_frame_slot(struct machine *m, u64 pfn);

#define SATP_MODE(s) ((s) >> 60)
#define SATP_ROOT(s) (((s)&0xfffffffffffull) << PAGE_SHIFT)
