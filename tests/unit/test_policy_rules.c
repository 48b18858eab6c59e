/* SPDX-License-Identifier: MIT */
// rooms: policy base
// wrap: policy_now policy_wait_room
/* Tests one rule of one policy at a time: the own page that a process at its
 * RLIMIT_RSS gives up, free pages that keep their identity, old pages, refused
 * allocations. */
#include "unit.h"

#include "tools/vmsim/seam.h"

#define SPACE 1 /* the simulated memory's only process */

static const struct policy_ops *start(const char *name, uint32_t frames)
{
    const struct policy_ops *p = sim_policy(name);
    assert_non_null(p);
    sim_start(p, frames);
    return p;
}

static uint64_t look_ns; /* time that passes at each policy_now */

uint64_t __real_policy_now(void);
uint64_t __wrap_policy_now(void);
uint64_t __wrap_policy_now(void)
{
    static uint64_t late;
    late = look_ns ? late + look_ns : 0;
    return __real_policy_now() + late;
}

static void touch(const char *pages)
{
    for (; *pages; pages++)
        sim_access((uint64_t)*pages, true, KIND_ANON);
}

static char page_of(uint32_t frame)
{
    return (char)(frame == POLICY_NONE ? '-' : policy_index(frame));
}

/* Checks that own_victim names the pages in this order; none of them leaves. */
static void gives(const struct policy_ops *p, const char *order)
{
    for (; *order; order++)
        assert_int_equal(page_of(p->own_victim(SPACE)), *order);
}

/* FIFO names pages in the order they came; one named but kept goes last. */
TEST(fifo_own)
{
    const struct policy_ops *p = start("fifo", 16);
    touch("cabd");
    touch("ccc");
    gives(p, "cabdcabd");
}

/* LRU gives the page used longest ago, since it is told of each use. */
TEST(lru_own)
{
    const struct policy_ops *p = start("lru", 16);
    touch("cabd");
    gives(p, "c");
    sim_read('c'); /* read() told of it: now it is the youngest */
    gives(p, "a");
}

/* Clock's first lap clears the used bits; its hand goes on where it stopped. */
TEST(clock_own)
{
    const struct policy_ops *p = start("clock", 16);
    touch("cabdf"); /* all are marked: the first lap clears, the second takes */
    for (const char *goes = "cadfb"; *goes; goes++) {
        uint32_t frame = p->own_victim(SPACE);
        assert_int_equal(page_of(frame), *goes);
        policy_take(frame);
        if (*goes == 'c')
            touch("b"); /* spared once, so it comes after the others */
    }
    assert_int_equal(p->own_victim(SPACE), POLICY_NONE);
}

TEST(random_own)
{
    unsigned drawn[128] = {0};
    const struct policy_ops *p = start("random", 16);
    touch("abcdefghij");
    for (int i = 0; i < 10000; i++)
        drawn[(unsigned char)page_of(p->own_victim(SPACE))]++;
    for (char c = 'a'; c <= 'j'; c++)
        assert_in_range(drawn[(unsigned char)c], 850, 1150);
}

/* Random takes every frame of memory with the same chance, not in turn. */
TEST(random_of_all)
{
    unsigned drawn[64] = {0}, in_turn = 0;
    uint32_t last = 0;
    const struct policy_ops *p = start("random", 64);
    for (uint64_t page = 0; page < 64; page++)
        sim_access(page, false, KIND_ANON);
    for (int i = 0; i < 6400; i++) {
        uint64_t budget = 1000;
        uint32_t frame = p->victim(&budget);
        assert_in_range(frame, 0, 63);
        drawn[frame]++;
        in_turn += frame == (last + 1) % 64;
        last = frame;
    }
    for (unsigned i = 0; i < 64; i++)
        assert_in_range(drawn[i], 50, 160);
    assert_in_range(in_turn, 50, 160);
}

/* LRU's queue of all memory spares a page once if its PTE has the used bit
 * set. */
TEST(lru_spares_used)
{
    start("lru", 4);
    touch("abcde"); /* e takes a's place, and all marks are cleared */
    assert_false(sim_has('a'));
    touch("bf");
    assert_true(sim_has('b'));
    assert_false(sim_has('c'));
}

