/* SPDX-License-Identifier: MIT */
// rooms: time mmu isa base
/* DRAM: published figures; the lazy controller against one that looks at every
 * clock and at every earlier command; laziness. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "dram_slow.h"
#include "dram_traces.h"

static const char *const part_names[] = {"ddr3-1600k", "ddr4-2400r",
                                         "lpddr4-2400"};

/* ---- figures ------------------------------------------------------------ */

/* Hit, closed and conflict on an idle device: CL + burst + 1, + RCD, + RP. */
static void unloaded_latencies(void **unused)
{
    static const u64 want[3][3] = {{16, 27, 38}, {21, 37, 53}, {36, 58, 78}};
    enum served where;

    (void)unused;
    for (int i = 0; i < 3; i++) {
        struct dram *d = dram_new(dram_part_find(part_names[i]));
        assert_int_equal(dram_read(d, 0, 100, &where) - 100, want[i][1]);
        assert_int_equal(where, SERVED_DRAM_CLOSED);
        assert_int_equal(dram_read(d, 64, 1000, &where) - 1000, want[i][0]);
        assert_int_equal(where, SERVED_DRAM_HIT);
        assert_int_equal(dram_read(d, 1 << 24, 2000, &where) - 2000,
                         want[i][2]);
        assert_int_equal(where, SERVED_DRAM_CONFLICT);
        dram_free(d);
    }
    assert_null(dram_part_find("ddr9"));
}

static u64 play_serial(const struct dram_trace *t, struct dram *d, u64 seed)
{
    u64 now = 0, last = 0;
    enum served where;

    for (u64 i = 0; i < TRACE_LENGTH; i++) {
        struct dram_access a = t->at(i, &seed);
        now = a.write ? dram_write(d, a.pa, now) + 1
                      : (last = dram_read(d, a.pa, now, &where)) + t->gap;
    }
    return last;
}

static u64 play_open(const struct dram_trace *t, struct dram *d, u64 seed)
{
    u64 now = 0;

    for (u64 i = 0; i < TRACE_LENGTH; i++, now += t->gap) {
        struct dram_access a = t->at(i, &seed);
        dram_advance(d, now);
        while (!dram_accept(d, a.write, a.pa, now))
            now = dram_room(d, a.write, now);
    }
    dram_drain(d);
    return now;
}

static bool in_band(double x, const double *band, double slack)
{
    return x >= fmin(band[0], band[1]) - slack &&
           x <= fmax(band[0], band[1]) + slack;
}

/* Reads one at a time within 1% of the band that the two simulators span, row
 * hits within .003; mixes of reads and writes, and many at once, within 6%. */
static void two_simulators_agree(void **unused)
{
    unsigned out = 0;

    (void)unused;
    for (unsigned i = 0; i < ARRAY_LEN(traces); i++) {
        const struct dram_trace *t = &traces[i];
        struct dram *d = dram_new(dram_part_find(t->part));
        u64 last = t->open ? play_open(t, d, i + 1) : play_serial(t, d, i + 1);
        struct dram_stats s = dram_stats(d);
        double mean = (double)s.read_latency_clocks / (double)s.reads;
        double rows = (double)(s.row_hits + s.row_closed + s.row_conflicts);
        double hits = (double)s.row_hits / rows;
        double slack = s.writes || t->open ? .06 : .01;
        bool ok = in_band(mean, t->latency,
                          slack * fmin(t->latency[0], t->latency[1])) &&
                  in_band((double)last, t->clocks, slack * t->clocks[0]) &&
                  (t->open || in_band(hits, t->hits, .003));

        print_message("%-30s %-11s %s:%-3u %7.2f (%.2f %.2f) clocks, %.4f "
                      "(%.4f %.4f) hits%s\n",
                      t->name, t->part, t->open ? "open" : "serial", t->gap,
                      mean, t->latency[0], t->latency[1], hits, t->hits[0],
                      t->hits[1], ok ? "" : " OUT");
        out += !ok;
        assert_int_equal(s.reads + s.writes, TRACE_LENGTH);
        dram_free(d);
    }
    assert_int_equal(out, 0);
}

/* ---- clock by clock (dram_slow.h) ---------------------------------------- */

