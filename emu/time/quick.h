/* SPDX-License-Identifier: MIT */
/* Most misses of L1D, as inline code for the executor: those which the L2
 * serves, and whose victim is clean or in the L2 too, while no posted store is
 * on its way. They cost the same at any time of day and touch two frames'
 * lines, a set and a tag. Whatever else may be is refused, before anything has
 * changed: memtime_data knows all. */
#ifndef CLOCKHAND_QUICK_H
#define CLOCKHAND_QUICK_H

#include "time/cache.h"

/* The line's number; only the bits of va within its page are looked at. */
static inline u64 quick_line(const struct memtime_quick *q,
                             const struct frame_lines *f, u64 va)
{
    static_assert(sizeof(*f) == PAGE_BYTES / LINE_BYTES,
                  "a frame's offset is the number of its first line");
    return (u64)((const char *)f - (const char *)q->lines) +
           (va >> LINE_SHIFT & 63);
}

static inline struct frame_lines *quick_frame(const struct memtime_quick *q,
                                              u64 line)
{
    return (struct frame_lines *)((char *)q->lines + (line & ~63ull));
}

/* f says that the line is not in L1D. */
static inline bool quick_miss(struct memtime_quick *q, struct frame_lines *f,
                              u64 line, bool write)
{
    u64 bit = 1ull << (line & 63);
    struct cache_set *set = &q->set[line & q->mask];

    if (unlikely(!(f->in_l2 & bit) || set->empty || *q->busy_until ||
                 (write && q->posts)))
        return false;
    u64 out = set->out, out_bit = 1ull << (out & 63);
    struct frame_lines *g = quick_frame(q, out);
    u64 dirty = g->dirty & out_bit;
    if (unlikely(dirty & ~g->in_l2))
        return false;
    cache_replace(set, q->next, line);
    g->l2_dirty |= dirty;
    g->dirty &= ~out_bit;
    g->rd_ok &= ~out_bit;
    g->wr_ok &= ~out_bit;
    f->rd_ok |= bit;
    if (write) {
        f->dirty |= bit;
        f->wr_ok |= bit;
    }
    q->misses++;
    q->writebacks += dirty != 0;
    return true;
}

/* What f's maps do not serve, and costs q->cycles: a load. */
static inline bool memtime_quick_load(struct memtime_quick *q,
                                      struct frame_lines *f, u64 va)
{
    return quick_miss(q, f, quick_line(q, f, va), false);
}

/* The same for a store; where the line is there and was clean, it costs
 * nothing. */
enum quick { QUICK_ASK, QUICK_FREE, QUICK_MISSED };
static inline enum quick memtime_quick_store(struct memtime_quick *q,
                                             struct frame_lines *f, u64 va)
{
    u64 line = quick_line(q, f, va), bit = 1ull << (line & 63);

    if (unlikely(f->code & bit))
        return QUICK_ASK;
    if (!(f->rd_ok & bit))
        return quick_miss(q, f, line, true) ? QUICK_MISSED : QUICK_ASK;
    f->dirty |= bit;
    f->wr_ok |= bit;
    return QUICK_FREE;
}

/* One of the two. */
static inline enum quick memtime_quick_access(struct memtime_quick *q,
                                              struct frame_lines *f, u64 va,
                                              bool store)
{
    if (store)
        return memtime_quick_store(q, f, va);
    return memtime_quick_load(q, f, va) ? QUICK_MISSED : QUICK_ASK;
}

/* The walker reads a PTE: what it costs, and who served it. */
static inline bool memtime_quick_walk(struct memtime_quick *q,
                                      struct frame_lines *f, u64 pa,
                                      u32 *cycles, enum served *where)
{
    u64 line = quick_line(q, f, pa);

    *cycles = q->walk_cycles;
    *where = SERVED_L1;
    if (f->rd_ok >> (line & 63) & 1)
        return true;
    if (!quick_miss(q, f, line, false))
        return false;
    q->walked++;
    *cycles += q->cycles;
    *where = SERVED_L2;
    return true;
}

#endif
