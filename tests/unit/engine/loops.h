/* SPDX-License-Identifier: MIT */
/* Random loops of the sorts that the engine runs many iterations of at once,
 * and such as are nearly so. */
#ifndef TEST_ENGINE_LOOPS_H
#define TEST_ENGINE_LOOPS_H

#include "encode.h"

#define RAM    0x80000000ull
#define CODE   (RAM + 0x10000)
#define DATA   (RAM + 0x20000) /* so many bytes of which are made anew: */
#define BYTES  0x3000u
#define TABLES (RAM + 0x100000)
#define WIDE   (RAM + 0x140000) /* for loops that go far: */
#define WIDTH  0xb0000u

enum { P = 10, Q, V, W, END, STOP, COPY, COUNT, NARROW, CONST, STEP, INDEX };
enum sort { RANDOM, CLASSIC, STRIDER, COUNTER, SORTS };

/* One instruction of a loop's middle, of the sort that loops are made of. */
static u32 insn(u64 *s, unsigned size, int by)
{
    int off = (int)(below(s, 5) << size) - (2 << size);
    bool is_signed = size < 3 && below(s, 2);

    switch (below(s, 14)) {
    case 0:
    case 1:
    case 2:
        return i_type(3,
                      is_signed   ? size
                      : size == 3 ? 3
                                  : size + 4,
                      (unsigned)ONE_OF(s, V, V, V, W, 0),
                      (unsigned)ONE_OF(s, P, P, P, Q, COPY), off);
    case 3:
    case 4:
        return store(size, (unsigned)ONE_OF(s, Q, Q, Q, P, COPY),
                     (unsigned)ONE_OF(s, V, V, V, 0, STOP, COUNT, CONST), off);
    case 5:
    case 6:
        return i_type(0x13, 0, P, (unsigned)ONE_OF(s, P, P, P, COPY), by);
    case 7:
        return i_type(0x13, 0, Q, Q, by);
    case 8:
        return i_type(0x13, 0, COUNT, COUNT, ONE_OF(s, -1, -1, -1, 1, -2));
    case 9:
        return i_type(0x1b, 0, NARROW, NARROW, ONE_OF(s, 1, 1, 3, -1));
    case 10:
        return r_type(0, 0, (unsigned)ONE_OF(s, COPY, V, 0), 0,
                      (unsigned)ONE_OF(s, P, Q, V));
    case 11:
        return u_type(CONST, (unsigned)ONE_OF(s, 0x80000, 0x7ffff, 1));
    case 12:
        return i_type(below(s, 3) ? 0x1b : 0x13, 0, CONST,
                      (unsigned)ONE_OF(s, CONST, CONST, NARROW),
                      ONE_OF(s, -1, 1, 2047, -2048));
    default:
        return below(s, 4) ? i_type(0x13, 0, COPY, P, by)
                           : i_type(0x1b, 0, V, V, ONE_OF(s, 0, 0, 0, 1));
    }
}

static u32 closing(u64 *s, int to)
{
    switch (below(s, 10)) {
    case 0:
        return branch(1, V, 0, to);
    case 1:
        return branch((unsigned)ONE_OF(s, 0, 1), V, STOP, to);
    case 2:
        return branch(0, W, V, to);
    case 3:
        return branch((unsigned)ONE_OF(s, 1, 6, 4), P, END, to);
    case 4:
        return branch((unsigned)ONE_OF(s, 1, 7, 5), END, P, to);
    case 5:
        return branch((unsigned)ONE_OF(s, 1, 4, 5, 6, 7), NARROW, 0, to);
    case 6:
        return branch((unsigned)ONE_OF(s, 1, 4, 5, 6, 7), 0, COUNT, to);
    case 7:
        return jump(to);
    case 8: /* what was loaded beside what moves */
        return branch((unsigned)ONE_OF(s, 0, 1, 1, 6), V,
                      (unsigned)ONE_OF(s, COUNT, COUNT, NARROW, P), to);
    default:
        return branch(1, COUNT, 0, to);
    }
}

