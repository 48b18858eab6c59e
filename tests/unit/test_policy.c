/* SPDX-License-Identifier: MIT */
// rooms: policy base
/* Runs the kernel's policies (guest/kernel/policy) on the host with a given
 * number of frames: on published reference strings, on a scan, and for the laws
 * that every policy must keep. */
#include "unit.h"

#include "tools/vmsim/seam.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct policy_ops *policy(const char *name)
{
    const struct policy_ops *p = sim_policy(name);
    if (!p)
        fail_msg("no policy %s", name);
    return p;
}

/* Returns how many of `n` pages are in memory. */
static uint64_t there(uint64_t from, uint64_t n)
{
    uint64_t sum = 0;
    for (uint64_t page = from; page < from + n; page++)
        sum += sim_has(page);
    return sum;
}

/* Checks the faults of a reference string of digits with 1..7 frames. */
static void check_string(const char *name, const char *string,
                         const int faults[7])
{
    for (int n = 1; n <= 7; n++) {
        sim_start(policy(name), (uint32_t)n);
        for (const char *c = string; *c; c++)
            sim_access((uint64_t)(*c - '0'), false, KIND_ANON);
        if (sim_stats().faults != (uint64_t)faults[n - 1])
            fail_msg("%s, %d frames: %lu faults, published %d", name, n,
                     sim_stats().faults, faults[n - 1]);
    }
}

TEST(belady)
{
    const char *string = "123412512345";
    const int faults[] = {12, 12, 9, 10, 5, 5, 5};
    check_string("fifo", string, faults);
    check_string("clock", string, faults); /* a second chance changes nothing */
}

TEST(silberschatz)
{
    const char *string = "70120304230321201701";
    check_string("fifo", string, (int[]){20, 15, 15, 10, 9, 6, 6});
    check_string("clock", string, (int[]){20, 15, 14, 9, 9, 6, 6});
}

TEST(ostep)
{
    for (int i = 0; i < 2; i++) {
        sim_start(policy(i ? "clock" : "fifo"), 3);
        for (const char *c = "01201303121"; *c; c++)
            sim_access((uint64_t)(*c - '0'), false, KIND_ANON);
        assert_int_equal(sim_stats().hits, 4);
    }
}

/* Returns the faults of a loop over 50 pages. With 49 frames FIFO and CLOCK
 * fault at every reference, a random policy does not. */
static uint64_t loop(const char *name, uint32_t frames)
{
    sim_start(policy(name), frames);
    for (int i = 0; i < 10000; i++)
        sim_access((uint64_t)i % 50, false, KIND_ANON);
    return sim_stats().faults;
}

TEST(cyclic)
{
    for (int i = 0; i < 2; i++) {
        const char *name = i ? "clock" : "fifo";
        assert_int_equal(loop(name, 40), 10000);
        assert_int_equal(loop(name, 49), 10000);
        assert_int_equal(loop(name, 50), 50);
    }
    assert_in_range(loop("random", 49), 51, 5000);
    assert_int_equal(loop("random", 50), 50);
    assert_int_equal(loop("random", 49), loop("random", 49));
}

/* ---- experiment E4, a scan, as in tests/cli/vmsim.t ---- */

static uint64_t seed;

static uint64_t draw(void)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return seed >> 33;
}

/* refer() uses a page, by read() or by a mapping; returns 1 for a miss. */
static bool by_read;

static uint64_t refer(uint64_t page)
{
    return by_read ? !sim_read(page) : !sim_access(page, false, KIND_FILE);
}

static uint64_t hot(void)
{
    return refer(draw() % 64);
}

struct scan {
    uint64_t during, after;
};

static struct scan scan(const char *name, unsigned k)
{
    struct scan s = {0, 0};
    sim_start(policy(name), 128);
    sim_set(TUN_HANDSPREAD, 64);
    seed = 42;
    for (int i = 0; i < 20000; i++)
        hot();
    for (uint64_t i = 0; i < 4096; i++) {
        refer(100000 + i);
        s.during += i % k == 0 ? hot() : 0;
    }
    for (int i = 0; i < 640; i++)
        s.after += hot();
    return s;
}

static void check_scan(const char *name, unsigned k, struct scan table)
{
    struct scan s = scan(name, k);
    if (s.during != table.during || s.after != table.after)
        fail_msg("%s, k=%u: %lu/%lu, the table says %lu/%lu", name, k, s.during,
                 s.after, table.during, table.after);
}

