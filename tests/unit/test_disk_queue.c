/* SPDX-License-Identifier: MIT */
// rooms: time mmu isa base
/* Tests the queue of a full-size disk. C-LOOK and NCQ gain as much over FIFO as
 * theory says; no request starves; overlapping requests stay in order; looking
 * at the queue changes nothing. */
#include <math.h>

#include "saved.h"

#include "time/time.h"

#define HZ      1000000000ull
#define CHEETAH 17783240ull
#define HEADS   12u
#define TRACK   213u
#define TURN    (60e3 / 10045) /* ms */

static void within(const char *what, double got, double want, double percent)
{
    print_message("%-44s %9.3f, reference %9.3f\n", what, got, want);
    assert_true(fabs(got - want) <= want * percent / 100);
}

static double uniform(u64 *seed)
{
    return (double)(rand_step(seed) >> 11) / (double)(1ull << 53);
}

/* ---- a closed loop of `depth` requests: each end begins another request -- */

struct loop {
    struct disk_model *d;
    u64 now, seed, size, tag;
    u64 asked[4096]; /* cycle of the request, by tag */
    u64 sector[4096];
    u64 longest; /* wait, in cycles */
};

static void ask(struct loop *l, u64 sector, bool write)
{
    l->asked[l->tag % 4096] = l->now;
    l->sector[l->tag % 4096] = sector;
    disk_submit(l->d, l->now, l->tag++, write ? DISK_WRITE : DISK_READ, sector,
                8);
}

static void ask_anywhere(struct loop *l, bool write)
{
    ask(l, (rand_step(&l->seed) >> 8) % (l->size / 8) * 8, write);
}

/* Waits until the next request is done; returns its tag. */
static u64 next_done(struct loop *l)
{
    u64 tag;

    for (;;) {
        u64 at = disk_next(l->d);
        assert_true(at != ~0ull && at >= l->now);
        l->now = at;
        if (disk_done(l->d, at, &tag))
            break;
    }
    u64 wait = l->now - l->asked[tag % 4096];
    if (wait > l->longest)
        l->longest = wait;
    return tag;
}

static struct loop loop_new(const char *model, u64 size)
{
    struct loop l = {.seed = 5, .size = size};

    l.d = disk_model_new(model, size, HZ);
    assert_non_null(l.d);
    return l;
}

/* Returns the mean ms between the ends of n random requests. */
static double pace(const char *model, u64 size, unsigned depth, unsigned n,
                   bool write)
{
    struct loop l = loop_new(model, size);

    for (unsigned i = 0; i < depth; i++)
        ask_anywhere(&l, write);
    for (unsigned i = 0; i < n; i++) {
        next_done(&l);
        ask_anywhere(&l, write);
    }
    struct disk_stats s = disk_stats(l.d);
    assert_int_equal(write ? s.writes : s.reads, n);
    assert_true(s.busy_cycles <= l.now);
    assert_true(s.busy_cycles + HZ / 1000 > l.now); /* the disk never rested */
    assert_true(s.seek_cycles < s.busy_cycles);
    disk_model_free(l.d);
    return (double)l.now / n / 1e6;
}

/* ---- theory -------------------------------------------------------------- */

static const struct {
    double cylinders, us;
} curve[] = {
#define SEEK(c, us) {c, us},
#include "time/disk/seek_cheetah9lp.def"
#undef SEEK
};

static double seek_ms(double cylinders)
{
    unsigned i = 1, n = ARRAY_LEN(curve);

    if (cylinders < .5)
        return 0;
    while (i < n - 1 && curve[i].cylinders < cylinders)
        i++;
    double part = (cylinders - curve[i - 1].cylinders) /
                  (curve[i].cylinders - curve[i - 1].cylinders);
    double us = curve[i - 1].us + part * (curve[i].us - curve[i - 1].us);
    return (us < curve[n - 1].us ? us : curve[n - 1].us) / 1e3;
}

