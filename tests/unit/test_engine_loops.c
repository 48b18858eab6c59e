/* SPDX-License-Identifier: MIT */
// rooms: engine time mmu hart isa base
/* Loops of which the engine runs many iterations at once: random ones, whole,
 * in single steps and in pieces, end alike in every register, cycle and byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/box.c"
#include "engine/encode.h"

#define RAM    0x80000000ull
#define CODE   (RAM + 0x10000)
#define DATA   (RAM + 0x20000) /* so many bytes of which are made anew: */
#define BYTES  0x3000u
#define TABLES (RAM + 0x100000)
#define WIDE   (RAM + 0x140000) /* for loops that go far: */
#define WIDTH  0xb0000u

enum { P = 10, Q, V, W, END, STOP, COPY, COUNT, NARROW, CONST, STEP, INDEX };
enum sort { RANDOM, CLASSIC, STRIDER, SORTS };

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
    switch (below(s, 9)) {
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
                             (unsigned)ONE_OF(s, 0, STOP, W), out);
    }
    code[i] = closing(s, -4 * (int)i);
    code[n] = jump(0);
    return n + 1;
}

/* The classics, which must be found. */
static unsigned make_classic(u64 *s, u32 *code)
{
    unsigned size = below(s, 4), load = size == 3 ? 3 : size + 4, n = 0;
    unsigned what = below(s, 5);
    int by = 1 << size, back, more = ONE_OF(s, 0, 1);

    if (what == 0) { /* compare */
        code[n++] = i_type(3, load, W, Q, 0);
        code[n++] = branch(0, W, 0, 24);
        code[n++] = i_type(0x13, 0, Q, Q, by);
    }
    if (what < 4)
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
    else if (what == 1 || what == 3)
        code[n++] = branch(1, V, more ? STOP : 0, back);
    else
        code[n++] = branch(6, P, END, back);
    code[n++] = jump(0);
    return n;
}

/* One access an iteration, to P + (an index << shift), or to P itself; the
 * index, or P, moves by a register or a constant. */
static unsigned make_strider(u64 *s, u32 *code)
{
    unsigned size = below(s, 4), shift = below(s, 4), n = 0, what = below(s, 6);
    unsigned f3 = size == 3 || below(s, 2) ? size : size + 4;
    unsigned base = what < 4 ? INDEX : P, moved = what < 4 ? NARROW : P;
    int off = ONE_OF(s, 0, 0, 0, 8, -8, 1), back;
    bool word = what < 3;

    if (what < 2) { /* zext.w, scaled */
        unsigned of = below(s, 4) ? NARROW : INDEX;
        if (of == INDEX)
            code[n++] = i_type(0x1b, 0, INDEX, NARROW, ONE_OF(s, 1, 2, -1));
        code[n++] = i_type(0x13, 1, INDEX, of, 32);
        code[n++] = i_type(0x13, 5, INDEX, INDEX, 32 - (int)shift);
    } else if (what < 4) {
        code[n++] = i_type(0x13, 1, INDEX, NARROW, (int)shift);
    }
    if (what < 4)
        code[n++] = r_type(0, 0, INDEX, (unsigned)ONE_OF(s, INDEX, P),
                           (unsigned)ONE_OF(s, P, INDEX));
    if (below(s, 2))
        code[n++] = store(size, base, (unsigned)ONE_OF(s, 0, STOP, COUNT), off);
    else
        code[n++] = i_type(3, f3, V, base, off);
    if (!below(s, 4))
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
    code[n++] = jump(0);
    return n;
}

static void fill(u64 *s, u8 *ram)
{
    unsigned n = 1u << below(s, 9);

    for (unsigned i = 0; i < BYTES; i++) {
        ram[i] = below(s, n) ? (u8)(1 + i % 3) : (u8)below(s, 4);
        ram[BYTES + i] = below(s, 4 * n) ? ram[i] : 7;
    }
}

