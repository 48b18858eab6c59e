/* SPDX-License-Identifier: MIT */
/* Copy, scale and triad of STREAM (McCalpin): three arrays of 2,000,000 doubles
 * lie one after the other; a kernel accesses a line of each of its arrays in
 * turn. Copy is c = a, scale b = q c, triad a = b + q c. The reads with which a
 * cache fills a line before it is written are left out.
 *
 * The table gives a read's mean latency in clocks over 20,000 accesses by
 * DRAMsim3 (1.0.0) and Ramulator (2.1.0), configured as dram_traces.h says.
 * `serial`: the next access comes `gap` clocks after a read returned, and one
 * clock after a write was accepted; `paced`: `gap` clocks after both, but at
 * least one after a write. Ramulator and the model send a write at once if no
 * read waits, so a read one clock later (`serial`) pays for turning the bus
 * round, whatever the gap; DRAMsim3 first collects at least 8 writes. */
#pragma once

#include "dram_traces.h"

enum { STREAM_BYTES = 16000000 };

static struct dram_access stream_copy(u64 i, UNUSED u64 *seed)
{
    return (struct dram_access){i & 1, (i & 1) * 2 * STREAM_BYTES + i / 2 * 64};
}

static struct dram_access stream_scale(u64 i, UNUSED u64 *seed)
{
    return (struct dram_access){i & 1,
                                (2 - (i & 1)) * STREAM_BYTES + i / 2 * 64};
}

static struct dram_access stream_triad(u64 i, UNUSED u64 *seed)
{
    return (struct dram_access){i % 3 == 2,
                                (i + 1) % 3 * STREAM_BYTES + i / 3 * 64};
}

struct dram_stream {
    struct dram_access (*at)(u64 i, u64 *seed);
    const char *name, *part;
    unsigned gap;
    double serial[2], paced[2]; /* DRAMsim3, Ramulator */
};

