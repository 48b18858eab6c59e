/* SPDX-License-Identifier: MIT */
/* A set-associative cache of tags. See cache.h. */
#include <stdlib.h>

#include "time/cache.h"

void cache_init(struct cache *c, const struct cache_config *config)
{
    memset(c, 0, sizeof(*c));
    if (!config->bytes)
        return;
    c->ways = config->ways;
    c->sets = (u32)(config->bytes / LINE_BYTES / c->ways);
    assert(c->ways && c->ways <= CACHE_WAYS_MAX && c->sets &&
           !(c->sets & (c->sets - 1)));
    /* three more: ways are compared four at a time */
    c->tag = xcalloc((size_t)c->sets * c->ways + 3, sizeof(*c->tag));
    c->used = xcalloc(c->sets, sizeof(*c->used));
    c->dirty = xcalloc(c->sets, sizeof(*c->dirty));
    c->fifo = xcalloc(c->sets, sizeof(*c->fifo));
}

void cache_free(struct cache *c)
{
    free(c->tag);
    free(c->dirty);
    free(c->fifo);
    free(c->used);
    memset(c, 0, sizeof(*c));
}

static u32 set_of(const struct cache *c, u32 line)
{
    return line & (c->sets - 1);
}

/* Ways, a bit each, whose tag is `tag` (0: the empty ones). */
#ifdef __SSE2__
#include <emmintrin.h>

static u64 ways_with(const u32 *t, u32 ways, u32 tag)
{
    const __m128i want = _mm_set1_epi32((int)tag);
    u64 found = 0;

    for (u32 w = 0; w < ways; w += 4) {
        __m128i four = _mm_loadu_si128((const __m128i *)(t + w));
        u32 mask =
            (u32)_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(four, want)));
        found |= (u64)mask << w;
    }
    return found & ~0ull >> (64 - ways); /* reads past the set's last way */
}
#else
static u64 ways_with(const u32 *t, u32 ways, u32 tag)
{
    u64 found = 0;

    for (u32 w = 0; w < ways; w++)
        found |= (u64)(t[w] == tag) << w;
    return found;
}
#endif

/* The first way that holds `tag` (0: an empty one), or -1. */
static int find(const struct cache *c, u32 set, u32 tag)
{
    u64 found = ways_with(c->tag + (size_t)set * c->ways, c->ways, tag);

    return found ? __builtin_ctzll(found) : -1;
}

static void map_set(u64 *map, u32 line, bool on)
{
    u64 bit = 1ull << (line & 63);

    if (!map)
        return;
    if (on)
        map[line >> 6] |= bit;
    else
        map[line >> 6] &= ~bit;
}

bool cache_holds(const struct cache *c, u32 line)
{
    if (c->present_map)
        return c->present_map[line >> 6] >> (line & 63) & 1;
    return c->sets && find(c, set_of(c, line), line + 1) >= 0;
}

void cache_set_dirty(struct cache *c, u32 line)
{
    u32 set = set_of(c, line);
    int way = find(c, set, line + 1);

    assert(way >= 0);
    c->dirty[set] |= 1ull << way;
    map_set(c->dirty_map, line, true);
}

bool cache_clean(struct cache *c, u32 line)
{
    u32 set = set_of(c, line);
    int way = find(c, set, line + 1);

    if (way < 0 || !(c->dirty[set] >> way & 1))
        return false;
    c->dirty[set] &= ~(1ull << way);
    map_set(c->dirty_map, line, false);
    return true;
}

static struct cache_victim evict(struct cache *c, u32 set, u32 way)
{
    u32 *tag = &c->tag[(size_t)set * c->ways + way];
    struct cache_victim v = {.line = CACHE_NONE};

    if (!*tag)
        return v;
    v.line = *tag - 1;
    v.dirty = c->dirty[set] >> way & 1;
    *tag = 0;
    c->used[set]--;
    c->dirty[set] &= ~(1ull << way);
    map_set(c->present_map, v.line, false);
    map_set(c->dirty_map, v.line, false);
    return v;
}

struct cache_victim cache_fill(struct cache *c, u32 line, bool dirty)
{
    u32 set = set_of(c, line);
    int way = c->used[set] == c->ways ? -1 : find(c, set, 0);
    struct cache_victim v = {.line = CACHE_NONE};

    if (way < 0) {
        way = c->fifo[set];
        c->fifo[set] = (u8)((u32)way + 1 == c->ways ? 0 : way + 1);
        v = evict(c, set, (u32)way);
    }
    c->tag[(size_t)set * c->ways + (u32)way] = line + 1;
    c->used[set]++;
    map_set(c->present_map, line, true);
    if (dirty) {
        c->dirty[set] |= 1ull << way;
        map_set(c->dirty_map, line, true);
    }
    return v;
}

void cache_drop(struct cache *c, u32 line)
{
    if (!c->sets || (c->present_map && !cache_holds(c, line)))
        return;
    int way = find(c, set_of(c, line), line + 1);
    if (way >= 0)
        evict(c, set_of(c, line), (u32)way);
}

void cache_empty(struct cache *c)
{
    if (!c->sets)
        return;
    memset(c->tag, 0, (size_t)c->sets * c->ways * sizeof(*c->tag));
    memset(c->dirty, 0, c->sets * sizeof(*c->dirty));
    memset(c->fifo, 0, c->sets * sizeof(*c->fifo));
    memset(c->used, 0, c->sets * sizeof(*c->used));
}

/* A loaded tag must belong to its set, lie in RAM, and be there once: the maps
 * and the host's bounds depend on it. */
static bool tag_ok(const struct cache *c, u32 set, u32 way, u64 lines)
{
    u32 tag = c->tag[(size_t)set * c->ways + way];

    return !tag || (tag - 1 < lines && set_of(c, tag - 1) == set &&
                    find(c, set, tag) == (int)way);
}

static void check_loaded(struct cache *c, struct state *s, u64 lines)
{
    bool ok = true;

    for (u32 set = 0; set < c->sets; set++) {
        for (u32 w = 0; w < c->ways; w++)
            ok &= tag_ok(c, set, w, lines);
        ok &= c->fifo[set] < c->ways;
    }
    state_check(s, ok, "a cache's tags");
    if (!ok)
        cache_empty(c);
}

void cache_state(struct cache *c, struct state *s, u64 lines)
{
    u32 sets = c->sets, ways = c->ways;

    state_val(s, sets);
    state_val(s, ways);
    bool ok = sets == c->sets && ways == c->ways;
    state_check(s, ok, "the caches have another shape");
    if (!ok || !sets)
        return;
    state_bytes(s, c->tag, (size_t)sets * ways * sizeof(*c->tag));
    state_bytes(s, c->dirty, sets * sizeof(*c->dirty));
    state_bytes(s, c->fifo, sets * sizeof(*c->fifo));
    state_val(s, c->stats);
    if (!state_loading(s))
        return;
    check_loaded(c, s, lines);
    memset(c->used, 0, c->sets * sizeof(*c->used));
    for (u32 i = 0; i < c->sets * c->ways; i++) {
        if (!c->tag[i])
            continue;
        c->used[i / ways]++;
        map_set(c->present_map, c->tag[i] - 1, true);
        if (c->dirty[i / ways] >> (i % ways) & 1)
            map_set(c->dirty_map, c->tag[i] - 1, true);
    }
}