/* Of each part, as this host has it, as any host would, and as one with AVX2
 * and nothing newer. */
enum { HOSTS = 9 };

static struct dram *new_of(int i)
{
    struct dram *d = dram_new(dram_part_find(part_names[i % 3]));

    if (i >= 3)
        d->run = &dram_run_plain;
#ifdef __x86_64__
    bool avx2 = __builtin_cpu_supports("avx2") &&
                __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    if (i >= 6 && avx2)
        d->run = d->part->bank_groups * d->part->banks > 8 ? &dram_run_avx2_16
                                                           : &dram_run_avx2_8;
#endif
    return d;
}

/* In the queue, or (dram_calm.c) known to be done some time. */
static unsigned writes_pending(const struct dram *d)
{
    return dram_pending(&d->writes) + d->calm.posted;
}

/* The same banks open, with the same rows; but a refresh that has begun is one
 * moment here, there its precharges come first. */
static void assert_same_banks(const struct dram *d, const struct slow *s)
{
    unsigned n = (unsigned)s->p->bank_groups * s->p->banks;

    for (unsigned b = 0; b < n && d->rank.refreshes == s->refreshes; b++) {
        assert_int_equal(d->rank.open >> b & 1, s->open[b]);
        if (s->open[b])
            assert_int_equal(d->rank.row[b], s->row[b]);
    }
}

/* Addresses near each other and far, bursts and pauses, mostly reads or
 * mostly writes by turns. */
static void lazy_equals_clock_by_clock(void **unused)
{
    (void)unused;
    for (int i = 0; i < HOSTS; i++) {
        struct dram *d = new_of(i);
        struct slow s = {.p = d->part, .refresh_due = d->part->refi};
        u64 seed = 77 + (u64)i, now = 0, full = 0;

        for (int n = 0; n < 12000; n++) {
            u64 r = rand_step(&seed), pa = rand_step(&seed) >> 20;
            unsigned writes = n / 500 % 4 * 33;
            enum served where;

            pa = r >> 50 & 1 ? pa & 0x7ffc0 : pa & 0xfffffc0;
            if (r % 50 == 0)
                now += r >> 40 & 0x3fff;
            else if (r % 5 == 0 && writes < 90)
                now += r >> 40 & 63;
            if ((r >> 8) % 100 < writes) {
                u64 want = slow_write(&s, pa, now);
                u64 got = dram_write(d, pa, now);
                assert_int_equal(got, want);
                full += got > now;
                now = got + 1;
            } else {
                u64 want = slow_read(&s, pa, now);
                u64 got = dram_read(d, pa, now, &where);
                assert_int_equal(got, want);
                now = got;
            }
            assert_int_equal(writes_pending(d), s.writes.n);
            assert_same_banks(d, &s);
        }
        assert_int_equal(dram_stats(d).refreshes, s.refreshes);
        assert_true(full > 20);
        dram_free(d);
    }
}

/* Rows whose numbers differ above 16 bits only: those of reads and those of
 * writes, then any. */
static void rows_far_apart(void **unused)
{
    (void)unused;
    for (int i = 0; i < HOSTS; i++) {
        struct dram *d = new_of(i);
        const struct dram_part *p = d->part;
        struct slow s = {.p = p, .refresh_due = p->refi};
        u64 seed = 7 + (u64)i, now = 0;
        u64 far = (1ull << (22 + p->column_bits)) * p->banks * p->bank_groups;
        enum served where;

        for (int n = 0; n < 4000; n++) {
            u64 r = rand_step(&seed) >> 20, pa = r & 0x3ffc0, got;
            bool write = r >> 21 & 1;

            pa += r >> 20 & (n > 2000 || !write) ? far : 0;
            got = write ? dram_write(d, pa, now) + 1
                        : dram_read(d, pa, now, &where);
            now = write ? slow_write(&s, pa, now) + 1 : slow_read(&s, pa, now);
            assert_int_equal(got, now);
        }
        dram_free(d);
    }
}

