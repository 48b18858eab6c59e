/* SPDX-License-Identifier: MIT */
/* A record is of an operation of the hart, or of one of these. */
#ifndef CLOCKHAND_ENGINE_HANDLERS_H
#define CLOCKHAND_ENGINE_HANDLERS_H

#include "hart/hart.h"

/* A block's end that is no instruction's. Clean: the next may follow at once.
 * Cut: the pipeline or the fetch stands in the middle of something, so
 * single-step. */
enum {
    END_CLEAN = OP_COUNT,
    END_CUT,
    LEAD, /* a first record that is no instruction: struct block, lead */
    RECORDS,
    /* Handlers of a first record in place of its own: one counts how often, one
     * runs the host's code of the block. */
    TRY = RECORDS,
    TRANSLATED,
    HANDLERS
};

#endif
