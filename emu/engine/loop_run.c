/* SPDX-License-Identifier: MIT */
/* Runs iterations of a loop that loop.c knows, many at once: those of which it
 * is certain that all accesses are hits, that they end by going round, and that
 * the next still begins before the deadline. Each costs what the executor would
 * charge for it; what is left, it does. */
#include "engine/internal.h"
#include "engine/loop.h"
#include "time/branch.h"

#define MOST     16384u /* iterations at once, if each is work */
#define ANY      (~0ull)
#define OFTEN    3  /* when it brought too few this often on end, */
#define NOT_SOON 31 /* it is not to be tried for so many rounds */

static u64 least(u64 a, u64 b)
{
    return a < b ? a : b;
}

/* Of what most loops are (loop.plain) there is a copy without what they do not
 * need: a run of a strcpy is hardly longer than what it takes to begin it. */
#define ALWAYS static inline __attribute__((always_inline))

ALWAYS u64 value_of(const struct loop_go *r, const struct loop_value *v,
                    bool plain)
{
    return plain ? r->x[v->from] + (u64)v->plus : loop_value(r, v);
}

ALWAYS u64 moves_of(const struct loop_go *r, const struct loop_value *v,
                    bool plain)
{
    return plain ? (u64)r->l->stride[v->from] : loop_moves(r, v);
}

/* ---- how many ---- */

/* Cycles are left for so many, whatever their branches cost; `most` or more are
 * alike. */
ALWAYS u64 affordable(const struct engine *e, const struct block *b, s64 budget,
                      u32 most)
{
    u32 each = loop_each(e, b), left = (u32)(budget >> 32);

    if (likely(left > (u64)most * each + b->lead + 1u))
        return most;
    return left > b->lead + 1u ? (left - b->lead - 1u) / each : 0;
}

/* Registers that count in 32 bits do not leave them, nor does the sum of two:
 * they are in the middle quarter now, and an iteration's instructions add 2048
 * each at most, but for what they add of another register. Nor do positive ones
 * go below 0. */
static u64 stay_narrow(const struct loop_go *r)
{
    static_assert((u64)MOST * LOOP_INSNS * 2048 + LOOP_INSNS * 2048 < 1u << 30,
                  "no count gets through a quarter of 32 bits");
    const struct loop *l = r->l;
    const u64 room_above = (1u << 29) - (1u << 17); /* two may be added */
    u64 n = MOST;

    for (u32 m = l->narrow | l->positive; m; m &= m - 1) {
        unsigned i = (unsigned)__builtin_ctz(m);
        bool positive = l->positive >> i & 1;
        u64 x = r->x[i], by = loop_register_moves(r, i);
        u64 room = positive ? x : room_above;
        if (x + (positive ? 0 : 1u << 29) >= (positive ? 1u << 29 : 1u << 30))
            return 0;
        if ((s64)by < 0 && (positive || l->by[i]))
            n = least(n, room / -by);
        else if (l->by[i] && by > room_above / MOST)
            n = least(n, room_above / by);
    }
    return n;
}

/* For so many iterations a test that counts keeps the loop going. */
ALWAYS u64 counted(const struct loop_go *r, const struct loop_test *t,
                   bool plain)
{
    u64 a = value_of(r, &t->a, plain), b = value_of(r, &t->b, plain), sign = 0;
    u64 moves = moves_of(r, &t->a, plain);
    bool down = (s64)moves < 0;
    u64 step = down ? -moves : moves, left = down ? a - b : b - a;

    if (!step) /* a register's, this time */
        return 0;
    if (t->op == OP_beq || t->op == OP_bne) {
        if (t->taken == (t->op == OP_beq))
            return 0; /* as long as they are equal: one at most */
        /* else it passes by, but may come round to it */
        return left % step ? ANY / step : left / step;
    }
    if (t->op == OP_blt || t->op == OP_bge)
        sign = 1ull << 63;
    bool less = t->taken == (t->op == OP_blt || t->op == OP_bltu);
    bool below = less != t->swapped; /* a is to stay below b, or above */
    if (below == down ||
        (below ? (a ^ sign) > (b ^ sign) : (a ^ sign) < (b ^ sign)))
        return 0;
    return less ? (left + step - 1) / step : left / step + 1;
}

