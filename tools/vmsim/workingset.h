/* SPDX-License-Identifier: MIT */
/* Computes the working set of a string, exactly, and the estimates of a kernel
 * that sees only reference bits, now and then (sampler.c).
 *
 * P. J. Denning, "The working set model for program behavior", CACM 11(5),
 * 1968; P. J. Denning, S. C. Schwartz, "Properties of the working-set model",
 * CACM 15(3), 1972. Times are references. m(T), the missing-page rate: the
 * share of references whose page was not used within the last T, including
 * first uses; s(T), the mean size: the mean number of distinct pages in the
 * last T, from the T-th reference on. */
#pragma once

#include "tools/vmsim/trace.h"

struct working_set {
    u64 t;          /* T */
    double missing; /* m(T) */
    double size;    /* s(T), pages; 0: the string is shorter than T */
};
/* Fills missing and size of n windows, whose t is set. */
void working_set(struct working_set *, unsigned n, const struct string *,
                 u32 pages);

/* Mean estimates over all whole intervals, in pages; 0: no interval was whole.
 * bits: reads and clears the bits of all pages every T references. damon: looks
 * at one page of each region. */
struct sampled {
    double bits, damon;
};
struct sampled sample(u64 t, const struct string *, const struct numbering *,
                      u64 seed);
