/* SPDX-License-Identifier: MIT */
/* Internal to xv6/: declarations shared by its files. */
#pragma once

#include "mmu/pte.h"
#include "xv6/reader.h"

#define XV6_PROCS_MOST 4096
#define XV6_BUFS_MOST  65536
#define SATP_SV39      (8ull << 60)

struct xv6_kernel {
    struct kernel_ram ram;
    struct xv6_layout layout;
    u64 root; /* physical address of the kernel's page table */
    u64 nframes;
    u64 first, last; /* kalloc's frames: [first, last) */
    bool counted;    /* all fields below are up to date */
    struct xv6_frame *frame;
    u64 count[FS_COUNT];
    u64 counter[XV6_COUNTERS];
    bool list_sound; /* kmem.freelist ends, and has kalloc's frames only */
    struct lens_proc *task;
    u64 *slot; /* each task's index in proc[] */
    unsigned ntasks;
};

/* ---- open.c ------------------------------------------------------------- */
/* Returns n bytes of RAM at a physical address, which is also the virtual
 * address of the kernel's data; NULL: not all are RAM. */
const u8 *x6_ram(const struct xv6_kernel *k, u64 pa, u64 n);
/* Reads a member of the struct at pa; false, and *value 0: not in RAM. */
bool x6_get(const struct xv6_kernel *k, u64 pa, enum xv6_field f, u64 *value);
/* Returns the address of element i of an array: a variable at pa, or a member
 * of the struct at pa. */
u64 x6_element(u64 pa, struct xv6_member array, u64 i);
/* Returns the number of an address's frame; nframes: not in RAM. */
u64 x6_pfn(const struct xv6_kernel *k, u64 pa);

struct x6_visit {
    void (*table)(void *, u64 pa); /* table, leaf: may be NULL */
    void (*leaf)(void *, u64 va, u64 pte, u64 pages);
    void *opaque;
    u64 budget; /* tables that may be read */
};
/* Calls v's functions for each table and each leaf of the Sv39 tree whose root
 * table is at pa, in order of virtual address, until v's budget is spent. */
void x6_tree(const struct xv6_kernel *k, u64 pa, struct x6_visit *v);

/* Finds the physical address of va's page by the tree at root; false: none. */
bool x6_walk(const struct xv6_kernel *k, u64 root, u64 va, u64 *pa);

/* ---- census.c, tasks.c -------------------------------------------------- */
void x6_census(struct xv6_kernel *k); /* updates all cached data */
void x6_tasks_read(struct xv6_kernel *k);
/* Returns a process's root table; 0: it has no sound one. */
u64 x6_root(const struct xv6_kernel *k, u64 slot);
/* Returns a slot's pid; 0: the slot is not in use. */
u32 x6_pid(const struct xv6_kernel *k, u64 slot);
u64 x6_proc(const struct xv6_kernel *k, u64 slot); /* the slot's address */