/* A loop, and one instruction that it leaves for: a jump to itself. */
static unsigned make(u64 *s, u32 *code)
{
    unsigned n = 2 + below(s, 8), size = below(s, 4), i;
    int by = ONE_OF(s, 1, 1, 1, -1, 2, 16, 0, 3) * (int)(1u << size);

    for (i = 0; i + 1 < n; i++) {
        int out = (int)(n - i) * 4;
        if (below(s, 8))
            code[i] = insn(s, size, by);
        else
            code[i] = branch((unsigned)ONE_OF(s, 0, 1), V,
                             (unsigned)ONE_OF(s, 0, STOP, W, COUNT, P), out);
    }
    code[i] = closing(s, -4 * (int)i);
    code[n] = jump(0);
    return n + 1;
}

/* The classics, which must be found; and what looks like one. */
static unsigned make_classic(u64 *s, u32 *code)
{
    unsigned size = below(s, 4), load = size == 3 ? 3 : size + 4, n = 0;
    unsigned what = below(s, 6);
    int by = 1 << size, back, more = ONE_OF(s, 0, 1);

    if (what == 0) { /* compare */
        code[n++] = i_type(3, load, W, Q, 0);
        code[n++] = branch(0, W, 0, 24);
        code[n++] = i_type(0x13, 0, Q, Q, by);
    }
    if (what == 5)
        code[n++] = i_type(0x13, 0, COUNT, COUNT, -1);
    if (what != 4)
        code[n++] = i_type(3, load, V, P, 0);
    code[n++] = i_type(0x13, 0, P, P, by);
    if (what == 1 || what == 2 || what == 4) {
        code[n++] = store(size, Q, what == 4 ? STOP : V, 0);
        if (more && what == 2) {
            code[n++] = i_type(3, load, V, P, 0);
            code[n++] = store(size, Q, V, by);
        }
        code[n++] = i_type(0x13, 0, Q, Q, by);
    }
    back = -4 * (int)n;
    if (what == 0)
        code[n++] = branch(0, W, V, back);
    else if (what == 5) /* by no means a count */
        code[n++] = branch(1, more ? V : COUNT, more ? COUNT : V, back);
    else if (what == 1 || what == 3)
        code[n++] = branch(1, V, more ? STOP : 0, back);
    else
        code[n++] = branch(6, P, END, back);
    code[n++] = jump(0);
    return n;
}

/* An index's address for make_strider. */
static unsigned make_index(u64 *s, u32 *code, unsigned what)
{
    unsigned shift = below(s, 4), n = 0;

    if (what < 2) { /* zext.w, scaled */
        unsigned of = below(s, 4) ? NARROW : INDEX;
        if (of == INDEX)
            code[n++] = i_type(0x1b, 0, INDEX, NARROW, ONE_OF(s, 1, 2, -1));
        code[n++] = i_type(0x13, 1, INDEX, of, 32);
        code[n++] = i_type(0x13, 5, INDEX, INDEX, 32 - (int)shift);
    } else {
        code[n++] = i_type(0x13, 1, INDEX, NARROW, (int)shift);
    }
    code[n++] = r_type(0, 0, INDEX, (unsigned)ONE_OF(s, INDEX, P),
                       (unsigned)ONE_OF(s, P, INDEX));
    return n;
}

/* One access an iteration, to P + (an index << shift), or to P itself; the
 * index, or P, moves by a register or a constant. */
