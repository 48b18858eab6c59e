/* SPDX-License-Identifier: MIT */
// rooms: policy base
/* Compares every policy's thresholds, at the guest's sizes of RAM, with tables
 * that were worked out from the systems' sources. */
#include "unit.h"

#include "tools/vmsim/seam.h"

#define SIZES 6
static const uint64_t mib[SIZES] = {4, 8, 16, 32, 64, 128};

static void expect(const char *name, uint64_t size, const char *what,
                   uint64_t is, uint64_t table)
{
    if (is != table)
        fail_msg("%s, %lu MiB: %s is %lu, the table says %lu", name, size, what,
                 is, table);
}

/* Checks min, low and high, the thresholds that other kernel code knows. */
static void check_levels(const char *name, const uint64_t table[SIZES][3])
{
    for (int i = 0; i < SIZES; i++) {
        struct policy_levels l;
        sim_marks(sim_policy(name), mib[i] * 256, &l);
        expect(name, mib[i], "min", l.min, table[i][0]);
        expect(name, mib[i], "low", l.low, table[i][1]);
        expect(name, mib[i], "high", l.high, table[i][2]);
    }
}

/* All policies but those in `own` have these marks. A policy with other marks
 * comes into `own`, and gets a test below. */
TEST(modern)
{
    static const uint64_t table[SIZES][3] = {{64, 80, 96},    {90, 112, 134},
                                             {128, 160, 192}, {181, 226, 271},
                                             {256, 320, 384}, {362, 452, 542}};
    static const char own[] = " linux26 linux240t kpaged linux24 sunos "
                              "solaris8 bsd43 mach97 gnumach99 ";
    for (unsigned i = 0; i < npolicies; i++) {
        char name[40];
        snprintf(name, sizeof name, " %s ", policies[i]->name);
        if (!strstr(own, name))
            check_levels(policies[i]->name, table);
    }
}

/* 2.6.9: min is sqrt(KiB of RAM) KiB, 128 to 16384; min:low:high is 1:2:3. */
TEST(linux26)
{
    static const uint64_t table[SIZES][3] = {{32, 64, 96},   {32, 64, 96},
                                             {32, 64, 96},   {45, 90, 135},
                                             {64, 128, 192}, {90, 180, 270}};
    struct policy_levels l;
    check_levels("linux26", table);
    sim_marks(sim_policy("linux26"), 1ull << 27, &l); /* 512 GiB */
    assert_int_equal(l.min, 16384 / 4);
}

/* Linux 2.4.0: min is a 128th of the frames, within 10..255; low is twice, high
 * three times as much. */
TEST(linux240)
{
    static const uint64_t table[SIZES][3] = {{10, 20, 30},    {16, 32, 48},
                                             {32, 64, 96},    {64, 128, 192},
                                             {128, 256, 384}, {255, 510, 765}};
    check_levels("linux240t", table);
    check_levels("kpaged", table);
    check_levels("linux24", table);
}

/* Checks marks by name, as gauges show them. */
static void check_marks(const char *policy, const char *const names[],
                        unsigned n, const uint64_t table[SIZES][8])
{
    const struct policy_ops *p = sim_policy(policy);
    for (int i = 0; i < SIZES; i++) {
        struct policy_levels l;
        sim_marks(p, mib[i] * 256, &l);
        for (unsigned k = 0; k < n; k++) {
            const struct policy_mark *m = p->marks;
            while (m->name && strcmp(m->name, names[k]))
                m++;
            assert_non_null(m->name);
            expect(policy, mib[i], names[k], m->value, table[i][k]);
        }
    }
}

/* The slides' machine (002-15): zones of 16384, 901120 and 129472 kB. */
static const uint64_t present[POLICY_ZONES] = {
    [ZONE_DMA] = 4096, [ZONE_NORMAL] = 225280, [ZONE_HIGHMEM] = 32368};

/* 2.6.9 computes min_free_kbytes 957, the root of the first two zones' kB, and
 * shares it between them as min; HighMem's min is a 1024th, at least 32 pages.
 * low and high are twice and three times min. */
TEST(slides_zones)
{
    static const uint64_t kb[POLICY_ZONES][3] = {
        [ZONE_DMA] = {16, 32, 48},
        [ZONE_NORMAL] = {936, 1872, 2808},
        [ZONE_HIGHMEM] = {128, 256, 384}};
    const struct policy_ops *p = sim_policy("linux26");
    struct policy_zone_marks m[POLICY_ZONES] = {0};
    sim_start(p, 64);
    p->zone_marks(present, m);
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++) {
        assert_int_equal(4 * m[z].levels.min, kb[z][0]);
        assert_int_equal(4 * m[z].levels.low, kb[z][1]);
        assert_int_equal(4 * m[z].levels.high, kb[z][2]);
        assert_int_equal(m[z].reserve[ZONE_HIGHMEM], 0);
    }
    /* lower_zone_protection N: a zone reserves N times the low mark of each
     * zone above */
    sim_set(TUN_LOWER_ZONE_PROTECTION, 10);
    p->zone_marks(present, m);
    assert_int_equal(m[ZONE_DMA].reserve[ZONE_NORMAL], 4680);
    assert_int_equal(m[ZONE_DMA].reserve[ZONE_HIGHMEM], 4680 + 640);
    assert_int_equal(m[ZONE_NORMAL].reserve[ZONE_HIGHMEM], 640);
    assert_int_equal(m[ZONE_HIGHMEM].reserve[ZONE_HIGHMEM], 0);
}

