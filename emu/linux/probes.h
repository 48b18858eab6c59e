/* SPDX-License-Identifier: MIT */
/* Internal to linux/: calls of the kernel's functions, seen by probes. */
#ifndef CLOCKHAND_LINUX_PROBES_H
#define CLOCKHAND_LINUX_PROBES_H

#include "linux/internal.h"

#define LX_CALLS   128  /* that have not returned */
#define LX_BATCHES 16   /* of them, of shrink_folio_list */
#define LX_BATCH   512  /* folios that one of these is given */
#define LX_LIST    2048 /* that it leaves: large ones may be split */

struct lx_call {
    u64 task, ra, sp; /* sp: at the first instruction and after the return */
    u64 object;       /* what its first argument points to */
    u64 va;           /* P_FAULT: the address, */
    u64 root, pte;    /* its page table (physical) and the entry before;
                       * P_AROUND: va, pte are pages of the file */
    u64 before;       /* P_AROUND: entries that were valid, a bit each;
                       * P_SPLIT: it was one leaf */
    u8 row;           /* enum lx_probe */
    u8 retried;       /* a fault that is to be tried again: no call */
    u8 major;         /* an attempt before has asked the disk */
    u8 file;          /* the mapping is a file's */
    u8 level;         /* P_FAULT: of the entry before */
    u8 seen;          /* P_EVICT: lists that it gave to shrink_folio_list;
                       */
    u32 batch;        /* P_RECLAIM: its folios */
};
struct lx_batch {
    u32 n;      /* 0: the batch is free */
    u8 no_io;   /* its caller may not start I/O */
    u8 any_use; /* processes' use does not count */
    u8 spare[2];
    struct lx_offered {
        u64 folio;
        u64 va;
        u32 pfn, slot;
        u8 state, frames_log2, writing;
        /* Since it was offered: folio_referenced was asked, and said so;
         * add_to_swap failed; it was written to swap. */
        u8 asked, referenced, contended, no_slot, written, busy;
        u64 told[8]; /* a bit each frame of which it is told what became */
    } at[LX_BATCH];
};

struct linux_probes {
    struct linux_kernel *k;
    struct linux_watcher watcher;
    u64 entry[LX_PROBES]; /* 0: the kernel has no such function */

    /* The visit: registers, and the task on the hart. */
    const u64 *x;
    u64 task;
    u32 pid, tid;

    u64 refault; /* a folio that comes back soon, to be told of */
    u32 ncalls;
    u64 lost;
    struct lx_call call[LX_CALLS]; /* in order of their beginning */
    struct lx_batch batch[LX_BATCHES];
};

/* Tells of the folio's frames (n from pfn on), or of none (LENS_NO_PFN, 1). */
struct lx_told {
    u64 va, fault_va;
    u32 pfn, n, source, slot;
    u8 from, to, reason;
};
void lx_tell(struct linux_probes *p, struct lx_told t);
/* The task's youngest call of a function that has not returned; or NULL. */
struct lx_call *lx_call_of(struct linux_probes *p, enum lx_probe row);

/* ---- faults.c ----------------------------------------------------------- */
void lx_fault_enter(struct linux_probes *p, struct lx_call *c);
/* False: the kernel will try again. */
bool lx_fault_leave(struct linux_probes *p, struct lx_call *c);

/* ---- reclaim.c ---------------------------------------------------------- */
/* False: no folios, or more than can be remembered. */
bool lx_reclaim_enter(struct linux_probes *p, struct lx_call *c);
void lx_reclaim_leave(struct linux_probes *p, struct lx_call *c);
void lx_referenced_leave(struct linux_probes *p, const struct lx_call *c);
/* Frames that are freed now; false: none of those that were offered. */
bool lx_reclaim_taken(struct linux_probes *p, u64 pfn, u64 n);
/* A folio that was offered has got a slot since, or none was to be had
 * (LINUX_NO_SLOT); is being written. */
void lx_reclaim_released(struct linux_probes *p, const struct lx_call *c);
void lx_reclaim_slot(struct linux_probes *p, u64 folio, u32 slot);
void lx_reclaim_written(struct linux_probes *p, u64 folio);

/* ---- pages.c ------------------------------------------------------------ */
void lx_cache_enter(struct linux_probes *p, struct lx_call *c);
void lx_cache_leave(struct linux_probes *p, const struct lx_call *c);
void lx_alloc_leave(struct linux_probes *p, const struct lx_call *c);
void lx_alloc_many_enter(struct linux_probes *p, struct lx_call *c);
void lx_alloc_many_leave(struct linux_probes *p, const struct lx_call *c);
void lx_free(struct linux_probes *p);
void lx_free_many(struct linux_probes *p);
void lx_refault(struct linux_probes *p);
void lx_activate(struct linux_probes *p);
/* Tells that the folio, which has just been told of, comes back soon. */
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

#endif
