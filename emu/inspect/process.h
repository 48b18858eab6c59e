/* SPDX-License-Identifier: MIT */
/* Processes, their mappings and their pages in swap. */
#pragma once

#include "inspect/answers.h"

/* Lists processes; faults include those of threads (Linux: of ended ones). */
unsigned inspect_procs(struct machine *m, struct ins_proc *out, unsigned max);
/* Lists the threads of a process except the first, whose number is the pid.
 * Their rss and vsize are 0, because the memory is the process's. */
unsigned inspect_threads(struct machine *m, u32 pid, struct ins_proc *out,
                         unsigned max);
bool inspect_proc(struct machine *m, u32 pid, struct ins_proc *out);
/* Returns a thread's process, or id itself if it is no thread's. */
u32 inspect_process_of(struct machine *m, u32 id);
/* Returns the process on the hart; 0: none is, or the guest does not tell. */
u32 inspect_current_pid(struct machine *m);
struct ins_vma {
    u64 start, end, offset, inode;
    u32 disk;                   /* of the inode; ~0: none (Linux, xv6: 0) */
    u32 flags;                  /* VMA_* */
    u64 resident, anon, shared; /* pages, by walking the page table */
    char name[64];
};
unsigned inspect_vmas(struct machine *m, u32 pid, struct ins_vma *out,
                      unsigned max);
/* Finds the mapping that holds va; does not set resident, anon, shared. */
bool inspect_vma_at(struct machine *m, u32 pid, u64 va, struct ins_vma *out);
/* Lists all mappings; does not set resident, anon, shared. */
unsigned inspect_vma_rows(struct machine *m, u32 pid, struct ins_vma *out,
                          unsigned max);

/* Returns the slot that the process's PTE for va names; INS_NO_SLOT: none. */
u32 inspect_page_slot(struct machine *m, u32 pid, u64 va);
/* Gives the frame that the process's PTE for va maps, whatever use the PTE
 * allows. False: none, or no RAM. */
bool inspect_page_frame(struct machine *m, u32 pid, u64 va, u32 *pfn);
/* Returns the slot that an invalid PTE names, or INS_NO_SLOT. unmodified.c */
u32 inspect_pte_slot(struct machine *m, u64 pte);
void inspect_swapped(struct machine *m,
                     void (*fn)(void *, const struct ins_out *), void *opaque);
/* True if the frame's page has a slot in swap that a process's PTE names. */
bool inspect_slot_named(struct machine *m, u64 pfn);