static double any_cylinder(u64 *seed)
{
    return floor(uniform(seed) * (double)CHEETAH / TRACK / HEADS);
}

/* Returns a discipline's mean ms in theory: simulates n choices among `depth`
 * requests, each a cylinder and an angle, on a disk without overhead, buffer or
 * skew. `age`: the part of a request's age that NCQ subtracts from its cost. */
static double theory(char discipline, double age, unsigned depth, unsigned n)
{
    double cyl[64], angle[64], since[64] = {0};
    double head = 0, t = 0, transfer = 8. / TRACK * TURN;
    u64 seed = 99;

    for (unsigned i = 0; i < depth; i++) {
        cyl[i] = any_cylinder(&seed);
        angle[i] = uniform(&seed) * TURN;
    }
    for (unsigned k = 0; k < n; k++) {
        double least = 1e9, reach[64];
        unsigned best = 0;
        for (unsigned i = 0; i < depth; i++) {
            double move = seek_ms(fabs(cyl[i] - head));
            double wait = fmod(angle[i] - fmod(t + move, TURN) + TURN, TURN);
            reach[i] = move + wait;
            double score = discipline == 'f'   ? 0
                           : discipline == 'n' ? reach[i] - (t - since[i]) * age
                           : cyl[i] >= head    ? cyl[i] - head
                                               : cyl[i] + 1e6;
            if (score < least) {
                least = score;
                best = i;
            }
        }
        t += reach[best] + transfer;
        head = cyl[best];
        cyl[best] = any_cylinder(&seed);
        angle[best] = uniform(&seed) * TURN;
        since[best] = t;
    }
    return t / n;
}

TEST(gains)
{
    static const struct {
        const char *queue;
        unsigned depth;
        double factor; /* times better than FIFO, at least */
    } rows[] = {{"fifo", 8, 1},     {"fifo", 32, 1}, {"clook", 8, 1.2},
                {"clook", 32, 1.5}, {"ncq", 8, 1.5}, {"ncq", 32, 2}};
    double fifo = pace("cheetah9lp,queue=fifo", CHEETAH, 32, 4000, false);

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        char model[40], what[96];
        snprintf(model, sizeof model, "cheetah9lp,queue=%s", rows[i].queue);
        snprintf(what, sizeof what, "%s, depth %u, ms a random 4 KiB read",
                 model, rows[i].depth);
        double ms = pace(model, CHEETAH, rows[i].depth, 4000, false);
        within(what, ms,
               theory(rows[i].queue[0], 1. / 64, rows[i].depth, 20000), 5);
        print_message("%44s %9.2f times FIFO's rate\n", "", fifo / ms);
        assert_true(fifo / ms >= rows[i].factor * .999);
    }
    print_message("NCQ without age, theory: %.3f\n", theory('n', 0, 32, 20000));
}

TEST(alike_at_depth_one)
{
    double fifo = pace("cheetah9lp,queue=fifo", CHEETAH, 1, 500, true);

    assert_true(pace("cheetah9lp,queue=clook", CHEETAH, 1, 500, true) == fifo);
    assert_true(pace("cheetah9lp,queue=ncq", CHEETAH, 1, 500, true) == fifo);
    assert_true(pace("cheetah9lp", CHEETAH, 1, 500, true) == fifo);
}

/* C-LOOK serves upwards, and turns back at most once while a request waits: for
 * random requests, and for a client that always asks just ahead of the head. */
