/* SPDX-License-Identifier: MIT */
/* Puts L1I, L1D, L2 and DRAM together, in core cycles.
 *
 *   fetch --> L1I --.
 *                    >--> L2 --> controller --> DRAM
 *   data  --> L1D --'      (write-back, write-allocate)
 *
 * The L2 is filled by every miss and by every dirty line that leaves L1D; it
 * neither includes nor excludes the L1s: a line evicted from the L2 stays in
 * the L1s. One miss is outstanding at a time; the hart waits for it, unless it
 * is a posted store. Dirty lines evicted from the L2 go to the controller's
 * write queue and cost time only if the queue is full.
 *
 * A core may post stores that miss: they queue for their lines while the hart
 * goes on. A store waits only if this second queue is full; any other miss
 * waits until it is empty. So misses are served one by one, in program order,
 * and the DRAM gets one access at a time, each after the end of the one before.
 * A posted store's line counts as present immediately: the stored bytes are
 * forwarded, and so, wrongly, is the rest of the line. */
#include <stdlib.h>
#include <sys/mman.h>

#include "time/core/cache.h"
#include "time/dram/clocks.h"
#include "time/core/quick.h"

struct memtime_impl {
    struct memtime_config config;
    struct cache l1i, l1d, l2;
    struct dram *dram;
    u64 lines;
    struct clocks clocks; /* conversion to the DRAM's clocks */
    u64 post[POSTS_MAX];  /* the cycle at which a posted store gets its line */
    bool post_memory[POSTS_MAX]; /* the line is from memory, not from the L2 */
    u32 oldest_post;
    enum served where; /* source of the last line */
};

static size_t lines_bytes(const struct memtime *t)
{
    return t->frames * sizeof(*t->lines);
}

static size_t code_bytes(const struct memtime *t)
{
    return t->frames * sizeof(*t->code);
}

/* True in cycle timing with an L1D. Without L1D see no_l1. */
static bool asks_data(const struct memtime *t)
{
    return t->timed && t->impl->l1d.sets;
}

static bool asks_fetch(const struct memtime *t)
{
    return t->timed && t->impl->l1i.sets;
}

void memtime_init(struct memtime *t, const struct memtime_config *c)
{
    struct memtime_impl *m = xcalloc(1, sizeof(*m));

    memset(t, 0, sizeof(*t));
    t->impl = m;
    t->frames = c->ram_bytes >> PAGE_SHIFT;
    m->config = *c;
    m->lines = c->ram_bytes >> LINE_SHIFT;
    assert(m->lines < CACHE_NONE - 1 && c->posts <= POSTS_MAX);
    struct frame_lines *f = t->lines = pages_new(lines_bytes(t));
    t->code = pages_new(code_bytes(t));
    assert(t->lines && t->code);
    cache_init(&m->l1i, &c->l1i, &f->fetch_ok, &f->never);
    cache_init(&m->l1d, &c->l1d, &f->rd_ok, &f->dirty);
    cache_init(&m->l2, &c->l2, &f->in_l2, &f->l2_dirty);
    m->dram = dram_new(c->dram);
    m->clocks = clocks_of(c->dram->mhz * 1000000ull, c->clock_hz);
}

void memtime_free(struct memtime *t)
{
    cache_free(&t->impl->l1i);
    cache_free(&t->impl->l1d);
    cache_free(&t->impl->l2);
    dram_free(t->impl->dram);
    munmap(t->lines, lines_bytes(t));
    munmap(t->code, code_bytes(t));
    free(t->impl);
    memset(t, 0, sizeof(*t));
}

/* Clears the maps in t->lines, but for what is derived from t->code. */
static void reset_lines(struct memtime *t)
{
    pages_clear(t->lines, lines_bytes(t));
    for (u64 frame = 0; frame < t->frames; frame++)
        if (t->code[frame])
            memtime_code_changed(t, frame);
}

bool memtime_knows_code(const struct memtime *t)
{
    for (u64 i = 0; t->timed && i < t->frames; i++)
        if (t->lines[i].code != t->code[i] || t->lines[i].wr_ok & t->code[i])
            return false;
    return true;
}

void memtime_set_timed(struct memtime *t, bool timed)
{
    cache_empty(&t->impl->l1i);
    cache_empty(&t->impl->l1d);
    cache_empty(&t->impl->l2);
    t->timed = timed;
    t->busy_until = 0;
    memset(t->impl->post, 0, sizeof t->impl->post);
    t->impl->oldest_post = 0;
    reset_lines(t);
}

