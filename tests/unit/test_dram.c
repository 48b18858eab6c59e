/* SPDX-License-Identifier: MIT */
// rooms: time mmu isa base
/* Compares the DRAM model with JEDEC's figures, two simulators' results and a
 * model that looks at every clock; checks that time may advance in pieces. */
#include "unit.h"

#include "dram_bands.h"
#include "dram_slow_serial.h"
#include "dram_streams.h"

/* ---- figures ------------------------------------------------------------ */

/* On an idle device a hit takes CL + burst + 1 clocks, a closed bank RCD more,
 * a conflict RCD + RP more. */
TEST(unloaded_latencies)
{
    static const u64 want[PARTS][3] = {
        {16, 27, 38}, {21, 37, 53}, {36, 58, 78}};
    enum served where;

    for (int i = 0; i < PARTS; i++) {
        struct dram *d = dram_new(dram_part_find(part_names[i]));
        if (!want[i][0])
            fail_msg("%s has no row in this test", part_names[i]);
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

/* Checks relations that all JEDEC parts obey (JESD79, JESD209). The tests
 * clock by clock miss a slip in dram_parts.def: their model reads it, too. */
TEST(rows_are_in_themselves_right)
{
    for (int i = 0; i < PARTS; i++) {
        const struct dram_part *p = dram_part_find(part_names[i]);
        double refi = p->refi * p->tck_ns / 3900;
        if (p->rc != p->ras + p->rp || p->rfc <= p->rc ||
            fabs(p->mhz * p->tck_ns - 1000) > 1 ||
            (fabs(refi - 1) > .002 && fabs(refi - 2) > .004) ||
            p->ras < p->rcd + p->rtp || p->cwl > p->cl ||
            p->ccd_s != p->burst || p->ccd_l < p->ccd_s ||
            p->rrd_l < p->rrd_s || p->wtr_l < p->wtr_s ||
            p->faw < 4 * p->rrd_s || p->rtp * p->tck_ns < 7.4 ||
            /* JEDEC: tWR 15 ns at least, tRTP and tWTR_L 7.5 ns */
            p->wr * p->tck_ns < 14.9 || p->wtr_l * p->tck_ns < 7.4)
            fail_msg("%s: its times contradict each other", part_names[i]);
    }
}

/* Plays a trace; returns the clock at which its last read returned. */
static u64 play(const struct dram_trace *t, struct dram_stats *s)
{
    struct dram *d = dram_new(dram_part_find(t->part));
    u64 now = 0, last = 0, seed = t->seed;
    enum served where;

    for (u64 i = 0; i < TRACE_LENGTH; i++) {
        struct dram_access a = t->at(i, &seed);
        now = a.write ? dram_write(d, a.pa, now) + 1
                      : (last = dram_read(d, a.pa, now, &where)) + t->gap;
    }
    *s = dram_stats(d);
    dram_free(d);
    return last;
}

TEST(two_simulators_agree)
{
    unsigned out = 0;

    for (unsigned i = 0; i < ARRAY_LEN(traces); i++) {
        struct dram_stats s;
        u64 last = play(&traces[i], &s);

        out += !two_agree(&traces[i], &s, last);
        assert_int_equal(s.reads + s.writes, TRACE_LENGTH);
    }
    assert_int_equal(out, 0);
}

static double stream_latency(const struct dram_stream *t, bool paced)
{
    struct dram *d = dram_new(dram_part_find(t->part));
    u64 now = 0, after_write = paced && t->gap ? t->gap : 1;
    enum served where;

    for (u64 i = 0; i < TRACE_LENGTH; i++) {
        struct dram_access a = t->at(i, NULL);
        now = a.write ? dram_write(d, a.pa, now) + after_write
                      : dram_read(d, a.pa, now, &where) + t->gap;
    }
    struct dram_stats s = dram_stats(d);
    dram_free(d);
    return (double)s.read_latency_clocks / (double)s.reads;
}

/* A stream's mean may lie 1% outside the band (traces: 6%; dram_bands.h). The
 * band is wide where DRAMsim3 keeps writes back, so the deviations from
 * Ramulator, whose rule we follow, must also average below 1%: a read one clock
 * after a posted write must be as slow here as in Ramulator. */
TEST(streams_at_six_gaps)
{
    double off = 0;
    unsigned out = 0;

    for (unsigned i = 0; i < 2 * ARRAY_LEN(streams); i++) {
        const struct dram_stream *t = &streams[i / 2];
        const double *band = i % 2 ? t->paced : t->serial;
        double mean = stream_latency(t, i % 2);
        bool ok = in_band(mean, band, .01 * fmin(band[0], band[1]));
        off += fabs(mean / band[1] - 1) / (2 * ARRAY_LEN(streams));
        out += !ok;
        if (!ok)
            print_message("%s %s %s:%u: %.2f, not in %.2f to %.2f\n", t->name,
                          t->part, i % 2 ? "paced" : "serial", t->gap, mean,
                          fmin(band[0], band[1]), fmax(band[0], band[1]));
    }
    print_message("on the average %.2f%% off Ramulator\n", 100 * off);
    assert_int_equal(out, 0);
    assert_true(off < .01);
}

/* ---- clock by clock (dram_slow_serial.h) --------------------------------- */

struct both {
    struct dram *d;
    struct slow_serial *s;
    u64 full; /* writes that had to wait for room */
};

static struct both both_new(int i)
{
    struct both b = {dram_new(dram_part_find(part_names[i])),
                     calloc(1, sizeof(struct slow_serial)), 0};

    slow_init(b.s, b.d->part);
    return b;
}

static void both_free(struct both *b)
{
    dram_free(b->d);
    free(b->s);
}

/* Fails unless both count equally many waiting writes, promised writes and row
 * hits. Open rows are compared only if the numbers of refreshes are equal. */
static void assert_same(struct both *b)
{
    struct dram_bank_view v[DRAM_BANKS];
    unsigned n = dram_banks(b->d, v, DRAM_BANKS), promised = 0;
    u32 now = dram_clock(b->d, b->s->v.now - 1);

    for (u32 i = 0; i < DRAM_LINE; i++)
        promised += b->d->line[i].col > now;
    assert_int_equal(b->d->waiting, b->s->waiting.n);
    assert_int_equal(promised, b->s->line.n);
    assert_int_equal(dram_stats(b->d).row_hits, b->s->hits);
    if (dram_stats(b->d).refreshes != b->s->v.refreshes)
        return;
    for (unsigned i = 0; i < n; i++) {
        assert_int_equal(v[i].open, b->s->v.open[i]);
        if (v[i].open)
            assert_int_equal(v[i].row, b->s->v.row[i]);
    }
}

/* Makes one access to both models, whose state must agree afterwards; returns
 * the clock at which the next access may come. */
static u64 both_access(struct both *b, bool write, u64 pa, u64 now)
{
    enum served where;
    u64 want = write ? slow_write(b->s, pa, now) : slow_read(b->s, pa, now);
    u64 got =
        write ? dram_write(b->d, pa, now) : dram_read(b->d, pa, now, &where);

    assert_int_equal(got, want);
    b->full += write && got > now;
    if (!write) /* the slow model has already run up to RD */
        dram_advance(b->d, b->s->v.now - 1);
    assert_same(b);
    return got + write;
}

/* Makes near and far accesses, in bursts and with pauses, by turns with 0, 33,
 * 66 and 99% of writes. */
TEST(lazy_equals_clock_by_clock)
{
    static const u64 near[4] = {0x7ffc0, 0x1ffc0, 0xfffffc0, 0xffc0};
    static const u64 far[4] = {0xfffffc0, 0x1ffc0, 0xfffffc0, 0xfffc0};

    for (int i = 0; i < 4 * PARTS; i++) {
        struct both b = both_new(i % PARTS);
        u64 seed = 77 + (u64)i, now = 0;

        for (int n = 0; n < 6000; n++) {
            u64 r = rand_step(&seed), pa = rand_step(&seed) >> 20;
            unsigned writes = n / 250 % 4 * 33;

            pa &= r >> 50 & 1 ? near[i / PARTS] : far[i / PARTS];
            if (r % 50 == 0)
                now += r >> 40 & 0x3fff;
            else if (r % 5 == 0 && writes < 90)
                now += r >> 40 & 63;
            now = both_access(&b, (r >> 8) % 100 < writes, pa, now);
        }
        assert_int_equal(dram_stats(b.d).refreshes, b.s->v.refreshes);
        assert_true(b.full > 20);
        both_free(&b);
    }
}

/* Far rows are near rows plus 2^16. At first only reads are far, later writes,
 * too. */
TEST(rows_far_apart)
{
    for (int i = 0; i < PARTS; i++) {
        struct both b = both_new(i);
        const struct dram_part *p = b.d->part;
        u64 seed = 7 + (u64)i, now = 0;
        u64 far = (1ull << (22 + p->column_bits)) * p->banks * p->bank_groups;

        for (int n = 0; n < 4000; n++) {
            u64 r = rand_step(&seed) >> 20, pa = r & 0x3ffc0;
            bool write = r >> 21 & 1;

            pa += (r >> 20 & (n > 2000 || !write)) ? far : 0;
            now = both_access(&b, write, pa, now);
        }
        both_free(&b);
    }
}

/* A read opens row 2^16, and writes to this row are promised the bus. Then a
 * read of row 0, whose lower 16 bits are the same, revokes the promises; it
 * must not take the open row for its own. */
TEST(a_row_far_away_is_not_the_near_one)
{
    for (int i = 0; i < PARTS; i++) {
        struct both b = both_new(i);
        u64 far = 1ull << (16 + b.d->map.line_shift + b.d->map.row_shift);
        u64 now = both_access(&b, false, far, 200);

        for (u64 k = 1; k < 9; k++)
            now = both_access(&b, true, far + k * 64, now);
        for (u64 k = 0; k < 4; k++)
            now = both_access(&b, k % 2, k * 64, now);
        both_free(&b);
    }
}

/* Makes a few accesses to some banks and rows around the clock at which a
 * refresh is due. No refresh may be missed, and no row may open during one. */
TEST(whatever_comes_near_a_refresh)
{
    for (int i = 0; i < PARTS; i++) {
        const struct dram_part *p = dram_part_find(part_names[i]);
        u64 bank = 64ull << p->column_bits, seed = (u64)i + 1;
        u64 row = bank * p->bank_groups * p->banks;

        for (u64 early = 0; early < 300; early++) {
            struct both b = both_new(i);
            u64 now = p->refi - early;

            both_access(&b, false, bank, now - 300);
            both_access(&b, true, row, now - 90);
            both_access(&b, true, bank, now - 90);
            for (unsigned n = 0; n < 12; n++) {
                u64 r = rand_step(&seed) >> 40;
                u64 pa = (r & 3) * row + (r >> 2 & 3) * bank;
                now =
                    both_access(&b, r >> 20 & 3, pa + (r >> 4 & 15) * 64, now);
                now += (r >> 12) % (n & 1 ? 3 : 30);
            }
            both_free(&b);
        }
    }
}

/* Writes that hit are promised the bus; then a read comes that needs another
 * row in the writes' bank or in another bank, or that hits as well. */
TEST(promises_and_a_read)
{
    for (int i = 0; i < PARTS; i++) {
        const struct dram_part *p = dram_part_find(part_names[i]);
        u64 bank = 64ull << p->column_bits;
        u64 row = bank * p->bank_groups * p->banks;

        for (u64 n = 0; n < 600; n++) {
            struct both b = both_new(i);
            u64 now = 200, seed = n + 1;
            u64 want[4] = {64 * 40, row, bank, row + bank};

            for (u64 k = 0; k < 2 + n / 100; k++)
                now = both_access(&b, true, k % (1 + n % 3) * bank + k * 64,
                                  now + (rand_step(&seed) >> 40) % 9);
            now = both_access(&b, false, want[n % 4], now + n / 4 % 40);
            for (u64 k = 0; k < 8; k++)
                now = both_access(&b, k % 3, want[k % 4] + k * 128, now);
            both_free(&b);
        }
    }
}

/* ---- time in pieces ----------------------------------------------------- */

/* Advancing to t1 and then to t2 equals advancing to t2. */
TEST(pieces_of_time)
{
    u64 seed = 5;
    char whole[33], pieces[33];

    for (int i = 0; i < PARTS; i++) {
        struct dram *a = dram_new(dram_part_find(part_names[i])),
                    *b = dram_new(dram_part_find(part_names[i]));
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
        dram_digest(a, whole);
        dram_digest(b, pieces);
        assert_string_equal(whole, pieces);
        dram_free(a);
        dram_free(b);
    }
}

/* An idle hour in one step equals the hour second by second (and costs the host
 * no noticeable time). */
TEST(an_idle_hour)
{
    struct dram *a = dram_new(dram_part_find("ddr4-2400r"));
    struct dram *b = dram_new(a->part);
    u64 hour = 3600ull * 1200000000;
    enum served where;
    char one[33], many[33];

    dram_read(a, 4096, 9350, &where); /* a refresh is due during it */
    dram_read(b, 4096, 9350, &where);
    dram_advance(a, hour);
    for (int i = 1; i <= 3600; i++)
        dram_advance(b, hour / 3600 * (u64)i);
    dram_digest(a, one);
    dram_digest(b, many);
    assert_string_equal(one, many);
    assert_int_equal(dram_stats(a).refreshes, hour / 9360);
    dram_free(a);
    dram_free(b);
}

/* About 2^32 clocks after a write, a clock of 32 bits would be back at a moment
 * before the write, with no refresh due. */
TEST(clocks_have_more_than_32_bits)
{
    for (u64 k = 0; k < 300; k += 4) {
        struct dram *a = dram_new(dram_part_find("ddr4-2400r"));
        struct dram *b = dram_new(a->part);
        u64 then = (1ull << 32) + k - 130;
        char one[33], many[33];

        dram_write(a, 4096, 50);
        dram_write(b, 4096, 50);
        dram_advance(a, then);
        for (u64 t = 100; t < then; t += 1000000)
            dram_advance(b, t);
        dram_advance(b, then);
        dram_digest(a, one);
        dram_digest(b, many);
        assert_string_equal(one, many);
        assert_int_equal(dram_stats(a).refreshes, then / 9360);
        dram_free(a);
        dram_free(b);
    }
}
