/* SPDX-License-Identifier: MIT */
// rooms: time mmu isa base
/* Compares mean service times of full-size disks with published figures; tests
 * the effects of rotation, the buffer, discards, save and load. */
#include <math.h>

#include "saved.h"

#include "time/time.h"

#define HZ      1000000000ull
#define CHEETAH 17783240ull
#define ATLAS   17938986ull
#define MAXTOR  585937500ull

static void within(const char *what, double got, double want, double percent)
{
    print_message("%-44s %9.3f, reference %9.3f\n", what, got, want);
    assert_true(fabs(got - want) <= want * percent / 100);
}

/* Runs one request alone; returns the cycle at which it is done. */
static u64 run_one_request(struct disk_model *d, u64 now, enum disk_op op,
                           u64 sector, u32 n)
{
    u64 tag = 0, at;

    disk_submit(d, now, 77, op, sector, n);
    while ((at = disk_next(d)), !disk_done(d, at, &tag))
        assert_true(at != ~0ull);
    assert_int_equal(tag, 77);
    assert_true(at > now && disk_next(d) == ~0ull);
    return at;
}

static u64 transfer(struct disk_model *d, u64 now, u64 sector, u32 n,
                    bool write)
{
    return run_one_request(d, now, write ? DISK_WRITE : DISK_READ, sector, n);
}

/* Returns the mean ms of n requests. Each is presented when the one before is
 * done, and starts `step` sectors after that one's start (step 0: anywhere). */
static double mean_ms(const char *name, u64 size, u32 nsectors, u64 step,
                      bool write, u64 from, unsigned n)
{
    struct disk_model *d = disk_model_new(name, size, HZ);
    u64 now = 0, seed = 11, at = from;

    for (unsigned i = 0; i < n; i++) {
        if (!step)
            at = (rand_step(&seed) >> 8) % (size / 8 - 8) * 8;
        u64 done = transfer(d, now, at, nsectors, write);
        assert_true(done >= now);
        now = done;
        at += step;
    }
    struct disk_stats s = disk_stats(d);
    assert_int_equal(write ? s.writes : s.reads, n);
    assert_int_equal(s.busy_cycles, now);
    disk_model_free(d);
    return (double)now / n / 1e6;
}

TEST(random_requests)
{
    /* overhead, average seek, half a turn, transfer; a write settles, too */
    within("cheetah9lp random 4 KiB read, ms",
           mean_ms("cheetah9lp", CHEETAH, 8, 0, false, 0, 20000),
           .3 + 5.5 + 2.99 + .15, 5);
    within("cheetah9lp random 4 KiB write, ms",
           mean_ms("cheetah9lp", CHEETAH, 8, 0, true, 0, 20000),
           .3 + 5.5 + 2.99 + .15 + .487, 5);
    within("atlas10k random 4 KiB read, ms",
           mean_ms("atlas10k", ATLAS, 8, 0, false, 0, 20000),
           .3 + 5.6 + 2.99 + .15, 5);
    /* transfer: 8 of the 915 sectors that a track has on average */
    within("maxtor300g random 4 KiB read, ms",
           mean_ms("maxtor300g", MAXTOR, 8, 0, false, 0, 20000),
           .3 + 4.8 + 3. + .05, 5);
}

TEST(sequential_requests)
{
    double turn = 60000. / 10045, ms;

    /* a track takes one turn and one head switch */
    ms = mean_ms("cheetah9lp", CHEETAH, 2130, 2130, false, 0, 400);
    within("cheetah9lp sequential, MB/s", 2130 * 512 / ms / 1000,
           213 * 512 / (turn + .176) / 1000, 5);
    within("cheetah9lp 4 KiB in a row, no buffer, ms",
           mean_ms("cheetah9lp,nobuffer", CHEETAH, 8, 8, false, 0, 2000), turn,
           5);
    /* with the buffer only overhead and the bus take time */
    within("cheetah9lp 4 KiB in a row, ms",
           mean_ms("cheetah9lp", CHEETAH, 8, 8, false, 0, 2000),
           .3 + 4096 / 80e3, 10);
    within("cheetah9lp 4 KiB written in a row, ms",
           mean_ms("cheetah9lp", CHEETAH, 8, 8, true, 0, 2000), turn, 5);
    ms = mean_ms("atlas10k", ATLAS, 3340, 3340, false, 0, 300);
    within("atlas10k outer tracks, MB/s", 3340 * 512 / ms / 1000,
           334 * 512 / (60000. / 10025 + .176) / 1000, 5);
    ms = mean_ms("atlas10k", ATLAS, 2290, 2290, false, ATLAS - 229 * 3500, 300);
    within("atlas10k inner tracks, MB/s", 2290 * 512 / ms / 1000,
           229 * 512 / (60000. / 10025 + .176) / 1000, 5);
}

