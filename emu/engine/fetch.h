/* SPDX-License-Identifier: MIT */
/* The next instruction's bytes, with all their costs. */
#ifndef CLOCKHAND_ENGINE_FETCH_H
#define CLOCKHAND_ENGINE_FETCH_H

#include "engine/state.h"

enum fetch { FETCH_OK, FETCH_TRAPPED, FETCH_CAUGHT };
struct fetched {
    u64 pa; /* of the first byte */
    bool in_ram;
    bool plain;   /* in RAM, one PMP answer for the page: blocks may run */
    bool watched; /* but engine_watch_memory looks for fetches of the page */
    u32 raw;
};
/* Translation and first line; nothing the second time. */
enum fetch fetch_begin(struct engine *e, u64 pc, struct fetched *f);
/* The bytes, with the second line or page if they reach there. */
enum fetch fetch_rest(struct engine *e, u64 pc, struct fetched *f);
enum fetch fetch_second(struct engine *e, u64 pc, struct fetched *f);
/* The block at va if nothing needs to be modelled to get there; binds *edge
 * (may be NULL). For the executor. */
struct block *fetch_quick(struct engine *e, u64 va, struct block **edge);

#endif