void memtime_code_changed(struct memtime *t, u64 frame)
{
    struct frame_lines *f = &t->lines[frame];
    u64 code = t->code[frame], ok = asks_data(t) ? f->dirty : ~0ull;

    if (!t->timed)
        return;
    ok &= ~code;
    if (f->code != code) /* leave untouched pages unwritten */
        f->code = code;
    if (f->wr_ok != ok)
        f->wr_ok = ok;
}

static u32 line_of(const struct memtime *t, u64 pa)
{
    u64 line = (pa - t->impl->config.ram_base) >> LINE_SHIFT;
    assert(line < t->impl->lines);
    return (u32)line;
}

static u64 address_of(const struct memtime *t, u32 line)
{
    return t->impl->config.ram_base + ((u64)line << LINE_SHIFT);
}

/* Posts a dirty line to memory. Returns the wait: 0 unless the queue is
 * full. */
static u32 write_memory(struct memtime *t, u32 line, u64 now)
{
    struct memtime_impl *m = t->impl;
    struct clock_place at = clocks_at(&m->clocks, now);
    u64 accepted = dram_write(m->dram, address_of(t, line), at.clock);

    return likely(accepted == at.clock)
               ? 0
               : (u32)clocks_wait(&m->clocks, at, accepted - at.clock);
}

static inline u32 read_memory(struct memtime_impl *m, u64 line, u64 now)
{
    struct clock_place at = clocks_at(&m->clocks, now);
    u64 pa = m->config.ram_base + (line << LINE_SHIFT);
    u64 done = dram_read(m->dram, pa, at.clock, &m->where);

    return m->config.dram_base_cycles +
           (u32)clocks_wait(&m->clocks, at, done - at.clock);
}

static struct memtime_cost wait_until(u64 until, bool memory, u64 now)
{
    u32 cycles = until > now ? (u32)(until - now) : 0;

    return memory ? (struct memtime_cost){0, cycles}
                  : (struct memtime_cost){cycles, 0};
}

struct memtime_cost memtime_drain(struct memtime *t, u64 now)
{
    u64 until = t->busy_until;

    t->busy_until = 0;
    return wait_until(until, t->busy_memory, now);
}

/* Puts a line into the L2. Returns the cycles of writing a dirty victim. */
static u32 fill_l2(struct memtime *t, u32 line, bool dirty, u64 now)
{
    struct memtime_impl *m = t->impl;
    struct cache_victim v = cache_fill(&m->l2, line, dirty);

    if (!v.dirty)
        return 0;
    m->l2.stats.writebacks++;
    return write_memory(t, v.line, now);
}

static inline u32 write_back(struct memtime *t, u32 line, u64 now)
{
    struct memtime_impl *m = t->impl;

    m->l1d.stats.writebacks++;
    if (likely(m->l2.sets && cache_holds(&m->l2, line))) {
        cache_set_dirty(&m->l2, line);
        return 0;
    }
    return m->l2.sets ? fill_l2(t, line, true, now)
                      : write_memory(t, line, now);
}

/* Serves an L1 miss from L2 or memory. Returns the L2's part of the time, and
 * adds memory's part to *dram. */
static u32 below_l1(struct memtime *t, u32 line, u64 now, u32 *dram)
{
    struct memtime_impl *m = t->impl;
    u32 cycles = m->config.l2.hit_cycles;

    m->where = SERVED_L2;
    if (m->l2.sets) {
        m->l2.stats.accesses++;
        if (cache_holds(&m->l2, line))
            return cycles;
        m->l2.stats.misses++;
    }
    *dram += read_memory(m, line, now + cycles);
    if (m->l2.sets)
        *dram += fill_l2(t, line, false, now + cycles + *dram);
    return cycles;
}

static u32 fetch(struct memtime *t, u32 line, u64 now, u32 *dram)
{
    struct memtime_impl *m = t->impl;

    m->l1i.stats.accesses++;
    if (cache_holds(&m->l1i, line))
        return 0;
    m->l1i.stats.misses++;
    struct memtime_cost wait = memtime_drain(t, now);
    u32 cycles = below_l1(t, line, now + wait.caches + wait.dram, dram);
    *dram += wait.dram;
    cache_fill(&m->l1i, line, false);
    return cycles + wait.caches;
}

