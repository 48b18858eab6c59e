/* SPDX-License-Identifier: MIT */
/* One cache: which lines it holds. Lines are numbered from the start of RAM;
 * what they contain is RAM's business. Replacement is FIFO by a pointer that
 * goes round the ways of a set (holes left by an invalidation are filled
 * first), or random; so a hit changes nothing. */
#ifndef CLOCKHAND_CACHE_H
#define CLOCKHAND_CACHE_H

#include "time/time.h"

#define CACHE_WAYS_MAX 64
#define CACHE_NONE     0xffffffffu /* no line */
#define CACHE_DRAWN    0x80

struct cache_set {
    u32 *tag; /* [ways] line + 1; 0: empty */
    u8 fifo;  /* next victim */
    u8 empty; /* derived: ways that are; plus CACHE_DRAWN where a way is not
               * replaced in its turn but drawn, so that it is never 0 */
    u32 out;  /* derived, if not `empty`: the line of the way `fifo` */
};

/* Presence and dirtiness are a bit a line: 64 lines, one RAM frame, a word in
 * the frame's struct frame_lines. Only who is in which way is kept by set. */
struct cache {
    u32 sets, ways; /* sets: a power of two; 0: no such cache */
    u32 mask;       /* of a line's set */
    u16 lfsr;       /* random replacement: the next way in its low bits */
    u8 drawn;       /* CACHE_DRAWN if so, else 0 */
    u32 *tag;       /* [sets][ways], see cache_set */
    struct cache_set *set;
    u64 *present; /* derived from the tags; the owner's, see cache_word */
    u64 *dirty;   /* the owner's; only lines that are present */
    struct cache_stats stats;
    u8 next[CACHE_WAYS_MAX]; /* where a FIFO pointer goes */
};

struct cache_victim {
    u32 line; /* CACHE_NONE: the place was empty */
    bool dirty;
};

/* present, dirty: words of the first frame's struct frame_lines, the others
 * behind it; all 0. The owner frees them. */
void cache_init(struct cache *c, const struct cache_config *config,
                u64 *present, u64 *dirty);
void cache_free(struct cache *c);
void cache_state(struct cache *c, struct state *s, u64 lines);
/* Where the next line goes: a random way, or an empty one of a set that has
 * one; which is in use from now on. */
u32 cache_place(struct cache *c, u32 set);
/* Drops the line if it is there. */
void cache_drop(struct cache *c, u32 line);
/* Empties it; the maps are the owner's to clear. */
void cache_empty(struct cache *c);

static inline u64 cache_bit(u64 line)
{
    return 1ull << (line & 63);
}

/* The word of a map that has the line's bit. */
static inline u64 *cache_word(u64 *map, u32 line)
{
    const u32 in_frame = sizeof(struct frame_lines) / sizeof(u64);
    return map + (size_t)(line / 64) * in_frame;
}

static inline bool cache_holds(const struct cache *c, u32 line)
{
    return *cache_word(c->present, line) & cache_bit(line);
}

/* The line must be there: marks it as written. */
static inline void cache_set_dirty(struct cache *c, u32 line)
{
    *cache_word(c->dirty, line) |= cache_bit(line);
}

/* Whether the line is there and dirty; it is clean afterwards. */
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

/* A line goes into its set, which is not `empty`: who leaves. The maps are the
 * caller's; next: see struct cache. */
static inline u32 cache_replace(struct cache_set *set, const u8 *next, u64 line)
{
    u32 *tag = set->tag, out = set->out, way = set->fifo;

    tag[way] = (u32)line + 1;
    way = next[way];
    set->fifo = (u8)way;
    set->out = tag[way] - 1;
    return out;
}

/* The line must not be there. */
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

#endif
