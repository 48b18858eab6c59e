/* SPDX-License-Identifier: MIT */
// rooms: time mmu isa base
/* Compares the caches with refmodel.h: which accesses hit, what is written
 * back, and the bitmaps that let the engine access a line without memtime. */
#include "saved.h"

#pragma GCC diagnostic ignored "-Wunused-function" /* no walker here */
#include "refmodel.h"
#include "time/core/quick.h"
#include "time/time.h"

#define RAM_BASE  0x80000000ull
#define RAM_BYTES (1u << 20)
#define LINES     ((int)(RAM_BYTES / 64))

/* ---- the model ---------------------------------------------------------- */

static struct refmodel model;
static u64 block_writes; /* DRAM writes by cbo.* of lines dirty in L1D only */

static void no_report(UNUSED void *opaque, UNUSED uint64_t event)
{
}

static void shape(struct ref_cache *c, const struct cache_config *config)
{
    c->ways = config->ways;
    c->sets = config->bytes ? config->bytes / 64 / config->ways : 0;
    c->random = config->random;
    c->lot[1] = true;
}

static u64 model_line(int line)
{
    return RAM_BASE / 64 + (u64)line;
}

/* Cleans the line; true if it was dirty. */
static bool model_clean(struct ref_cache *c, u64 line)
{
    struct ref_line *l = ref_find(c, line);
    bool dirty = l && l->dirty;

    if (dirty)
        l->dirty = false;
    c->writebacks += dirty;
    return dirty;
}

/* Models cbo.clean, or cbo.flush if `drop`. Two dirty copies make one write. */
static void model_block(u64 line, bool drop)
{
    bool first = model_clean(&model.l1d, line);
    bool second = model_clean(&model.l2, line);

    block_writes += model.l2.sets && first && !second;
    if (drop) {
        ref_forget_line(&model.l1d, line);
        ref_forget_line(&model.l2, line);
    }
}

/* ---- comparison --------------------------------------------------------- */

static void start(struct memtime *t, bool with_l2, bool random)
{
    struct memtime_config c = {.l1i = {1024, 2, 0, random},
                               .l1d = {2048, 4, 4, random},
                               .l2 = {with_l2 ? 8192 : 0, 8, 20, false},
                               .dram_base_cycles = 30,
                               .dram = dram_part_find("ddr4-2400r"),
                               .clock_hz = 1000000000,
                               .ram_base = RAM_BASE,
                               .ram_bytes = RAM_BYTES};
    memtime_init(t, &c);
    memtime_set_timed(t, true);
    memset(&model, 0, sizeof(model));
    block_writes = 0;
    model.report = no_report;
    model.ram_base = RAM_BASE;
    model.ram_bytes = RAM_BYTES;
    shape(&model.l1i, &c.l1i);
    shape(&model.l1d, &c.l1d);
    shape(&model.l2, &c.l2);
}

/* Checks every bit of the maps: rd_ok for lines in L1D, wr_ok for lines that
 * are dirty there and not code, fetch_ok for lines in L1I. */
static void maps_are_right(const struct memtime *t)
{
    for (int line = 0; line < LINES; line++) {
        const struct ref_line *l = ref_find(&model.l1d, model_line(line));
        const struct frame_lines *f = &t->lines[line / 64];
        bool code = t->code[line / 64] >> line % 64 & 1;
        assert_int_equal(f->rd_ok >> line % 64 & 1, l != NULL);
        assert_int_equal(f->wr_ok >> line % 64 & 1, l && l->dirty && !code);
        assert_int_equal(f->fetch_ok >> line % 64 & 1,
                         ref_find(&model.l1i, model_line(line)) != NULL);
    }
}

static void same_counts(const struct cache_stats *s, const struct ref_cache *c)
{
    assert_int_equal(s->accesses, c->accesses);
    assert_int_equal(s->misses, c->misses);
    assert_int_equal(s->writebacks, c->writebacks);
}

static u64 quick[3]; /* results of the quick way; QUICK_ASK: or not tried */

static int random_line(u64 *seed)
{
    u64 r = rand_step(seed);
    return (int)(r & 3 ? r >> 8 & 0x7f : r >> 8 & (LINES - 1));
}

/* Accesses a line as the executor does: a load or store that the maps do not
 * allow tries the quick way before memtime_access(). */
