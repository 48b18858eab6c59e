/* SPDX-License-Identifier: MIT */
/* The hierarchy: L1I, L1D, L2 and DRAM put together, in core cycles.
 *
 *   fetch --> L1I --.
 *                    >--> L2 --> controller --> DRAM
 *   data  --> L1D --'      (write-back, write-allocate, FIFO everywhere)
 *
 * The L2 is filled by every miss and by every dirty line that leaves L1D; it
 * neither includes nor excludes the L1s: a line that leaves it stays in them.
 * One miss is outstanding at a time, the hart waits for it; dirty lines that
 * leave go to the controller's write queue and cost only if that is full. */
#include <stdlib.h>
#include <sys/mman.h>

#include "time/cache.h"

/* A fraction, num * den < 2^64, to multiply by without dividing. */
struct ratio {
    u64 num, den;
    u64 inverse; /* 2^64 / den, at most one too small */
};

struct memtime_impl {
    struct memtime_config config;
    struct cache l1i, l1d, l2;
    struct dram *dram;
    u64 lines;
    struct ratio to_dram, to_core; /* cycles to the DRAM's clocks, and back */
};

static u64 gcd(u64 a, u64 b)
{
    while (b) {
        u64 t = a % b;
        a = b;
        b = t;
    }
    return a;
}

static struct ratio ratio(u64 num, u64 den)
{
    return (struct ratio){num, den, ~0ull / den};
}

/* x * num / den, rounded down; *left: whether anything was left. */
static inline u64 scale(u64 x, const struct ratio *r, bool *left)
{
    u64 product, q, rest;

    if (likely(!__builtin_mul_overflow(x, r->num, &product))) {
        q = (u64)((unsigned __int128)product * r->inverse >> 64);
        rest = product - q * r->den; /* q is at most one too small */
        *left = rest != 0 && rest != r->den;
        return q + (rest >= r->den);
    }
    q = x / r->den * r->num + x % r->den * r->num / r->den;
    *left = x % r->den * r->num % r->den != 0;
    return q;
}

/* Zeros; pages that nobody has written cost nothing, here or when they are
 * read. */
static void *map_new(size_t bytes)
{
    void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert(map != MAP_FAILED);
    return map;
}

static size_t lines_bytes(const struct memtime *t)
{
    return t->frames * sizeof(*t->lines);
}

static size_t code_bytes(const struct memtime *t)
{
    return t->frames * sizeof(*t->code);
}

/* A machine without an L1 has nothing to ask: see no_l1. */
static bool asks_data(const struct memtime *t)
{
    return t->timed && t->impl->l1d.sets;
}

static bool asks_fetch(const struct memtime *t)
{
    return t->timed && t->impl->l1i.sets;
}

/* All zeros again. `code` stays: it is the engine's. */
static void reset_lines(struct memtime *t)
{
    if (madvise(t->lines, lines_bytes(t), MADV_DONTNEED) != 0)
        memset(t->lines, 0, lines_bytes(t));
}