TEST(flash)
{
    static const struct {
        const char *name;
        double read, write;
    } want[] = {
        {"ssd", .090, .025}, {"emmc", .150, .150}, {"nvme", .075, .020}};

    for (unsigned i = 0; i < ARRAY_LEN(want); i++) {
        within(want[i].name,
               mean_ms(want[i].name, 1 << 21, 8, 0, false, 0, 100),
               want[i].read, 1);
        within(want[i].name, mean_ms(want[i].name, 1 << 21, 8, 0, true, 0, 100),
               want[i].write, 1);
    }
    assert_true(mean_ms("ideal", 1 << 21, 8, 0, false, 0, 10) == 1e-6);
    assert_null(disk_model_new("floppy", 100, HZ));
    assert_null(disk_model_new("ssd,nonsense", 100, HZ));
    assert_null(disk_model_new("ssd,queue=clook", 100, HZ)); /* no heads */
    assert_null(disk_model_new("emmc,queue=ncq", 100, HZ));  /* one at a time */
    assert_null(disk_model_new("ssd,nobuffer", 100, HZ));
    assert_null(disk_model_new("cheetah9lp,queue=", 100, HZ));
    assert_null(disk_model_new("cheetah9lp,", 100, HZ));
    assert_null(disk_model_new("cheetah9lpx", 100, HZ));
    assert_null(disk_model_new("", 100, HZ));
}

/* The platter turns whether or not a request waits: a request that comes dt
 * later waits dt less, and after a whole turn as long as before. */
TEST(the_platter_turns)
{
    u64 turn = 60000000000ull / 10045, first = 0;

    for (u64 dt = 0; dt <= 8; dt++) {
        struct disk_model *d =
            disk_model_new("cheetah9lp,nobuffer", CHEETAH, HZ);
        u64 now = dt * turn / 4;
        u64 done = transfer(d, now, 100, 1, false) % turn;
        if (dt == 0)
            first = done;
        /* at the same angle, within 3 ns */
        assert_true(done - first + 3 <= 6);
        disk_model_free(d);
    }
}

/* Returns the cycle at which a read of sectors 0 to 7, sent at 0, is done. */
static u64 first_read(const char *name)
{
    struct disk_model *d = disk_model_new(name, CHEETAH, HZ);
    u64 end = transfer(d, 0, 0, 8, false);
    disk_model_free(d);
    return end;
}

/* With phase=DEGREES sector 0 reaches the head that part of a turn later. */
TEST(the_platter_starts_anywhere)
{
    char name[64];
    u64 turn = 60000000000ull / 10045, at0 = first_read("cheetah9lp,nobuffer");
    for (unsigned degrees = 30; degrees < 360; degrees += 30) {
        snprintf(name, sizeof name, "cheetah9lp,nobuffer,phase=%u", degrees);
        u64 later = (first_read(name) + 2 * turn - at0) % turn;
        within("a first read's delay, ns", (double)later,
               (double)turn * degrees / 360, .1);
        struct disk_model *d = disk_model_new(name, CHEETAH, HZ);
        char again[64];
        disk_model_name(d, again, sizeof again);
        assert_string_equal(again, name);
        disk_model_free(d);
    }
    assert_null(disk_model_new("cheetah9lp,phase=360", CHEETAH, HZ));
    assert_null(disk_model_new("cheetah9lp,phase=", CHEETAH, HZ));
    assert_null(disk_model_new("cheetah9lp,phase=1x", CHEETAH, HZ));
    assert_null(disk_model_new("ssd,phase=90", CHEETAH, HZ));
}

/* The farther a seek, the longer; a request to the same track needs none. */
TEST(seeks_grow)
{
    u64 last = 0;

    for (u64 cylinder = 0; cylinder < 6962; cylinder += 870) {
        struct disk_model *d =
            disk_model_new("cheetah9lp,nobuffer", CHEETAH, HZ);
        transfer(d, 0, 0, 1, false);
        u64 before = disk_stats(d).seek_cycles;
        transfer(d, HZ, cylinder * 12 * 213 + 5, 1, false);
        u64 seek = disk_stats(d).seek_cycles - before;
        assert_true(cylinder == 0 ? seek == 0 : seek > last);
        last = seek;
        disk_model_free(d);
    }
    assert_true(last > 10.3e6 && last < 10.7e6); /* ns: a full stroke */
}

