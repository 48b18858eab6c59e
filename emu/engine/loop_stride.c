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
    u64 va, by;       /* of the next access */
    u64 done, learnt; /* iterations */
    s64 settled;      /* cost of the branches of each that is not learnt yet */
    s64 left, each;   /* cycles, whatever the branches of those done cost */
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

/* The page comes (t NULL), or a line from memory, if they can. */
static __attribute__((noinline)) bool comes(struct stride *s,
                                            const struct soft *t, bool store)
{
    struct engine *e = s->e;
    unsigned bytes = 1u << (s->g->l->stream[0].what & ACCESS_LOG2);
    enum slow what;

    if (!e->timed || s->left < ample(e) || e->leave ||
        (t && store && t->lines->code >> (s->va >> LINE_SHIFT & 63) & 1))
        return false;
    stand(s);
    s64 had = e->budget;
    if (t)
        what = slow_line(e, t, s->va, store);
    else if (!page_comes(e, s->va, bytes, store, &what))
        return false;
    assert(what == SLOW_DONE);
    *s->budget -= had - e->budget;
    s->left -= (had - e->budget) >> 32;
    return true;
}

/* Of what follows there is a copy for each timing, of loads and of stores. */
#define ALWAYS static inline __attribute__((always_inline))

ALWAYS u64 load(const char *p, unsigned what)
{
    unsigned log2 = what & ACCESS_LOG2;
    u64 v = log2 == 0   ? get_le(p, 1)
            : log2 == 2 ? get_le(p, 4)
            : log2 == 3 ? get_le(p, 8)
                        : get_le(p, 2);

    return what & ACCESS_SIGNED ? (u64)sext(v, 8u << log2) : v;
}

ALWAYS void store(char *p, u64 v, unsigned what)
{
    unsigned log2 = what & ACCESS_LOG2;

    if (log2 == 0)
        put_le(p, v, 1);
    else if (log2 == 2)
        put_le(p, v, 4);
    else if (log2 == 3)
        put_le(p, v, 8);
    else
        put_le(p, v, 2);
}

/* Iterations up to n, as far as nobody has to be asked: false then, with the
 * software TLB's entry of what is lacking, or NULL. */
ALWAYS bool go(struct stride *s, u64 n, bool timed, bool stores,
               const struct soft **lacks)
{
    struct engine *e = s->e;
    const unsigned what = s->g->l->stream[0].what;
    const u64 care = ~(PAGE_BYTES - 1) | ((1u << (what & ACCESS_LOG2)) - 1);
    const s64 each = s->each, miss = timed ? e->quick.cycles : 0;
    const s64 least = s->b->lead + 1 + each + miss;
    u64 va = s->va, tag = SOFT_NONE, i = s->done, value = s->g->value[0];
    s64 left = s->left, missed = 0;
    const struct soft *t = NULL;
    bool on = true;

    for (; i < n && left >= least; i++, va += s->by, left -= each) {
        if (unlikely((va & care) != tag)) {
            t = &e->dtlb[va >> PAGE_SHIFT & (SOFT_USED(timed) - 1)];
            tag = stores ? t->store : t->load;
            on = tag == (va & care);
            t = on ? t : NULL;
        }
        unsigned line = va >> LINE_SHIFT & 63;
        if (!timed && on && stores) {
            on = !(*t->code >> line & 1);
        } else if (timed && on &&
                   unlikely(
                       !((stores ? t->lines->wr_ok : t->lines->rd_ok) >> line &
                         1))) {
            enum quick q = stores ? memtime_quick_store(&e->quick, t->lines, va)
                           : memtime_quick_load(&e->quick, t->lines, va)
                               ? QUICK_MISSED
                               : QUICK_ASK;
            on = q != QUICK_ASK;
            missed += q == QUICK_MISSED;
            left -= q == QUICK_MISSED ? miss : 0;
        }
        if (unlikely(!on))
            break;
        char *p = (char *)(uintptr_t)(t->host + va);
        if (stores) {
            store(p, value, what);
            value += (u64)s->g->change[0];
        } else {
            value = load(p, what);
        }
    }
    s->va = va;
    s->done = i;
    s->left = left;
    s->g->value[0] = value;
    *s->budget -= COST(missed * miss, 0);
    *lacks = t;
    return on;
}

static bool go_by(struct stride *s, u64 n, bool stores,
                  const struct soft **lacks)
{
    if (s->e->timed)
        return stores ? go(s, n, true, true, lacks)
                      : go(s, n, true, false, lacks);
    return stores ? go(s, n, false, true, lacks)
                  : go(s, n, false, false, lacks);
}

u64 loop_stride(struct engine *e, const struct block *b, struct loop_go *g,
                u64 n, s64 *budget, u64 *learnt)
{
    const struct loop_stream *one = &g->l->stream[0];
    bool stores = one->what & ACCESS_STORE;
    const struct soft *lacks;
    struct stride s = {.e = e,
                       .b = b,
                       .g = g,
                       .budget = budget,
                       .settled = LOOP_CHANGES,
                       .va = loop_value(g, &one->at),
                       .by = loop_moves(g, &one->at),
                       .left = *budget >> 32,
                       .each = loop_each(e, b)};

    while (!go_by(&s, n, stores, &lacks) && comes(&s, lacks, stores))
        ;
    *learnt = s.learnt;
    return s.done;
}
