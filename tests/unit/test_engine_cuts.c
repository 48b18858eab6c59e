/* SPDX-License-Identifier: MIT */
// rooms: engine time mmu hart isa base
/* Cost and interrupts never depend on how a run is cut: whole, in single steps
 * or in random pieces, it ends with the same digest of all state. The programs
 * run unpaged in M-mode or paged in U-mode, with and without a timer, in both
 * timings. SOAK=1 tries more pieces. */
#include "unit.h"

#include "engine/box.c"

#define LIMIT 400000000ull

struct result {
    char hash[33];
    u64 code, cycles, instret;
    u64 l1d, l1i, dtlb, itlb;
};

static struct result once(const struct box_options *o, const char *flags,
                          enum box_manner how, u64 seed)
{
    struct box *b = box_new(o);
    struct result r = {0};

    box_load(b, "mix.c", flags);
    box_run(b, how, seed, LIMIT);
    assert_true(b->done);
    assert_int_equal(box_cycles_sum(b), b->hart.cycle);
    box_hash(b, r.hash);
    struct memtime_stats ms = memtime_stats(&b->mem);
    r.code = b->code;
    r.cycles = b->hart.cycle;
    r.instret = b->hart.instret;
    r.l1d = ms.l1d.accesses;
    r.l1i = ms.l1i.accesses;
    r.dtlb = b->mmu.dtlb.stats.accesses;
    r.itlb = b->mmu.itlb.stats.accesses;
    if (getenv("SHOW"))
        printf("%s how=%d code=%llx cycles=%llu instret=%llu l1d=%llu l1i=%llu "
               "dtlb=%llu itlb=%llu bp=%llu/%llu %s\n",
               flags, how, r.code, r.cycles, r.instret, r.l1d, r.l1i, r.dtlb,
               r.itlb, engine_branch(b->engine)->mispredicts,
               engine_branch(b->engine)->branches, r.hash);
    box_free(b);
    return r;
}

static void same(const struct result *a, const struct result *b)
{
    assert_int_equal(a->code, b->code);
    assert_int_equal(a->instret, b->instret);
    assert_int_equal(a->cycles, b->cycles);
    assert_int_equal(a->l1d, b->l1d);
    assert_int_equal(a->l1i, b->l1i);
    assert_int_equal(a->dtlb, b->dtlb);
    assert_int_equal(a->itlb, b->itlb);
    assert_string_equal(a->hash, b->hash);
}

static void all_cuts(const struct box_options *o, const char *flags)
{
    struct result whole = once(o, flags, BOX_WHOLE, 1);
    struct result steps = once(o, flags, BOX_STEPS, 1);
    assert_int_equal(whole.code & 1, 1);
    assert_int_not_equal(whole.code >> 20, 0xbad);
    same(&whole, &steps);
    for (u64 seed = 1; seed <= (getenv("SOAK") ? 3 : 1); seed++) {
        struct result pieces = once(o, flags, BOX_PIECES, seed * 7919);
        same(&whole, &pieces);
    }
}

static const char *const programs[] = {
    "-DTICK=0",
    "-DTICK=37",
    "-DPAGED -DTICK=0",
    "-DPAGED -DTICK=53",
};

TEST(test_fast)
{
    for (unsigned i = 0; i < ARRAY_LEN(programs); i++)
        all_cuts(&(struct box_options){.timed = false}, programs[i]);
}

TEST(test_cycle)
{
    for (unsigned i = 0; i < ARRAY_LEN(programs); i++)
        all_cuts(&(struct box_options){.timed = true}, programs[i]);
}

TEST(test_profiles)
{
    static const char *const cpus[] = {"rocket", "u74", "ideal"};
    for (unsigned i = 0; i < ARRAY_LEN(cpus); i++)
        all_cuts(&(struct box_options){.timed = true, .cpu = cpus[i]},
                 programs[3]);
}

/* Dual issue: a load misses, and the last instruction of its block, which
 * issues together with the one before, would start just at the deadline. It
 * must not run. This case is rare, so 16 timer periods are tried. */
TEST(test_pair_at_deadline)
{
    struct box_options o = {.timed = true, .cpu = "u74"};
    for (unsigned tick = 50; tick < 66; tick++) {
        char flags[40];
        snprintf(flags, sizeof(flags), "-DPAGED -DTICK=%u", tick);
        struct result whole = once(&o, flags, BOX_WHOLE, 1);
        struct result steps = once(&o, flags, BOX_STEPS, 1);
        same(&whole, &steps);
    }
}

/* With few TLB entries evictions are frequent, also of the executed page. */
TEST(test_small_tlb)
{
    for (unsigned n = 2; n <= 5; n += 3)
        for (int timed = 0; timed < 2; timed++)
            all_cuts(&(struct box_options){.timed = timed, .tlb_entries = n},
                     programs[3]);
}

/* With room for a few blocks, the engine often discards all blocks. */
TEST(test_small_arena)
{
    for (int timed = 0; timed < 2; timed++) {
        struct box_options o = {.timed = timed, .arena_bytes = 8192};
        struct result usual, small = once(&o, programs[3], BOX_WHOLE, 1);
        struct result pieces = once(&o, programs[3], BOX_PIECES, 5);
        o.arena_bytes = 0;
        usual = once(&o, programs[3], BOX_WHOLE, 1);
        same(&usual, &small);
        same(&usual, &pieces);
    }
}

/* Straight code, longer than the longest block. */
static const char straight[] = "la s0, 1f\n"
                               "1: .rept 60\n"
                               "addi t0, t0, 1\n"
                               "addi t1, t1, 2\n"
                               "ld t2, 0(s0)\n"
                               "c.add t3, t2\n"
                               ".endr\n"
                               "j 1b\n";

/* Wherever a run stops, its state is that after single steps. This includes the
 * line that was fetched last, also if a block ends where a line ends. */
static void same_at_stops(const struct box_options *o, const char *flags)
{
    struct box *whole = box_new(o), *steps = box_new(o);
    u64 limit = 0, seed = 1;

    for (unsigned i = 0; i < 2; i++)
        if (flags)
            box_load(i ? whole : steps, "mix.c", flags);
        else
            box_asm(i ? whole : steps, straight);
    for (unsigned i = 0; i < 1000 && !whole->done; i++) {
        char one[33], other[33];
        limit += 1 + (rand_step(&seed) >> 20) % 150;
        box_run(whole, BOX_WHOLE, 1, limit);
        box_run(steps, BOX_STEPS, 1, limit);
        box_hash_hart(whole, one);
        box_hash_hart(steps, other);
        assert_string_equal(one, other);
    }
    box_free(whole);
    box_free(steps);
}

TEST(test_stopped_anywhere)
{
    static const char *const cpus[] = {"u54", "rocket", "u74", "ideal"};
    for (unsigned i = 0; i < ARRAY_LEN(programs); i++)
        same_at_stops(&(struct box_options){.timed = false}, programs[i]);
    same_at_stops(&(struct box_options){.timed = false}, NULL);
    for (unsigned i = 0; i < ARRAY_LEN(cpus); i++) {
        struct box_options o = {.timed = true, .cpu = cpus[i]};
        same_at_stops(&o, programs[i]);
        same_at_stops(&o, NULL);
    }
}