/* On a core without L1I (fetch) or L1D, marks a frame's lines free of cost. */
static void no_l1(struct memtime *t, bool fetch, u64 frame)
{
    if (!t->timed)
        return;
    if (fetch) {
        t->lines[frame].fetch_ok = ~0ull;
    } else {
        t->lines[frame].rd_ok = ~0ull;
        memtime_code_changed(t, frame);
    }
}

/* Fetches a line into L1D, and evicts the line whose place it takes. */
static u32 data_miss(struct memtime *t, u32 line, bool write, u64 now,
                     u32 *dram)
{
    struct memtime_impl *m = t->impl;

    m->l1d.stats.misses++;
    u32 cycles = below_l1(t, line, now, dram);
    struct cache_victim v = cache_fill(&m->l1d, line, write);
    if (v.dirty) {
        t->lines[v.line >> 6].wr_ok &= ~cache_bit(v.line);
        *dram += write_back(t, v.line, now + cycles + *dram);
    }
    return cycles;
}

/* Performs any data access, even a hit, with or without an L1D. */
static __attribute__((noinline)) struct memtime_cost
data_any(struct memtime *t, u32 line, bool write, u64 now)
{
    struct memtime_impl *m = t->impl;
    struct frame_lines *f = &t->lines[line >> 6];
    u32 cycles = 0, dram = 0;

    m->where = SERVED_L1;
    if (unlikely(!asks_data(t))) {
        no_l1(t, false, line >> 6);
        return (struct memtime_cost){0, 0};
    }
    if (!cache_holds(&m->l1d, line))
        cycles = data_miss(t, line, write, now, &dram);
    else if (write)
        cache_set_dirty(&m->l1d, line);
    if (write)
        f->wr_ok |= cache_bit(line) & ~f->code;
    return (struct memtime_cost){cycles, dram};
}

/* Reads a line, then writes the dirty victims: that of the L2 to memory, and
 * that of L1D to the L2, which lacks it. Either victim may be CACHE_NONE. */
static __attribute__((noinline, cold)) u32
read_and_write(struct memtime *t, u64 line, u32 l2, u32 l1d, u64 now)
{
    struct memtime_impl *m = t->impl;
    u32 cycles = read_memory(m, line, now);

    if (l2 != CACHE_NONE) {
        m->l2.stats.writebacks++;
        cycles += write_memory(t, l2, now + cycles);
    }
    if (l1d != CACHE_NONE)
        cycles += fill_l2(t, l1d, true, now + cycles);
    return cycles;
}

/* Puts a line that L1D lacks into its full set there; counts the miss. */
static inline struct left enter(struct memtime *t, struct cache_set *set,
                                u64 line, bool write)
{
    struct memtime_impl *m = t->impl;
    struct left left =
        enter_l1d(t->lines, set, m->l1d.next, line, write, false);

    m->l1d.stats.misses++;
    m->l1d.stats.writebacks += left.dirty != 0;
    m->l2.stats.accesses++;
    return left;
}

/* Serves a miss of a line that the L2 has, and whose set in L1D is full. */
static __attribute__((noinline)) struct memtime_cost
from_l2(struct memtime *t, struct cache_set *l1d, u64 line, bool write, u64 now)
{
    struct memtime_impl *m = t->impl;
    struct left left = enter(t, l1d, line, write);
    struct memtime_cost cost = {m->config.l2.hit_cycles, 0};

    m->where = SERVED_L2;
    if (unlikely(left.not_in_l2))
        cost.dram = fill_l2(t, left.line, true, now + cost.caches);
    return cost;
}

/* Serves a miss of a line that both caches lack, and whose set is full in both.
 * The victims and their treatment do not depend on the time, so they come
 * first: while the DRAM's time is computed, the host fetches the maps of two
 * frames, which are mostly not in its caches. */
static inline struct memtime_cost from_memory(struct memtime *t,
                                              struct cache_set *l1d,
                                              struct cache_set *l2, u64 line,
                                              bool write, u64 now)
{
    struct memtime_impl *m = t->impl;
    struct frame_lines *lines = t->lines, *g;

    u32 out = cache_replace(l2, m->l2.next, line);
    u64 out_bit = cache_bit(out);
    g = quick_frame(lines, out);
    u64 dirty = g->l2_dirty & out_bit;
    g->in_l2 &= ~out_bit;
    g->l2_dirty &= ~out_bit;
    quick_frame(lines, line)->in_l2 |= cache_bit(line);
    m->l2.stats.misses++;

    struct left left = enter(t, l1d, line, write);
    u32 hit = m->config.l2.hit_cycles;
    if (unlikely(dirty | left.not_in_l2))
        return (struct memtime_cost){
            hit,
            read_and_write(t, line, dirty ? out : CACHE_NONE,
                           left.not_in_l2 ? left.line : CACHE_NONE, now + hit)};
    return (struct memtime_cost){hit, read_memory(m, line, now + hit)};
}

