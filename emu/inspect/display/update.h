/* SPDX-License-Identifier: MIT */
/* Internal to display/: the state that its files keep between two updates of a
 * display. While the machine runs, an update reads a part of each array that
 * grows with RAM, and all of it several times a second of host time; while the
 * machine stands still (ins_display.running is false) it reads everything. */
#ifndef CLOCKHAND_INSPECT_UPDATE_H
#define CLOCKHAND_INSPECT_UPDATE_H

#include "inspect/internal.h"

#define PART_FRAMES                                                            \
    16384 /* rows of the frame table an update; a 40th of all if that is more  \
           */
#define AGES_AT_ONCE  65536
#define LIT_AT_ONCE   65536 /* half of that if RAM has more frames */
#define SLOTS_AT_ONCE 32768

/* Facts of a frame's row that only the filter needs. */
enum {
    FACT_REFS = 1, /* several PTEs map it */
    FACT_PINS = 2, /* something other than a PTE holds it */
    /* the filter names the frame's owner, object, ... */
    FACT_OWNER = 4,
    FACT_OBJECT = 8,
    FACT_SLOT = 16,
    FACT_DRAM = 32,
    FACT_UNMODIFIED = 64 /* kind or flag of an unmodified kernel */
};
/* A frame's entries in the page tables, as the filter needs them. */
enum {
    PTE_OF_ONE = 1,
    PTE_OF_MANY = 2,
    PTE_USED = 4,    /* A */
    PTE_WRITTEN = 8, /* D */
    PTE_OF_PID = 16,
    PTE_OF_VA = 32
};

/* ---- frame_filter.c: frames to which words apply ------------------------- */
#define FILTER_WORDS 8
#define FILTER_KEYS  (1u << 16)
struct ins_filter {
    struct ins_condition is[FILTER_WORDS];
    bool negated[FILTER_WORDS];
    bool unmodified[FILTER_WORDS]; /* a word of an unmodified kernel */
    unsigned n;
    struct machine *m;
    bool has_pid, has_inode, has_va, has_slot, has_bank, has_row;
    bool asks_ptes; /* it depends on the page tables */
    u8 facts, ptes; /* FACT_*, PTE_* that a frame must have */
    u32 pid, slot;  /* slot INS_NO_SLOT: any */
    u32 bank, row;  /* of the DRAM */
    const struct dram_part *dram;
    u64 inode, from, to;
    u8 *key; /* 1 where all conditions hold, by frame_filter.c's key_of */
};
/* False, with a message: the words have no meaning, at least now. Else the
 * caller calls ins_filter_free. */
bool ins_filter_parse(struct machine *m, const char *words,
                      struct ins_filter *f, char *err, size_t n);
void ins_filter_free(struct ins_filter *f);
static inline bool ins_in_dram(const struct ins_filter *f, u64 pfn)
{
    unsigned bank;
    u32 row;
    ins_dram_place(f->dram, RAM_BASE + (pfn << PAGE_SHIFT), &bank, &row);
    return (!f->has_bank || bank == f->bank) && (!f->has_row || row == f->row);
}
/* frame_filter.c: true if the conditions with words of an unmodified kernel
 * hold. */
bool ins_unmodified_hold(const struct ins_filter *f, u64 pfn, u8 state);
/* The facts of a row. `bytes` is the row with the fields that lens_frame lacks,
 * `stride` bytes long; f may be NULL. */
static inline u8 ins_facts(const struct ins_filter *f, u64 pfn,
                           const struct lens_frame *row, const u8 *bytes,
                           u64 stride)
{
    u8 fact = (row->refs > 1 ? FACT_REFS : 0) | (row->pins ? FACT_PINS : 0);
    u32 slot = 0;
    if (!f)
        return fact;
    if (row->owner == f->pid)
        fact |= FACT_OWNER;
    if (row->object == f->inode)
        fact |= FACT_OBJECT;
    if ((f->facts & FACT_DRAM) && ins_in_dram(f, pfn))
        fact |= FACT_DRAM;
    if ((f->facts & FACT_UNMODIFIED) && ins_unmodified_hold(f, pfn, row->state))
        fact |= FACT_UNMODIFIED;
    if (!f->has_slot || row->state != FS_SWAPCACHE)
        return fact;
    if (stride >= GUEST_FRAME_SLOT + sizeof slot)
        memcpy(&slot, bytes + GUEST_FRAME_SLOT, sizeof slot);
    return f->slot == INS_NO_SLOT || slot == f->slot ? fact | FACT_SLOT : fact;
}
/* Adds a leaf of a process's page table to a census, a byte a frame. */
void ins_census_leaf(const struct ins_filter *f, u32 pid,
                     const struct ins_leaf *l, u8 *census, u64 nframes);

