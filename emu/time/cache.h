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

/* Presence and dirtiness are a bit a line: 64 lines, one RAM frame, a word.
 * Only who is in which way is kept by set. */
struct cache {
    u32 sets, ways; /* sets: a power of two; 0: no such cache */
    u32 *tag;       /* [sets][ways] line + 1; 0: empty */
    u8 *fifo;       /* next victim of each set */
    u8 *used;       /* derived: ways in use, of each set */
    u64 *present;   /* derived from the tags; the owner's */
    u64 *dirty;     /* the owner's; only lines that are present */
    struct cache_stats stats;
};

struct cache_victim {
    u32 line; /* CACHE_NONE: the place was empty */
    bool dirty;
};

/* present, dirty: [lines / 64] words, all 0, that the owner frees. */
void cache_init(struct cache *c, const struct cache_config *config,
                u64 *present, u64 *dirty);
void cache_free(struct cache *c);
void cache_state(struct cache *c, struct state *s, u64 lines);
/* An empty way of a set that has one. */
u32 cache_empty_way(const struct cache *c, u32 set);
/* Drops the line if it is there. */
void cache_drop(struct cache *c, u32 line);
/* Empties it; the maps are the owner's to clear. */
void cache_empty(struct cache *c);

static inline u64 cache_bit(u32 line)
{
    return 1ull << (line & 63);
}

static inline bool cache_holds(const struct cache *c, u32 line)
{
    return c->present[line >> 6] & cache_bit(line);
}

/* The line must be there: marks it as written. */
static inline void cache_set_dirty(struct cache *c, u32 line)
{
    c->dirty[line >> 6] |= cache_bit(line);
}

/* Whether the line is there and dirty; it is clean afterwards. */
static inline bool cache_clean(struct cache *c, u32 line)
{
    bool was = c->dirty[line >> 6] & cache_bit(line);

    c->dirty[line >> 6] &= ~cache_bit(line);
    return was;
}

/* The line must not be there. */
static inline struct cache_victim cache_fill(struct cache *c, u32 line,
                                             bool dirty)
{
    struct cache_victim v = {.line = CACHE_NONE};
    u32 set = line & (c->sets - 1), way;

    if (likely(c->used[set] == c->ways)) {
        way = c->fifo[set];
        c->fifo[set] = (u8)(way + 1 == c->ways ? 0 : way + 1);
    } else {
        way = cache_empty_way(c, set);
        c->used[set]++;
    }
    u32 *tag = &c->tag[(size_t)set * c->ways + way];
    if (likely(*tag)) {
        v.line = *tag - 1;
        u64 bit = cache_bit(v.line), *out = &c->dirty[v.line >> 6];
        v.dirty = *out & bit;
        *out &= ~bit;
        c->present[v.line >> 6] &= ~bit;
    }
    *tag = line + 1;
    c->present[line >> 6] |= cache_bit(line);
    if (dirty)
        c->dirty[line >> 6] |= cache_bit(line);
    return v;
}

#endif
