/* SPDX-License-Identifier: MIT */
/* Loops that walk through memory: copying, filling, searching, comparing.
 *
 * A block that ends by jumping to its own start, and does nothing but load,
 * store, count and compare, is described here in terms of an iteration's start
 * (loop.c finds out), so that many iterations can be run at once (loop_run.c):
 * those that certainly come to the loop's end and go round again. The last one,
 * and whatever is not a hit, stays with the executor. */
#ifndef CLOCKHAND_ENGINE_LOOP_H
#define CLOCKHAND_ENGINE_LOOP_H

#include "engine/internal.h"

/* x[from] << shift, plus x[also], plus a constant, with the registers as they
 * are at the iteration's start; or what a stream has loaded. */
struct loop_value {
    bool loaded;
    u8 from; /* the register, or the stream */
    u8 shift, also;
    s64 plus;
};

/* A load or store, and how it moves from one iteration to the next. */
struct loop_stream {
    u8 what;  /* ACCESS_..., as a record's rs3 */
    u8 shift; /* log2 of |stride| */
    u8 insn;  /* which of the block's it is */
    s64 stride;
    struct loop_value at, value; /* value: a store's */
};

/* A conditional branch that keeps the loop going. */
struct loop_test {
    u16 op, slot;
    bool taken; /* when it goes on: the last; side exits are not */
    bool counts;
    struct loop_value a, b; /* counts: a moves, b stands still */
    bool swapped;           /* they are the instruction's rs2 and rs1 */
};

enum loop_kind {
    LOOP_PLAIN,   /* how often is known before */
    LOOP_FILL,    /* the same with one store, */
    LOOP_MOVE,    /* or a load and its store */
    LOOP_UNTIL,   /* one load, until it is one of two values */
    LOOP_COPY,    /* the same, and stores it */
    LOOP_WHILE,   /* one load, while it is a value */
    LOOP_COMPARE, /* two loads, while they are equal and not some value */
    LOOP_STRIDE,  /* one access, each time to another line or so */
    LOOP_KINDS
};

#define LOOP_STREAMS 8
#define LOOP_TESTS   3
#define LOOP_INSNS   24 /* longer ones are worth nothing */

struct loop {
    u8 kind, streams, tests, stops, sets;
    u8 least;   /* fewer iterations are not worth the call */
    u8 fails;   /* lately it brought little so often, */
    u8 wait;    /* and so many more times it is not tried */
    u8 type;    /* of all accesses, as the loads extend what they load */
    bool plain; /* every value is one register and a constant, which moves by a
                 * constant, and no index is shifted */
    bool still; /* only loads, and always of the same: waits for somebody */
    u32 narrow; /* registers that count in 32 bits, a bit each, */
    u32 positive;   /* and those that are not to be below 0 */
    s64 stride[32]; /* how registers move, */
    u8 by[32];      /* if not 0 by what is in that one besides */
    struct loop_stream stream[LOOP_STREAMS];
    struct loop_test test[LOOP_TESTS];
    struct loop_value stop[2]; /* values that tests compare with */
    struct loop_set {
        u8 rd;
        struct loop_value v;
    } set[LOOP_INSNS];
};

/* Some iterations on their way. */
struct loop_go {
    const struct loop *l;
    const u64 *x;
    char *p[LOOP_STREAMS];    /* host's, of the next access */
    u64 value[LOOP_STREAMS];  /* loaded last, or to be stored */
    s64 change[LOOP_STREAMS]; /* of the latter */
    u64 stop[2];
};

static inline u64 loop_value(const struct loop_go *g,
                             const struct loop_value *v)
{
    return (g->x[v->from] << v->shift) + g->x[v->also] + (u64)v->plus;
}

static inline u64 loop_register_moves(const struct loop_go *g, unsigned x)
{
    return (u64)g->l->stride[x] + g->x[g->l->by[x]];
}

/* By how much it moves in an iteration. */
static inline u64 loop_moves(const struct loop_go *g,
                             const struct loop_value *v)
{
    return (loop_register_moves(g, v->from) << v->shift) +
           loop_register_moves(g, v->also);
}

/* Cycles of an iteration, whatever its branches cost. */
static inline u32 loop_each(const struct engine *e, const struct block *b)
{
    return b->cycles + b->loop->tests * e->worst_branch;
}

/* The predictor learns the branches of n iterations. Returns their cost;
 * *settled is that of each further one, or LOOP_CHANGES. */
#define LOOP_CHANGES -1
s64 loop_learn(struct engine *e, const struct loop *l, u64 n, s64 *settled);

/* loop_stride.c: runs n iterations of a LOOP_STRIDE, or as many as are possible
 * without leaving the block. *budget pays for all but the instructions
 * themselves; the predictor has learnt *learnt of them. */
u64 loop_stride(struct engine *e, const struct block *b, struct loop_go *g,
                u64 n, s64 *budget, u64 *learnt);

#endif