/* ---- file_block.c -------------------------------------------------------- */
/* The block of a disk that holds the page of a clean frame of a file. False
 * unless there is exactly one ext2 file system and the block's bytes are the
 * frame's. */
bool ins_file_block(struct machine *m, const struct ins_frame *f,
                    struct ins_block *out);

/* ---- areas.c ------------------------------------------------------------- */
/* The areas and the cells of a space that has none yet. */
void ins_areas(struct ins_space *s, const struct ins_vma *v, unsigned n);

/* ---- strips.c: address spaces -------------------------------------------- */
#define STRIP_VOTES (FS_COUNT + 1) /* the last: in swap */
struct ins_turn { /* a process, as at the beginning of the round */
    u32 pid;
    u64 satp, vmas;
    bool again; /* an earlier turn has the same page table */
};
struct ins_round {
    struct ins_turn *turn;
    unsigned n, at;
    bool under_way; /* turn[at]'s tables are read up to `from` */
    u64 from;
    unsigned area; /* index of the area of the last address */
    struct ins_space made;
    u32 votes[INS_STRIP][STRIP_VOTES];
    bool hot[INS_STRIP];
    struct ins_vma vma[INS_VMAS_MAX];
    struct ins_out out[INS_OUTS]; /* as the display's */
    unsigned nouts;
};

/* The part of `all` elements that is due now, at most `at_once` of them or, if
 * `whole`, all; *at moves to the next part. */
struct ins_range {
    u64 from, to;
};
struct ins_range ins_part_due(u64 *at, u64 all, u64 at_once, bool whole);

struct ins_part { /* of PART_FRAMES frames */
    u64 buddy[INS_ORDERS];
    u32 belief[2][2]; /* cold, hot; idle, used */
    u64 skip;         /* the first frame behind its last free block */
};

struct ins_update {
    u64 nframes, nparts;
    u64 *slot;               /* slots of the process table in use, in order */
    unsigned nslots, looked; /* looked: updates since all slots were read */
    u32 seen[3];             /* tallies of fork, exit and exec */
    struct ins_part *part;
    u64 kinds[256];                         /* histogram of ins_display.kind */
    u8 *fact;                               /* FACT_*, by frame */
    u64 rows_at, ages_at, lit_at, slots_at; /* where the next part begins */
    bool whole; /* the last update read everything; else only these: */
    struct ins_range rows, ages, lit;
    struct ins_round round;
    struct ins_filter filter;
    bool filtered;            /* `filter` is set */
    bool filter_changed;      /* lit_words changed since the last update */
    u8 *census, *next_census; /* PTE_*, by frame, of whole rounds; or NULL */
    u8 none[1];               /* stands for a census that is NULL */
    /* Frames that PTEs have marked as used, by whole rounds. */
    u8 *accessed, *next_accessed;
    u64 bank_counts[INS_BANKS];
};

/* Each fills its part of the display. whole: read everything. */
void ins_update_procs(struct machine *m, struct ins_display *d, bool whole);
void ins_update_rows(struct machine *m, struct ins_display *d, bool whole);
void ins_update_ages(struct machine *m, struct ins_display *d, bool whole);
void ins_update_sums(struct machine *m, struct ins_display *d);
void ins_update_belief(struct ins_display *d);  /* after the page tables */
void ins_update_recount(struct ins_display *d); /* counts all kinds anew */
void ins_update_slots(struct machine *m, struct ins_display *d, bool whole);
void ins_update_spaces(struct machine *m, struct ins_display *d, bool whole);
void ins_update_lit(struct ins_display *d, bool whole);
/* Before rows and spaces are read: true if there is a new filter, for which
 * everything must be read. */
bool ins_update_filter(struct machine *m, struct ins_display *d);
void ins_update_banks(struct machine *m, struct ins_display *d);
void ins_update_sliders(struct machine *m, struct ins_display *d);

#endif
