/* SPDX-License-Identifier: MIT */
/* Pieces of host code shared by all translated blocks: entry, exit, and calls
 * of C functions. */
#pragma once

#include "engine/exec.h"
#include "engine/host.h"

struct stubs {
    /* C function: runs the body of b, which has been entered */
    const struct rec *(*enter)(struct engine *e, struct block *b);
    /* called with a record in T0: calls its function; returns only if the next
     * record follows */
    const u8 *call;
    const u8 *call_missed; /* as `call`, after NOT_DONE: for e->r */
    /* called with a record in T1 (data.h), by [store]: the page of the address
     * in T0 is not in the host TLB, or the line of the host address in T2 not
     * in L1D. T2 is kept; the result is in T0 */
    const u8 *page[2], *line[2];
    /* jumped to with a record in T0. last: the block's last record;
     * leave_after: a record after which the block is left */
    const u8 *last, *leave_after;
    /* jumped to with a block in T0 that cannot be entered, and the edge that
     * led to it in T2 (0: an indirect jump) */
    const u8 *lost;
    const u8 *indirect;    /* jumped to with a target in T1 */
    const u8 *interpreted; /* `code` of a block that is not translated */
};
void stubs_make(struct code *c, struct stubs *s, bool timed);

/* Write code that enters the block in T0 (again: e->b); T2 as for `lost`. */
void stubs_again(struct code *c, const struct stubs *s);
void stubs_entry(struct code *c, const struct stubs *s, bool timed);

/* Offsets in the engine, a block and the hart. */
#define IN_ENGINE(member) ((s32)offsetof(struct engine, member))
#define IN_BLOCK(member)  ((s32)offsetof(struct block, member))
#define IN_HART(member)   ((s32)offsetof(struct hart, member) - HART_BIAS)
#define X_AT(n)           (8 * (s32)(n)-HART_BIAS) /* x, f and the sink */
#define SMALL(n)          ((struct width){n, false})
#define WIDE              SMALL(8)
