/* SPDX-License-Identifier: MIT */
// rooms: engine time mmu hart isa base
/* Tests translation on the engine's fast paths: the modelled TLB alone decides
 * what hits, however few entries it has; stale entries serve until evicted; a
 * walk that is stepped ends like any other. */
#include "unit.h"

#include "engine/box.c"

#define LIMIT 50000000ull

static struct box *finished(const struct box_options *o, const char *source,
                            const char *flags)
{
    struct box *b = box_new(o);
    box_load(b, source, flags);
    box_run(b, BOX_WHOLE, 1, LIMIT);
    assert_true(b->done);
    return b;
}

static u64 misses(unsigned pages, unsigned rounds, bool timed, u64 *walks)
{
    char flags[100];
    struct box_options o = {.timed = timed, .tlb_entries = 8};
    snprintf(flags, sizeof(flags), "-DWHAT=1 -DPAGES=%u -DROUNDS=%u", pages,
             rounds);
    struct box *b = finished(&o, "pages.c", flags);
    u64 n = b->mmu.dtlb.stats.misses;
    *walks = b->mmu.walks;
    assert_int_equal(b->mmu.dtlb.stats.accesses, (u64)pages * rounds);
    box_free(b);
    return n;
}

TEST(test_n_pages)
{
    for (int timed = 0; timed < 2; timed++) {
        u64 w1, w2;
        assert_int_equal(misses(8, 5, timed, &w1), 8);
        assert_int_equal(misses(8, 25, timed, &w2), 8);
        assert_int_equal(w1, w2);
        assert_int_equal(misses(9, 5, timed, &w1), 45);
        assert_int_equal(misses(9, 25, timed, &w2), 225);
        assert_int_equal(w2 - w1, 180);
    }
}

static u64 result(bool timed, const char *flags)
{
    struct box_options o = {.timed = timed};
    struct box *b = finished(&o, "pages.c", flags);
    u64 code = b->code >> 1;

    box_free(b);
    return code;
}

TEST(test_stale)
{
    for (int timed = 0; timed < 2; timed++) {
        assert_int_equal(result(timed, "-DWHAT=2"), 0x11222);
        assert_int_equal(result(timed, "-DWHAT=3"), 0x1122);
    }
}

/* u54 has an L1 TLB of 32 entries and an L2 TLB of 128 sets of one; in fast
 * timing any core has 1024 sets of four. */
TEST(test_stale_until_evicted)
{
    const char *stays[] = {"-DWHAT=2 -DOTHERS=3 -DSTRIDE=1024",
                           "-DWHAT=2 -DOTHERS=127 -DSTRIDE=1"};
    const char *leaves[] = {"-DWHAT=2 -DOTHERS=4 -DSTRIDE=1024",
                            "-DWHAT=2 -DOTHERS=128 -DSTRIDE=1"};
    for (int timed = 0; timed < 2; timed++) {
        assert_int_equal(result(timed, stays[timed]), 0x11222);
        assert_int_equal(result(timed, leaves[timed]), 0x11221);
    }
}

/* Runs b and steps every walk to its end; returns the number of walks. */
static u64 run_stepping_walks(struct box *b)
{
    u64 caught = 0;
    b->mmu.catch_walk = true;
    while (!b->done && b->hart.cycle < LIMIT) {
        if (box_once(b, LIMIT, false) != ENGINE_WALK)
            continue;
        caught++;
        u64 cycle = b->hart.cycle, instret = b->hart.instret;
        assert_int_equal(b->mmu.walk.phase, WALK_ARMED);
        unsigned steps = 0;
        while (b->mmu.walk.phase == WALK_ARMED ||
               b->mmu.walk.phase == WALK_RUNNING) {
            struct walk_step s = engine_step_walk(b->engine);
            u64 pte;
            if (s.pte_pa && s.kind != STEP_FAULT) {
                memcpy(&pte, b->ram + (s.pte_pa - 0x80000000), 8);
                assert_int_equal(pte, s.pte);
            }
            assert_true(++steps <= WALK_STEPS_MAX);
        }
        assert_int_equal(b->hart.cycle, cycle);
        assert_int_equal(b->hart.instret, instret);
    }
    return caught;
}

TEST(test_stepped_walk)
{
    static const char *const flags[] = {"-DPAGED -DTICK=53 -DROUNDS=1",
                                        "-DPAGED -DTICK=19 -DROUNDS=1"};
    for (int timed = 0; timed < 2; timed++)
        for (unsigned i = 0; i < 2; i++) {
            char whole[33], stepped[33];
            struct box_options o = {.timed = timed, .tlb_entries = 6};
            struct box *b = finished(&o, "mix.c", flags[i]);
            u64 walks = b->mmu.walks;
            box_hash(b, whole);
            box_free(b);
            b = box_new(&o);
            box_load(b, "mix.c", flags[i]);
            assert_int_equal(run_stepping_walks(b), walks);
            assert_true(b->done);
            box_hash(b, stepped);
            assert_string_equal(whole, stepped);
            box_free(b);
        }
}

/* If the predictor's table is larger than a page, a branch whose frame is
 * mapped at two addresses has two counters, whatever the engine caches. */
TEST(test_code_at_two_addresses)
{
    struct box_options o = {.timed = true, .cpu = "u74"};
    char whole[33], steps[33];
    struct box *b = finished(&o, "pages.c", "-DWHAT=4");
    u64 wrong = engine_branch(b->engine)->mispredicts;
    box_hash(b, whole);
    box_free(b);
    b = box_new(&o);
    box_load(b, "pages.c", "-DWHAT=4");
    box_run(b, BOX_STEPS, 1, LIMIT);
    assert_int_equal(engine_branch(b->engine)->mispredicts, wrong);
    box_hash(b, steps);
    assert_string_equal(whole, steps);
    box_free(b);
}

/* The engine records the epoch of a frame's last use on every fast path, also
 * when milliseconds no longer fit in 32 bits. */
TEST(test_last_use)
{
    struct box_options o = {.timed = false};
    struct box *b = box_new(&o);
    box_asm(b, "li s0, 0x80010000\n li s1, 0x80020000\n ld t0, 0(s1)\n"
               "li t1, 1700000\n"
               "1: ld t0, 0(s0)\n addi t1, t1, -1\n bnez t1, 1b\n"
               "li t0, 0x100000\n li t1, 1\n sd t1, 0(t0)\n 2: j 2b\n");
    u64 per_ms = b->hart.clock_hz / 1000, before = 1ull << 32;
    engine_idle_until(b->engine, before * per_ms);
    box_run(b, BOX_WHOLE, 1, before * per_ms + LIMIT);
    assert_true(b->done);
    u64 now = 1 + b->hart.cycle / per_ms;
    const u64 *use = engine_last_use(b->engine);
    assert_true(now >= before + 5);
    assert_int_equal(use[0], now); /* code */
    assert_int_equal(use[0x10], now);
    assert_int_equal(use[0x20], before + 1);
    assert_int_equal(use[0x30], 0);
    box_free(b);
}
