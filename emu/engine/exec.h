/* SPDX-License-Identifier: MIT */
/* The executor, and how others tell it to go on. */
#ifndef CLOCKHAND_ENGINE_EXEC_H
#define CLOCKHAND_ENGINE_EXEC_H

#include "engine/state.h"

/* A slow access tells the executor how to go on. */
enum outcome {
    GO_ON,       /* go on */
    LEAVE_AFTER, /* finish this instruction, then leave the block */
    TRAPPED,     /* the trap has been taken: leave */
    LEAVE_BEFORE /* leave before this instruction (a caught walk) */
};

/* Why the executor came back. hart and counters are at a boundary. */
enum exec_end {
    EXEC_ON,    /* look again */
    EXEC_CAUGHT /* before a walk that is to be caught */
};

/* exec.c, once for each timing: runs b, which is at pc. b NULL: only fills
 * handlers[]. */
enum exec_end exec_fast(struct engine *e, struct block *b, u64 pc);
enum exec_end exec_cycle(struct engine *e, struct block *b, u64 pc);

#endif
