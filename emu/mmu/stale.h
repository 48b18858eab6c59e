/* SPDX-License-Identifier: MIT */
/* Uses of translations that the page table no longer gives: see stale.c. */
#pragma once

#include "mmu/mmu.h"

/* The page table's answer to an access beside that of the entry used. */
enum stale_kind {
    STALE_NONE,     /* the same, though the entry or the table may say less */
    STALE_INVALID,  /* the page is not mapped */
    STALE_FRAME,    /* another frame */
    STALE_RIGHTS,   /* the access is forbidden */
    STALE_DIRTY,    /* D is 0: this store leaves no mark in the table */
    STALE_ACCESSED, /* A is 0: likewise this use */
    STALE_TABLE,    /* the walker's cache led to a fault; the table does not */
    STALE_FREED,    /* the same frame, which is free (port.freed) */
    STALE_KINDS
};

/* The PTEs from which a walk made an entry of a TLB or of the walker's cache.
 */
struct stale_source {
    u64 va, root;          /* of the page; the address of the root table */
    u64 pte_pa[3], pte[3]; /* by level, as read; pte_pa 0: not read */
    u64 filled;            /* cycle */
    /* The first write to one of them since the entry was known to agree with
     * the table, and the last write; pc 0: not by the hart. */
    u64 since, wrote, wrote_pa, wrote_pc;
    u64 moved_at, moved_pc; /* with `moved` */
    u32 next[3];            /* links of the chains (stale.c) */
    u16 asid;
    u8 level;
    bool suspect; /* one of the PTEs has been written */
    bool cached;  /* the entry is, or was made through, one of the walker's */
    bool moved;   /* satp has another root table for this ASID now */
    bool dead;    /* no entry was made from it that is still in use */
    u8 told;      /* for the observer */
};

struct stale_use {
    struct stale_source *from;
    enum stale_kind kind;
    enum access access;
    u32 priv;
    u64 va, pa;      /* pa: by the entry */
    u64 pte, pte_pa; /* the last one that a walk would read now */
    u64 pa_now;      /* STALE_FRAME: by that PTE */
};

struct stale_port {
    void *opaque;
    const u64 *cycle;
    u64 ram_base, ram_bytes;
    bool (*peek)(void *opaque, u64 pa, u64 *pte);
    /* From now on stores to the line of pa must be told to stale_written(). */
    void (*mark)(void *opaque, u64 pa);
    void (*used)(void *opaque, const struct stale_use *u);
    bool (*freed)(void *opaque, u64 pa); /* the frame at pa is free */
};

/* Begins to follow the entries of m; each that it has already is followed from
 * its first use on. */
void stale_follow(struct mmu *m, const struct stale_port *port);
void stale_free(struct mmu *m); /* ends it */
/* Begins anew: all entries have left, or others were loaded. */
void stale_restart(struct mmu *m);
/* For snapshots: after mmu_state(), of a machine with or without followers. */
void stale_state(struct mmu *m, struct state *s);

/* A bit for each line of the frame that holds a PTE of an entry. */
u64 stale_lines(const struct stale *t, u64 frame);
/* Bytes in a marked line are written, now or next; pc 0: not by the hart. True
 * if stale_settle() must be called before the next instruction. */
bool stale_written(struct mmu *m, u64 pa, u64 n, u64 pc);
void stale_settle(struct mmu *m);
/* From now on programs' uses of free frames are told, too. For frames that
 * become free, call stale_frame_freed(). */
void stale_ask_freed(struct mmu *m, bool on);
void stale_frame_freed(struct mmu *m, u64 pa);
/* Translation goes on with this satp, which the instruction at pc wrote. */
void stale_entered(struct mmu *m, u64 satp, u64 pc);
/* The hart returns to a program. */
void stale_returned(struct mmu *m);
u64 stale_last_return(const struct mmu *m); /* its cycle */
/* Uses that the manual permits: a fault that the table no longer asks for; an
 * entry with more rights, or less A and D, than the table, which did not
 * matter. */
struct stale_permitted {
    u64 faults, harmless;
};
struct stale_permitted stale_permitted(const struct mmu *m);

/* ---- for the files of this folder ---- */

void stale_flushed(struct mmu *m); /* no entry is left */
void stale_filled(struct mmu *m);  /* m->walk.filled is about to be placed */
void stale_cached(struct mmu *m, struct pwc_entry *e, u32 level);
void stale_through(struct mmu *m, struct pwc_entry *e);
void stale_used(struct mmu *m, const struct mmu_ctx *ctx, u64 va,
                enum access access, struct tlb_entry *e);
void stale_faulted(struct mmu *m, const struct mmu_ctx *ctx, u64 va,
                   enum access access);
bool stale_is_suspect(const struct mmu *m, const struct tlb_entry *e);
/* True if a use of e must be judged: one of the entry's PTEs has been written
 * since it was made, or the entry is not followed yet. */
static inline bool stale_suspects(const struct mmu *m,
                                  const struct tlb_entry *e)
{
    return unlikely(m->stale != NULL) && stale_is_suspect(m, e);
}
