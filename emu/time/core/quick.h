/* SPDX-License-Identifier: MIT */
/* Serves most misses of L1D by inline code for the executor: those that the
 * L2 serves, if L1D's set is full, the victim is clean or also in the L2, and
 * the miss is neither posted nor behind a posted store. Their cost does not
 * depend on the time; they touch only two frames' lines, a set and a tag. The
 * functions refuse all other misses before anything has changed; memtime_data
 * and memtime_store handle those. */
#pragma once

#include "time/core/cache.h"

/* Returns the frame that has the line. */
static inline struct frame_lines *quick_frame(struct frame_lines *lines,
                                              u64 line)
{
    static_assert(sizeof(*lines) == PAGE_BYTES / LINE_BYTES,
                  "a frame's byte offset in lines is its first line's number");
    return (struct frame_lines *)((char *)lines + (line & ~63ull));
}

/* The line evicted from L1D. dirty: its bit, if it was dirty. not_in_l2: its
 * bit, if it was dirty and the L2 lacks it; the caller must handle that. */
struct left {
    u32 line;
    u64 dirty, not_in_l2;
};

/* Puts a line into L1D in the place of another; the set must have no empty way.
 * Also used by memtime.c, except if the line must enter a set of the L2 that is
 * not full. only_if_in_l2: does nothing if the victim is not_in_l2. */
static ALWAYS_INLINE struct left enter_l1d(struct frame_lines *lines,
                                           struct cache_set *set,
                                           const u8 *next, u64 line, bool write,
                                           bool only_if_in_l2)
{
    struct left left = {.line = set->out};
    u64 bit = 1ull << (line & 63), out_bit = 1ull << (left.line & 63);
    struct frame_lines *f = quick_frame(lines, line);
    struct frame_lines *g = quick_frame(lines, left.line);

    left.dirty = g->dirty & out_bit;
    left.not_in_l2 = left.dirty & ~g->in_l2;
    if (only_if_in_l2 && unlikely(left.not_in_l2))
        return left;
    cache_replace(set, next, line);
    g->rd_ok &= ~out_bit;
    if (left.dirty) {
        g->l2_dirty |= left.dirty ^ left.not_in_l2;
        g->dirty &= ~out_bit;
        g->wr_ok &= ~out_bit;
    }
    f->rd_ok |= bit;
    if (write) {
        f->dirty |= bit;
        f->wr_ok |= bit & ~f->code;
    }
    return left;
}

/* Brings a line that L1D lacks from the L2; f: its frame. False: refused. */
static ALWAYS_INLINE bool quick_miss(struct memtime_quick *q,
                                     const struct frame_lines *f, u64 line,
                                     bool write)
{
    struct cache_set *set = &q->set[line & q->mask];

    if (unlikely(!(f->in_l2 >> (line & 63) & 1) || set->empty ||
                 *q->busy_until || (write && q->posts)))
        return false;
    struct left left = enter_l1d(q->lines, set, q->next, line, write, true);
    if (unlikely(left.not_in_l2))
        return false;
    q->misses++;
    q->writebacks += left.dirty != 0;
    return true;
}

/* True if the walker finds the line in L1D, which costs q->walk; the caller
 * counts this access. False without L1D (mask 0), or with stores posted. */
static inline bool memtime_quick_walk(const struct memtime_quick *q, u64 line)
{
    return q->mask && quick_frame(q->lines, line)->rd_ok >> (line & 63) & 1 &&
           !*q->busy_until;
}

/* Serves a load that misses L1D, or a store. A miss costs q->cycles; a store to
 * a present line costs nothing. QUICK_ASK: refused. */
enum quick { QUICK_ASK, QUICK_FREE, QUICK_MISSED };
static ALWAYS_INLINE enum quick memtime_quick_access(struct memtime_quick *q,
                                                     u64 line, bool store)
{
    struct frame_lines *f = quick_frame(q->lines, line);
    u64 bit = 1ull << (line & 63);

    if (store && unlikely(f->code & bit))
        return QUICK_ASK;
    if (!store || !(f->rd_ok & bit))
        return quick_miss(q, f, line, store) ? QUICK_MISSED : QUICK_ASK;
    f->dirty |= bit;
    f->wr_ok |= bit;
    return QUICK_FREE;
}
