/* SPDX-License-Identifier: MIT */
/* Holds the traces on which the DRAM model is compared with two public
 * simulators, and their results. DRAMsim3 and Ramulator 2.1 had the model's
 * timings, address mapping and queues; Ramulator ran LPDDR4 with LPDDR4's times
 * and DDR3's commands. Gap G: the next access comes G clocks after a read
 * returned, and one clock after a write was accepted. */
#pragma once

#include "base/base.h"

#define TRACE_LENGTH 20000

struct dram_access {
    bool write;
    u64 pa;
};

struct dram_trace {
    const char *name;
    struct dram_access (*at)(u64 i, u64 *seed);
    const char *part;
    u64 seed;
    unsigned gap;
    double latency[2]; /* mean clocks of a read: DRAMsim3, Ramulator */
    double hits[2];    /* share of row hits */
    double clocks[2];  /* of the whole trace */
};

static bool one_in_ten(u64 *seed, unsigned tenths)
{
    return (rand_step(seed) >> 32) % 10 < tenths;
}

static u64 within(u64 *seed, u64 bytes)
{
    return (rand_step(seed) >> 16) % (bytes / 64) * 64;
}

static struct dram_access sequential(u64 i, UNUSED u64 *seed)
{
    return (struct dram_access){false, i * 64};
}

static struct dram_access random_64m(UNUSED u64 i, u64 *seed)
{
    return (struct dram_access){false, within(seed, 64 << 20)};
}

static struct dram_access one_row(u64 i, UNUSED u64 *seed)
{
    return (struct dram_access){false, i % 128 * 64};
}

static struct dram_access one_bank(u64 i, UNUSED u64 *seed)
{
    return (struct dram_access){false, (i << 20) % (1ull << 33)};
}

static struct dram_access random_3w(UNUSED u64 i, u64 *seed)
{
    bool write = one_in_ten(seed, 3);
    return (struct dram_access){write, within(seed, 64 << 20)};
}

static struct dram_access random_7w(UNUSED u64 i, u64 *seed)
{
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

/* Reads one stream and writes another by turns. */
static struct dram_access copying(u64 i, UNUSED u64 *seed)
{
    return (struct dram_access){i & 1, (i & 1 ? 64 << 20 : 0) + i / 2 * 64};
}

static struct dram_access small_3w(UNUSED u64 i, u64 *seed)
{
    bool write = one_in_ten(seed, 3);
    return (struct dram_access){write, within(seed, 128 << 10)};
}

/* Makes accesses 64 KiB apart, of which 3 in 10 write. */
static struct dram_access stride_64k_3w(u64 i, u64 *seed)
{
    return (struct dram_access){one_in_ten(seed, 3), i << 16};
}

static struct dram_access one_bank_5w(u64 i, u64 *seed)
{
    return (struct dram_access){one_in_ten(seed, 5), (i << 20) % (1ull << 32)};
}

/* Reads two streams and writes a third. In ddr3-1600k each is in a bank of its
 * own; in lpddr4-2400 the second and third share one. */
static struct dram_access triad(u64 i, UNUSED u64 *seed)
{
    static const u64 start[3] = {0, (32 << 20) + 3 * 8192,
                                 (64 << 20) + 7 * 8192};

