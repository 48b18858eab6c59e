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

#include "base/base.h"

/* A register at the iteration's start, plus a constant; or what a stream has
 * loaded. */
struct loop_value {
    bool loaded;
    u8 from; /* the register, or the stream */
    s64 plus;
};

/* A load or store, and how it moves from one iteration to the next. */
struct loop_stream {
    u8 what;  /* ACCESS_..., as a record's rs3 */
    u8 shift; /* log2 of |stride| */
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
    LOOP_KINDS
};

#define LOOP_STREAMS 8
#define LOOP_TESTS   3
#define LOOP_INSNS   24 /* longer ones are worth nothing */

struct loop {
    u8 kind, streams, tests, stops, sets;
    u8 fails;   /* lately it brought little so often, */
    u8 wait;    /* and so many more times it is not tried */
    bool still; /* only loads, and always of the same: waits for somebody */
    u32 narrow; /* registers that count in 32 bits, a bit each */
    s64 stride[32];
    struct loop_stream stream[LOOP_STREAMS];
    struct loop_test test[LOOP_TESTS];
    struct loop_value stop[2]; /* values that tests compare with */
    struct loop_set {
        u8 rd;
        struct loop_value v;
    } set[LOOP_INSNS];
};

#endif