/* 2.6.9: programs' pages begin on the active list (1), files' pages on the
 * inactive list (2); swap_tendency is the sum of half the percentage of mapped
 * memory, the distress (from the priority) and swappiness. */
TEST(linux26_tendency)
{
    const struct policy_ops *p = start("linux26", 512);
    for (uint64_t page = 0; page < 256; page++)
        sim_access(page, true, KIND_ANON);
    for (uint64_t page = 1000; page < 1256; page++)
        sim_read(page);
    for (uint32_t f = 0; f < 512; f++)
        assert_int_equal(policy_list_of(f),
                         policy_kind(f) == KIND_ANON ? 1 : 2);
    sim_read(2000);
    assert_int_equal(sim_mark(p, "swap_tendency"),
                     50 / 2 + (100 >> sim_mark(p, "prev_priority")) + 60);
}

/* 2.6.9, refill_inactive_zone: distress counts in the same descent through the
 * priorities, not only from the next descent on. With swappiness 0, half of the
 * percentage mapped (100) and a distress of 50 make a swap_tendency of 100. */
TEST(linux26_distress)
{
    const struct policy_ops *p = start("linux26", 512);
    sim_set(TUN_SWAPPINESS, 0);
    for (uint64_t page = 0; page < 512; page++)
        sim_access(page, true, KIND_ANON);
    for (uint32_t f = 0; f < 512; f++)
        policy_clear_used(f);
    p->reclaim(1);
    uint64_t inactive = 0;
    for (uint32_t f = 0; f < 512; f++)
        inactive += policy_list_of(f) != 1;
    assert_int_not_equal(inactive, 0);
}

/* ARC: |T1| + |B1| is never more than memory, and a page that comes back from
 * B1 goes to T2 and lets T1 grow. */
TEST(arc_ghosts)
{
    uint64_t seen = 0;
    const struct policy_ops *p = start("arc", 64);
    for (int round = 0; round < 2; round++)
        for (uint64_t page = 0; page < 64u >> round; page++)
            sim_read(page); /* the first half twice */
    for (uint64_t page = 64; page < 400; page++) {
        sim_read(page);
        uint64_t b1 = policy_ghosts(1);
        seen = b1 > seen ? b1 : seen;
        assert_true(policy_count(1) + b1 <= 64);
        assert_true(policy_count(1) + policy_count(2) <= 64);
    }
    assert_true(seen > 8);
    uint64_t gone = 399;
    while (sim_has(gone)) /* finds the page that left last */
        gone--;
    uint64_t before = sim_mark(p, "p");
    sim_read(gone);
    assert_true(sim_mark(p, "p") > before);
    for (uint32_t f = 0; f < 64; f++)
        if (policy_index(f) == gone)
            assert_int_equal(policy_list_of(f), 2);
}

/* SunOS: PAGES_POLL_MASK is 1,023, not 127. After 1,023 frames, then each 1,024
 * the scanner looks at the clock; it ends if its CPU share is used up. */
TEST(sunos_looks_at_the_clock_every_1024_frames)
{
    const struct policy_ops *p = start("sunos", 32768);
    for (uint64_t page = 0; page < 32768; page++)
        sim_access(page, true, KIND_ANON);
    uint64_t before = sim_counter(C_PGSCAN_KSWAPD);
    look_ns = 1000000000;
    p->threads[0].run(1000000000);
    look_ns = 0;
    assert_int_equal(sim_counter(C_PGSCAN_KSWAPD) - before, 1023);
}

/* Solaris 8 frees an unused file page at once, but can find it again; the page
 * that has been free longest is reused first. */
TEST(solaris8_cachelist)
{
    start("solaris8", 64);
    for (uint64_t page = 0; page < 10; page++)
        sim_read(page);
    assert_int_equal(policy_cached(), 10);
    sim_read(0); /* page 0 is used and freed again: now the youngest */
    assert_int_equal(policy_cached(), 10);
    for (uint64_t page = 1; page < 10; page++) {
        assert_true(policy_reuse_cached());
        for (uint64_t other = 1; other < 10; other++)
            assert_int_equal(sim_has(other), other > page);
        assert_true(sim_has(0));
    }
    /* SunOS 5 leaves unused file pages alone until the hands come. */
    start("sunos", 64);
    for (uint64_t page = 0; page < 10; page++)
        sim_read(page);
    assert_int_equal(policy_cached(), 0);
}