/* Everything in S-mode, each page where it is. */
static void map(struct box *b)
{
    u64 *t = (u64 *)(b->ram + (TABLES - RAM));

    t[2] = (TABLES + 0x1000) >> 12 << 10 | 1;
    t[512] = (TABLES + 0x2000) >> 12 << 10 | 1;
    for (u64 i = 0; i < 512; i++)
        t[1024 + i] = (RAM + i * 4096) >> 12 << 10 | 0xcf;
    b->hart.pmpaddr[0] = ~0ull >> 10;
    b->hart.pmpcfg[0] = 0x1f;
    b->hart.satp = SATP_MODE_SV39 << 60 | TABLES >> 12;
    b->hart.priv = PRV_S;
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
    if (!below(s, 8)) { /* into its own code, perhaps */
        t->x[P] = t->pc - 8 * below(s, 100);
        t->x[STEP] = 8 * below(s, 8);
    }
    t->x[END] = t->x[P] + below(s, WIDTH / 2);
    t->x[CONST] = below(s, 1u << (20 + below(s, 11))) * (u64)ONE_OF(s, 1, -1);
    t->x[W] = (u64)(s32)(below(s, 1u << below(s, 31)) * 2);
    if (below(s, 3))
        t->x[STEP] &= ~7ull;
    if (!below(s, 8))
        t->x[STEP] = -t->x[STEP];
    t->x[NARROW] = below(s, 4) ? below(s, 5000) : -(u64)below(s, 5000);
    if (!below(s, 16))
        t->x[NARROW] += 0x7fffe000;
    t->x[STOP] = t->x[NARROW] + below(s, WIDTH / 8);
    t->x[COUNT] = below(s, 400);
}