/* The slides' zones. 6.12: lowmem_reserve_ratio is 256, 32; HighMem's min is a
 * 1024th, at least 32. 2.4.0: min is a 128th, 10 to 255, but DMA's is a 32nd;
 * in 2.4.0-test DMA's is a 128th, like the others'. */
TEST(zones_by_kernel)
{
    struct policy_zone_marks m[POLICY_ZONES] = {0};
    sim_start(sim_policy("linux612"), 64);
    sim_policy("linux612")->zone_marks(present, m);
    assert_int_equal(m[ZONE_DMA].reserve[ZONE_NORMAL], 225280 / 256);
    assert_int_equal(m[ZONE_DMA].reserve[ZONE_HIGHMEM], 257648 / 256);
    assert_int_equal(m[ZONE_NORMAL].reserve[ZONE_HIGHMEM], 32368 / 32);
    assert_int_equal(m[ZONE_HIGHMEM].levels.min, 32);
    sim_start(sim_policy("linux24"), 64);
    sim_policy("linux24")->zone_marks(present, m);
    assert_int_equal(m[ZONE_DMA].levels.min, 128);
    assert_int_equal(m[ZONE_NORMAL].levels.high, 3 * 255);
    assert_int_equal(m[ZONE_HIGHMEM].levels.low, 2 * 252);
    sim_start(sim_policy("linux240t"), 64);
    sim_policy("linux240t")->zone_marks(present, m);
    assert_int_equal(m[ZONE_DMA].levels.min, 32);
}

/* SunOS 5 and Solaris 8 have the same thresholds. handspread equals fastscan,
 * throttlefree equals minfree. */
TEST(sunos)
{
    static const char *const names[] = {
        "lotsfree", "desfree",  "minfree",    "pageout_reserve",
        "slowscan", "fastscan", "handspread", "throttlefree"};
    static const uint64_t table[SIZES][8] = {
        {128, 64, 32, 16, 51, 512, 512, 32},
        {128, 64, 32, 16, 100, 1024, 1024, 32},
        {128, 64, 32, 16, 100, 2048, 2048, 32},
        {128, 64, 32, 16, 100, 4096, 4096, 32},
        {256, 128, 64, 32, 100, 8192, 8192, 64},
        {512, 256, 128, 64, 100, 16384, 16384, 128}};
    check_marks("sunos", names, 8, table);
    check_marks("solaris8", names, 8, table);
}

/* sunos.release at 16 and 256 MiB: 5.3 scans half of memory a second however
 * much that is, and reserves nothing for pageout; of 5.3, 5.6 and 5.9 only 5.6
 * has priority paging. */
TEST(sunos_releases)
{
    static const struct {
        int64_t release;
        uint64_t mib, mark[4];
    } row[] = {
        {3, 16, {2048, 100, 0, 128}},      {3, 256, {32768, 100, 0, 1024}},
        {6, 16, {2048, 100, 16, 256}},     {6, 256, {16384, 100, 128, 2048}},
        {9, 256, {16384, 100, 128, 1024}},
    };
    static const char *const names[] = {"fastscan", "slowscan",
                                        "pageout_reserve", "cachefree"};
    const struct policy_ops *p = sim_policy("sunos");
    struct policy_levels l;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        uint64_t frames = row[i].mib * 256;
        sim_start(p, (uint32_t)frames);
        sim_set(TUN_SUN_RELEASE, row[i].release);
        sim_set(TUN_SUN_PRIORITY, 1);
        p->set_marks(frames, &l);
        for (int k = 0; k < 4; k++)
            expect("sunos", row[i].mib, names[k], sim_mark(p, names[k]),
                   row[i].mark[k]);
        sim_end();
    }
}

/* 4.3BSD: memory beyond 2 MB makes no difference. */
TEST(bsd43)
{
    static const char *const names[] = {"lotsfree", "desfree",  "minfree",
                                        "slowscan", "fastscan", "handspread"};
    static const uint64_t same[8] = {128, 50, 16, 100, 200, 512};
    uint64_t table[SIZES][8];
    for (int i = 0; i < SIZES; i++)
        memcpy(table[i], same, sizeof same);
    check_marks("bsd43", names, 6, table);
}

/* Mach's min, low, high: reserved, min, target. GNU Mach limits file pages. */
TEST(mach)
{
    static const uint64_t of97[SIZES][3] = {{15, 35, 42},   {15, 45, 55},
                                            {15, 65, 81},   {15, 106, 132},
                                            {15, 188, 234}, {15, 352, 439}};
    static const uint64_t of99[SIZES][3] = {{50, 69, 77},   {50, 79, 89},
                                            {50, 100, 115}, {50, 141, 166},
                                            {50, 223, 269}, {50, 387, 473}};
    static const char *const names[] = {"ext_limit", "ext_target"};
    static const uint64_t external[SIZES][8] = {{487, 243},   {999, 499},
                                                {2023, 1011}, {4071, 2035},
                                                {8167, 4083}, {16359, 8179}};
    check_levels("mach97", of97);
    check_levels("gnumach99", of99);
    check_marks("gnumach99", names, 2, external);
}

/* At every size of RAM, levels are in order, and at most half of RAM. */
TEST(order)
{
    for (unsigned i = 0; i < npolicies; i++)
        for (uint64_t n = 1024; n <= 1 << 18; n *= 2) {
            struct policy_levels l;
            sim_marks(policies[i], n, &l);
            if (l.min > l.low || l.low > l.high || l.high > n / 2)
                fail_msg("%s, %lu frames: %lu, %lu, %lu", policies[i]->name, n,
                         l.min, l.low, l.high);
        }
}
