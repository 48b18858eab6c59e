/* SPDX-License-Identifier: MIT */
// rooms: crowd time mmu isa base
/* DRAM, many at once: published figures; the controller against one that looks
 * at every clock and at every earlier command; time in pieces. */
#include <stdio.h>
#include <stdlib.h>
#include "unit.h"

#include "dram_bands.h"
#include "dram_slow_crowd.h"
#include "tools/dramreplay/dram_crowd.h"

/* Two models of each part: with this host's code (AVX2 if it can) and with any
 * host's. */
enum { HOSTS = 2 * PARTS };

static struct dram_crowd *new_of(int i)
{
    struct dram_crowd *d =
        dram_crowd_new(dram_part_find(part_names[i % PARTS]));

    if (i >= PARTS)
        d->run = &dram_crowd_plain;
    return d;
}

/* ---- figures ------------------------------------------------------------ */

static u64 play(const struct dram_trace *t, u64 seed, struct dram_stats *s)
{
    struct dram_crowd *d = dram_crowd_new(dram_part_find(t->part));
    u64 now = 0;

    for (u64 i = 0; i < TRACE_LENGTH; i++, now += t->gap) {
        struct dram_access a = t->at(i, &seed);
        dram_crowd_advance(d, now);
        while (!dram_crowd_accept(d, a.write, a.pa, now))
            now = dram_crowd_room(d, a.write, now);
    }
    dram_crowd_drain(d);
    *s = dram_crowd_stats(d);
    dram_crowd_free(d);
    return now;
}

TEST(two_simulators_agree)
{
    traces_agree(true, play);
}

/* ---- clock by clock (dram_slow_crowd.h) ---------------------------------- */

/* The same requests wait, and the same banks are open, with the same rows.
 * Banks are not compared in a refresh: it is one moment in the model; in the
 * slow one its precharges come first. */
static void assert_same(const struct dram_crowd *d, const struct slow_crowd *s)
{
    unsigned n = (unsigned)s->v.p->bank_groups * s->v.p->banks;

    assert_int_equal(dram_pending(&d->reads), s->reads.n);
    assert_int_equal(dram_pending(&d->writes), s->writes.n);
    for (unsigned b = 0; b < n && d->stats.refreshes == s->v.refreshes; b++) {
        assert_int_equal(d->rank.open >> b & 1, s->v.open[b]);
        if (s->v.open[b])
            assert_int_equal(d->rank.row[b], s->v.row[b]);
    }
}

/* Presents an access to both, and waits for room; false if it had to wait. */
static bool present(struct dram_crowd *d, struct slow_crowd *s, bool write,
                    u64 pa, u64 *now)
{
    bool ok = dram_crowd_accept(d, write, pa, *now);

    assert_int_equal(ok, slow_accept(s, write, pa, *now));
    if (ok)
        return true;
    u64 room = dram_crowd_room(d, write, *now);
    for (; !slow_accept(s, write, pa, *now); *now = s->v.now++)
        slow_tick(s);
    assert_int_equal(room, *now);
    assert_true(dram_crowd_accept(d, write, pa, room));
    return false;
}

/* Advances to `now` in steps of up to so many clocks; 0: at once. */
static void advance(struct dram_crowd *d, u64 now, u64 step, u64 *seed)
{
    for (u64 t = d->clock; step && t < now; t += 1 + rand_step(seed) % step)
        dram_crowd_advance(d, t);
    dram_crowd_advance(d, now);
}

/* Addresses near each other and far, at random moments or a dozen in one, in
 * any state of the queues; mostly reads or mostly writes by turns. `far` is
 * added to some addresses; time passes in steps of up to `step` clocks, 0: at
 * once. */
static void equals_clock_by_clock(int i, u64 far, u64 step)
{
    struct dram_crowd *d = new_of(i);
    struct slow_crowd s = {.v = {.p = d->part, .refresh_due = d->part->refi}};
    u64 seed = 99 + (u64)i, now = 0, full = 0;

    for (int n = 0; n < 12000; n++) {
        u64 r = rand_step(&seed), pa = rand_step(&seed) >> 20;
        bool write = (r >> 8) % 100 < (unsigned)n / 400 % 4 * 30;

        pa = r >> 50 & 1 ? pa & 0x3ffc0 : pa & 0xfffffc0;
        pa += r >> 51 & 1 ? far : 0;
        if (n % 40 >= 12)
            now += 1 + (r >> 40) % (n / 1600 % 2 ? 60 : 8);
        advance(d, now, step, &seed);
        slow_until(&s, now);
        assert_same(d, &s);
        full += !present(d, &s, write, pa, &now);
    }
    advance(d, now + 20000, step, &seed);
    slow_until(&s, now + 20000);
    assert_int_equal(d->reads.banks | d->writes.banks, 0);
    assert_int_equal(dram_crowd_stats(d).read_latency_clocks, s.read_latency);
    assert_int_equal(dram_crowd_stats(d).refreshes, s.v.refreshes);
    assert_true(full > 20);
    dram_crowd_free(d);
}

TEST(crowds_equal_clock_by_clock)
{
    for (int i = 0; i < HOSTS; i++)
        equals_clock_by_clock(i, 0, 0);
}

TEST(pieces_of_time)
{
    for (int i = 0; i < HOSTS; i++)
        equals_clock_by_clock(i, 0, 5);
}

/* Rows whose numbers differ above 16 bits only. */
TEST(rows_far_apart)
{
    for (int i = 0; i < HOSTS; i++) {
        struct dram_crowd *d = new_of(i);
        u64 far = 1ull << (16 + d->map.line_shift + d->map.row_shift);

        dram_crowd_free(d);
        equals_clock_by_clock(i, far, 0);
    }
}

/* An idle hour in one step equals the hour second by second (and is quick: the
 * host's time would show if it were not). */
TEST(an_idle_hour)
{
    struct dram_crowd *a = new_of(1), *b = new_of(1);
    u64 second = 1200000000, hour = 3600 * second;

    /* a refresh falls into it */
    assert_true(dram_crowd_accept(a, false, 4096, 9350));
    assert_true(dram_crowd_accept(b, false, 4096, 9350));
    dram_crowd_advance(a, hour);
    for (u64 t = second; t <= hour; t += second)
        dram_crowd_advance(b, t);
    assert_memory_equal(&a->rank, &b->rank, sizeof(a->rank));
    assert_int_equal(dram_crowd_stats(a).refreshes, hour / 9360);
    assert_int_equal(dram_crowd_stats(b).refreshes, hour / 9360);
    dram_crowd_free(a);
    dram_crowd_free(b);
}
