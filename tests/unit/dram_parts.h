/* SPDX-License-Identifier: MIT */
/* Gives the names of all DRAM parts, and the digest of a whole DRAM. */
#pragma once

#include "base/state.h"
#include "time/dram/dram.h"

static const char *const part_names[] = {
#define PART(name, ...) name,
#include "time/dram/dram_parts.def"
#undef PART
};
enum { PARTS = ARRAY_LEN(part_names) };

static inline void dram_digest(struct dram *d, char *hex)
{
    struct state *s = state_hasher();
    dram_state(d, s);
    state_hash_finish(s, hex);
}
