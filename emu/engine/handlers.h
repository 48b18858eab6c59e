/* SPDX-License-Identifier: MIT */
/* The values of rec.op and rec.handler beyond enum op. */
#pragma once

#include "hart/hart.h"

/* End records of blocks that do not end with a transfer or the like. Clean: the
 * next block may follow at once. Cut: it may not (the pipeline is busy, a
 * breakpoint may be next, ...), so the run loop goes on. */
enum {
    END_CLEAN = OP_COUNT,
    END_CUT,
    LEAD, /* a first record that refunds one cycle: block.lead */
    RECORDS,
    /* Handlers of a block's first record in place of its own: TRY counts
    entries, TRANSLATED runs the block's host code. */
    TRY = RECORDS,
    TRANSLATED,
    HANDLERS
};