TEST(clook_keeps_nobody_waiting)
{
    for (int hostile = 0; hostile < 2; hostile++) {
        struct loop l = loop_new("cheetah9lp,queue=clook", CHEETAH);
        u64 last = 0, chosen_at = 0, turned[6000];
        unsigned turns = 0, most = 0;
        for (unsigned i = 0; i < 32; i++)
            ask_anywhere(&l, false);
        for (unsigned i = 0; i < 6000; i++) {
            u64 tag = next_done(&l), at = l.sector[tag % 4096];
            u64 understood = l.asked[tag % 4096] + 300000;
            unsigned n = 0;
            if (at < last)
                turned[turns++] = chosen_at;
            for (unsigned k = turns; k-- && turned[k] >= understood;)
                n++;
            most = n > most ? n : most;
            last = at;
            chosen_at = l.now;
            u64 ahead = last + 8 + (rand_step(&l.seed) >> 40) % 40000;
            if (hostile)
                ask(&l, ahead / 8 * 8 % (CHEETAH - 8), false);
            else
                ask_anywhere(&l, false);
        }
        print_message("%u turns back, at most %u during a wait; longest "
                      "%.0f ms\n",
                      turns, most, (double)l.longest / 1e6);
        assert_true(turns > 3);
        assert_int_equal(most, 1);
        disk_model_free(l.d);
    }
}

/* NCQ would serve near requests for ever if age did not count. A request that
 * has waited 64 times the longest positioning goes before all later ones. */
TEST(ncq_keeps_nobody_waiting)
{
    struct loop l = loop_new("cheetah9lp,queue=ncq", CHEETAH);
    u64 worst = 17, far = 0, served = 0; /* worst: full stroke and turn, ms */

    ask(&l, 0, false);
    next_done(&l);
    for (unsigned i = 0; i < 31; i++)
        ask(&l, (rand_step(&l.seed) >> 8) % 400 * 8, true);
    far = l.tag;
    ask(&l, CHEETAH - 8, true);
    while (next_done(&l) != far) {
        served++;
        assert_true(l.now / 1000000 < 64 * worst + 32 * worst);
        ask(&l, (rand_step(&l.seed) >> 8) % 400 * 8, true);
    }
    print_message("%llu near requests first, %.0f ms\n",
                  (unsigned long long)served, (double)l.now / 1e6);
    assert_true(served > 100); /* near requests did go first */
    disk_model_free(l.d);
}

/* ---- order --------------------------------------------------------------- */

/* Requests that share a sector, one of them a write, stay in order under every
 * discipline; reads of one sector may pass each other. */
TEST(overlaps_stay_in_order)
{
    static const char *const models[] = {"cheetah9lp,queue=fifo",
                                         "cheetah9lp,queue=clook",
                                         "cheetah9lp,queue=ncq", "ssd", "nvme"};

    for (unsigned m = 0; m < ARRAY_LEN(models); m++) {
        struct loop l = loop_new(models[m], CHEETAH);
        bool write[4096], passed = false;
        u64 ended[4096];
        memset(ended, 0xff, sizeof ended);
        for (unsigned i = 0; i < 3000; i++) {
            if (i >= 24) {
                u64 tag = next_done(&l);
                ended[tag] = i;
                for (u64 k = 0; k < tag; k++) {
                    passed |= ended[k] == ~0ull;
                    if ((write[k] || write[tag]) && ended[k] == ~0ull)
                        assert_true(l.sector[k] + 8 <= l.sector[tag] ||
                                    l.sector[tag] + 8 <= l.sector[k]);
                }
            }
            write[l.tag] = rand_step(&l.seed) >> 40 & 1;
            ask(&l, (rand_step(&l.seed) >> 8) % 100 * 4, write[l.tag]);
        }
        assert_int_equal(passed, m > 0);
        disk_model_free(l.d);
    }
}