/* Accesses of a stream that are hits, one an iteration. *p: the first. */
ALWAYS u64 hits(const struct engine *e, const struct loop_go *r,
                const struct loop_stream *s, char **p, bool plain)
{
    u64 va = value_of(r, &s->at, plain), bytes = 1u << (s->what & ACCESS_LOG2);
    const struct soft *t =
        &e->dtlb[va >> PAGE_SHIFT & (SOFT_USED(e->timed) - 1)];
    bool store = s->what & ACCESS_STORE;
    unsigned line = va >> LINE_SHIFT & 63, run;
    u64 off = va & (PAGE_BYTES - 1), map = ~0ull;

    if ((store ? t->store : t->load) !=
        (va & (~(PAGE_BYTES - 1) | (bytes - 1))))
        return 0;
    if (e->timed)
        map = store ? t->lines->wr_ok : t->lines->rd_ok;
    else if (store)
        map = ~*t->code;
    if (!(map >> line & 1))
        return 0;
    *p = (char *)(uintptr_t)(t->host + va);
    if (!s->stride)
        return ANY;
    if (s->stride > 0) {
        map = ~(map >> line);
        run = map ? (unsigned)__builtin_ctzll(map) : 64;
        u64 left = (u64)(line + run) * LINE_BYTES - off;
        return (left + (u64)s->stride - 1) >> s->shift;
    }
    map = ~(map << (63 - line));
    run = map ? (unsigned)__builtin_clzll(map) : 64;
    return ((off - (u64)(line + 1 - run) * LINE_BYTES) >> s->shift) + 1;
}

/* All that can be known before; *r is ready then. */
ALWAYS u64 iterations(struct engine *e, const struct block *b,
                      struct loop_go *r, s64 budget, bool plain)
{
    const struct loop *l = r->l;
    u32 most = plain && l->still && !l->narrow ? ~0u : MOST;
    u64 n = affordable(e, b, budget, most), m;

    if (l->narrow | l->positive)
        n = least(n, stay_narrow(r));
    for (unsigned i = 0; i < l->tests && n; i++)
        if (l->test[i].counts && (m = counted(r, &l->test[i], plain)) < n)
            n = m;
    if (n < l->least)
        return 0;
    for (unsigned i = 0; i < l->streams && n; i++) {
        const struct loop_stream *s = &l->stream[i];
        if ((plain || l->kind != LOOP_STRIDE) &&
            (m = hits(e, r, s, &r->p[i], plain)) < n)
            n = m;
        r->value[i] = value_of(r, &s->value, plain);
        r->change[i] = (s64)moves_of(r, &s->value, plain);
    }
    r->stop[0] = r->stop[1] = 0;
    if (l->stops) {
        r->stop[0] = value_of(r, &l->stop[0], plain);
        r->stop[1] = value_of(r, &l->stop[l->stops > 1], plain);
    }
    return n;
}

/* ---- what they do, by the type of the accesses ---- */

typedef u64 (*runner)(struct loop_go *, u64 n);

#define AT(type, p)     (*(type *)(uintptr_t)(p))
#define GET(type, p)    ((u64)AT(const type, p))
#define PUT(type, p, v) (AT(type, p) = (type)(v))
/* Of one stream, or of a load and another: `kind` is known when this is
 * compiled, and of each only what it does is left. */
#define ONE_OR_TWO(type, id, kind)                                             \
    static u64 id##_##type(struct loop_go *r, u64 n)                           \
    {                                                                          \
        const bool puts = kind == LOOP_MOVE || kind == LOOP_COPY;              \
        const bool two = puts || kind == LOOP_COMPARE;                         \
        const struct loop_stream *s = r->l->stream;                            \
        s64 by = s[0].stride, other_by = two ? s[1].stride : 0;                \
        char *p = r->p[0], *other = two ? r->p[1] : p;                         \
        u64 i, v, a = r->stop[0], b = r->stop[1];                              \
        u64 last = kind == LOOP_FILL ? r->value[0] : a;                        \
        bool stops = r->l->stops;                                              \
                                                                               \
        for (i = 0; i < n; i++, p += by, other += other_by) {                  \
            v = kind == LOOP_FILL ? last : GET(type, p);                       \
            if ((kind == LOOP_UNTIL || kind == LOOP_COPY) &&                   \
                (v == a || v == b))                                            \
                break;                                                         \
            if (kind == LOOP_WHILE && v != a)                                  \
                break;                                                         \
            if (kind == LOOP_COMPARE &&                                        \
                (v != GET(type, other) || (v == a && stops)))                  \
                break;                                                         \
            if (kind == LOOP_FILL || puts)                                     \
                PUT(type, kind == LOOP_FILL ? p : other, v);                   \
            if (kind != LOOP_WHILE)                                            \
                last = v;                                                      \
        }                                                                      \
        r->value[0] = last;                                                    \
        if (kind == LOOP_COMPARE)                                              \
            r->value[1] = last;                                                \
        return i;                                                              \
    }
#define RUNNERS(type)                                                          \
    static u64 plain_##type(struct loop_go *r, u64 n)                          \
    {                                                                          \
        const struct loop *l = r->l;                                           \
                                                                               \
        for (u64 i = l->streams ? 0 : n; i < n; i++)                           \
            for (unsigned k = 0; k < l->streams; k++) {                        \
                const struct loop_stream *s = &l->stream[k];                   \
                if (!(s->what & ACCESS_STORE)) {                               \
                    r->value[k] = GET(type, r->p[k]);                          \
                } else if (s->value.loaded) {                                  \
                    PUT(type, r->p[k], r->value[s->value.from]);               \
                } else {                                                       \
                    PUT(type, r->p[k], r->value[k]);                           \
                    r->value[k] += (u64)r->change[k];                          \
                }                                                              \
                r->p[k] += s->stride;                                          \
            }                                                                  \
        return n;                                                              \
    }                                                                          \
    ONE_OR_TWO(type, fill, LOOP_FILL)                                          \
    ONE_OR_TWO(type, move, LOOP_MOVE)                                          \
    ONE_OR_TWO(type, until, LOOP_UNTIL)                                        \
    ONE_OR_TWO(type, copy, LOOP_COPY)                                          \
    ONE_OR_TWO(type, while, LOOP_WHILE)                                        \
    ONE_OR_TWO(type, compare, LOOP_COMPARE)