    return (struct dram_access){i % 3 == 2, start[i % 3] + i / 3 * 64};
}

/* Reads a random line, then writes it. */
static struct dram_access modify(u64 i, u64 *seed)
{
    if (i % 2 == 0)
        *seed = *seed * 6364136223846793005u + 1;
    return (struct dram_access){i & 1, (*seed >> 32) % (1 << 20) * 64};
}

/* Accesses lines in runs of eight; 1 line in 10 is written. */
static struct dram_access runs_1w(u64 i, u64 *seed)
{
    u64 run = (i / 8 + 1) * 0x9e3779b97f4a7c15u;
    return (struct dram_access){one_in_ten(seed, 1),
                                (run >> 40) % (1 << 17) * 512 + i % 8 * 64};
}

/* Makes 50 reads and 50 writes by turns, in random places. */
static struct dram_access bursts(u64 i, u64 *seed)
{
    return (struct dram_access){i / 50 & 1, within(seed, 64 << 20)};
}

static struct dram_access random_1m(UNUSED u64 i, u64 *seed)
{
    return (struct dram_access){false, within(seed, 1 << 20)};
}

static struct dram_access stride_4160(u64 i, UNUSED u64 *seed)
{
    return (struct dram_access){false, i * 4160};
}

/* clang-format off */
/* Accesses three rows of a picture in turn. Each lies half the banks beyond the
 * one before, so the first and third share a bank. 4 in 10 accesses write. */
static struct dram_access stencil_4w(u64 i, u64 *seed)
{
    bool write = one_in_ten(seed, 4);
    return (struct dram_access){write, (64 << 20) + i / 3 * 64 + i % 3 * 16384};
}

static const struct dram_trace traces[] = {
    {"sequential", sequential, "ddr4-2400r", 1, 0,
     {22.19, 22.17}, {0.9899, 0.9898}, {443710, 443438}},
    {"random", random_64m, "ddr4-2400r", 2, 0,
     {54.27, 54.10}, {0.0020, 0.0021}, {1085386, 1082022}},
    {"one row", one_row, "ddr4-2400r", 3, 0,
     {22.05, 22.05}, {0.9976, 0.9976}, {440960, 440959}},
    {"one bank", one_bank, "ddr4-2400r", 4, 0,
     {57.68, 57.56}, {0.0000, 0.0000}, {1153513, 1151222}},
    {"random, 30% writes", random_3w, "ddr4-2400r", 5, 0,
     {58.65, 55.59}, {0.0015, 0.0017}, {832638, 789430}},
    {"random, 70% writes", random_7w, "ddr4-2400r", 6, 0,
     {76.91, 63.54}, {0.0019, 0.0019}, {471215, 391760}},
    {"sequential, 30% writes", sequential_3w, "ddr4-2400r", 7, 0,
     {25.73, 30.83}, {0.9901, 0.9899}, {364730, 435933}},
    {"sequential, 70% writes", sequential_7w, "ddr4-2400r", 8, 0,
     {41.38, 45.07}, {0.9907, 0.9907}, {257743, 279442}},
    {"copy", copying, "ddr4-2400r", 9, 0,
     {38.92, 121.13}, {0.8805, 0.0353}, {399216, 1221279}},
    {"random in 128 KiB, 30% writes", small_3w, "ddr4-2400r", 10, 0,
     {25.16, 29.30}, {0.9687, 0.9640}, {359544, 417758}},
    {"64 KiB apart, 30% writes", stride_64k_3w, "ddr4-2400r", 11, 0,
     {72.27, 65.50}, {0.0000, 0.0000}, {1018977, 924088}},
    {"sequential", sequential, "ddr3-1600k", 12, 0,
     {16.68, 16.68}, {0.9896, 0.9896}, {333526, 333522}},
    {"random", random_64m, "ddr3-1600k", 13, 0,
     {38.99, 38.95}, {0.0001, 0.0001}, {779721, 779068}},
    {"one bank", one_bank, "ddr3-1600k", 14, 0,
     {40.34, 40.34}, {0.0000, 0.0000}, {806821, 806820}},
    {"4160 bytes apart", stride_4160, "ddr3-1600k", 15, 0,
     {27.79, 27.79}, {0.4922, 0.4900}, {555843, 555842}},
    {"random, 30% writes", random_3w, "ddr3-1600k", 16, 0,
     {43.48, 40.22}, {0.0008, 0.0009}, {616610, 570898}},
    {"one bank, 50% writes", one_bank_5w, "ddr3-1600k", 17, 0,
     {88.12, 87.62}, {0.0000, 0.0000}, {884149, 879218}},
    {"triad", triad, "ddr3-1600k", 18, 0,
     {19.61, 25.41}, {0.9858, 0.9839}, {268205, 345504}},
    {"sequential", sequential, "lpddr4-2400", 19, 0,
     {38.34, 38.34}, {0.9769, 0.9769}, {766781, 766778}},
    {"random", random_64m, "lpddr4-2400", 20, 0,
     {79.40, 79.37}, {0.0003, 0.0003}, {1587903, 1587349}},
    {"one bank", one_bank, "lpddr4-2400", 21, 0,
     {82.09, 81.67}, {0.0000, 0.0000}, {1641833, 1633451}},
    {"4160 bytes apart", stride_4160, "lpddr4-2400", 22, 0,
     {79.39, 79.39}, {0.0000, 0.0000}, {1587902, 1587895}},
    {"random, 30% writes", random_3w, "lpddr4-2400", 23, 0,
     {88.71, 82.87}, {0.0004, 0.0004}, {1245139, 1163617}},
    {"one bank, 50% writes", one_bank_5w, "lpddr4-2400", 24, 0,
     {170.00, 160.97}, {0.0000, 0.0000}, {1724526, 1633448}},
    {"triad", triad, "lpddr4-2400", 25, 0,
     {48.85, 84.79}, {0.8986, 0.3162}, {658056, 1137229}},
    {"random in 1 MiB", random_1m, "ddr3-1600k", 26, 20,
     {37.94, 37.77}, {0.0596, 0.0602}, {1158698, 1155330}},
    {"random in 1 MiB", random_1m, "ddr4-2400r", 27, 100,
     {52.67, 52.25}, {0.0921, 0.0906}, {3053370, 3044881}},
    {"random in 1 MiB", random_1m, "lpddr4-2400", 28, 400,
     {68.51, 68.51}, {0.0126, 0.0126}, {9369817, 9369810}},
    {"triad", triad, "lpddr4-2400", 29, 100,
     {52.76, 62.98}, {0.8716, 0.3125}, {2043525, 2179796}},
    {"read, modify, write", modify, "ddr4-2400r", 30, 20,
     {60.72, 56.96}, {0.2863, 0.4973}, {817248, 779577}},
    {"bursts", bursts, "ddr3-1600k", 31, 0,
     {46.79, 43.89}, {0.0018, 0.0020}, {477906, 462956}},
    {"runs of 8, 10% writes", runs_1w, "lpddr4-2400", 32, 5,
     {44.95, 45.84}, {0.8207, 0.8614}, {904065, 920281}},
    {"stencil, 40% writes", stencil_4w, "lpddr4-2400", 42, 250,
     {71.61, 70.80}, {0.5964, 0.3948}, {3862617, 3852858}},
};
/* clang-format on */