static unsigned make_strider(u64 *s, u32 *code)
{
    unsigned size = below(s, 4), what = below(s, 6), n = 0;
    unsigned f3 = size == 3 || below(s, 2) ? size : size + 4;
    unsigned base = what < 4 ? INDEX : P, moved = what < 4 ? NARROW : P;
    int off = ONE_OF(s, 0, 0, 0, 8, -8, 1), back;
    bool word = what < 3;
    u32 *out = NULL;

    if (what < 4)
        n = make_index(s, code, what);
    if (!below(s, 4)) /* a way out before it */
        out = &code[n++];
    if (below(s, 2))
        code[n++] = store(size, base, (unsigned)ONE_OF(s, 0, STOP, COUNT), off);
    else
        code[n++] = i_type(3, f3, V, base, off);
    if (out || !below(s, 4))
        code[n++] = i_type(0x13, 0, COUNT, COUNT, -1);
    if (below(s, 4))
        code[n++] = r_type(0, 0, moved, moved, STEP) | (word ? 8 : 0);
    else
        code[n++] = i_type(word ? 0x1b : 0x13, 0, moved, moved,
                           ONE_OF(s, 64, 192, -64, 2047, 24, 1));
    if (what >= 4 && below(s, 2)) { /* a count of 32 bits goes by */
        code[n++] = i_type(0x13, 1, INDEX, W, 32);
        code[n++] = i_type(0x13, 5, INDEX, INDEX, 32);
        code[n++] = r_type(0, 0, W, W, CONST) | 8;
    }
    if (!below(s, 4)) /* may issue with the branch */
        code[n++] = i_type(0x13, 0, COUNT, COUNT, -1);
    back = -4 * (int)n;
    code[n++] = branch((unsigned)ONE_OF(s, 6, 6, 6, 4, 1, 7), moved,
                       what < 4 ? STOP : END, back);
    if (out)
        *out = branch((unsigned)ONE_OF(s, 0, 4), COUNT, 0,
                      4 * (int)(code + n - out));
    code[n++] = jump(0);
    return n;
}

/* Counts of 32 bits by large constants and by each other, and what is stored of
 * their sums: all that is to be there of it is 32 bits. */
static unsigned make_counter(u64 *s, u32 *code)
{
    bool large = below(s, 2);
    unsigned by = (unsigned)(large ? ONE_OF(s, V, V, INDEX, STEP) : STEP);
    unsigned of = (unsigned)(large ? ONE_OF(s, V, INDEX) : INDEX), n = 0;
    int back;

    if (large && below(s, 2)) {
        code[n++] = u_type(V, (unsigned)ONE_OF(s, 1, 0x100, 0x1000, 0x1000,
                                               0x7ffff, 0x80000, 0xff000));
    } else if (large) {
        code[n++] = i_type(0x13, 0, V, 0, ONE_OF(s, 1, 0x7ff, -1));
        code[n++] = i_type(0x13, 1, V, V, ONE_OF(s, 12, 20, 24));
    }
    if (below(s, 4)) {
        code[n++] = r_type(0, 0, W, NARROW, of) | 8;
        code[n++] = store(3, Q, W, 0);
        code[n++] = i_type(0x13, 0, Q, Q, 8);
    }
    code[n++] = r_type(0, 0, NARROW, NARROW, by) | 8;
    if (by != INDEX && below(s, 4))
        code[n++] = r_type(0, 0, INDEX, INDEX, CONST) | 8;
    back = -4 * (int)n;
    code[n] = branch((unsigned)ONE_OF(s, 1, 1, 4, 6), NARROW, END, back);
    code[++n] = jump(0);
    return n + 1;
}

static void fill(u64 *s, u8 *ram)
{
    unsigned n = 1u << below(s, 9);

    for (unsigned i = 0; i < BYTES; i++) {
        ram[i] = below(s, n) ? (u8)(1 + i % 3) : (u8)below(s, 4);
        ram[BYTES + i] = below(s, 4 * n) ? ram[i] : 7;
    }
}

struct trial {
    u32 code[28];
    unsigned n;
    u64 pc, cycles, x[32];
    bool anew;
    u8 data[2 * BYTES];
};