TEST(seeks_back_alike)
{
    struct disk_model *d = disk_model_new("cheetah9lp,nobuffer", CHEETAH, HZ);
    u64 now = transfer(d, 0, 0, 1, false);
    for (u64 cylinder = 1; cylinder < 6962; cylinder = cylinder * 3 + 1) {
        u64 seek[3] = {disk_stats(d).seek_cycles};
        now = transfer(d, now, cylinder * 12 * 213 + 5, 1, false);
        seek[1] = disk_stats(d).seek_cycles;
        now = transfer(d, now, 0, 1, false);
        seek[2] = disk_stats(d).seek_cycles;
        assert_true(seek[1] > seek[0]);
        assert_int_equal(seek[2] - seek[1], seek[1] - seek[0]);
    }
    disk_model_free(d);
}

/* If reads are 1800 sectors apart, read-ahead delays them by less than 10%. */
TEST(reading_ahead_does_not_hold_up)
{
    double with, without;

    with = mean_ms("cheetah9lp", CHEETAH, 8, 1800, false, 0, 500);
    without = mean_ms("cheetah9lp,nobuffer", CHEETAH, 8, 1800, false, 0, 500);
    assert_true(with < without * 1.1);
}

static double ms_of(struct disk_model *d, u64 now, u64 sector, u32 n,
                    bool write)
{
    return (double)(transfer(d, now, sector, n, write) - now) / 1e6;
}

/* A segment holds 561 sectors: an idle head reads them ahead and then stops, so
 * the next sector must come from the platter. */
TEST(the_buffer_has_an_end)
{
    struct disk_model *d = disk_model_new("cheetah9lp", CHEETAH, HZ);
    double turn = 60e3 / 10045, ms;

    transfer(d, 0, 0, 8, false);
    assert_true(ms_of(d, HZ, 561, 8, false) < .5);
    assert_true(ms_of(d, HZ + HZ / 2, 8, 8, false) < .5);
    u64 seeks = disk_stats(d).seek_cycles;
    ms = ms_of(d, 2 * HZ + 2345678, 569, 8, false);
    assert_true(ms > .5 && ms < turn + .5);
    assert_int_equal(disk_stats(d).seek_cycles, seeks);
    /* the ring's oldest sectors have been overwritten */
    assert_true(ms_of(d, 3 * HZ, 561, 8, false) > .5);
    /* sectors that the buffer lacks are read from the platter */
    transfer(d, 4 * HZ, 0, 8, false);
    ms = ms_of(d, 5 * HZ, 8, 4096, false);
    assert_true(ms > (4096 - 561) / 213. * turn);
    assert_true(ms < (4096 - 561) / 213. * (turn + .176) + turn + 2);
    disk_model_free(d);
}

/* Returns the mean ms of requests of n sectors; `streams` sequential streams
 * make one request each in turn. */
static double streams_ms(const char *name, u64 size, u32 n, unsigned streams)
{
    struct disk_model *d = disk_model_new(name, size, HZ);
    u64 now = 0, requests = 400 * streams;

    for (u64 i = 0; i < requests; i++)
        now = transfer(
            d, now, size / 8 * 8 / 13 / 8 * 8 * (i % streams) + i / streams * n,
            n, false);
    disk_model_free(d);
    return (double)now / (double)requests / 1e6;
}

/* The disk serves as many streams as it has segments almost as fast as a single
 * one: at worst it positions once per half segment (without a buffer, once per
 * request). With one stream more, each stream loses its segment to another
 * stream before its next request. */
TEST(a_segment_for_each_stream)
{
    static const struct {
        const char *name, *without;
        u64 size;
        unsigned segments, ahead;
    } of[] = {{"cheetah9lp", "cheetah9lp,nobuffer", CHEETAH, 3, 561},
              {"atlas10k", "atlas10k,nobuffer", ATLAS, 10, 354}};

    for (unsigned i = 0; i < 2; i++) {
        double one = streams_ms(of[i].name, of[i].size, 8, 1);
        for (unsigned n = 2; n <= of[i].segments + 1; n++) {
            double ms = streams_ms(of[i].name, of[i].size, 8, n);
            double without = streams_ms(of[i].without, of[i].size, 8, n);
            double share = 8. / (of[i].ahead / 2.);
            print_message("%s, 4 KiB, %2u streams: %.3f ms, without a buffer "
                          "%.3f\n",
                          of[i].name, n, ms, without);
            if (n <= of[i].segments)
                assert_true(ms < one + without * share);
            else
                assert_true(ms > without * .9);
        }
    }
}