/* Misses equal E4's published rows (twohand: those of "two-handed n/2"). */
TEST(scan_exact)
{
    static const struct {
        const char *name;
        struct scan k1, k8, k64;
    } row[] = {{"fifo", {1679, 38}, {413, 57}, {60, 63}},
               {"clock", {1372, 27}, {404, 53}, {60, 63}},
               {"twohand", {1137, 24}, {389, 53}, {59, 63}}};
    by_read = false;
    for (size_t i = 0; i < COUNT(row); i++) {
        check_scan(row[i].name, 1, row[i].k1);
        check_scan(row[i].name, 8, row[i].k8);
        check_scan(row[i].name, 64, row[i].k64);
    }
}

/* "Linux active/inactive (two touches)": pages that read() touches twice are
 * active before the scan begins, and the scan touches each page once. With 128
 * frames 6.12 loses a few pages until its lists have found their lengths; 2.6.9
 * moves 32 active pages at a time, whether used or not, and loses many. */
TEST(scan_two_touches)
{
    by_read = true;
    for (unsigned k = 1; k <= 64; k *= 8) {
        struct scan new = scan("linux612", k), old = scan("linux26", k);
        struct scan none = scan("clock", k);
        print_message("k=%-2u linux612 %lu/%lu, linux26 %lu/%lu, clock "
                      "%lu/%lu\n",
                      k, new.during, new.after, old.during, old.after,
                      none.during, none.after);
        assert_in_range(new.during + new.after, 0, 24);
        assert_true(old.during <= none.during);
    }
    by_read = false;
}

/* With k = 1 the hot misses have the table's order, fewest first. CAR (arc) has
 * a few, since it sees bits and not references. 2.6.9 is no better than a
 * clock: the used bit that is set when a mapped page is brought in activates
 * the page (2.6.34 mended this). */
TEST(scan_order)
{
    static const char *const order[] = {"arc",   "linux612", "twohand",
                                        "clock", "linux26",  "fifo"};
    uint64_t before = 0;
    for (size_t i = 0; i < COUNT(order); i++) {
        uint64_t misses = scan(order[i], 1).during;
        print_message("%-9s %lu hot misses during the scan\n", order[i],
                      misses);
        if (misses < before)
            fail_msg("%s misses %lu, fewer than %s: %lu", order[i], misses,
                     order[i - 1], before);
        before = misses;
    }
    for (unsigned k = 1; k <= 64; k *= 8) {
        struct scan s = scan("arc", k);
        assert_in_range(s.during + s.after, 0, 4);
    }
}

/* ---- laws for all ---- */

/* Makes random references, a quarter of them writes. Each page is in memory
 * after its reference; in the end, pages fill half to all of the frames. */
static struct sim_stats mixed(const struct policy_ops *p, uint32_t frames)
{
    sim_start(p, frames);
    seed = 7;
    for (int i = 0; i < 50000; i++) {
        uint64_t page = draw() % (i % 3 ? frames / 2 : 4 * frames);
        enum policy_kind kind = page % 3 ? KIND_ANON : KIND_FILE;
        sim_access(page, draw() % 4 == 0, kind);
        if (!sim_has(page))
            fail_msg("%s: page %lu has not come", p->name, page);
    }
    assert_in_range(there(0, 4 * frames), frames / 2, frames);
    return sim_stats();
}

/* Two runs have the same counts; dirty evictions <= faults < references / 2. */
TEST(laws)
{
    for (unsigned i = 0; i < npolicies; i++) {
        struct sim_stats a = mixed(policies[i], 1000),
                         b = mixed(policies[i], 1000);
        assert_memory_equal(&a, &b, sizeof a);
        assert_int_equal(a.hits + a.faults, a.references);
        assert_true(a.dirty_evictions <= a.faults);
        if (a.faults >= a.references / 2)
            fail_msg("%s: %lu faults of %lu references", policies[i]->name,
                     a.faults, a.references);
    }
}

/* If all frames are used and modified, `victim` finds one within its budget. */
TEST(all_used_and_modified)
{
    for (unsigned i = 0; i < npolicies; i++) {
        sim_start(policies[i], 1000);
        for (uint64_t page = 0; page <= 1000; page++)
            sim_access(page, true, KIND_ANON);
        if (!sim_has(1000) || sim_stats().without_frame)
            fail_msg("%s: no victim", policies[i]->name);
    }
}

/* In a loop over more pages than fit beside the active pages, 6.12 activates a
 * page that returns soon after its eviction. */
