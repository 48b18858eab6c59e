/* SPDX-License-Identifier: MIT */
/* The values of rec.op (up to LEAD) and rec.handler beyond enum op. */
#pragma once

#include "hart/hart.h"

/* End records, reached if the block's last instruction does not end it. CLEAN:
 * the next block may follow at once. CUT: it may not (the pipeline is busy, a
 * breakpoint may be next, ...), so the executor returns to the run loop. */
enum {
    END_CLEAN = OP_COUNT,
    END_CUT,
    LEAD, /* a first record: gives back block.lead's extra cycle */
    RECORDS,
    /* A block's first record may have one of these handlers: TRY counts
     * entries, TRANSLATED runs the block's host code. */
    TRY = RECORDS,
    TRANSLATED,
    EACH_RECORD, /* in WebAssembly: runs a record and those that follow it */
    HANDLERS
};