static inline struct memtime_cost data(struct memtime *t, u64 line, bool write,
                                       u64 now)
{
    struct memtime_impl *m = t->impl;
    const struct frame_lines *f = quick_frame(t->lines, line);
    struct cache_set *l1d = cache_set_of(&m->l1d, line);
    struct cache_set *l2 = cache_set_of(&m->l2, line);

    if (unlikely(f->rd_ok & cache_bit(line)) || unlikely(l1d->empty))
        return data_any(t, (u32)line, write, now);
    if (f->in_l2 & cache_bit(line))
        return from_l2(t, l1d, line, write, now);
    if (unlikely(l2->empty))
        return data_any(t, (u32)line, write, now);
    return from_memory(t, l1d, l2, line, write, now);
}

static bool hits(const struct memtime *t, u64 line)
{
    return quick_frame(t->lines, line)->rd_ok & cache_bit(line);
}

struct memtime_cost memtime_data(struct memtime *t, u64 line, bool write,
                                 u64 now)
{
    if (likely(!t->busy_until) || hits(t, line))
        return data(t, line, write, now);
    struct memtime_cost wait = memtime_drain(t, now);
    struct memtime_cost c = data(t, line, write, now + wait.caches + wait.dram);
    return (struct memtime_cost){c.caches + wait.caches, c.dram + wait.dram};
}

struct memtime_cost memtime_store(struct memtime *t, u64 line, u64 now)
{
    struct memtime_impl *m = t->impl;

    if (!m->config.posts || hits(t, line))
        return data(t, line, true, now);
    u32 i = m->oldest_post;
    struct memtime_cost wait = wait_until(m->post[i], m->post_memory[i], now);
    u64 turn = now + wait.caches + wait.dram;
    if (turn < t->busy_until)
        turn = t->busy_until;
    struct memtime_cost c = data(t, line, true, turn);
    m->post[i] = t->busy_until = turn + c.caches + c.dram;
    m->post_memory[i] = t->busy_memory = c.dram != 0;
    m->oldest_post = i + 1 < m->config.posts ? i + 1 : 0;
    return wait;
}

static u32 fetch_access(struct memtime *t, u32 line, u64 now, u32 *dram)
{
    t->impl->where = SERVED_L1;
    if (likely(asks_fetch(t)))
        return fetch(t, line, now, dram);
    no_l1(t, true, line >> 6);
    return 0;
}

u32 memtime_access(struct memtime *t, enum mem_kind kind, u64 pa, u64 now,
                   enum served *where, u32 *dram)
{
    struct memtime_impl *m = t->impl;
    u32 line = line_of(t, pa), cycles = 0;
    bool walk = kind == MEM_WALK || kind == MEM_WALK_UPDATE;
    bool write = kind == MEM_STORE || kind == MEM_WALK_UPDATE;

    *dram = 0;
    if (kind == MEM_FETCH) {
        cycles = fetch_access(t, line, now, dram);
        *where = m->where;
        return cycles + *dram;
    }
    if (asks_data(t)) {
        cycles = walk ? m->config.l1d.hit_cycles : 0;
        m->l1d.stats.accesses++;
        if (!write && cache_holds(&m->l1d, line)) {
            *where = SERVED_L1;
            return cycles;
        }
    }
    struct memtime_cost c = memtime_data(t, line, write, now + cycles);
    *where = m->where;
    *dram = c.dram;
    return cycles + c.caches + c.dram;
}

u32 memtime_uncached(struct memtime *t, bool write, u64 pa, u64 now)
{
    if (!asks_data(t))
        return 0;
    struct memtime_cost drain = memtime_drain(t, now);
    u32 wait = drain.caches + drain.dram;
    now += wait;
    return wait + (write ? write_memory(t, line_of(t, pa), now)
                         : read_memory(t->impl, line_of(t, pa), now));
}

bool memtime_icached(const struct memtime *t, u64 pa)
{
    u32 line = line_of(t, pa);
    return t->lines[line >> 6].fetch_ok >> (line & 63) & 1;
}

