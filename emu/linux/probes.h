/* SPDX-License-Identifier: MIT */
/* Internal to linux/: probes observe calls of the kernel's functions. */
#pragma once

#include "linux/internal.h"

#define LX_CALLS   128  /* calls that have not returned */
#define LX_BATCHES 16   /* calls of shrink_folio_list that have not returned */
#define LX_BATCH   512  /* folios given to one call of shrink_folio_list */
#define LX_LIST    2048 /* folios on such a call's list, split ones too */

struct lx_call {
    u64 task, ra, sp; /* sp: the same at entry and after the return */
    u64 object;       /* P_AROUND: the vma; P_CACHE_ADD: the folio; others:
                       * the first argument */
    u64 va;           /* P_FAULT, P_SPLIT: the address; P_AROUND: the first
                       * file page to map; P_ALLOC: order */
    u64 root, pte;    /* the root page table (physical), va's entry at the
                       * call; P_AROUND: pte is the last file page to map;
                       * P_ALLOC_MANY: the array, count of pages already in it */
    u64 before;       /* P_FAULT, P_SPLIT: 1 if pte is a 2 MiB leaf; P_AROUND:
                       * a bit for each page that was mapped */
    u8 row;           /* enum lx_probe */
    u8 retried;       /* a fault that has returned and will be retried */
    u8 major;         /* P_FAULT: this or an earlier attempt read the disk */
    u8 file;          /* P_FAULT: the mapping is a file's */
    u8 level;         /* not used */
    u8 seen;          /* P_EVICT: lists given to shrink_folio_list so far */
    u32 batch;        /* P_RECLAIM: index of its folios' batch */
};
struct lx_batch {
    u32 n;      /* 0: the batch is free */
    u8 no_io;   /* shrink_folio_list's caller may not start I/O */
    u8 any_use; /* ignore_references: use by processes does not count */
    u8 spare[2];
    struct lx_offered {
        u64 folio;
        u64 va;
        u32 pfn, slot;
        u8 state, frames_log2, writing;
        /* Since shrink_folio_list began. asked: folio_referenced ran;
         * referenced: it returned > 0; contended: < 0; no_slot: add_to_swap
         * failed; written: to swap; busy: filemap_release_folio failed. */
        u8 asked, referenced, contended, no_slot, written, busy;
        u64 told[8]; /* a bit for each frame that is reported */
    } at[LX_BATCH];
};

struct linux_probes {
    struct linux_kernel *k;
    struct linux_watcher watcher;
    u64 entry[LX_PROBES]; /* 0: the kernel has no such function */

    /* At the present probe: the registers, and the task on the hart. */
    const u64 *x;
    u64 task;
    u32 pid, tid;

    u64 refault; /* the folio of a refault not yet reported; 0: none */
    u32 ncalls;
    u64 lost;
    struct lx_call call[LX_CALLS]; /* in the order of entry */
    struct lx_batch batch[LX_BATCHES];
};

/* An event about the n frames from pfn on; without frames: LENS_NO_PFN, n 1.
 * from: the state before the event of a frame that has no earlier event. */
struct lx_told {
    u64 va, fault_va;
    u32 pfn, n, source, slot;
    u8 from, to, reason;
};
void lx_tell(struct linux_probes *p, struct lx_told t);
/* Returns the frame's state after its latest event; FS_COUNT: no event. */
u8 lx_state(const struct linux_probes *p, u64 pfn);
/* Returns the task's latest unfinished call of that function, or NULL. */
struct lx_call *lx_call_of(struct linux_probes *p, enum lx_probe row);

/* ---- faults.c ----------------------------------------------------------- */
void lx_fault_enter(struct linux_probes *p, struct lx_call *c);
/* False: the kernel will retry the fault. */
bool lx_fault_leave(struct linux_probes *p, struct lx_call *c);

/* ---- reclaim.c ---------------------------------------------------------- */
/* False: no folios, an unsound list, or no free batch. */
bool lx_reclaim_enter(struct linux_probes *p, struct lx_call *c);
void lx_reclaim_leave(struct linux_probes *p, struct lx_call *c);
void lx_referenced_leave(struct linux_probes *p, const struct lx_call *c);
/* Reports frames that are being freed; false: they were not offered. */
bool lx_reclaim_taken(struct linux_probes *p, u64 pfn, u64 n);
/* These record the progress of an offered folio. Released:
 * filemap_release_folio has returned. Slot: add_to_swap has given the slot, or
 * LINUX_NO_SLOT (it failed). Written: a write to swap has begun. */
void lx_reclaim_released(struct linux_probes *p, const struct lx_call *c);
void lx_reclaim_slot(struct linux_probes *p, u64 folio, u32 slot);
void lx_reclaim_written(struct linux_probes *p, u64 folio);

/* ---- pages.c ------------------------------------------------------------ */
void lx_cache_enter(struct linux_probes *p, struct lx_call *c);
void lx_cache_leave(struct linux_probes *p, const struct lx_call *c);
void lx_shmem_leave(struct linux_probes *p, const struct lx_call *c);
void lx_root(struct linux_probes *p, u64 mm, bool begins);
void lx_table_gone(struct linux_probes *p);
void lx_move(struct linux_probes *p);
/* marked: the folio has its flag PG_dirty already, and had it not before. */
void lx_dirty(struct linux_probes *p, u64 folio, bool marked);
void lx_alloc_leave(struct linux_probes *p, const struct lx_call *c);
void lx_alloc_many_enter(struct linux_probes *p, struct lx_call *c);
void lx_alloc_many_leave(struct linux_probes *p, const struct lx_call *c);
void lx_free(struct linux_probes *p);
void lx_free_many(struct linux_probes *p);
void lx_refault(struct linux_probes *p);
void lx_activate(struct linux_probes *p);
/* Reports the folio's refault after its read, if p->refault is that folio. */
void lx_refault_tell(struct linux_probes *p, u64 folio);

/* ---- lives.c ------------------------------------------------------------ */
void lx_fork(struct linux_probes *p);
void lx_copy_enter(struct linux_probes *p, struct lx_call *c);
void lx_copy_leave(struct linux_probes *p, const struct lx_call *c);
void lx_exec_leave(struct linux_probes *p);
void lx_exit(struct linux_probes *p);
void lx_around_enter(struct linux_probes *p, struct lx_call *c);
void lx_around_leave(struct linux_probes *p, const struct lx_call *c);
void lx_split_enter(struct linux_probes *p, struct lx_call *c);
void lx_split_leave(struct linux_probes *p, const struct lx_call *c);
