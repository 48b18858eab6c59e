/* SPDX-License-Identifier: MIT */
/* Pieces of host code shared by all translated blocks: entry, exit, and calls
 * of C functions. */
#pragma once

#include "engine/exec.h"
#include "engine/host.h"

struct stubs {
    /* C function: runs the body of b, which has been entered */
    const struct rec *(*enter)(struct engine *e, struct block *b);
    /* called with record r in T0: calls its handler; returns only if execution
     * goes on at r + 1 */
    const u8 *call;
    const u8 *call_missed; /* as `call`, for e->r, whose miss was NOT_DONE */
    /* [store]; called with a record in T1 when the host TLB does not serve the
     * address in T0 (page), or charge_line() is due at host address T2 (line).
     * T2 is kept; the result is in T0 (miss_fn in data.h) */
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

/* Write code that enters block T0 (again: T0 is e->b); T2 as for `lost`. */
void stubs_again(struct code *c, const struct stubs *s);
void stubs_entry(struct code *c, const struct stubs *s, bool timed);

/* Offsets in the engine, a block and the hart. */
#define IN_ENGINE(member) ((s32)offsetof(struct engine, member))
#define IN_BLOCK(member)  ((s32)offsetof(struct block, member))
#define IN_HART(member)   ((s32)offsetof(struct hart, member) - HART_BIAS)
#define X_AT(n)           (8 * (s32)(n)-HART_BIAS) /* x, f and the sink */
#define SMALL(n)          ((struct width){n, false})
#define WIDE              SMALL(8)
