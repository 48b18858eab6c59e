/* SPDX-License-Identifier: MIT */
/* Loops with one access that goes to another line each time, or at steps that
 * only a register knows: each is looked at, and what L1D lacks and the L2 has
 * comes by the way. */
#include "engine/internal.h"
#include "engine/loop.h"
#include "time/quick.h"

struct stride {
    struct engine *e;
    const struct block *b;
    struct loop_go *g;
    s64 *budget;
    u64 done, learnt; /* iterations */
    s64 settled;      /* cost of the branches of each that is not learnt yet */
    s64 left, each;   /* cycles, whatever the branches of those done cost */
    s64 ample;        /* cycles with which more may be asked for */
};

/* Whoever asks the engine for more than the quick ways finds it as it is at
 * this access. */
static void stand(struct stride *s)
{
    struct engine *e = s->e;
    const struct loop *l = s->g->l;
    s64 each = s->b->cost - s->b->least;

    if (s->settled == LOOP_CHANGES && s->done > s->learnt) {
        *s->budget -= loop_learn(e, l, s->done - s->learnt, &s->settled);
        s->learnt = s->done;
    }
    e->b = (struct block *)(uintptr_t)s->b;
    e->r = s->b->rec + s->b->lead + l->stream[0].insn;
    e->budget = *s->budget - each * (s64)s->done + s->b->least;
    if (s->done > s->learnt)
        e->budget -= s->settled * (s64)(s->done - s->learnt);
}

/* More cycles (15 us and some) than a refill and a line can take, even behind a
 * full queue of writes and a refresh: nothing is overdrawn, so the block is not
 * left. */
static s64 ample(const struct engine *e)
{
    return (s64)(e->h->clock_hz >> 16) + 4096;
}

/* The page of va comes (t NULL), or a line of it from memory, if they can. */
static __attribute__((noinline)) bool
comes(struct stride *s, const struct soft *t, u64 va, unsigned what)
{
    struct engine *e = s->e;
    bool store = what & ACCESS_STORE;
    enum slow outcome;

    if (s->left < s->ample || e->leave ||
        (t && store && t->lines->code >> (va >> LINE_SHIFT & 63) & 1))
        return false;
    stand(s);
    s64 had = e->budget;
    e->stays = true;
    bool came =
        t || page_comes(e, va, 1u << (what & ACCESS_LOG2), store, &outcome);
    e->stays = false;
    if (!came)
        return false;
    if (t)
        outcome = slow_line(e, t, va, store);
    *s->budget -= had - e->budget;
    s->left -= (had - e->budget) >> 32;
    if (outcome == SLOW_RETRY)
        return false;
    assert(outcome == SLOW_DONE);
    return true;
}

/* Of what follows there is a copy for each timing, of loads and of stores. */
#define ALWAYS static inline __attribute__((always_inline))

/* What it costs to access the line of a page that is there. */
ALWAYS enum quick reach(struct engine *e, const struct soft *t, u64 va,
                        bool timed, bool stores)
{
    unsigned line = va >> LINE_SHIFT & 63;

    if (!timed)
        return stores && *t->code >> line & 1 ? QUICK_ASK : QUICK_FREE;
    if (likely((stores ? t->lines->wr_ok : t->lines->rd_ok) >> line & 1))
        return QUICK_FREE;
    return memtime_quick_access(&e->quick, t->lines, va, stores);
}

/* Iterations up to n. */
ALWAYS void go(struct stride *s, u64 n, u64 va, bool timed, bool stores)
{
    struct engine *e = s->e;
    const unsigned what = s->g->l->stream[0].what;
    const unsigned bytes = 1u << (what & ACCESS_LOG2);
    const u64 care = ~(PAGE_BYTES - 1) | (bytes - 1);
    const s64 each = s->each, miss = timed ? e->quick.cycles : 0;
    const s64 least = s->b->lead + 1 + each + miss;
    u64 by = loop_moves(s->g, &s->g->l->stream[0].at), tag = SOFT_NONE;
    u64 i = 0, value = s->g->value[0], change = (u64)s->g->change[0];
    s64 left = s->left, missed = 0;
    const struct soft *t = NULL;

    for (; i < n && left >= least; i++, va += by, left -= each) {
        bool there = true;
        if (unlikely((va & care) != tag)) {
            t = &e->dtlb[va >> PAGE_SHIFT & (SOFT_USED(timed) - 1)];
            tag = va & care;
            there = (stores ? t->store : t->load) == tag;
        }
        enum quick q = there ? reach(e, t, va, timed, stores) : QUICK_ASK;
        missed += q == QUICK_MISSED ? miss : 0;
        left -= q == QUICK_MISSED ? miss : 0;
        if (unlikely(q == QUICK_ASK)) {
            *s->budget -= COST(missed, 0);
            missed = 0;
            s->done = i;
            s->left = left;
            if (!timed || !comes(s, there ? t : NULL, va, what))
                break;
            left = s->left;
        }
        char *p = (char *)(uintptr_t)(t->host + va);
        if (stores) {
            put_sized(p, value, bytes);
            value += change;
        } else {
            value = get_sized(p, bytes);
            if (what & ACCESS_SIGNED)
                value = (u64)sext(value, 8 * bytes);
        }
    }
    *s->budget -= COST(missed, 0);
    s->done = i;
    s->g->value[0] = value;
}

u64 loop_stride(struct engine *e, const struct block *b, struct loop_go *g,
                u64 n, s64 *budget, u64 *learnt)
{
    const struct loop_stream *one = &g->l->stream[0];
    bool stores = one->what & ACCESS_STORE;
    u64 va = loop_value(g, &one->at);
    struct stride s = {.e = e,
                       .b = b,
                       .g = g,
                       .budget = budget,
                       .settled = LOOP_CHANGES,
                       .left = *budget >> 32,
                       .each = loop_each(e, b),
                       .ample = ample(e)};

    if (e->timed && stores)
        go(&s, n, va, true, true);
    else if (e->timed)
        go(&s, n, va, true, false);
    else if (stores)
        go(&s, n, va, false, true);
    else
        go(&s, n, va, false, false);
    *learnt = s.learnt;
    return s.done;
}