/* A flush is done when all older requests are done, and delays no request. */
TEST(marks_wait_for_what_is_older)
{
    struct disk_model *d =
        disk_model_new("cheetah9lp,queue=clook", CHEETAH, HZ);
    u64 tags[5], now = 0;

    disk_submit(d, 0, 0, DISK_WRITE, 9000000, 8);
    disk_submit(d, 0, 1, DISK_WRITE, 4000000, 8);
    disk_submit(d, 0, 2, DISK_NOTHING, 0, 0);
    disk_submit(d, 0, 3, DISK_WRITE, 5000000, 8);
    disk_submit(d, 0, 4, DISK_WRITE, 15000000, 8);
    for (unsigned i = 0; i < 5; i++)
        while (now = disk_next(d), !disk_done(d, now, &tags[i]))
            assert_true(now != ~0ull);
    /* the disk first chooses when all are decoded: upwards from sector 0 */
    static const u64 want[] = {1, 3, 0, 2, 4};
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(tags[i], want[i]);
    disk_model_free(d);
}

/* ---- flash --------------------------------------------------------------- */

/* Returns how many of m dies are busy on average while n requests, each to a
 * random die, are under way: F. Baskett and A. J. Smith, Interference in
 * Multiprocessor Computer Systems with Interleaved Memory, CACM 19 (1976). The
 * disk's transfer rate is a second bound (below). */
static double dies_busy(double n, double m)
{
    double b = n + m - .5;
    return m == 1 ? 1 : b - sqrt(b * b - 2 * n * m);
}

TEST(flash_in_parallel)
{
    static const struct {
        const char *model;
        unsigned depth, dies;
        double read4k, rate; /* us, bytes/us */
    } rows[] = {{"ssd", 4, 16, 90, 540},           {"ssd", 32, 16, 90, 540},
                {"nvme", 8, 32, 75, 3200},         {"nvme", 32, 32, 75, 3200},
                {"nvme", 128, 32, 75, 3200},       {"emmc", 32, 1, 150, 250},
                {"ssd,queue=fifo", 32, 1, 90, 540}};

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        double bus = 4096 / rows[i].rate, d = rows[i].depth;
        double us =
            rows[i].dies == 1
                ? rows[i].read4k
                : (rows[i].read4k - bus) / dies_busy(d, rows[i].dies) + bus / d;
        char what[64];
        snprintf(what, sizeof what, "%s at depth %u, thousands a second",
                 rows[i].model, rows[i].depth);
        within(what,
               1 / pace(rows[i].model, CHEETAH, rows[i].depth, 20000, false),
               1e3 / (us > bus ? us : bus), 2);
    }
}

/* ---- looking changes nothing --------------------------------------------- */

/* Gives two disks the same requests at the same cycles: `a` is looked at every
 * now and then, saved and loaded in between and asked what lies ahead; `b` is
 * looked at only when a request comes. */
static void cut_anywhere(const char *model)
{
    struct disk_model *a = disk_model_new(model, CHEETAH, HZ), *b = NULL;
    u64 seed = 3, look = 8, now = 0, got[2][600], n[2] = {0, 0};
    char h[2][33] = {"", ""};

    b = disk_model_new(model, CHEETAH, HZ);
    for (unsigned i = 0; i < 600; i++) {
        u64 gap = (rand_step(&seed) >> 8) % (i / 50 % 2 ? 12000000 : 3000000);
        u64 sector = (rand_step(&seed) >> 8) % (CHEETAH - 64);
        enum disk_op op = (enum disk_op)(i % 7 == 6 ? i % 6 : i & 1);
        if (i % 100 == 99)
            gap += HZ; /* all requests end meanwhile */
        for (u64 t = now + 1; t < now + gap;
             t += (rand_step(&look) >> 8) % 2000000) { /* look at a only */
            struct disk_outlook o[16];
            while (n[0] < 600 && disk_done(a, t, &got[0][n[0]]))
                n[0]++;
            disk_outlook(a, o, 16);
            disk_next(a);
        }
        if (i % 40 == 17) {
            SAVE(disk_model_state(a, s));
            disk_model_free(a);
            a = disk_model_new(model, CHEETAH, HZ);
            LOAD(disk_model_state(a, s));
        }
        now += gap;
        disk_submit(a, now, i, op, op == DISK_NOTHING ? 0 : sector,
                    op == DISK_NOTHING ? 0 : 1 + i % 60);
        disk_submit(b, now, i, op, op == DISK_NOTHING ? 0 : sector,
                    op == DISK_NOTHING ? 0 : 1 + i % 60);
        if (i % 50 == 49)
            for (int k = 0; k < 2; k++) {
                while (disk_done(k ? b : a, now, &got[k][n[k]]))
                    n[k]++;
                DIGEST(h[k], disk_model_state(k ? b : a, s));
            }
        assert_string_equal(h[0], h[1]);
    }
    now += 60 * HZ;
    for (int k = 0; k < 2; k++)
        while (n[k] < 600 && disk_done(k ? b : a, now, &got[k][n[k]]))
            n[k]++;
    assert_int_equal(n[0], 600);
    assert_int_equal(n[1], 600);
    assert_memory_equal(got[0], got[1], sizeof got[0]);
    disk_model_free(a);
    disk_model_free(b);
}

