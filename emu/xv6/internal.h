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
    u64 root; /* physical, of the kernel's page table */
    u64 nframes;
    u64 first, last; /* frames that kalloc may have: [first, last) */
    bool counted;    /* everything below is current */
    struct xv6_frame *frame;
    u64 count[FS_COUNT];
    u64 counter[XV6_COUNTERS];
    bool list_sound; /* kmem.freelist ends, and stays in RAM */
    struct lens_proc *task;
    u64 *slot; /* of each row in proc[] */
    unsigned ntasks;
};

/* ---- open.c ------------------------------------------------------------- */
/* n bytes of RAM at a physical address, which for the kernel's data is the
 * virtual one; NULL: not all of it is RAM. */
const u8 *x6_ram(const struct xv6_kernel *k, u64 pa, u64 n);
/* A member of the struct at pa, zero-extended; 0 and false: not in RAM. */
bool x6_get(const struct xv6_kernel *k, u64 pa, enum xv6_field f, u64 *value);
/* Element i of an array that is a variable or a member at pa. */
u64 x6_element(u64 pa, struct xv6_member array, u64 i);
/* The frame of an address; nframes: not in RAM. */
u64 x6_pfn(const struct xv6_kernel *k, u64 pa);

struct x6_visit {
    void (*table)(void *, u64 pa); /* either may be NULL */
    void (*leaf)(void *, u64 va, u64 pte, u64 pages);
    void *opaque;
    u64 budget; /* tables that may be read */
};
/* Visits the Sv39 tree with the root table at pa, in order of address. */
void x6_tree(const struct xv6_kernel *k, u64 pa, struct x6_visit *v);

/* The physical address of va's page by the tree at root; false: none. */
bool x6_walk(const struct xv6_kernel *k, u64 root, u64 va, u64 *pa);

/* ---- census.c, tasks.c -------------------------------------------------- */
void x6_census(struct xv6_kernel *k); /* updates everything */
void x6_tasks_read(struct xv6_kernel *k);
/* The process's root table; 0: not a sound one. */
u64 x6_root(const struct xv6_kernel *k, u64 slot);
/* The pid of a slot; 0: not in use. */
u32 x6_pid(const struct xv6_kernel *k, u64 slot);
u64 x6_proc(const struct xv6_kernel *k, u64 slot); /* address of a proc[] */
