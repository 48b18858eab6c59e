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
#include "engine/loops.h"

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
    b->hart.priv = b->hart.satp ? PRV_S : PRV_M; /* it may have trapped */
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

/* Two boxes, of which the second runs in steps; and that they have ended alike.
 */
static void begin_two(struct box *b[2], bool timed, bool paged)
{
    for (unsigned i = 0; i < 2; i++) {
        b[i] = box_new(&(struct box_options){.timed = timed});
        if (paged)
            map(b[i]);
    }
}

static void perform_two(struct box *b[2], const struct trial *t)
{
    perform(b[0], t, BOX_WHOLE);
    perform(b[1], t, BOX_STEPS);
    same(b[0], b[1], 0);
}

static void end_two(struct box *b[2])
{
    same_all(b[0], b[1]);
    box_free(b[0]);
    box_free(b[1]);
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
        begin_two(b, timed, false);
        perform_two(b, &t);
        assert_int_equal(b[0]->hart.x[COUNT], 21);
        end_two(b);
    }
}

/* A way out before the access, which is taken to be left by: what it costs that
 * it is not comes before the access, and makes that another time of day. */
static void test_way_out_before_an_access(void **state)
{
    (void)state;
    for (u64 count = 1; count < 8; count++) {
        struct trial t = {.n = 6, .pc = CODE};
        struct box *b[2];
        t.code[0] = branch(0, COUNT, 0, 20);
        t.code[1] = i_type(3, 3, V, P, 0);
        t.code[2] = i_type(0x13, 0, COUNT, COUNT, -1);
        t.code[3] = r_type(0, 0, P, P, STEP);
        t.code[4] = branch(6, P, END, -16);
        t.code[5] = jump(0);
        t.x[STEP] = 4096 + 64;
        t.x[END] = WIDE + WIDTH;
        begin_two(b, true, false);
        for (unsigned i = 0; i < 6; i++) {
            t.cycles = i < 5 ? 2000 : 100000;
            t.x[P] = WIDE + 128 * i;
            t.x[COUNT] = i < 5 ? count : 200;
            perform_two(b, &t);
        }
        end_two(b);
    }
}

/* A loop at pc of one access to each line from WIDE on, by P. */
static struct trial line_after_line(u32 access, u64 pc)
{
    struct trial t = {.n = 4, .pc = pc, .cycles = 100000};

    t.code[0] = access;
    t.code[1] = r_type(0, 0, P, P, STEP);
    t.code[2] = branch(6, P, END, -8);
    t.code[3] = jump(0);
    t.x[P] = WIDE;
    t.x[STEP] = 64;
    t.x[END] = WIDE + WIDTH;
    return t;
}

/* From the page before into its own first instruction: the page comes, but the
 * block is the executor's to leave. */
static void test_stride_into_its_code(void **state)
{
    (void)state;
    for (unsigned paged = 0; paged < 2; paged++) {
        struct trial t = line_after_line(store(3, P, 0, 0), WIDE + 4096);
        struct box *b[2];
        begin_two(b, true, paged);
        perform_two(b, &t);
        assert_int_equal(b[0]->hart.mcause, CAUSE_FETCH_ACCESS);
        assert_true(engine_host_stats(b[0]->engine).rounds > 40);
        end_two(b);
    }
}

/* To a page that is not mapped: the fault is the executor's to take. */
static void test_stride_to_a_fault(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 4; kind++) {
        u32 access = kind & 1 ? store(3, P, V, 0) : i_type(3, 3, V, P, 0);
        struct trial t = line_after_line(access, CODE);
        struct box *b[2];
        begin_two(b, kind & 2, true);
        for (unsigned i = 0; i < 2; i++)
            put_le(b[i]->ram + (TABLES + 0x2000 - RAM) +
                       8 * ((WIDE - RAM) / 4096 + 9),
                   0, 8);
        perform_two(b, &t);
        assert_int_equal(b[0]->hart.x[P], WIDE + 9 * 4096);
        assert_true(engine_host_stats(b[0]->engine).rounds > 40);
        end_two(b);
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
        assert_true(trials(o, paged, COUNTER) > 20 * TRIALS);
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
    for (unsigned both = 0; both < 4; both++)
        for (enum sort sort = RANDOM; sort < SORTS; sort++)
            trials(&(struct box_options){.timed = both & 1, .epoch = 700},
                   both >> 1, sort);
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
        cmocka_unit_test(test_way_out_before_an_access),
        cmocka_unit_test(test_stride_into_its_code),
        cmocka_unit_test(test_stride_to_a_fault),
        cmocka_unit_test(test_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
