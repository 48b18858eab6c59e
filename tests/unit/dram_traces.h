/* SPDX-License-Identifier: MIT */
/* The traces that the DRAM model is held against, and what two public
 * simulators (DRAMsim3 and Ramulator 2.1, given the same DDR4-2400R timings,
 * address mapping and queues) say of them, one access outstanding, the next
 * presented as soon as the last returned. */
#ifndef TESTS_UNIT_DRAM_TRACES_H
#define TESTS_UNIT_DRAM_TRACES_H

#include "base/base.h"

#define TRACE_LENGTH 100000

struct dram_access {
    bool write;
    u64 pa;
};

struct dram_trace {
    const char *name;
    struct dram_access (*at)(u64 i, u64 *seed);
    double latency[2]; /* clocks, of reads: DRAMsim3, Ramulator */
    double hits;       /* share of row hits; < 0: not compared */
};

static bool one_in_ten(u64 *seed, unsigned tenths)
{
    return (rand_step(seed) >> 32) % 10 < tenths;
}

static u64 within(u64 *seed, u64 bytes)
{
    return (rand_step(seed) >> 16) % (bytes / 64) * 64;
}

static struct dram_access sequential(u64 i, u64 *seed)
{
    (void)seed;
    return (struct dram_access){false, i * 64};
}

static struct dram_access random_64m(u64 i, u64 *seed)
{
    (void)i;
    return (struct dram_access){false, within(seed, 64 << 20)};
}

static struct dram_access one_row(u64 i, u64 *seed)
{
    (void)seed;
    return (struct dram_access){false, i % 128 * 64};
}

static struct dram_access one_bank(u64 i, u64 *seed)
{
    (void)seed;
    return (struct dram_access){false, (i << 20) % (1ull << 33)};
}

static struct dram_access random_3w(u64 i, u64 *seed)
{
    (void)i;
    bool write = one_in_ten(seed, 3);
    return (struct dram_access){write, within(seed, 64 << 20)};
}

static struct dram_access random_7w(u64 i, u64 *seed)
{
    (void)i;
    bool write = one_in_ten(seed, 7);
    return (struct dram_access){write, within(seed, 64 << 20)};
}

static struct dram_access sequential_3w(u64 i, u64 *seed)
{
    return (struct dram_access){one_in_ten(seed, 3), i * 64};
}

static struct dram_access sequential_7w(u64 i, u64 *seed)
{
    return (struct dram_access){one_in_ten(seed, 7), i * 64};
}

/* Reads one stream, writes another. */
static struct dram_access copying(u64 i, u64 *seed)
{
    (void)seed;
    return (struct dram_access){i & 1, (i & 1 ? 64 << 20 : 0) + i / 2 * 64};
}

static struct dram_access small_3w(u64 i, u64 *seed)
{
    (void)i;
    bool write = one_in_ten(seed, 3);
    return (struct dram_access){write, within(seed, 128 << 10)};
}

static const struct dram_trace traces[] = {
    {"sequential", sequential, {22.19, 22.18}, .990},
    {"random", random_64m, {54.31, 54.13}, .002},
    {"one row", one_row, {22.06, 22.06}, .997},
    {"one bank", one_bank, {57.68, 57.58}, 0},
    {"random, 30% writes", random_3w, {58.79, 55.56}, -1},
    {"random, 70% writes", random_7w, {77.29, 63.67}, -1},
    {"sequential, 30% writes", sequential_3w, {25.72, 30.83}, -1},
    {"sequential, 70% writes", sequential_7w, {41.06, 44.83}, -1},
    {"copy", copying, {38.96, 121.20}, -1},
    {"random in 128 KiB, 30% writes", small_3w, {25.14, 29.27}, -1},
};

#endif
