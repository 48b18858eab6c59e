/* SPDX-License-Identifier: MIT */
/* Stale translations (kernel/stale.c; mmu/stale.c). */
#pragma once

#include "inspect/answers.h"

/* Windows and sins of one kind that the writes of one instruction began. */
struct ins_stale_row {
    u64 kind; /* enum stale_kind */
    u64 pc;   /* of that instruction; 0: not the hart's */
    u64 windows, sins, uses;
    u64 longest;    /* the most cycles from a write to a first use */
    u32 length[64]; /* [k]: how many of 2^k..2^(k+1)-1 cycles; [0]: also 0 */
};
struct ins_stale_counts {
    u64 since; /* cycle */
    struct stale_permitted permitted;
    u32 n;
    /* [0]: the sums; the last row also counts kinds and pcs without a row. */
    struct ins_stale_row row[64];
};
extern const char *const ins_stale_kinds[STALE_KINDS];
/* Makes an observer, which inspect_stale_follow starts and stops. */
struct ins_stale *inspect_stale_open(struct machine *m,
                                     struct ins_events *events);
/* Saves or loads the observed translations and their counts, with the machine
 * and when the machine goes back. Called by events.c's save_events. */
void inspect_stale_past(struct machine *m, struct state *s);
void inspect_stale_close(struct ins_stale *t);
void inspect_stale_follow(struct ins_stale *t, bool on);
/* Stops the run (MS_STALE) at the first sin, or window, of each PTE write. */
void inspect_stale_catch(struct ins_stale *t, bool sins, bool windows);
/* Makes the run also stop when a program uses a free frame, or a device reads
 * or writes one; `on` false ends this. */
void inspect_stale_catch_freed(struct ins_stale *t, bool on);
/* Returns the use that stopped the run. */
const struct ins_stale_use *inspect_stale_caught(const struct ins_stale *t);
/* Returns the write that made the entry stale: the write of the PTE, or of satp
 * if satp has another root table now. Its cycle is 0 if entries were not yet
 * followed at that write. */
static inline const struct stale_write *
inspect_stale_write(const struct ins_stale_use *u)
{
    return &u->by.wrote[u->by.moved];
}
const struct ins_stale_counts *inspect_stale_counts(const struct ins_stale *t);
/* Returns an estimate of the median length of the row's windows and sins, in
 * cycles, interpolated within a power of two. */
u64 inspect_stale_median(const struct ins_stale_row *r);
/* inspect_stale_words writes a sentence about the use, inspect_stale_fence the
 * fence that is missing. */
void inspect_stale_words(struct machine *m, const struct ins_stale_use *u,
                         char *buf, size_t n);
void inspect_stale_fence(const struct ins_stale_use *u, char *buf, size_t n);