static void invent(struct trial *t, u64 *s, enum sort sort)
{
    memset(t, 0, sizeof(*t));
    if (sort == STRIDER) {
        invent_strider(t, s);
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

static void perform(struct box *b, const struct trial *t, enum box_manner how)
{
    u64 limit = b->hart.cycle + t->cycles;

    memcpy(b->ram + (t->pc - RAM), t->code, sizeof(t->code));
    engine_ram_written(b->engine, t->pc, sizeof(t->code));
    if (t->anew) {
        memcpy(b->ram + (DATA - RAM), t->data, sizeof(t->data));
        engine_ram_written(b->engine, DATA, sizeof(t->data));
    }
    memcpy(b->hart.x, t->x, sizeof(t->x));
    b->hart.pc = t->pc;
    box_run(b, how, t->cycles, limit);
}

static void show(const struct box *a, const struct box *b)
{
    for (unsigned i = 0; i < 32; i++)
        if (a->hart.x[i] != b->hart.x[i])
            printf("x%u %lx, in steps %lx\n", i, a->hart.x[i], b->hart.x[i]);
    printf("pc %lx %lx cycle %lu %lu instret %lu %lu\n", a->hart.pc, b->hart.pc,
           a->hart.cycle, b->hart.cycle, a->hart.instret, b->hart.instret);
}

static void same(const struct box *a, const struct box *b, unsigned trial)
{
    if (a->hart.pc != b->hart.pc || a->hart.cycle != b->hart.cycle ||
        a->hart.instret != b->hart.instret ||
        memcmp(a->hart.x, b->hart.x, sizeof(a->hart.x))) {
        show(a, b);
        fail_msg("trial %u", trial);
    }
}

static void same_all(const struct box *a, struct box *b)
{
    char one[33], other[33];

    box_hash((struct box *)(uintptr_t)a, one);
    box_hash(b, other);
    assert_string_equal(one, other);
    struct memtime_stats m = memtime_stats(&a->mem), o = memtime_stats(&b->mem);
    assert_int_equal(m.l1d.accesses, o.l1d.accesses);
    assert_int_equal(m.l1i.accesses, o.l1i.accesses);
    assert_int_equal(a->mmu.dtlb.stats.accesses, b->mmu.dtlb.stats.accesses);
    assert_int_equal(a->mmu.itlb.stats.accesses, b->mmu.itlb.stats.accesses);
    assert_int_equal(box_cycles_sum(a), a->hart.cycle);
}

#define TRIALS 300

/* Returns how many iterations were run at once. */
static u64 trials(const struct box_options *o, bool paged, enum sort sort)
{
    static struct trial t;
    struct box *b[3];
    u64 seed = 77 + paged + 2 * sort, rounds;

    for (unsigned i = 0; i < 3; i++) {
        b[i] = box_new(o);
        if (paged)
            map(b[i]);
    }
    for (unsigned i = 0; i < TRIALS; i++) {
        invent(&t, &seed, sort);
        for (unsigned how = BOX_WHOLE; how <= BOX_PIECES; how++) {
            perform(b[how], &t, (enum box_manner)how);
            same(b[how], b[BOX_WHOLE], i);
        }
        if (i % 50 == 49) {
            same_all(b[BOX_WHOLE], b[BOX_STEPS]);
            same_all(b[BOX_WHOLE], b[BOX_PIECES]);
        }
    }
    rounds = engine_host_stats(b[BOX_WHOLE]->engine).rounds;
    assert_int_equal(engine_host_stats(b[BOX_STEPS]->engine).rounds, 0);
    for (unsigned i = 0; i < 3; i++)
        box_free(b[i]);
    return rounds;
}

/* One loop, in all manners; *b: the box that ran it whole. */
static struct box *alike(const struct box_options *o, const struct trial *t)
{
    struct box *b[3];

    for (unsigned how = BOX_WHOLE; how <= BOX_PIECES; how++) {
        b[how] = box_new(o);
        perform(b[how], t, (enum box_manner)how);
        same(b[how], b[BOX_WHOLE], how);
    }
    same_all(b[BOX_WHOLE], b[BOX_STEPS]);
    same_all(b[BOX_WHOLE], b[BOX_PIECES]);
    assert_true(engine_host_stats(b[BOX_WHOLE]->engine).rounds > 10);
    box_free(b[BOX_STEPS]);
    box_free(b[BOX_PIECES]);
    return b[BOX_WHOLE];
}

/* li of 0x7fffffff is lui and addiw, which wraps: what was stored had 33 bits.
 */
static void test_constant_wraps_at_32_bits(void **state)
{
    (void)state;
    for (unsigned timed = 0; timed < 2; timed++) {
        struct trial t = {.n = 6, .pc = CODE, .cycles = 100000};
        u64 v;
        t.code[0] = u_type(V, 0x80000);
        t.code[1] = i_type(0x1b, 0, V, V, -1);
        t.code[2] = store(3, Q, V, 0);
        t.code[3] = i_type(0x13, 0, Q, Q, 8);
        t.code[4] = branch(1, Q, END, -16);
        t.code[5] = jump(0);
        t.x[Q] = DATA;
        t.x[END] = DATA + 4096;
        struct box *b = alike(&(struct box_options){.timed = timed}, &t);
        memcpy(&v, b->ram + (DATA - RAM) + 800, 8);
        assert_int_equal(v, 0x7fffffff);
        box_free(b);
    }
}

/* As many steps of 2047 as a loop has room for: of a count that had begun in
 * the middle, 30000 iterations at once did not see that it wraps. */
static void test_count_leaves_32_bits(void **state)
{
    (void)state;
    struct trial t = {.n = 24, .pc = CODE, .cycles = 3000000};
    for (unsigned i = 0; i < 22; i++)
        t.code[i] = i_type(0x1b, 0, NARROW, NARROW, 2047);
    t.code[22] = branch(1, NARROW, END, -88);
    t.code[23] = jump(0);
    t.x[NARROW] = 0x30000000;
    t.x[END] = (u64)(s32)(0x30000000u + 30000u * 22 * 2047);
    box_free(alike(&(struct box_options){.timed = false}, &t));
}

/* What was loaded, compared with a count: it was taken for a count that stands
 * still. */
static void test_loaded_beside_a_count(void **state)
{
    (void)state;
    for (unsigned timed = 0; timed < 2; timed++) {
        struct trial t = {.n = 5, .pc = CODE, .cycles = 100000, .anew = true};
        struct box *b[2];
        u64 v = 21;
        memcpy(t.data + 160, &v, 8);
        t.code[0] = i_type(3, 3, V, P, 0);
        t.code[1] = i_type(0x13, 0, P, P, 8);
        t.code[2] = i_type(0x13, 0, COUNT, COUNT, 1);
        t.code[3] = branch(1, V, COUNT, -12);
        t.code[4] = jump(0);
        t.x[P] = DATA;
        for (unsigned how = 0; how < 2; how++) {
            b[how] = box_new(&(struct box_options){.timed = timed});
            perform(b[how], &t, how ? BOX_STEPS : BOX_WHOLE);
            assert_int_equal(b[how]->hart.x[COUNT], 21);
        }
        same_all(b[0], b[1]);
        box_free(b[0]);
        box_free(b[1]);
    }
}

/* A sum that passes by its end, and comes round to it after 2^64: it was taken
 * for one that never gets there, and went on behind the end. */
static void test_sum_comes_round(void **state)
{
    (void)state;
    for (unsigned timed = 0; timed < 2; timed++) {
        struct trial t = {.n = 5, .pc = CODE, .cycles = 100000};
        t.code[0] = store(3, Q, V, 0);
        t.code[1] = r_type(0, 0, V, V, STEP);
        t.code[2] = i_type(0x13, 0, Q, Q, 8);
        t.code[3] = branch(1, V, END, -12);
        t.code[4] = jump(0);
        t.x[Q] = DATA;
        t.x[V] = 0x123456789abcdef;
        t.x[STEP] = 0x9e3779b97f4a7c15;
        t.x[END] = t.x[V] + 300 * t.x[STEP];
        struct box *b = alike(&(struct box_options){.timed = timed}, &t);
        assert_int_equal(b->hart.x[Q], DATA + 8 * 300);
        box_free(b);
    }
}

/* What waits for an interrupt: to itself, and asking memory, which nobody else
 * changes. All of it is one run, however long. */
static void test_waiting(void **state)
{
    static const char *const cpus[] = {NULL, "u54", "rocket", "u74", "ideal"};
    struct trial t[] = {
        {.n = 1, .code = {jump(0)}},
        {.n = 2, .code = {i_type(3, 3, V, P, 0), branch(0, V, 0, -4)}},
        {.n = 2, .code = {i_type(3, 4, V, P, 1), branch(1, V, STOP, -4)}},
        {.n = 5,
         .code = {0x0100000f, /* pause */
                  i_type(3, 2, V, P, 4), i_type(0x13, 0, 0, 0, 0),
                  branch(1, V, 0, 8), jump(-16)}},
        {.n = 4,
         .code = {i_type(3, 3, V, P, 0), i_type(3, 3, W, P, 8),
                  i_type(0x13, 0, COUNT, COUNT, -1), branch(0, V, W, -12)}},
    };
    (void)state;
    for (unsigned c = 0; c < ARRAY_LEN(cpus); c++)
        for (unsigned i = 0; i < ARRAY_LEN(t); i++) {
            t[i].pc = CODE;
            t[i].cycles = 40000;
            t[i].x[P] = DATA;
            t[i].x[STOP] = 7;
            struct box_options o = {.timed = c, .cpu = cpus[c]};
            struct box *b = alike(&o, &t[i]);
            assert_true(engine_host_stats(b->engine).rounds > 5000);
            u64 before = b->hart.instret;
            box_run(b, BOX_WHOLE, 0, 20000000000);
            assert_true(b->hart.instret - before > 6000000000);
            assert_int_equal(box_cycles_sum(b), b->hart.cycle);
            box_free(b);
        }
}

static void all_trials(const struct box_options *o)
{
    for (unsigned paged = 0; paged < 2; paged++) {
        assert_true(trials(o, paged, CLASSIC) > 100 * TRIALS);
        assert_true(trials(o, paged, RANDOM) > 20 * TRIALS);
        assert_true(trials(o, paged, STRIDER) > 50 * TRIALS);
    }
}

static void test_fast(void **state)
{
    (void)state;
    all_trials(&(struct box_options){.timed = false});
}

static void test_cycle(void **state)
{
    static const char *const cpus[] = {"u54", "rocket", "u74", "ideal"};
    (void)state;
    for (unsigned i = 0; i < ARRAY_LEN(cpus); i++)
        all_trials(&(struct box_options){.timed = true, .cpu = cpus[i]});
}

static void test_small_tlb(void **state)
{
    (void)state;
    for (unsigned timed = 0; timed < 2; timed++)
        for (enum sort sort = CLASSIC; sort < SORTS; sort++)
            trials(&(struct box_options){.timed = timed, .tlb_entries = 2},
                   true, sort);
}

/* The software TLBs empty in the middle of loops. */
static void test_short_epochs(void **state)
{
    (void)state;
    for (unsigned timed = 0; timed < 2; timed++)
        for (enum sort sort = RANDOM; sort < SORTS; sort++)
            trials(&(struct box_options){.timed = timed, .epoch = 700}, true,
                   sort);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fast),
        cmocka_unit_test(test_cycle),
        cmocka_unit_test(test_small_tlb),
        cmocka_unit_test(test_short_epochs),
        cmocka_unit_test(test_constant_wraps_at_32_bits),
        cmocka_unit_test(test_count_leaves_32_bits),
        cmocka_unit_test(test_sum_comes_round),
        cmocka_unit_test(test_loaded_beside_a_count),
        cmocka_unit_test(test_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
