/* SPDX-License-Identifier: MIT */
/* The tags of one cache. Lines are numbered from the start of RAM; only RAM has
 * their contents. Replacement is random, or FIFO by a pointer that goes round
 * the ways of a set (but ways that an invalidation left empty are filled
 * first). So a hit changes nothing. */
#pragma once

#include "time/time.h"

#define CACHE_WAYS_MAX 64
#define CACHE_NONE     0xffffffffu /* no line */
#define CACHE_DRAWN    0x80

struct cache_set {
    u32 *tag; /* [ways] line + 1; 0: empty */
    u8 fifo;  /* next victim */
    u8 empty; /* derived: the number of empty ways; random replacement adds
               * CACHE_DRAWN, so that it is never 0 */
    u32 out;  /* derived: the line in way `fifo`, if `empty` is 0 */
};

/* Presence and dirtiness are one bit per line: the 64 lines of a RAM frame are
 * a word in the frame's struct frame_lines. The tags are kept by set. */
struct cache {
    u32 sets, ways; /* sets: a power of two; 0: the cache is missing */
    u32 mask;       /* set of a line: line & mask */
    u16 lfsr;       /* random replacement: the next way in its low bits */
    u8 drawn;       /* CACHE_DRAWN under random replacement, else 0 */
    u32 *tag;       /* [sets][ways], see cache_set */
    struct cache_set *set;
    u64 *present; /* derived; this and `dirty` point into the owner's words */
    u64 *dirty;   /* only lines that are present */
    struct cache_stats stats;
    u8 next[CACHE_WAYS_MAX]; /* the way after each way */
};

struct cache_victim {
    u32 line; /* CACHE_NONE: the place was empty */
    bool dirty;
};

/* present and dirty point to words of the first frame's struct frame_lines; the
 * words of the other frames follow. All must be 0 now; the owner frees them. */
void cache_init(struct cache *c, const struct cache_config *config,
                u64 *present, u64 *dirty);
void cache_free(struct cache *c);
void cache_state(struct cache *c, struct state *s, u64 lines);
/* Returns the way for the next line: a random way, or under FIFO an empty one,
 * which must exist. From now on the way counts as full. */
u32 cache_place(struct cache *c, u32 set);
/* Drops the line if the cache holds it. */
void cache_drop(struct cache *c, u32 line);
/* Empties the cache; the owner clears `present` and `dirty`. */
void cache_empty(struct cache *c);

static inline u64 cache_bit(u64 line)
{
    return 1ull << (line & 63);
}

/* Returns the word of a map that has the line's bit. */
static inline u64 *cache_word(u64 *map, u32 line)
{
    const u32 in_frame = sizeof(struct frame_lines) / sizeof(u64);
    return map + (size_t)(line / 64) * in_frame;
}

static inline bool cache_holds(const struct cache *c, u32 line)
{
    return *cache_word(c->present, line) & cache_bit(line);
}

/* Marks a line, which must be present, as dirty. */
static inline void cache_set_dirty(struct cache *c, u32 line)
{
    *cache_word(c->dirty, line) |= cache_bit(line);
}

/* True if the line is present and dirty; marks it clean. */
static inline bool cache_clean(struct cache *c, u32 line)
{
    u64 *word = cache_word(c->dirty, line);
    bool was = *word & cache_bit(line);

    *word &= ~cache_bit(line);
    return was;
}

static inline u8 cache_next(const struct cache *c, u32 way)
{
    return c->next[way];
}

static inline struct cache_set *cache_set_of(const struct cache *c, u64 line)
{
    return &c->set[line & c->mask];
}

/* Puts a line into its set, which has no empty way, and returns the victim. The
 * caller updates `present` and `dirty`; next: see struct cache. */
static inline u32 cache_replace(struct cache_set *set, const u8 *next, u64 line)
{
    u32 *tag = set->tag, out = set->out, way = set->fifo;

    tag[way] = (u32)line + 1;
    way = next[way];
    set->fifo = (u8)way;
    set->out = tag[way] - 1;
    return out;
}

/* Puts a line, which must be absent, into the cache. */
static inline struct cache_victim cache_fill(struct cache *c, u32 line,
                                             bool dirty)
{
    struct cache_victim v = {.line = CACHE_NONE};
    struct cache_set *set = cache_set_of(c, line);
    u32 way = set->fifo;

    if (likely(!set->empty)) {
        set->fifo = cache_next(c, way);
    } else {
        way = cache_place(c, line & c->mask);
    }
    u32 *tag = &set->tag[way];
    if (likely(*tag)) {
        v.line = *tag - 1;
        v.dirty = cache_clean(c, v.line);
        *cache_word(c->present, v.line) &= ~cache_bit(v.line);
    }
    *tag = line + 1;
    set->out = set->tag[set->fifo] - 1;
    *cache_word(c->present, line) |= cache_bit(line);
    if (dirty)
        cache_set_dirty(c, line);
    return v;
}