void memtime_dma(struct memtime *t, u64 pa, u64 bytes, bool write)
{
    const struct memtime_config *c = &t->impl->config;
    u64 end = c->ram_base + c->ram_bytes;

    if (!t->timed || !write || pa >= end || pa < c->ram_base || !bytes)
        return;
    u64 last = bytes > end - pa ? end - 1 : pa + bytes - 1;
    for (u64 l = line_of(t, pa); l <= line_of(t, last); l++) {
        if (asks_fetch(t))
            cache_drop(&t->impl->l1i, (u32)l);
        if (asks_data(t)) {
            cache_drop(&t->impl->l1d, (u32)l);
            memtime_code_changed(t, l >> 6);
        }
        cache_drop(&t->impl->l2, (u32)l);
    }
}

u32 memtime_block(struct memtime *t, u64 pa, u64 now, bool drop)
{
    struct memtime_impl *m = t->impl;
    u32 line = line_of(t, pa);

    if (!asks_data(t))
        return 0;
    bool dirty = cache_clean(&m->l1d, line);
    m->l1d.stats.writebacks += dirty;
    if (m->l2.sets && cache_clean(&m->l2, line)) {
        m->l2.stats.writebacks++;
        dirty = true;
    }
    if (drop) {
        cache_drop(&m->l1d, line);
        cache_drop(&m->l2, line);
    }
    memtime_code_changed(t, line >> 6);
    struct memtime_cost drain = memtime_drain(t, now);
    u32 wait = drain.caches + drain.dram;
    return wait + (dirty ? write_memory(t, line, now + wait) : 0);
}

void memtime_count_hits(struct memtime *t, u64 l1d_hits, u64 l1i_hits)
{
    if (asks_data(t))
        t->impl->l1d.stats.accesses += l1d_hits;
    if (asks_fetch(t))
        t->impl->l1i.stats.accesses += l1i_hits;
}

void memtime_quick_init(const struct memtime *t, struct memtime_quick *q)
{
    const struct cache *c = &t->impl->l1d;

    *q = (struct memtime_quick){.lines = t->lines,
                                .set = c->set,
                                .mask = c->mask,
                                .cycles = t->impl->config.l2.hit_cycles,
                                .walk = t->impl->config.l1d.hit_cycles,
                                .posts = t->impl->config.posts,
                                .busy_until = &t->busy_until};
    for (u32 way = 0; way < c->ways; way++)
        q->next[way] = cache_next(c, way);
}

u64 memtime_count_quick(struct memtime *t, struct memtime_quick *q)
{
    struct memtime_impl *m = t->impl;
    u64 cycles = q->misses * q->cycles;

    m->l1d.stats.misses += q->misses;
    m->l1d.stats.writebacks += q->writebacks;
    m->l2.stats.accesses += q->misses;
    q->misses = q->writebacks = 0;
    return cycles;
}

struct memtime_stats memtime_stats(const struct memtime *t)
{
    return (struct memtime_stats){.l1i = t->impl->l1i.stats,
                                  .l1d = t->impl->l1d.stats,
                                  .l2 = t->impl->l2.stats,
                                  .dram = dram_stats(t->impl->dram)};
}

struct dram *memtime_dram(struct memtime *t)
{
    return t->impl->dram;
}

/* The maps are not saved: they are derived from the saved tags and dirty ways,
 * and from t->code, which belongs to the engine. */
void memtime_state(struct memtime *t, struct state *s)
{
    struct memtime_impl *m = t->impl;

    state_tag(s, "memtime");
    state_flag(s, &t->timed);
    if (state_loading(s))
        reset_lines(t);
    cache_state(&m->l1i, s, m->lines);
    cache_state(&m->l1d, s, m->lines);
    cache_state(&m->l2, s, m->lines);
    dram_state(m->dram, s);
    state_val(s, t->busy_until);
    state_flag(s, &t->busy_memory);
    for (u32 i = 0; i < m->config.posts; i++) {
        state_val(s, m->post[i]);
        state_flag(s, &m->post_memory[i]);
    }
    state_val(s, m->oldest_post);
    state_check(s, m->oldest_post < (m->config.posts ? m->config.posts : 1),
                "posted stores");
    if (!state_loading(s) || !asks_data(t))
        return;
    for (u32 i = 0; i < m->l1d.sets * m->l1d.ways; i++)
        if (m->l1d.tag[i])
            memtime_code_changed(t, (m->l1d.tag[i] - 1) / 64);
}