static u32 access_line(struct memtime *t, enum mem_kind kind, u64 pa, u64 now,
                       enum served *where, u32 *dram)
{
    struct frame_lines *f = &t->lines[(pa - RAM_BASE) / 4096];
    bool here = f->rd_ok >> (pa / 64 & 63) & 1;
    bool dirty = f->wr_ok >> (pa / 64 & 63) & 1;
    struct memtime_quick at_hand;
    enum quick q = QUICK_ASK;

    memtime_quick_init(t, &at_hand);
    if ((kind == MEM_LOAD && !here) || (kind == MEM_STORE && !dirty))
        q = memtime_quick_access(&at_hand, (pa - RAM_BASE) / 64,
                                 kind == MEM_STORE);
    quick[q]++;
    if (q == QUICK_ASK)
        return memtime_access(t, kind, pa, now, where, dram);
    assert_int_equal(q, here ? QUICK_FREE : QUICK_MISSED);
    *dram = 0;
    *where = here ? SERVED_L1 : SERVED_L2;
    memtime_count_hits(t, 1, 0);
    return (u32)memtime_count_quick(t, &at_hand);
}

static void one_access(struct memtime *t, u64 *seed, u64 *now)
{
    enum mem_kind kind = rand_step(seed) >> 20 & 3;
    int line = random_line(seed);
    enum served where;
    u32 dram;

    if (kind == 3)
        kind = rand_step(seed) >> 30 & 1 ? MEM_WALK : MEM_WALK_UPDATE;
    bool write = kind == MEM_STORE || kind == MEM_WALK_UPDATE;
    bool walk = kind == MEM_WALK || kind == MEM_WALK_UPDATE;
    u64 pa = RAM_BASE + (u64)line * 64 + (rand_step(seed) & 56);
    enum ref_where want = kind == MEM_FETCH ? ref_fetch_line(&model, pa)
                                            : ref_data_line(&model, pa, write);
    u32 cycles = access_line(t, kind, pa, *now, &where, &dram);

    assert_int_equal(where, want == REF_L1   ? SERVED_L1
                            : want == REF_L2 ? SERVED_L2
                                             : where);
    if (want == REF_L1)
        assert_int_equal(cycles, walk ? 4 : 0);
    if (want == REF_DRAM) {
        assert_true(where >= SERVED_DRAM_HIT && where <= SERVED_DRAM_CONFLICT);
        /* 30 cycles to the controller, and at least 1 in it */
        assert_true(dram >= 30 + 1 && cycles == dram + 20 + (walk ? 4 : 0));
    }
    *now += cycles + (rand_step(seed) & 15);
}

static void follows_the_model(bool with_l2, bool random)
{
    struct memtime t FREED_BY(memtime_free);
    u64 seed = 99, now = 0;

    start(&t, with_l2, random);
    for (int i = 0; i < 30000; i++) {
        u64 r = rand_step(&seed);
        if (r % 200 == 0) { /* a line becomes code or stops being code */
            u64 frame = r >> 20 & (RAM_BYTES / 4096 - 1);
            t.code[frame] ^= 1ull << (r >> 40 & 63);
            memtime_code_changed(&t, frame);
        } else if (r % 200 == 1) { /* a disk writes */
            int line = random_line(&seed), n = 1 + (int)(r >> 30 & 31);
            memtime_dma(&t, RAM_BASE + (u64)line * 64 + 8, (u64)n * 64 - 16,
                        true);
            ref_dma_write(&model, model_line(line) * 64, (u64)n * 64);
        } else if (r % 200 == 2) { /* a disk reads, perhaps beyond RAM */
            memtime_dma(&t, RAM_BASE + random_line(&seed) * 64, 1 << 22, false);
        } else if (r % 200 < 20) { /* cbo.clean, cbo.flush */
            int line = random_line(&seed);
            u64 pa = RAM_BASE + (u64)line * 64 + (r >> 50 & 63);
            now += memtime_block(&t, pa, now, r >> 30 & 1);
            model_block(model_line(line), r >> 30 & 1);
        } else {
            one_access(&t, &seed, &now);
        }
        if (i % 50 == 0)
            maps_are_right(&t);
    }
    struct memtime_stats s = memtime_stats(&t);
    u64 reads = with_l2 ? model.l2.misses : model.l1i.misses + model.l1d.misses;
    u64 writes = (with_l2 ? model.l2 : model.l1d).writebacks + block_writes;
    same_counts(&s.l1i, &model.l1i);
    same_counts(&s.l1d, &model.l1d);
    if (with_l2)
        same_counts(&s.l2, &model.l2);
    assert_int_equal(s.dram.reads, reads);
    assert_int_equal(s.dram.writes, writes);
    assert_true(writes > 500 && reads > 5000);
    assert_true(quick[QUICK_FREE] > 200);
    assert_true((quick[QUICK_MISSED] > 2000) == (with_l2 && !random));
    quick[QUICK_FREE] = quick[QUICK_MISSED] = 0;
}