/* clang-format off */
#define STREAM(k, part, gap, ds, rs, dp, rp) \
    {stream_##k, #k, part, gap, {ds, rs}, {dp, rp}},
static const struct dram_stream streams[] = {
    STREAM(copy, "ddr3-1600k", 0, 22.46, 34.06, 22.46, 34.06)
    STREAM(copy, "ddr3-1600k", 10, 22.81, 34.36, 22.02, 25.53)
    STREAM(copy, "ddr3-1600k", 37, 23.73, 35.14, 20.54, 19.12)
    STREAM(copy, "ddr3-1600k", 100, 25.02, 37.63, 22.86, 22.86)
    STREAM(copy, "ddr3-1600k", 250, 26.36, 35.39, 19.97, 19.97)
    STREAM(copy, "ddr3-1600k", 400, 28.69, 44.69, 31.98, 31.98)
    STREAM(scale, "ddr3-1600k", 0, 22.46, 33.91, 22.46, 33.91)
    STREAM(scale, "ddr3-1600k", 10, 22.81, 34.36, 22.05, 25.53)
    STREAM(scale, "ddr3-1600k", 37, 23.64, 35.39, 20.53, 19.13)
    STREAM(scale, "ddr3-1600k", 100, 25.09, 37.66, 22.86, 22.86)
    STREAM(scale, "ddr3-1600k", 250, 26.36, 35.41, 19.97, 19.97)
    STREAM(scale, "ddr3-1600k", 400, 28.76, 44.69, 31.98, 31.98)
    STREAM(triad, "ddr3-1600k", 0, 19.66, 25.48, 19.66, 25.48)
    STREAM(triad, "ddr3-1600k", 10, 20.02, 25.77, 19.68, 21.40)
    STREAM(triad, "ddr3-1600k", 37, 20.90, 26.67, 19.43, 18.77)
    STREAM(triad, "ddr3-1600k", 100, 21.95, 28.52, 18.97, 18.75)
    STREAM(triad, "ddr3-1600k", 250, 20.80, 33.13, 20.00, 20.00)
    STREAM(triad, "ddr3-1600k", 400, 24.79, 29.84, 23.98, 23.98)
    STREAM(copy, "ddr4-2400r", 0, 30.03, 40.82, 30.03, 40.82)
    STREAM(copy, "ddr4-2400r", 10, 30.50, 41.26, 29.85, 32.48)
    STREAM(copy, "ddr4-2400r", 37, 31.74, 42.68, 28.94, 25.56)
    STREAM(copy, "ddr4-2400r", 100, 34.31, 45.24, 31.03, 28.27)
    STREAM(copy, "ddr4-2400r", 250, 41.45, 50.90, 31.02, 29.82)
    STREAM(copy, "ddr4-2400r", 400, 44.72, 44.71, 50.84, 50.84)
    STREAM(scale, "ddr4-2400r", 0, 30.03, 40.64, 30.03, 40.64)
    STREAM(scale, "ddr4-2400r", 10, 30.48, 41.25, 29.80, 32.38)
    STREAM(scale, "ddr4-2400r", 37, 31.65, 42.68, 29.08, 25.56)
    STREAM(scale, "ddr4-2400r", 100, 34.28, 45.24, 30.12, 28.27)
    STREAM(scale, "ddr4-2400r", 250, 41.47, 50.90, 30.97, 29.82)
    STREAM(scale, "ddr4-2400r", 400, 44.72, 44.71, 50.84, 50.84)
    STREAM(triad, "ddr4-2400r", 0, 26.17, 31.58, 26.17, 31.58)
    STREAM(triad, "ddr4-2400r", 10, 26.66, 32.13, 26.38, 27.67)
    STREAM(triad, "ddr4-2400r", 37, 28.02, 33.37, 26.74, 24.93)
    STREAM(triad, "ddr4-2400r", 100, 31.05, 35.39, 29.99, 29.99)
    STREAM(triad, "ddr4-2400r", 250, 33.11, 41.97, 31.95, 31.95)
    STREAM(triad, "ddr4-2400r", 400, 44.39, 45.19, 26.76, 26.76)
    STREAM(copy, "lpddr4-2400", 0, 50.03, 72.05, 50.03, 72.05)
    STREAM(copy, "lpddr4-2400", 10, 50.48, 72.62, 49.89, 63.65)
    STREAM(copy, "lpddr4-2400", 37, 51.45, 73.54, 49.46, 41.91)
    STREAM(copy, "lpddr4-2400", 100, 53.48, 72.83, 46.58, 46.57)
    STREAM(copy, "lpddr4-2400", 250, 58.07, 83.63, 51.16, 51.16)
    STREAM(copy, "lpddr4-2400", 400, 62.60, 73.34, 51.79, 51.79)
    STREAM(scale, "lpddr4-2400", 0, 50.03, 72.05, 50.03, 72.05)
    STREAM(scale, "lpddr4-2400", 10, 50.52, 72.61, 49.93, 63.65)
    STREAM(scale, "lpddr4-2400", 37, 51.47, 73.55, 49.41, 42.10)
    STREAM(scale, "lpddr4-2400", 100, 53.54, 72.85, 46.58, 46.58)
    STREAM(scale, "lpddr4-2400", 250, 58.07, 83.63, 51.16, 51.16)
    STREAM(scale, "lpddr4-2400", 400, 62.56, 73.34, 51.79, 51.79)
    STREAM(triad, "lpddr4-2400", 0, 44.47, 55.26, 44.47, 55.26)
    STREAM(triad, "lpddr4-2400", 10, 45.04, 56.04, 44.73, 51.72)
    STREAM(triad, "lpddr4-2400", 37, 46.22, 57.06, 45.39, 42.08)
    STREAM(triad, "lpddr4-2400", 100, 48.78, 60.53, 45.19, 45.19)
    STREAM(triad, "lpddr4-2400", 250, 55.46, 61.82, 46.57, 50.90)
    STREAM(triad, "lpddr4-2400", 400, 52.80, 67.98, 46.02, 46.02)
};
#undef STREAM
/* clang-format on */
