/* SPDX-License-Identifier: MIT */
/* Checks that our model's results for a trace (dram_traces.h) lie between those
 * of the two simulators. */
#pragma once

#include <math.h>

#include "dram_traces.h"
#include "time/time.h"

static bool in_band(double x, const double *band, double slack)
{
    return x >= fmin(band[0], band[1]) - slack &&
           x <= fmax(band[0], band[1]) + slack;
}

/* True if the results lie between those of the two simulators. Latency and
 * clocks may lie outside by 1% if all accesses are reads, else by 6%; the share
 * of row hits by .003. `last`: the clock at which the last read returned. */
static bool two_agree(const struct dram_trace *t, const struct dram_stats *s,
                      u64 last)
{
    double mean = (double)s->read_latency_clocks / (double)s->reads;
    double rows = (double)(s->row_hits + s->row_closed + s->row_conflicts);
    double hits = (double)s->row_hits / rows;
    double slack = s->writes ? .06 : .01;
    bool ok =
        in_band(mean, t->latency, slack * fmin(t->latency[0], t->latency[1])) &&
        in_band((double)last, t->clocks, slack * t->clocks[0]) &&
        in_band(hits, t->hits, .003);

    print_message("%-30s %-11s serial:%-3u %7.2f (%.2f %.2f) clocks, %.4f "
                  "(%.4f %.4f) hits%s\n",
                  t->name, t->part, t->gap, mean, t->latency[0], t->latency[1],
                  hits, t->hits[0], t->hits[1], ok ? "" : " OUT");
    return ok;
}
