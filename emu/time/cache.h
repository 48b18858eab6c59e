/* SPDX-License-Identifier: MIT */
/* One cache: which lines it holds. Lines are numbered from the start of RAM;
 * what they contain is RAM's business. Replacement is FIFO by a pointer that
 * goes round the ways of a set (holes left by an invalidation are filled
 * first), so a hit changes nothing. */
#ifndef CLOCKHAND_CACHE_H
#define CLOCKHAND_CACHE_H

#include "time/time.h"

#define CACHE_WAYS_MAX 64
#define CACHE_NONE     0xffffffffu /* no line */

struct cache {
    u32 sets, ways; /* sets: a power of two; 0: no such cache */
    u32 *tag;       /* [sets][ways] line + 1; 0: empty */
    u64 *dirty;     /* a bit a way, of each set */
    u8 *fifo;       /* next victim of each set */
    u8 *used;       /* derived: ways in use, of each set */
    /* Derived from the tags, a bit a line, or NULL: presence and dirtiness,
     * kept in step (64 lines, one RAM frame, a word). */
    u64 *present_map, *dirty_map;
    struct cache_stats stats;
};

struct cache_victim {
    u32 line; /* CACHE_NONE: the place was empty */
    bool dirty;
};

void cache_init(struct cache *c, const struct cache_config *config);
void cache_free(struct cache *c);
void cache_state(struct cache *c, struct state *s, u64 lines);

bool cache_holds(const struct cache *c, u32 line);
/* The line must be there: marks it as written. */
void cache_set_dirty(struct cache *c, u32 line);
/* Marks it as not written, if it is there; whether it was. */
bool cache_clean(struct cache *c, u32 line);
/* The line must not be there. */
struct cache_victim cache_fill(struct cache *c, u32 line, bool dirty);
/* Drops the line if it is there. */
void cache_drop(struct cache *c, u32 line);
/* Empties it; the maps are the owner's to clear. */
void cache_empty(struct cache *c);

#endif