TEST(two_levels)
{
    follows_the_model(true, false);
}

TEST(one_level)
{
    follows_the_model(false, false);
}

TEST(random_replacement)
{
    follows_the_model(true, true);
    follows_the_model(false, true);
}

/* ---- the profile's latencies by pointer chase --------------------------- */

/* Returns the mean stall, in cycles, of a pointer chase that visits the lines
 * of `bytes` in one random ring. */
static double chase(struct memtime *t, u32 bytes, u64 *now)
{
    u32 n = bytes / 64, *next = xcalloc(n, sizeof(*next)), at = 0;
    u64 seed = 4, cycles = 0, steps;

    for (u32 i = 0; i < n; i++)
        next[i] = i;
    for (u32 i = n - 1; i > 0; i--) { /* Sattolo: one ring */
        u32 k = (u32)(rand_step(&seed) >> 20) % i, x = next[i];
        next[i] = next[k];
        next[k] = x;
    }
    for (steps = 0; steps < 3ull * n; steps++) {
        enum served where;
        u32 dram;
        u32 c = memtime_access(t, MEM_LOAD, RAM_BASE + at * 64ull, *now, &where,
                               &dram);
        if (steps >= n)
            cycles += c;
        *now += 2 + c; /* 2: from load to use */
        at = next[at];
    }
    free(next);
    return (double)cycles / (2.0 * n);
}

TEST(chases_show_each_level)
{
    const struct cpu_profile *p = cpu_profile_find("u54");
    struct memtime_config c = cpu_profile_memory(
        p, dram_part_find("ddr4-2400r"), 0, RAM_BASE, 16 << 20);
    struct memtime t FREED_BY(memtime_free);
    u64 now = 0;

    memtime_init(&t, &c);
    memtime_set_timed(&t, true);
    assert_true(chase(&t, 16 << 10, &now) == 0);
    assert_true(chase(&t, 256 << 10, &now) == p->l2.hit_cycles);
    /* 54 to 60 clocks of 1.2 GHz in cycles of 1 GHz, give or take the
     * crossing from one clock to the other */
    double far =
        chase(&t, 8 << 20, &now) - p->l2.hit_cycles - p->dram_base_cycles;
    print_message("DRAM part of an 8 MiB chase: %.1f cycles\n", far);
    assert_true(far > 53 * 1 / 1.2 && far < 60 / 1.2 + 1);
}

/* ---- posted stores ------------------------------------------------------ */

static u32 all(struct memtime_cost c)
{
    return c.caches + c.dram;
}

/* Returns the caches of a core that can have `posts` stores posted. L2 holds
 * lines 0 to 1023, L1D the last 512 of these. */
static struct memtime posting(u32 posts)
{
    const struct cpu_profile *p = cpu_profile_find("u74");
    struct memtime_config c = cpu_profile_memory(
        p, dram_part_find("ddr4-2400r"), 0, RAM_BASE, 16 << 20);
    struct memtime t;

    c.posts = posts;
    c.l2.hit_cycles = 21;
    memtime_init(&t, &c);
    memtime_set_timed(&t, true);
    for (u64 line = 0; line < 1024; line++)
        memtime_data(&t, line, false, line * 1000);
    return t;
}

/* The L2 takes 21 cycles a line, one line after the other; the hart goes on
 * until all places for posted stores are taken. */
