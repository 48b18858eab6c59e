/* SPDX-License-Identifier: MIT */
/* Finds uses of translations that the page table no longer gives (stale.c). */
#pragma once

#include "mmu/mmu.h"

/* The page table's answer to an access, compared with the entry's. */
enum stale_kind {
    STALE_NONE,     /* the same; rights to other accesses may differ */
    STALE_INVALID,  /* the page is not mapped */
    STALE_FRAME,    /* another frame */
    STALE_TYPE,     /* another memory type (Svpbmt) */
    STALE_RIGHTS,   /* the access is forbidden */
    STALE_DIRTY,    /* D is 0: this store leaves no mark in the table */
    STALE_ACCESSED, /* A is 0: this use leaves no mark */
    STALE_TABLE,    /* the walker's cache led to a fault; the table does not */
    STALE_FREED,    /* the same frame, but it is free (stale_observer) */
    STALE_KINDS
};

struct stale_write {
    u64 cycle, pc; /* pc 0: not by the hart */
    u64 pa;        /* of the PTE written; 0: satp */
};

/* A PTE that a walk has read: a leaf that made a TLB entry, or a pointer. */
struct stale_source {
    u64 pte_pa, pte; /* pte_pa 0: none was read */
    u64 va, root;    /* of a leaf: its page, and the walk's root table */
    u64 filled;      /* cycle */
    u64 since; /* cycle of the first write since the table agreed; 0: none */
    /* [0]: the last write to the PTE; [1]: the write of another root to satp */
    struct stale_write wrote[2];
    u32 above;       /* the source of the pointer that led here; 0: none */
    u32 below;       /* number of sources whose `above` is this one */
    u32 next, waits; /* links (stale.c) */
    u16 asid;
    u8 level, pointer;
    u8 suspect; /* uses of its entries are judged */
    u8 moved;   /* satp has another root table for this ASID now */
    u8 told;    /* for the observer's use */
};

struct stale_use {
    struct stale_source *from; /* the entry's source */
    struct stale_source *by;   /* the one written: from or a pointer above it */
    enum stale_kind kind;
    enum access access;
    bool returned;   /* the hart has returned to a program since the write */
    u64 va, pa;      /* pa: by the entry */
    u64 pte, pte_pa; /* the last PTE that a walk would read now */
    u64 pa_now;      /* by that PTE, if it maps the page */
};

/* Counts of uses that the manual permits. faults: the entry forbade what the
 * table now grants. harmless: entry and table differ, but not for this use. */
struct stale_permitted {
    u64 faults, harmless;
};

struct stale_port {
    void *opaque;
    const u64 *cycle;
    u64 ram_base, ram_bytes;
    bool (*peek)(void *opaque, u64 pa, u64 *pte);
    /* Asks that stores to the line of pa be reported to stale_written(). */
    void (*mark)(void *opaque, u64 pa);
    const struct stale_observer {
        void *opaque;
        void (*used)(void *opaque, const struct stale_use *u);
        bool (*freed)(void *opaque, u64 pa); /* the frame at pa is free */
        struct stale_permitted *permitted;   /* counts go here */
        /* If set, programs' uses of free frames are reported, too, and the
         * observer must call stale_frame_freed() when a frame becomes free. */
        bool asks_freed;
    } * to;
};

/* Begins to follow the entries of m; those that exist already are followed from
 * their first use on. */
void stale_follow(struct mmu *m, const struct stale_port *port);
void stale_free(struct mmu *m); /* stops following */
/* Forgets all sources. Call it when the TLBs were emptied or loaded. */
void stale_restart(struct mmu *m);
/* Saves or loads the sources; call it after mmu_state(). The saving or the
 * loading machine, or both, may follow no entries. */
void stale_state(struct mmu *m, struct state *s);

/* Returns the lines of the frame that hold PTEs of sources, a bit each. */
u64 stale_lines(const struct stale *t, u64 frame);
/* Call before or after a store to n bytes at pa; pc 0: not by the hart. True:
 * stale_settle() must be called before the next instruction. */
bool stale_written(struct mmu *m, u64 pa, u64 n, u64 pc);
void stale_settle(struct mmu *m);
void stale_frame_freed(struct mmu *m, u64 pa);
/* Call when the instruction at pc has written satp. */
void stale_satp_written(struct mmu *m, u64 satp, u64 pc);
/* Call before the first access that satp translates. */
void stale_entered(struct mmu *m, u64 satp);
/* Call when the hart returns to a program. */
void stale_returned(struct mmu *m);

/* ---- for the files of this folder ---- */

void stale_flushed(struct mmu *m); /* no entry is left */
void stale_filled(struct mmu *m);  /* m->walk.filled is about to be placed */
void stale_used(struct mmu *m, const struct mmu_ctx *ctx, u64 va,
                enum access access, struct tlb_entry *e);
void stale_faulted(struct mmu *m, const struct mmu_ctx *ctx, u64 va,
                   enum access access);
bool stale_is_suspect(const struct mmu *m, const struct tlb_entry *e);
/* True if a use of e must be judged: its source, or a pointer above, is a
 * suspect, or the entry is not followed yet. */
static inline bool stale_suspects(const struct mmu *m,
                                  const struct tlb_entry *e)
{
    return unlikely(m->stale != NULL) && stale_is_suspect(m, e);
}
