/* SPDX-License-Identifier: MIT */
/* Stubs are pieces of host code that all translated blocks share: entry, exit,
 * and calls of C functions. */
#pragma once

#include "engine/exec.h"
#include "engine/host.h"

struct stubs {
    /* To be called from C: runs the body of b, which has been entered. */
    const struct rec *(*enter)(struct engine *e, struct block *b);
    /* Called with record r in T0: calls r's handler; returns only if execution
     * goes on at r + 1. */
    const u8 *call;
    const u8 *call_missed; /* as `call`, for e->r, whose miss was NOT_DONE */
    /* Element 1 is for stores. Called with a record in T1: `page` if the host
     * TLB does not serve the address in T0, `line` if charge_line() is due at
     * host address T2. Both keep T2 and return the result in T0 (miss_fn). */
    const u8 *page[2], *line[2];
    /* Jumped to with record r in T0. last: executes r, the block's last;
     * leave_after: leaves the block after r, which has been executed. */
    const u8 *last, *leave_after;
    /* Jumped to with a block in T0 that cannot be entered, and the edge that
     * led to it in T2 (NULL after an indirect jump). */
    const u8 *lost;
    const u8 *indirect;    /* jumped to with a target in T1 */
    const u8 *interpreted; /* `code` of a block that is not translated */
};
void stubs_make(struct code *c, struct stubs *s, bool timed);

/* These write code that enters block T0, with T2 as for `lost`. stubs_again
 * requires that T0 is e->b. */
void stubs_again(struct code *c, const struct stubs *s);
void stubs_entry(struct code *c, const struct stubs *s, bool timed);

/* Offsets in the engine, a block and the hart. */
#define IN_ENGINE(member) ((s32)offsetof(struct engine, member))
#define IN_BLOCK(member)  ((s32)offsetof(struct block, member))
#define IN_HART(member)   ((s32)offsetof(struct hart, member) - HART_BIAS)
#define X_AT(n)           (8 * (s32)(n)-HART_BIAS) /* n: x, 32 + f, SINK_X */
#define SMALL(n)          ((struct width){n, false})
#define WIDE              SMALL(8)
