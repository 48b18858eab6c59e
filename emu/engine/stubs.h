/* SPDX-License-Identifier: MIT */
/* Pieces of host code that all translated blocks share: in and out, and the
 * ways to functions of C. */
#ifndef CLOCKHAND_ENGINE_STUBS_H
#define CLOCKHAND_ENGINE_STUBS_H

#include "engine/exec.h"
#include "engine/host.h"

struct stubs {
    /* a function of C: runs the body of b, which has been entered */
    const struct rec *(*enter)(struct engine *e, struct block *b);
    /* called with a record in T0, to be executed by its function; comes back
     * only if the next one follows */
    const u8 *call;
    /* gone to with a record in T0: the last of its block */
    /* called with the host's address of an access in T2, which stays, whose
     * line is not as it should be in L1D; T0 is 0 if now it is */
    const u8 *missed[2]; /* [store] */
    const u8 *last;
    const u8 *leave_after; /* after which the block is left */
    /* gone to with a block in T0 that cannot be entered, and the edge that led
     * to it in T2 (0: an indirect jump) */
    const u8 *lost;
    const u8 *indirect;    /* gone to with a target in T1 */
    const u8 *interpreted; /* `code` of a block without */
};
/* missed.c: what `missed` does; 0 or 1 */
u64 line_missed(struct engine *e, u64 at, u64 store);

void stubs_make(struct code *c, struct stubs *s, bool timed);

/* The block in T0, which is this one, once more; T2 as for lost. */
void stubs_again(struct code *c, const struct stubs *s);
/* Enters the block in T0, T2 as for lost. */
void stubs_entry(struct code *c, const struct stubs *s, bool timed);

/* Where something of the engine or the hart is. */
#define IN_ENGINE(member) ((s32)offsetof(struct engine, member))
#define IN_BLOCK(member)  ((s32)offsetof(struct block, member))
#define IN_HART(member)   ((s32)offsetof(struct hart, member) - HART_BIAS)
#define X_AT(n)           (8 * (s32)(n)-HART_BIAS) /* x, f and the sink */
#define SMALL(n)          ((struct width){n, false})
#define WIDE              SMALL(8)

#endif