static void invent_strider(struct trial *t, u64 *s)
{
    t->n = make_strider(s, t->code);
    t->pc = CODE + 2 * below(s, 2000);
    t->cycles = 50 + below(s, 1u << (6 + below(s, 12)));
    t->x[P] = WIDE + below(s, WIDTH / 8) * (below(s, 8) ? 8 : 1);
    t->x[STEP] = below(s, 1u << below(s, 16));
    t->x[NARROW] = below(s, 4) ? below(s, 5000) : -(u64)below(s, 5000);
    if (!below(s, 16))
        t->x[NARROW] += 0x7fffe000;
    if (!below(s, 8)) { /* into its own code, perhaps */
        t->x[P] = t->pc - 8 * below(s, 100);
        t->x[STEP] = 8 * below(s, 8);
    } else if (!below(s, 4)) { /* from the page before that */
        t->pc = WIDE + ((u64)below(s, WIDTH >> 12) << 12) + 2 * below(s, 8);
        t->x[P] = (t->pc & ~4095ull) - 8 * below(s, 100);
        t->x[STEP] = 8 * (4 + below(s, 8));
        t->x[NARROW] = below(s, 10);
        t->cycles = 20000 + below(s, 10000); /* or it is not asked for */
    }
    t->x[END] = t->x[P] + below(s, WIDTH / 2);
    t->x[CONST] = below(s, 1u << (20 + below(s, 11))) * (u64)ONE_OF(s, 1, -1);
    t->x[W] = (u64)(s32)(below(s, 1u << below(s, 31)) * 2);
    if (below(s, 3))
        t->x[STEP] &= ~7ull;
    if (!below(s, 8))
        t->x[STEP] = -t->x[STEP];
    t->x[STOP] = t->x[NARROW] + below(s, WIDTH / 8);
    t->x[COUNT] = below(s, 400);
}

static void invent_counter(struct trial *t, u64 *s)
{
    t->n = make_counter(s, t->code);
    t->pc = CODE + 2 * below(s, 2000);
    t->cycles = 50 + below(s, 1u << (6 + below(s, 10)));
    t->x[Q] = DATA + 8 * below(s, 2 * BYTES / 8);
    t->x[NARROW] = (u64)ONE_OF(s, 0, 0, 0x1fc00000, -0x1fc00000);
    t->x[INDEX] = below(s, 0x40000000) - 0x20000000ull;
    t->x[STEP] = below(s, 1u << (16 + below(s, 14)));
    t->x[CONST] = below(s, 2) ? t->x[STEP] : below(s, 0x400000);
    if (!below(s, 4))
        t->x[STEP] = -t->x[STEP];
    t->x[END] = (u64)(s32)(t->x[NARROW] + below(s, 400) * t->x[STEP]);
    if (below(s, 2))
        t->x[END] = (u64)INT32_MIN;
}

static void invent(struct trial *t, u64 *s, enum sort sort)
{
    memset(t, 0, sizeof(*t));
    if (sort == STRIDER) {
        invent_strider(t, s);
        return;
    }
    if (sort == COUNTER) {
        invent_counter(t, s);
        return;
    }
    t->n = sort == CLASSIC ? make_classic(s, t->code) : make(s, t->code);
    t->pc = CODE + 2 * below(s, 2000);
    t->cycles = 50 + below(s, 1u << (6 + below(s, 8)));
    t->x[P] = DATA + 512 + 8 * below(s, 500);
    t->x[Q] = t->x[P] + BYTES;
    if (!below(s, 4))
        t->x[Q] = t->x[P] - 16 + below(s, 32);
    if (!below(s, 16)) /* into its own code, perhaps */
        t->x[Q] = t->pc - 8 * below(s, 40);
    t->x[END] = t->x[P] + 8 * below(s, 300);
    t->x[STOP] = below(s, 4);
    t->x[COPY] = t->x[P];
    t->x[COUNT] = below(s, 400);
    t->x[NARROW] = below(s, 8) ? -(u64)below(s, 400) : 0x7ffffff0;
    t->anew = !below(s, 4);
    fill(s, t->data);
}

#endif
