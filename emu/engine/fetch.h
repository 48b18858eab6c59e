/* SPDX-License-Identifier: MIT */
/* Fetches the next instruction's bytes, with all their costs. */
#pragma once

#include "engine/state.h"

enum fetch { FETCH_OK, FETCH_TRAPPED, FETCH_CAUGHT };
struct fetched {
    u64 pa; /* of the first byte */
    bool in_ram;
    bool plain;   /* RAM, and the page is in one PMP region: blocks may run */
    bool watched; /* no block may run: a watched page, or a suspect TLB entry */
    u32 raw;
};
/* Translates pc and fetches the first line; a repeated call costs nothing. */
enum fetch fetch_begin(struct engine *e, u64 pc, struct fetched *f);
/* Reads the instruction, whose end may be in a second line or page. */
enum fetch fetch_rest(struct engine *e, u64 pc, struct fetched *f);
enum fetch fetch_second(struct engine *e, u64 pc, struct fetched *f);
/* Returns va's block; binds *edge to it (unless NULL or e->far). NULL: the run
 * loop must fetch, as e->leave is set, e->code lacks va, or no block starts. */
struct block *fetch_quick(struct engine *e, u64 va, struct block **edge);
