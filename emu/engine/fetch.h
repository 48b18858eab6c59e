/* SPDX-License-Identifier: MIT */
/* The next instruction's bytes, with all their costs. */
#pragma once

#include "engine/state.h"

enum fetch { FETCH_OK, FETCH_TRAPPED, FETCH_CAUGHT };
struct fetched {
    u64 pa; /* of the first byte */
    bool in_ram;
    bool plain;   /* in RAM, the page in one PMP region: blocks may run */
    bool watched; /* engine_watch_memory watches fetches of the page */
    u32 raw;
};
/* Translates pc and fetches the first line; a repeated call costs nothing. */
enum fetch fetch_begin(struct engine *e, u64 pc, struct fetched *f);
/* Reads the instruction, whose end may be in a second line or page. */
enum fetch fetch_rest(struct engine *e, u64 pc, struct fetched *f);
enum fetch fetch_second(struct engine *e, u64 pc, struct fetched *f);
/* Returns the block at va if its fetch causes no modelled event, else NULL;
 * binds *edge to it (edge may be NULL). */
struct block *fetch_quick(struct engine *e, u64 va, struct block **edge);