RUNNERS(s8)
RUNNERS(s16)
RUNNERS(s32)
RUNNERS(u8)
RUNNERS(u16)
RUNNERS(u32)
RUNNERS(u64)

#define BY_KIND(type)                                                          \
    {                                                                          \
        plain_##type, fill_##type, move_##type, until_##type, copy_##type,     \
            while_##type, compare_##type                                       \
    }
static const runner runners[8][LOOP_KINDS] = {
    [0] = BY_KIND(u8),
    [1] = BY_KIND(u16),
    [2] = BY_KIND(u32),
    [3] = BY_KIND(u64),
    [ACCESS_SIGNED | 0] = BY_KIND(s8),
    [ACCESS_SIGNED | 1] = BY_KIND(s16),
    [ACCESS_SIGNED | 2] = BY_KIND(s32),
};

/* ---- what they leave behind ---- */

ALWAYS void set_registers(const struct loop_go *r, u64 *x, u64 n, bool plain)
{
    const struct loop *l = r->l;
    u64 value[LOOP_INSNS];

    for (unsigned i = 0; i < l->sets; i++) {
        const struct loop_value *v = &l->set[i].v;
        value[i] =
            v->loaded ? r->value[v->from]
                      : value_of(r, v, plain) + (n - 1) * moves_of(r, v, plain);
    }
    for (unsigned i = 0; i < l->sets; i++)
        x[l->set[i].rd] = value[i];
}

/* Once an iteration changes nothing, all the others are like it. */
ALWAYS s64 learn(struct engine *e, const struct loop *l, u64 n, s64 *settled)
{
    u32 history = e->bp.history, before, tests = l->tests;
    u64 wrong = 0;
    s64 cost = 0;

    *settled = LOOP_CHANGES;
    for (u64 left = n; left; left--) {
        u32 changed = 0;
        u64 wrong_now = 0;
        s64 cost_now = 0;

        before = history;
        for (unsigned i = 0; i < tests; i++) {
            const struct loop_test *t = &l->test[i];
            u8 *counter =
                branch_counter_of(&e->bp, &history, t->slot, t->taken);
            const struct branch_outcome *o =
                branch_row(e->conditional[t->taken], *counter);
            changed |= *counter ^ o->next;
            *counter = o->next;
            cost_now += o->cost;
            wrong_now += o->sums[SUM_MISPREDICTS];
        }
        changed |= before ^ history;
        if (!changed) {
            cost += cost_now * (s64)left;
            wrong += wrong_now * left;
            *settled = cost_now;
            break;
        }
        cost += cost_now;
        wrong += wrong_now;
    }
    e->bp.history = (u8)history;
    /* as SUM_BRANCHES and its followers */
    e->branch_acc += (sums4){(u32)n * tests, (u32)wrong, (u32)(cost >> 32)};
    return cost;
}

s64 loop_learn(struct engine *e, const struct loop *l, u64 n, s64 *settled)
{
    return learn(e, l, n, settled);
}

ALWAYS s64 run(struct engine *e, const struct block *b, s64 budget, bool plain)
{
    struct loop *l = b->loop;
    struct loop_go r; /* not cleared: that would take longer than the rest */

    r.l = l;
    r.x = e->h->x;
    u64 n = iterations(e, b, &r, budget, plain), learnt = 0;
    s64 settled;
    if (n && !plain && l->kind == LOOP_STRIDE)
        n = loop_stride(e, b, &r, n, &budget, &learnt);
    else if (n && l->still) /* one is as all others */
        n = runners[l->type][l->kind](&r, 1) ? n : 0;
    else if (n)
        n = runners[l->type][l->kind](&r, n);
    if (n >= l->least) {
        l->fails = 0;
    } else if (++l->fails == OFTEN) {
        l->wait = NOT_SOON;
        l->fails = OFTEN - 2; /* the next may be a loop's end by chance */
    }
    if (!n)
        return budget;
    e->stats.rounds += n;
    set_registers(&r, e->h->x, n, plain);
    e->acc += b->sums * (u32)n;
    if (e->timed && n > learnt)
        budget -= learn(e, l, n - learnt, &settled);
    return budget - (b->cost - b->least) * (s64)n;
}

s64 loop_run(struct engine *e, const struct block *b, s64 budget)
{
    return b->loop->plain ? run(e, b, budget, true) : run(e, b, budget, false);
}