/* Many outstanding: an access at random moments, whatever is in the queues. */
static void crowds_equal_clock_by_clock(void **unused)
{
    (void)unused;
    for (int i = 0; i < HOSTS; i++) {
        struct dram *d = new_of(i);
        struct slow s = {.p = d->part, .refresh_due = d->part->refi};
        u64 seed = 99 + (u64)i, now = 0, full = 0;

        for (int n = 0; n < 12000; n++) {
            u64 r = rand_step(&seed), pa = rand_step(&seed) >> 20;
            bool write = (r >> 8) % 100 < (unsigned)n / 400 % 4 * 30;

            pa = r >> 50 & 1 ? pa & 0x3ffc0 : pa & 0xfffffc0;
            now += 1 + (r >> 40) % (n / 1600 % 2 ? 60 : 8);
            dram_advance(d, now);
            slow_until(&s, now);
            assert_int_equal(dram_pending(&d->reads), s.reads.n);
            assert_int_equal(dram_pending(&d->writes), s.writes.n);
            assert_same_banks(d, &s);
            bool ok = dram_accept(d, write, pa, now);
            assert_int_equal(ok, slow_accept(&s, write, pa, now));
            full += !ok;
            if (!ok) { /* until there is room */
                u64 room = dram_room(d, write, now);
                for (; !slow_accept(&s, write, pa, now); now = s.now++)
                    slow_tick(&s);
                assert_int_equal(room, now);
                assert_true(dram_accept(d, write, pa, now));
            }
        }
        dram_advance(d, now + 20000);
        slow_until(&s, now + 20000);
        assert_int_equal(d->reads.banks | d->writes.banks, 0);
        assert_int_equal(dram_stats(d).read_latency_clocks, s.read_latency);
        assert_int_equal(dram_stats(d).refreshes, s.refreshes);
        assert_true(full > 20);
        dram_free(d);
    }
}

/* One bank is open, another was closed for a write; before the write may open
 * it a refresh is due, and just after that a read comes: the refresh must not
 * have waited for it. It once did, and began with the read. */
static void a_refresh_is_not_slept_through(void **unused)
{
    (void)unused;
    for (int i = 0; i < HOSTS; i++) {
        const struct dram_part *p = dram_part_find(part_names[i % 3]);
        u64 row = 64ull << (p->column_bits +
                            __builtin_ctz(p->banks * p->bank_groups));

        for (u64 early = 30; early < 150; early++) {
            struct dram *d = new_of(i);
            struct slow s = {.p = p, .refresh_due = p->refi};
            u64 now = p->refi - early, want;
            enum served where;

            want = slow_read(&s, 64ull << p->column_bits, now - 200);
            assert_int_equal(
                dram_read(d, 64ull << p->column_bits, now - 200, &where), want);
            want = slow_read(&s, 0, now);
            assert_int_equal(dram_read(d, 0, now, &where), want);
            assert_int_equal(dram_write(d, row, want),
                             slow_write(&s, row, want));
            now = (want > p->refi ? want : p->refi) + 2;
            want = slow_read(&s, 2 * row, now);
            assert_int_equal(dram_read(d, 2 * row, now, &where), want);
            dram_free(d);
        }
    }
}

/* One write, and all that it changes. */
static u64 both_write(struct dram *d, struct slow *s, u64 pa, u64 now)
{
    u64 got = dram_write(d, pa, now);

    assert_int_equal(got, slow_write(s, pa, now));
    assert_same_banks(d, s);
    assert_int_equal(writes_pending(d), s->writes.n);
    return got;
}

/* A write comes to a bank that nobody else wants, and its first command could
 * go at once; but a refresh is due, which waits for another bank's column. */
static void a_write_alone_waits_for_refresh(void **unused)
{
    (void)unused;
    for (int i = 0; i < HOSTS; i++) {
        const struct dram_part *p = dram_part_find(part_names[i % 3]);
        u64 bank = 64ull << p->column_bits, seed = (u64)i + 1;
        u64 row = bank * p->bank_groups * p->banks;

        for (u64 early = 1; early < 100; early++) {
            struct dram *d = new_of(i);
            struct slow s = {.p = p, .refresh_due = p->refi};
            u64 now = p->refi - early;

            both_write(d, &s, row, now - 90);
            both_write(d, &s, bank, now - 90);
            for (unsigned n = 0; n < 12; n++) {
                u64 r = rand_step(&seed) >> 40;
                u64 pa = (r & 3) * row + (r >> 2 & 3) * bank;
                both_write(d, &s, pa + (r >> 4 & 15) * 64, now);
                now += 1 + (r >> 12) % (n & 1 ? 3 : 30);
            }
            dram_free(d);
        }
    }
}

