/* SPDX-License-Identifier: MIT */
/* Implements the tags of a set-associative cache (cache.h). */
#include <stdlib.h>

#include "time/core/cache.h"

void cache_init(struct cache *c, const struct cache_config *config,
                u64 *present, u64 *dirty)
{
    memset(c, 0, sizeof(*c));
    c->present = present;
    c->dirty = dirty;
    if (!config->bytes) { /* no cache: one set that is never full */
        c->set = xcalloc(1, sizeof(*c->set));
        c->set->empty = 1;
        return;
    }
    c->ways = config->ways;
    c->sets = (u32)(config->bytes / LINE_BYTES / c->ways);
    c->mask = c->sets - 1;
    c->drawn = config->random ? CACHE_DRAWN : 0;
    assert(!config->random || !(c->ways & (c->ways - 1)));
    assert(c->ways && c->ways <= CACHE_WAYS_MAX && c->sets &&
           !(c->sets & c->mask));
    c->tag = xcalloc((size_t)c->sets * c->ways, sizeof(*c->tag));
    c->set = xcalloc(c->sets, sizeof(*c->set));
    for (u32 i = 0; i < c->sets; i++)
        c->set[i].tag = c->tag + (size_t)i * c->ways;
    for (u32 way = 1; way < c->ways; way++)
        c->next[way - 1] = (u8)way;
    cache_empty(c);
}

void cache_free(struct cache *c)
{
    free(c->tag);
    free(c->set);
    memset(c, 0, sizeof(*c));
}

/* Returns the ways whose tag is `tag` (0: the empty ways), a bit each. */
static u64 ways_with(const u32 *t, u32 ways, u32 tag)
{
    u64 found = 0;

    for (u32 w = 0; w < ways; w++)
        found |= (u64)(t[w] == tag) << w;
    return found;
}

/* Returns the first way that holds `tag` (0: an empty one), or -1. */
static int find(const struct cache *c, u32 set, u32 tag)
{
    u64 found = ways_with(c->set[set].tag, c->ways, tag);

    return found ? __builtin_ctzll(found) : -1;
}

/* Draws a way as Rocket does: by a 16-bit Fibonacci LFSR that starts at 1
 * (chisel3.util.random: taps 16, 14, 13, 11, the new bit lowest). Each refill
 * steps it, even if the set has empty ways. */
static u32 random_way(struct cache *c)
{
    u32 x = c->lfsr, way = x & (c->ways - 1);

    c->lfsr = (u16)(x << 1 | ((x >> 15 ^ x >> 13 ^ x >> 12 ^ x >> 10) & 1));
    return way;
}

u32 cache_place(struct cache *c, u32 set)
{
    int way = c->drawn ? (int)random_way(c) : find(c, set, 0);

    assert(way >= 0);
    c->set[set].empty -= !c->set[set].tag[way];
    return (u32)way;
}

void cache_drop(struct cache *c, u32 line)
{
    u32 set = line & c->mask;

    if (!c->sets || !cache_holds(c, line))
        return;
    int way = find(c, set, line + 1);
    assert(way >= 0);
    c->set[set].tag[way] = 0;
    c->set[set].empty++;
    *cache_word(c->present, line) &= ~cache_bit(line);
    *cache_word(c->dirty, line) &= ~cache_bit(line);
}

void cache_empty(struct cache *c)
{
    if (!c->sets)
        return;
    memset(c->tag, 0, (size_t)c->sets * c->ways * sizeof(*c->tag));
    for (u32 i = 0; i < c->sets; i++) {
        c->set[i].fifo = 0;
        c->set[i].empty = (u8)(c->drawn + c->ways);
    }
    c->lfsr = 1;
}

/* A loaded tag must belong to its set, lie in RAM, and occur only once: the
 * maps, and bounds of accesses to host memory, depend on it. */
static bool tag_ok(const struct cache *c, u32 set, u32 way, u64 lines)
{
    u32 tag = c->set[set].tag[way];

    return !tag || (tag - 1 < lines && ((tag - 1) & c->mask) == set &&
                    find(c, set, tag) == (int)way);
}

static void check_loaded(struct cache *c, struct state *s, u64 lines)
{
    bool ok = true;

    for (u32 set = 0; set < c->sets; set++) {
        for (u32 w = 0; w < c->ways; w++)
            ok &= tag_ok(c, set, w, lines);
        ok &= c->set[set].fifo < c->ways;
    }
    ok &= c->lfsr != 0;
    state_check(s, ok, "a cache's tags");
    if (!ok)
        cache_empty(c);
}

/* Returns the dirty ways of a set, a bit each. */
static u64 dirty_ways(const struct cache *c, u32 set)
{
    u64 ways = 0;

    for (u32 w = 0; w < c->ways; w++) {
        u32 tag = c->set[set].tag[w];
        if (tag && *cache_word(c->dirty, tag - 1) & cache_bit(tag - 1))
            ways |= 1ull << w;
    }
    return ways;
}

/* Computes all that is derived from a set's tags and its dirty ways. */
static void map_set(struct cache *c, u32 set, u64 dirty)
{
    c->set[set].empty = (u8)(c->drawn + c->ways);
    for (u32 w = 0; w < c->ways; w++) {
        u32 tag = c->set[set].tag[w];
        if (!tag)
            continue;
        c->set[set].empty--;
        *cache_word(c->present, tag - 1) |= cache_bit(tag - 1);
        if (dirty >> w & 1)
            cache_set_dirty(c, tag - 1);
    }
    c->set[set].out = c->set[set].tag[c->set[set].fifo] - 1;
}

void cache_state(struct cache *c, struct state *s, u64 lines)
{
    u32 sets = c->sets, ways = c->ways;

    state_vals(s, sets, ways);
    bool ok = sets == c->sets && ways == c->ways;
    state_check(s, ok, "the caches have another shape");
    if (!ok || !sets)
        return;
    u64 *dirty = xcalloc(sets, sizeof(*dirty));
    for (u32 i = 0; i < sets && !state_loading(s); i++)
        dirty[i] = dirty_ways(c, i);
    state_bytes(s, c->tag, (size_t)sets * ways * sizeof(*c->tag));
    state_bytes(s, dirty, sets * sizeof(*dirty));
    for (u32 i = 0; i < sets; i++)
        state_val(s, c->set[i].fifo);
    state_vals(s, c->lfsr, c->stats);
    if (state_loading(s)) {
        check_loaded(c, s, lines);
        for (u32 i = 0; i < sets; i++)
            map_set(c, i, dirty[i]);
    }
    free(dirty);
}
