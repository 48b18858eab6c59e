/* SPDX-License-Identifier: MIT */
/* Internal to linux/: calls of the kernel's functions, seen by probes. */
#ifndef CLOCKHAND_LINUX_PROBES_H
#define CLOCKHAND_LINUX_PROBES_H

#include "linux/internal.h"

#define LX_CALLS   128 /* that have not returned */
#define LX_BATCHES 16  /* of them, of shrink_folio_list */
#define LX_BATCH   512 /* folios that one of these is given */

struct lx_call {
    u64 task, ra, sp; /* sp: at the first instruction and after the return */
    u64 object;       /* what its first argument points to */
    u64 va;           /* P_FAULT: the address, */
    u64 root, pte;    /* its page table (physical) and the entry before */
    u8 row;           /* enum lx_probe */
    u8 retried;       /* a fault that is to be tried again: no call */
    u8 major;         /* an attempt before has asked the disk */
    u8 file;          /* the mapping is a file's */
    u32 batch;        /* P_RECLAIM: its folios */
};
struct lx_batch {
    u32 n; /* 0: the batch is free */
    struct lx_offered {
        u64 folio;
        u64 va;
        u32 pfn, slot;
        u8 state, frames_log2, kept;
        u8 referenced, written; /* since it was offered */
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

    u32 ncalls;
    u64 lost;
    struct lx_call call[LX_CALLS]; /* in order of their beginning */
    struct lx_batch batch[LX_BATCHES];
};

/* Tells of the folio's frames (n from pfn on), or of none (LENS_NO_PFN, 1). */
struct lx_told {
    u64 va;
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
/* A folio that was offered has got a slot since; is being written. */
void lx_reclaim_slot(struct linux_probes *p, u64 folio, u32 slot);
void lx_reclaim_written(struct linux_probes *p, u64 folio);

#endif