/* It waits to close its bank until the last write there is done; a younger one
 * comes that hits what is open, but may not have the bus before that either. */
static void a_write_alone_closes_a_row_of_others(void **unused)
{
    (void)unused;
    for (int i = 0; i < HOSTS; i++) {
        const struct dram_part *p = dram_part_find(part_names[i % 3]);
        u64 bank = (64ull << p->column_bits) * p->bank_groups;
        u64 row = bank * p->banks;

        for (u64 gap = 1; gap < 100; gap++) {
            struct dram *d = new_of(i);
            struct slow s = {.p = p, .refresh_due = p->refi};
            enum served where;
            u64 now = slow_read(&s, bank, 100);

            assert_int_equal(dram_read(d, bank, 100, &where), now);
            both_write(d, &s, 0, now);
            both_write(d, &s, bank + 64, now + gap);
            both_write(d, &s, row, now + gap + 1);
            both_write(d, &s, 64, now + gap + 2);
            for (u64 n = 3; n < 200; n += 7)
                both_write(d, &s, 2 * row + n * 64, now + gap + n);
            dram_free(d);
        }
    }
}

/* ---- time in pieces ----------------------------------------------------- */

static void digest(struct dram *d, char *hex)
{
    struct state *s = state_hasher();
    dram_state(d, s);
    state_hash_finish(s, hex);
}

/* Advancing to t1 and then to t2 equals advancing to t2. */
static void pieces_of_time(void **unused)
{
    u64 seed = 5;
    char whole[33], pieces[33];

    (void)unused;
    for (int i = 0; i < HOSTS; i++) {
        struct dram *a = new_of(i), *b = new_of(i);
        u64 now = 0;
        for (int n = 0; n < 3000; n++) {
            u64 r = rand_step(&seed), pa = r & 0xfffffc0, later;
            enum served where;
            if (r >> 60 < 9) {
                later = dram_write(a, pa, now);
                assert_int_equal(dram_write(b, pa, now), later);
            } else {
                later = dram_read(a, pa, now, &where);
                assert_int_equal(dram_read(b, pa, now, &where), later);
            }
            now = later + (r >> 40) % (n % 100 ? 60 : 60000);
            for (u64 t = later; t < now; t += 1 + rand_step(&seed) % 40)
                dram_advance(b, t);
        }
        dram_advance(a, now + 100);
        dram_advance(b, now + 100);
        digest(a, whole);
        digest(b, pieces);
        assert_string_equal(whole, pieces);
        dram_free(a);
        dram_free(b);
    }
}

/* An idle hour in one step is the hour minute by minute (the host's time for
 * it would show if it were not). */
static void an_idle_hour(void **unused)
{
    struct dram *a = dram_new(dram_part_find("ddr4-2400r"));
    struct dram *b = dram_new(a->part);
    u64 hour = 3600ull * 1200000000;
    enum served where;
    char one[33], many[33];

    (void)unused;
    dram_read(a, 4096, 9350, &where); /* a refresh falls into it */
    dram_read(b, 4096, 9350, &where);
    dram_advance(a, hour);
    for (int i = 1; i <= 3600; i++)
        dram_advance(b, hour / 3600 * (u64)i);
    digest(a, one);
    digest(b, many);
    assert_string_equal(one, many);
    assert_int_equal(dram_stats(a).refreshes, hour / 9360);
    dram_free(a);
    dram_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unloaded_latencies),
        cmocka_unit_test(two_simulators_agree),
        cmocka_unit_test(lazy_equals_clock_by_clock),
        cmocka_unit_test(rows_far_apart),
        cmocka_unit_test(crowds_equal_clock_by_clock),
        cmocka_unit_test(a_refresh_is_not_slept_through),
        cmocka_unit_test(a_write_alone_waits_for_refresh),
        cmocka_unit_test(a_write_alone_closes_a_row_of_others),
        cmocka_unit_test(pieces_of_time),
        cmocka_unit_test(an_idle_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
