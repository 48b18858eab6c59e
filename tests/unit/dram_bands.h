/* SPDX-License-Identifier: MIT */
/* Checks that the results of a trace (dram_traces.h) lie in the band between
 * the two simulators. */
#ifndef TESTS_UNIT_DRAM_BANDS_H
#define TESTS_UNIT_DRAM_BANDS_H

#include <math.h>

#include "dram_traces.h"
#include "time/time.h"

static bool in_band(double x, const double *band, double slack)
{
    return x >= fmin(band[0], band[1]) - slack &&
           x <= fmax(band[0], band[1]) + slack;
}

/* True if the results lie in the band that the two simulators span, give or
 * take 1% for reads one at a time, 6% for reads mixed with writes and for many
 * at once; row hits, except with many at once, give or take .003. `last`: the
 * clock at which all was over. */
static bool two_agree(const struct dram_trace *t, const struct dram_stats *s,
                      u64 last)
{
    double mean = (double)s->read_latency_clocks / (double)s->reads;
    double rows = (double)(s->row_hits + s->row_closed + s->row_conflicts);
    double hits = (double)s->row_hits / rows;
    double slack = s->writes || t->open ? .06 : .01;
    bool ok =
        in_band(mean, t->latency, slack * fmin(t->latency[0], t->latency[1])) &&
        in_band((double)last, t->clocks, slack * t->clocks[0]) &&
        (t->open || in_band(hits, t->hits, .003));

    print_message("%-30s %-11s %s:%-3u %7.2f (%.2f %.2f) clocks, %.4f "
                  "(%.4f %.4f) hits%s\n",
                  t->name, t->part, t->open ? "open" : "serial", t->gap, mean,
                  t->latency[0], t->latency[1], hits, t->hits[0], t->hits[1],
                  ok ? "" : " OUT");
    return ok;
}

/* Plays all traces that are open, or all that are not. `play` runs one on the
 * model under test, gives its statistics and returns the clock of its end. */
static void traces_agree(bool open, u64 (*play)(const struct dram_trace *t,
                                                u64 seed, struct dram_stats *s))
{
    unsigned out = 0;

    for (unsigned i = 0; i < ARRAY_LEN(traces); i++) {
        const struct dram_trace *t = &traces[i];
        struct dram_stats s;

        if (t->open != open)
            continue;
        u64 last = play(t, i + 1, &s);
        out += !two_agree(t, &s, last);
        assert_int_equal(s.reads + s.writes, TRACE_LENGTH);
    }
    assert_int_equal(out, 0);
}

#endif