/* GNU Mach 1999 limits file pages to (frames - 50) / 2. At the limit a
 * program gets frames for itself, but not for a file; an evicted page is no
 * longer counted. */
TEST(gnumach99_limit)
{
    uint64_t page = 0;
    const struct policy_ops *p = start("gnumach99", 1024);
    uint64_t limit = sim_mark(p, "ext_limit");
    assert_int_equal(limit, (1024 - 50) / 2);
    while (sim_mark(p, "external") < limit) {
        assert_true(p->may_grab(GRAB_FILE, 1));
        sim_read(page += 2); /* not in order, else mach_behind acts */
        assert_true(page < 4096);
    }
    assert_false(p->may_grab(GRAB_FILE, 1));
    assert_true(p->may_grab(GRAB_PROGRAM, 1));
    for (uint32_t f = 0; f < 1024; f++)
        if (policy_kind(f) == KIND_FILE && !policy_dirty(f)) {
            policy_take(f);
            break;
        }
    assert_int_equal(sim_mark(p, "external"), limit - 1);
    assert_true(p->may_grab(GRAB_FILE, 1));
}

/* In Ludovic's kpaged, a page that three rounds found unused is old; a page in
 * use is not. */
TEST(kpaged_ages)
{
    uint64_t now = 0;
    const struct policy_ops *p = start("kpaged", 1024);
    for (uint64_t page = 0; page < 100; page++)
        sim_access(page, true, KIND_ANON);
    for (int i = 0; i < 80; i++) {
        struct policy_nap nap = p->threads[1].run(now);
        now = nap.until > now ? nap.until : now + 1;
        for (uint64_t page = 0; page < 40; page++)
            sim_access(page, false, KIND_ANON);
        if (i == 0)
            assert_int_equal(sim_mark(p, "aged"), 0);
    }
    assert_int_equal(sim_mark(p, "aged"), 60);
}

/* Sixteen pages that are used after each new page leave memory at most 48 times
 * in all, whether a policy has hands, lists, or scans page tables. */
TEST(hot_pages_stay)
{
    for (unsigned i = 0; i < npolicies; i++) {
        const char *name = policies[i]->name;
        uint64_t lost = 0;
        if (!strcmp(name, "fifo") || !strcmp(name, "random"))
            continue; /* use plays no part */
        start(name, 1024);
        for (uint64_t page = 0; page < 16; page++)
            sim_access(page, true, KIND_ANON);
        for (uint64_t cold = 0; cold < 4000; cold++) {
            sim_access(1000 + cold, false, KIND_ANON);
            assert_true(sim_has(1000 + cold));
            for (uint64_t page = 0; page < 16; page++)
                lost += !sim_access(page, false, KIND_ANON);
        }
        if (lost > 3 * 16)
            fail_msg("%s loses %lu", name, lost);
    }
}

/* Mach 3 wants two of three pages to be inactive. */
TEST(mach97_inactive)
{
    const struct policy_ops *p = start("mach97", 1024);
    for (uint64_t page = 0; page < 2000; page++)
        sim_access(page, true, KIND_ANON);
    uint64_t both = policy_count(1) + policy_count(2);
    assert_in_range(sim_mark(p, "inactive_target"), both * 6 / 10,
                    both * 7 / 10);
}

/* At this wait for the disk's queue other tasks take all pages; 0: at none. */
static unsigned emptied_at;

void __real_policy_wait_room(void);
void __wrap_policy_wait_room(void);
void __wrap_policy_wait_room(void)
{
    if (emptied_at && --emptied_at == 0)
        for (uint32_t f = 0; f < policy_frames(); f++)
            if (policy_kind(f) != KIND_NONE)
                policy_take(f);
    __real_policy_wait_room();
}

/* When kswapd has waited for the disk, every list may be empty. */
static void waits_for_room(const char *name)
{
    const struct policy_ops *p = start(name, 64);
    for (unsigned wait = 1; !emptied_at; wait++) {
        start(name, 64);
        for (uint64_t page = 1; page <= 50; page++)
            sim_read(page);
        emptied_at = wait;
        p->reclaim(32);
    }
    emptied_at = 0;
}

TEST(linux26_waits_for_room)
{
    waits_for_room("linux26");
}

TEST(linux612_waits_for_room)
{
    waits_for_room("linux612");
}