TEST(posted_stores_wait_in_line)
{
    struct memtime t FREED_BY(memtime_free) = posting(4);
    const u64 at = 2000000;

    for (u64 i = 0; i < 4; i++) /* they end at 21, 42, 63, 84 */
        assert_int_equal(all(memtime_store(&t, i, at + i)), 0);
    assert_int_equal(all(memtime_store(&t, 4, at + 4)), 17); /* ends at 105 */
    assert_int_equal(all(memtime_store(&t, 0, at + 22)), 0); /* in L1D now */
    assert_int_equal(all(memtime_data(&t, 1023, false, at + 22)), 0);
    assert_int_equal(all(memtime_data(&t, 1022, true, at + 22)), 0);
    /* a load that misses waits for all posted stores, and none is left */
    assert_int_equal(all(memtime_data(&t, 5, false, at + 25)), 105 - 25 + 21);
    assert_int_equal(all(memtime_data(&t, 6, false, at + 126)), 21);
    /* a fetch and the walker wait for posted stores, too */
    memtime_store(&t, 7, at + 1000);
    enum served where;
    u32 dram;
    assert_int_equal(memtime_access(&t, MEM_FETCH, RAM_BASE + 8 * 64, at + 1001,
                                    &where, &dram),
                     20 + 21);
    memtime_store(&t, 9, at + 2000);
    assert_int_equal(memtime_access(&t, MEM_WALK, RAM_BASE + 10 * 64, at + 2001,
                                    &where, &dram),
                     20 + 21);
    /* a fence waits for all posted stores, once */
    memtime_store(&t, 11, at + 3000);
    memtime_store(&t, 12, at + 3001);
    assert_int_equal(all(memtime_drain(&t, at + 3002)), 40);
    assert_int_equal(all(memtime_drain(&t, at + 3002)), 0);
    memtime_store(&t, 13, at + 4000);
    assert_int_equal(all(memtime_drain(&t, at + 4021)), 0);
}

TEST(posted_stores_are_saved)
{
    struct memtime a = posting(4), b = posting(4);

    for (u64 i = 0; i < 3; i++)
        memtime_store(&a, i, 2000000 + i);
    SAVE(memtime_state(&a, s));
    for (u64 i = 0; i < 2; i++) /* the load must replace these posted stores */
        memtime_store(&b, 500 + i, 3000000);
    LOAD(memtime_state(&b, s));
    assert_int_equal(all(memtime_store(&b, 3, 2000003)), 0);
    assert_int_equal(all(memtime_store(&b, 4, 2000004)), 17);
    assert_int_equal(all(memtime_drain(&b, 2000022)), 105 - 22);
    memtime_free(&a);
    memtime_free(&b);
}

/* At least half of the hart's own work, and at most all of it (give or take 3%
 * of the waits), overlaps with posted stores. Posting adds no DRAM access. */
TEST(posting_hides_what_is_done_meanwhile)
{
    struct memtime none = posting(0), four = posting(4);
    u64 seed = 7, start = 2000000, a = start, b = start, work = 0, waits = 0;

    for (int i = 0; i < 20000; i++) {
        u64 line = (rand_step(&seed) >> 8) % (16 << 14);
        u32 busy = (rand_step(&seed) >> 8) % 200;
        bool store = i % 4;
        u32 wait = all(store ? memtime_store(&none, line, a)
                             : memtime_data(&none, line, false, a));
        a += busy + wait;
        b += busy + all(store ? memtime_store(&four, line, b)
                              : memtime_data(&four, line, false, b));
        work += busy;
        waits += wait;
    }
    b += all(memtime_drain(&four, b));
    print_message("work %llu, blocking %llu, posted %llu cycles\n", work,
                  a - start, b - start);
    assert_int_equal(a - start, work + waits);
    assert_true(b < a && b - start > waits * 97 / 100);
    assert_true(b - start < waits + work / 2);
    struct memtime_stats x = memtime_stats(&none), y = memtime_stats(&four);
    assert_int_equal(x.dram.reads, y.dram.reads);
    assert_int_equal(x.dram.writes, y.dram.writes);
    memtime_free(&none);
    memtime_free(&four);
}

/* ---- fast timing, ideal, save and load ---------------------------------- */

static u32 data_cycles(struct memtime *t, u64 line)
{
    struct memtime_cost c = memtime_data(t, line, true, 0);
    return c.caches + c.dram;
}