TEST(refault_activates)
{
    sim_start(policy("linux612"), 256);
    for (uint64_t i = 0; i < 300; i++) /* read three times, so active */
        sim_read(1000 + i % 100);
    for (int round = 0; round < 40; round++)
        for (uint64_t page = 0; page < 200; page++)
            sim_read(page);
    assert_true(sim_counter(C_REFAULT) > 0);
    assert_true(sim_counter(C_WS_ACTIVATE) > 0);
    assert_true(sim_counter(C_WS_ACTIVATE) <= sim_counter(C_REFAULT));
}

/* Returns the activations. 2.6.9 calls mark_page_accessed at faults, too, which
 * activates a page read once, then mapped; 6.12 calls it only in read(). */
static uint64_t activated(const char *name, bool twice_read)
{
    sim_start(policy(name), 64);
    for (uint64_t i = 0; i < 16; i++)
        if (i < 8 || twice_read)
            sim_read(i % 8);
        else
            sim_access(i % 8, false, KIND_FILE);
    return sim_counter(C_PGACTIVATE);
}

TEST(faults_mark)
{
    assert_int_equal(activated("linux26", true), 8);
    assert_int_equal(activated("linux26", false), 8);
    assert_int_equal(activated("linux612", true), 8);
    assert_int_equal(activated("linux612", false), 0);
}

/* 6.12 leaves writing to the flusher: dirty file pages that reclaim meets among
 * clean ones become active, and none of them is written or evicted. */
TEST(dirty_files_wait)
{
    sim_start(policy("linux612"), 4096);
    for (uint64_t page = 0; page < 1000; page++)
        if (page % 10 == 9)
            sim_access(page, true, KIND_FILE);
        else
            sim_read(page);
    for (uint32_t f = 0; f < 4096; f++)
        policy_clear_used(f);
    policy("linux612")->reclaim(600);
    assert_in_range(sim_counter(C_PGACTIVATE), 60, 80);
    assert_int_equal(sim_stats().dirty_evictions, 0);
    for (uint64_t page = 9; page < 1000; page += 10)
        assert_true(sim_has(page));
    assert_false(sim_has(500));
}

/* 6.12's proportional stop: once enough is free, the pair of lists with less
 * left to scan stops; the other is scanned to the same share. Here this takes
 * one more batch (32) of anonymous pages: if both pairs stopped at once, 638 of
 * them would go, and 1,945 file pages, too. (The oldest anonymous pages are in
 * use, so that earlier priorities leave most to the pair that stops.) */
TEST(proportional_stop)
{
    const uint64_t files = 6000, more = 6100, anon = 15000, used = 500;
    sim_start(policy("linux612"), 30000);
    sim_set(TUN_SWAPPINESS, 100);
    for (uint64_t i = 0; i < files + 3 * more; i++) /* the `more` are active */
        sim_read(i < files ? i : files + (i - files) % more);
    for (uint64_t page = 0; page < anon; page++)
        sim_access(100000 + page, false, KIND_SHMEM);
    for (uint32_t f = 0; f < 30000; f++)
        if (policy_kind(f) == KIND_FILE || policy_index(f) >= 100000 + used)
            policy_clear_used(f);
    policy("linux612")->reclaim(1300);
    assert_int_equal(files - there(0, files), 1945);
    assert_int_equal(anon - there(100000, anon), 638 + 32);
}

/* By 2.6's swap_tendency, programs' pages stay as long as the page cache gives
 * up enough; with swappiness 100 they go. */
TEST(swap_tendency)
{
    for (int more = 0; more < 2; more++) {
        sim_start(policy("linux26"), 512);
        if (more)
            sim_set(TUN_SWAPPINESS, 100);
        for (uint64_t page = 0; page < 64; page++) /* a program, then quiet */
            sim_access(page, true, KIND_ANON);
        for (uint64_t i = 0; i < 20000; i++)
            sim_read(1000 + i);
        assert_in_range(there(0, 64), more ? 0 : 64, more ? 8 : 64);
    }
}

/* 2.6.9 looks at SWAP_CLUSTER_MAX pages at a time: if all pages are unused
 * clean file pages, the first read that finds no free frame frees 32, no
 * more. */
TEST(linux26_batch)
{
    sim_start(policy("linux26"), 512);
    for (uint64_t page = 0; page <= 512; page++)
        sim_read(page);
    assert_int_equal(there(0, 513), 512 - 32 + 1);
    for (uint64_t page = 0; page <= 512; page++) /* the oldest are gone */
        assert_int_equal(sim_has(page), page >= 32);
}