void memtime_init(struct memtime *t, const struct memtime_config *c)
{
    struct memtime_impl *m = xcalloc(1, sizeof(*m));

    memset(t, 0, sizeof(*t));
    t->impl = m;
    t->frames = c->ram_bytes >> PAGE_SHIFT;
    m->config = *c;
    m->lines = c->ram_bytes >> LINE_SHIFT;
    assert(m->lines < CACHE_NONE - 1);
    struct frame_lines *f = t->lines = map_new(lines_bytes(t));
    t->code = map_new(code_bytes(t));
    cache_init(&m->l1i, &c->l1i, &f->fetch_ok, &f->never);
    cache_init(&m->l1d, &c->l1d, &f->rd_ok, &f->dirty);
    cache_init(&m->l2, &c->l2, &f->in_l2, &f->l2_dirty);
    m->dram = dram_new(c->dram);
    u64 hz = c->dram->mhz * 1000000ull, g = gcd(hz, c->clock_hz);
    m->to_dram = ratio(hz / g, c->clock_hz / g);
    m->to_core = ratio(c->clock_hz / g, hz / g);
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

void memtime_set_timed(struct memtime *t, bool timed)
{
    cache_empty(&t->impl->l1i);
    cache_empty(&t->impl->l1d);
    cache_empty(&t->impl->l2);
    t->timed = timed;
    reset_lines(t);
}

void memtime_code_changed(struct memtime *t, u64 frame)
{
    struct frame_lines *f = &t->lines[frame];
    u64 code = t->code[frame], ok = asks_data(t) ? f->dirty : ~0ull;

    if (!t->timed)
        return;
    ok &= ~code;
    if (f->code != code) /* zeros stay unwritten */
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

/* The clock of the DRAM in which core cycle `now` falls. */
static u64 dram_clock(const struct memtime_impl *m, u64 now)
{
    bool left;
    return scale(now, &m->to_dram, &left);
}

/* First core cycle not before that DRAM clock. */
static u64 core_cycle(const struct memtime_impl *m, u64 clock)
{
    bool left;
    u64 cycle = scale(clock, &m->to_core, &left);
    return cycle + left;
}

/* A dirty line goes to memory: posted; cycles only if the queue is full. */
static u32 write_line(struct memtime *t, u32 line, u64 now)
{
    struct memtime_impl *m = t->impl;
    u64 clock = dram_clock(m, now);
    u64 accepted = dram_write(m->dram, address_of(t, line), clock);

    return accepted > clock ? (u32)(core_cycle(m, accepted) - now) : 0;
}

static u32 read_line(struct memtime *t, u32 line, u64 now, enum served *where)
{
    struct memtime_impl *m = t->impl;
    u64 done =
        dram_read(m->dram, address_of(t, line), dram_clock(m, now), where);
    u64 at = core_cycle(m, done);

    return m->config.dram_base_cycles + (at > now ? (u32)(at - now) : 0);
}

/* Puts a line into the L2, whose victim may have to be written. */
static u32 fill_l2(struct memtime *t, u32 line, bool dirty, u64 now)
{
    struct memtime_impl *m = t->impl;
    struct cache_victim v = cache_fill(&m->l2, line, dirty);

    if (!v.dirty)
        return 0;
    m->l2.stats.writebacks++;
    return write_line(t, v.line, now);
}

/* A dirty line leaves L1D. */
static inline u32 write_back(struct memtime *t, u32 line, u64 now)
{
    struct memtime_impl *m = t->impl;

    m->l1d.stats.writebacks++;
    if (likely(m->l2.sets && cache_holds(&m->l2, line))) {
        cache_set_dirty(&m->l2, line);
        return 0;
    }
    return m->l2.sets ? fill_l2(t, line, true, now) : write_line(t, line, now);
}

/* An L1 missed: the L2, then memory. *cycles is the L2's part. */
static inline enum served below_l1(struct memtime *t, u32 line, u64 now,
                                   u32 *cycles, u32 *dram)
{
    struct memtime_impl *m = t->impl;
    enum served where = SERVED_L2;

    *cycles = m->config.l2.hit_cycles;
    if (m->l2.sets) {
        m->l2.stats.accesses++;
        if (cache_holds(&m->l2, line))
            return where;
        m->l2.stats.misses++;
    }
    *dram += read_line(t, line, now + *cycles, &where);
    if (m->l2.sets)
        *dram += fill_l2(t, line, false, now + *cycles + *dram);
    return where;
}

static u32 fetch(struct memtime *t, u32 line, u64 now, enum served *where,
                 u32 *dram)
{
    struct memtime_impl *m = t->impl;
    u32 cycles;

    m->l1i.stats.accesses++;
    if (cache_holds(&m->l1i, line))
        return 0;
    m->l1i.stats.misses++;
    *where = below_l1(t, line, now, &cycles, dram);
    cache_fill(&m->l1i, line, false);
    return cycles;
}

/* L1D has to fetch the line: what was in its place leaves. */
static inline u32 data_miss(struct memtime *t, u32 line, bool write, u64 now,
                            enum served *where, u32 *dram)
{
    struct memtime_impl *m = t->impl;
    u32 cycles;

    m->l1d.stats.misses++;
    *where = below_l1(t, line, now, &cycles, dram);
    struct cache_victim v = cache_fill(&m->l1d, line, write);
    if (v.dirty) {
        t->lines[v.line >> 6].wr_ok &= ~cache_bit(v.line);
        *dram += write_back(t, v.line, now + cycles + *dram);
    }
    return cycles;
}

static inline u32 data(struct memtime *t, u32 line, bool write, u64 now,
                       enum served *where, u32 *dram)
{
    struct memtime_impl *m = t->impl;
    u32 cycles = 0;

    m->l1d.stats.accesses++;
    if (!cache_holds(&m->l1d, line))
        cycles = data_miss(t, line, write, now, where, dram);
    else if (write)
        cache_set_dirty(&m->l1d, line);
    if (write)
        t->lines[line >> 6].wr_ok |=
            cache_bit(line) & ~t->lines[line >> 6].code;
    return cycles;
}

/* There is no such L1: the frame's lines cost nothing from now on. */
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

u32 memtime_data(struct memtime *t, bool write, u64 pa, u64 now, u32 *dram)
{
    enum served where;

    *dram = 0;
    if (unlikely(!asks_data(t))) {
        no_l1(t, false, line_of(t, pa) >> 6);
        return 0;
    }
    u32 cycles = data(t, line_of(t, pa), write, now, &where, dram);
    return cycles + *dram;
}

u32 memtime_access(struct memtime *t, enum mem_kind kind, u64 pa, u64 now,
                   enum served *where, u32 *dram)
{
    u32 line = line_of(t, pa), below = 0, cycles = 0;
    bool walk = kind == MEM_WALK || kind == MEM_WALK_UPDATE;
    bool write = kind == MEM_STORE || kind == MEM_WALK_UPDATE;

    *where = SERVED_L1;
    *dram = 0;
    if (kind == MEM_FETCH ? !asks_fetch(t) : !asks_data(t)) {
        no_l1(t, kind == MEM_FETCH, line >> 6);
        return 0;
    }
    if (kind == MEM_FETCH) {
        cycles = fetch(t, line, now, where, &below);
    } else {
        cycles = walk ? t->impl->config.l1d.hit_cycles : 0;
        cycles += data(t, line, write, now + cycles, where, &below);
    }
    *dram = below;
    return cycles + below;
}

u32 memtime_uncached(struct memtime *t, bool write, u64 pa, u64 now)
{
    enum served where;

    if (!asks_data(t))
        return 0;
    return write ? write_line(t, line_of(t, pa), now)
                 : read_line(t, line_of(t, pa), now, &where);
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
    return dirty ? write_line(t, line, now) : 0;
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
                                .cycles = t->impl->config.l2.hit_cycles};
    if (c->sets)
        q->walk_cycles = t->impl->config.l1d.hit_cycles;
    for (u32 way = 0; way < c->ways; way++)
        q->next[way] = cache_next(c, way);
}

u64 memtime_count_quick(struct memtime *t, struct memtime_quick *q)
{
    struct memtime_impl *m = t->impl;
    u64 cycles = (q->misses - q->walked) * q->cycles;

    m->l1d.stats.misses += q->misses;
    m->l1d.stats.writebacks += q->writebacks;
    m->l2.stats.accesses += q->misses;
    q->misses = q->writebacks = q->walked = 0;
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

/* The maps follow from the tags and are not saved; `code` is the engine's. */
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
    if (!state_loading(s) || !asks_data(t))
        return;
    for (u32 i = 0; i < m->l1d.sets * m->l1d.ways; i++)
        if (m->l1d.tag[i])
            memtime_code_changed(t, (m->l1d.tag[i] - 1) / 64);
}