TEST(looking_changes_nothing)
{
    cut_anywhere("cheetah9lp");
    cut_anywhere("cheetah9lp,queue=clook");
    cut_anywhere("atlas10k,queue=ncq,nobuffer");
    cut_anywhere("maxtor300g,queue=ncq");
    cut_anywhere("ssd");
    cut_anywhere("nvme,queue=fifo");
    cut_anywhere("ideal");
}

/* The outlook says what happens, if no other request comes. */
TEST(the_outlook_comes_true)
{
    struct loop l = loop_new("cheetah9lp,queue=ncq", CHEETAH);
    struct disk_outlook o[40];

    for (unsigned i = 0; i < 40; i++)
        ask_anywhere(&l, i & 1);
    assert_int_equal(disk_outlook(l.d, o, 40), 40);
    for (unsigned i = 0; i < 40; i++) {
        u64 tag = next_done(&l);
        assert_int_equal(o[tag].tag, tag);
        assert_int_equal(o[tag].done_at, l.now);
    }
    assert_int_equal(disk_outlook(l.d, o, 40), 0);
    disk_model_free(l.d);
}

/* If the disk decodes a write during the one before, it misses no sector: the
 * writes of a track take one turn, at any clock. Only a moved head settles. */
TEST(queued_writes_stream)
{
    static const u64 clocks[] = {1000000000, 1200000000, 333333333};

    for (unsigned c = 0; c < ARRAY_LEN(clocks); c++) {
        struct disk_model *d = disk_model_new("cheetah9lp", CHEETAH, clocks[c]);
        u64 now = 0, tag, first = 0;
        for (u64 i = 0; i < 26; i++)
            disk_submit(d, 0, i, DISK_WRITE, i * 8, 8);
        for (u64 i = 0; i < 26; i++) {
            while (now = disk_next(d), !disk_done(d, now, &tag))
                assert_true(now != ~0ull);
            assert_int_equal(tag, i);
            if (i == 0)
                first = now;
        }
        within("25 writes in a row, ms",
               (double)(now - first) / (double)clocks[c] * 1e3,
               25 * 8. / TRACK * TURN, .1);
        assert_int_equal(disk_stats(d).seek_cycles, 0);
        disk_model_free(d);
    }
}

/* Cancelled requests are never done, but the heads finish their movement. */
TEST(cancelled)
{
    struct loop l = loop_new("cheetah9lp", CHEETAH);
    u64 tag;

    ask(&l, CHEETAH - 8, false);
    ask(&l, 0, false);
    l.now = disk_next(l.d); /* decoded and chosen */
    assert_false(disk_done(l.d, l.now, &tag));
    u64 would = disk_next(l.d);
    disk_cancel(l.d);
    assert_true(disk_next(l.d) == ~0ull);
    ask(&l, CHEETAH - 8, false);
    assert_int_equal(next_done(&l), 2);
    assert_true(l.now >= would);
    assert_int_equal(disk_stats(l.d).reads, 1);
    disk_model_free(l.d);
}