/* After a write no segment holds its sectors; the sectors before them stay. */
TEST(a_write_empties_what_it_hits)
{
    struct disk_model *d = disk_model_new("cheetah9lp", CHEETAH, HZ);

    transfer(d, 0, 0, 8, false);
    transfer(d, HZ, 300, 8, true);
    assert_true(ms_of(d, 2 * HZ, 292, 8, false) < .5);
    assert_true(ms_of(d, 3 * HZ + 123456, 300, 8, false) > .5);
    /* a write elsewhere: the segment stays, but read-ahead into it ends */
    transfer(d, 4 * HZ, 100000, 8, false);
    transfer(d, 4 * HZ + HZ / 100 + 500000, 500000, 8, true);
    assert_true(ms_of(d, 6 * HZ, 100008, 8, false) < .5);
    assert_true(ms_of(d, 7 * HZ + 123456, 100500, 8, false) > .5);
    disk_model_free(d);
}

/* A request far beyond the disk, or of no sectors, does no harm. */
TEST(odd_requests)
{
    struct disk_model *d = disk_model_new("atlas10k", ATLAS, HZ);

    u64 c = transfer(d, 1, 1ull << 40, 8, true);
    assert_true(c < HZ);
    assert_true(transfer(d, c, 5, 0, false) >= c);
    disk_model_free(d);
}

TEST(saved_and_loaded_alike)
{
    struct disk_model *a = disk_model_new("cheetah9lp", CHEETAH, HZ);
    struct disk_model *b = disk_model_new("cheetah9lp", CHEETAH, HZ);
    struct disk_model *other = disk_model_new("ssd", CHEETAH, HZ);
    u64 seed = 2, now = 0;

    for (int i = 0; i < 100; i++)
        now = transfer(a, now, (rand_step(&seed) >> 8) % CHEETAH, 8, i & 1);
    now = transfer(a, now, 900000, 8, false) + 5000000;
    now = transfer(a, now, 1000, 8, false);
    SAVE(disk_model_state(a, s));
    LOAD(disk_model_state(b, s));
    for (u64 i = 0; i < 200; i++) {
        u64 at = i < 40 ? (i & 1 ? 900008 : 1008) + i / 2 * 8
                        : (rand_step(&seed) >> 8) % CHEETAH;
        u64 done = transfer(a, now, at, 8, i % 7 == 6);
        assert_int_equal(transfer(b, now, at, 8, i % 7 == 6), done);
        now = done;
    }
    REFUSE("", disk_model_state(other, s));
    disk_model_free(a);
    disk_model_free(b);
    disk_model_free(other);
}

/* A discard moves no head, however much it covers; on flash it takes as long as
 * writing 4 KiB. Write-zeroes writes, unless flash may discard instead. */
TEST(discards)
{
    struct disk_model *d = disk_model_new("cheetah9lp", CHEETAH, HZ);
    struct disk_model *w = disk_model_new("cheetah9lp", CHEETAH, HZ);
    u64 now = transfer(d, 0, 1000000, 8, false);
    struct disk_stats before = disk_stats(d), s;
    assert_int_equal(run_one_request(d, now, DISK_DISCARD, 0, 8), now + 300000);
    assert_int_equal(run_one_request(d, now + 300000, DISK_DISCARD, 0, 4194303),
                     now + 600000);
    s = disk_stats(d);
    assert_int_equal(s.seek_cycles, before.seek_cycles);
    assert_int_equal(s.head_sector, before.head_sector);
    assert_int_equal(s.discards, 2);
    assert_int_equal(s.discard_bytes, 4194311ull * 512);
    assert_int_equal(s.writes, 0);
    assert_int_equal(s.busy_cycles, now + 600000);
    for (int unmap = 0; unmap < 2; unmap++) {
        u64 zeros = run_one_request(w, 0, unmap ? DISK_ZERO_UNMAP : DISK_ZERO,
                                    5000, 4000);
        disk_model_free(w);
        w = disk_model_new("cheetah9lp", CHEETAH, HZ);
        assert_int_equal(zeros, transfer(w, 0, 5000, 4000, true));
        disk_model_free(w);
        w = disk_model_new("cheetah9lp", CHEETAH, HZ);
    }
    disk_model_free(d);
    disk_model_free(w);
    d = disk_model_new("ssd", CHEETAH, HZ);
    assert_int_equal(run_one_request(d, 0, DISK_DISCARD, 0, 4194303), 25000);
    assert_int_equal(run_one_request(d, 25000, DISK_ZERO_UNMAP, 0, 4194303),
                     50000);
    assert_true(run_one_request(d, 50000, DISK_ZERO, 0, 4194303) > 4000000000);
    assert_int_equal(disk_stats(d).writes, 1);
    disk_model_free(d);
    d = disk_model_new("ideal", CHEETAH, HZ);
    assert_int_equal(run_one_request(d, 5, DISK_DISCARD, 0, 4194303), 6);
    disk_model_free(d);
}