TEST(fast_timing_asks_nothing)
{
    struct memtime_config c = cpu_profile_memory(cpu_profile_find("u54"),
                                                 dram_part_find("ddr3-1600k"),
                                                 0, RAM_BASE, RAM_BYTES);
    enum served where;
    struct memtime t;
    u32 dram;

    memtime_init(&t, &c);
    assert_int_equal(data_cycles(&t, 0), 0);
    t.code[5] = 0xf0;
    memtime_code_changed(&t, 5);
    assert_int_equal(t.lines[0].rd_ok | t.lines[0].wr_ok | t.lines[5].wr_ok, 0);
    memtime_set_timed(&t, true);
    assert_int_equal(t.lines[5].rd_ok | t.lines[5].wr_ok | t.lines[5].fetch_ok,
                     0);
    memtime_access(&t, MEM_STORE, RAM_BASE + 5 * 4096, 0, &where, &dram);
    assert_int_equal(t.lines[5].rd_ok, 1);
    assert_int_equal(t.lines[5].wr_ok, 1);
    memtime_set_timed(&t, false);
    assert_int_equal(t.lines[5].rd_ok | t.lines[5].wr_ok | t.lines[5].fetch_ok,
                     0);
    assert_int_equal(t.code[5], 0xf0);
    memtime_free(&t);

    c = cpu_profile_memory(cpu_profile_find("ideal"), c.dram, 0, RAM_BASE,
                           RAM_BYTES);
    memtime_init(&t, &c);
    memtime_set_timed(&t, true);
    assert_int_equal(t.lines[5].rd_ok | t.lines[5].wr_ok | t.lines[5].fetch_ok,
                     0);
    assert_int_equal(memtime_access(&t, MEM_WALK, RAM_BASE, 0, &where, &dram),
                     0);
    /* without an L1 the maps serve the whole frame after one access to it */
    t.code[5] = 0xf0;
    assert_int_equal(data_cycles(&t, 5 * 64), 0);
    assert_int_equal(t.lines[5].rd_ok, ~0ull);
    assert_int_equal(t.lines[5].wr_ok, ~0xf0ull);
    assert_int_equal(t.lines[5].fetch_ok, 0);
    memtime_access(&t, MEM_FETCH, RAM_BASE + 5 * 4096, 0, &where, &dram);
    assert_int_equal(t.lines[5].fetch_ok, ~0ull);
    struct memtime_stats stats = memtime_stats(&t);
    assert_int_equal(stats.l1d.accesses | stats.l1i.accesses, 0);
    assert_int_equal(t.lines[6].rd_ok | t.lines[6].wr_ok | t.lines[6].fetch_ok,
                     0);
    memtime_free(&t);
}

TEST(saved_and_loaded_alike)
{
    struct memtime a, b;
    u64 seed = 12, now = 0;
    char one[33], two[33];

    start(&b, true, true);
    start(&a, true, true);
    for (int i = 0; i < 5000; i++)
        one_access(&a, &seed, &now);
    SAVE(memtime_state(&a, s));
    for (int i = 0; i < 500; i++) { /* the load must replace these lines */
        enum served where;
        u32 dram;
        memtime_access(&b, MEM_STORE, RAM_BASE + i * 64, i * 100, &where,
                       &dram);
    }
    LOAD(memtime_state(&b, s));
    DIGEST(one, memtime_state(&a, s));
    DIGEST(two, memtime_state(&b, s));
    assert_string_equal(one, two);
    maps_are_right(&b);
    memtime_free(&a);
    memtime_free(&b);
}

/* A file with one bit changed is refused or does no harm, even if its tags are
 * false or reach beyond RAM. */
TEST(a_bad_file_is_refused_or_harmless)
{
    struct memtime a, b;
    u64 seed = 12, now = 0;
    unsigned refused = 0;

    start(&a, true, true);
    for (int i = 0; i < 3000; i++)
        one_access(&a, &seed, &now);
    SAVE(memtime_state(&a, s));
    static u8 good[1 << 20], bad[sizeof good];
    FILE *f = fopen(saved_path(), "r+b");
    size_t size = fread(good, 1, sizeof good, f);
    assert_true(size < sizeof good);
    for (int i = 0; i < 300; i++) {
        memcpy(bad, good, size);
        bad[(rand_step(&seed) >> 20) % size] ^= (u8)(1 << (i & 7));
        state_seal(bad, size); /* or the checksum would refuse it */
        rewind(f);
        assert_int_equal(fwrite(bad, 1, size, f), size);
        fflush(f);
        start(&b, true, true);
        struct state *s = state_loader(saved_path());
        if (s) {
            memtime_state(&b, s);
            refused += !state_load_finish(s);
            u64 later = now;
            for (int k = 0; k < 50; k++) {
                enum served where;
                u32 dram;
                u64 pa = RAM_BASE + (u64)random_line(&seed) * 64;
                later += memtime_access(&b, k & 1, pa, later, &where, &dram);
                memtime_dma(&b, pa, 4096, true);
            }
        }
        memtime_free(&b);
    }
    assert_true(refused > 50);
    fclose(f);
    memtime_free(&a);
}
