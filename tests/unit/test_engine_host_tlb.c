/* SPDX-License-Identifier: MIT */
// rooms: engine time mmu hart isa base
/* The host TLB changes no result: the digest of all state at the end is that of
 * a run in which a listener for each commit keeps the host TLB empty. */
#include "unit.h"

#include "engine/box.c"

#define LIMIT 400000000ull

static void nothing(UNUSED void *opaque, UNUSED const struct engine_commit *c)
{
}

struct end {
    char hash[33];
    u64 code, cycles, walks, misses, came;
};

static struct end run(const struct box_options *o, const char *flags,
                      bool listening)
{
    struct box *b = box_new(o);
    struct end end;

    box_load(b, "wander.c", flags);
    if (listening)
        engine_on_commit(b->engine, nothing, NULL);
    box_run(b, BOX_WHOLE, 1, LIMIT);
    assert_true(b->done);
    box_hash(b, end.hash);
    end.code = b->code;
    end.cycles = b->hart.cycle;
    end.walks = b->mmu.walks;
    end.misses = b->mmu.dtlb.stats.misses;
    end.came = engine_host_stats(b->engine).pages;
    assert_int_equal(box_cycles_sum(b), b->hart.cycle);
    box_free(b);
    return end;
}

static void same(const struct box_options *o, const char *flags)
{
    struct end quick = run(o, flags, false), slow = run(o, flags, true);

    if (getenv("SHOW"))
        printf("%s: %llu cycles, %llu misses, %llu walks, %llu pages, %s\n",
               o->cpu, quick.cycles, quick.misses, quick.walks, quick.came,
               quick.hash);
    assert_int_equal(quick.code & 1, 1);
    assert_int_not_equal(quick.code >> 13, 0xbad);
    assert_int_equal(quick.cycles, slow.cycles);
    assert_int_equal(quick.walks, slow.walks);
    assert_int_equal(quick.misses, slow.misses);
    assert_string_equal(quick.hash, slow.hash);
    assert_int_equal(slow.came, 0);
    assert_true(quick.came > quick.misses / 4);
}

TEST(test_profiles)
{
    static const char *const cpus[] = {"u54", "u74", "rocket", "ideal"};
    for (unsigned i = 0; i < ARRAY_LEN(cpus); i++)
        same(&(struct box_options){.timed = true, .cpu = cpus[i]}, "");
}

/* In fast timing: its large TLB, a TLB of few entries, many non-leaf PTEs. */
TEST(test_fast_timing)
{
    same(&(struct box_options){.cpu = "u54"}, "");
    same(&(struct box_options){.cpu = "u54", .tlb_entries = 5}, "");
    same(&(struct box_options){.cpu = "u74"}, "-DTABLES=14 -DNEAR=8191");
    same(&(struct box_options){.cpu = "u74"},
         "-DTABLES=14 -DNEAR=8191 -DROOTS=3 -DPOINTERS");
}

TEST(test_few_entries)
{
    for (unsigned n = 1; n <= 9; n += 4)
        same(&(struct box_options){.timed = true,
                                   .cpu = "u54",
                                   .tlb_entries = n},
             "-DACCESSES=20000");
}

/* The walker uses more non-leaf PTEs, of both levels, than its cache holds;
 * with POINTERS some change or become invalid while it holds them. SOAK=1 runs
 * both forms on both cores. */
TEST(test_many_pointers)
{
    for (unsigned i = 0; i < (getenv("SOAK") ? 4 : 2); i++) {
        struct box_options o = {.timed = true, .cpu = i % 2 ? "u74" : "u54"};
        same(&o, i % 3 ? "-DTABLES=14 -DNEAR=8191 -DROOTS=3 -DPOINTERS"
                       : "-DTABLES=14 -DNEAR=8191");
    }
}
