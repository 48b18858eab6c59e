/* SPDX-License-Identifier: MIT */
// rooms: base
/* Compares the conversions of core cycles (up to 2^64) to DRAM clocks and back
 * with 128-bit division, at all profiles' and parts' rates and at odd rates. */
#include "unit.h"

#include "time/dram/clocks.h"

typedef unsigned __int128 both;

/* Rates of the DRAM and of the core, Hz. */
static const u64 rates[][2] = {
    {1200000000, 1000000000}, {800000000, 1000000000},
    {1200000000, 1200000000}, {800000000, 1200000000},
    {1200000000, 999999937},  {800000000, 1},
    {1, 800000000},           {1200000000, 32768},
    {1200000000, ~0ull},      {3, 7},
    {1600000000, 4294967291}, {1200000000, 1ull << 62}};

static u64 seed = 7;
static u64 any(void)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    u64 x = seed ^ seed >> 29;
    return x >> (seed >> 58); /* of every size */
}

/* Returns the cycles from `cycle` until DRAM clock `clock` has begun. */
static u64 wait_for(u64 num, u64 den, u64 cycle, u64 clock)
{
    both at = ((both)clock * den + num - 1) / num;
    return at > cycle ? (u64)(at - cycle) : 0;
}

static void check_pair(const struct clocks *c, u64 num, u64 den, u64 cycle,
                       u64 later)
{
    struct clock_place m = clocks_at(c, cycle);
    both clock = (both)cycle * num / den;

    if (!later || (clock + later) >> 64) /* 0, or more than a u64 holds */
        return;
    assert_true(m.clock == clock);
    assert_true(clocks_wait(c, m, later) ==
                wait_for(num, den, cycle, (u64)clock + later));
}

TEST(as_division_says)
{
    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        u64 num = rates[i][0], den = rates[i][1];
        struct clocks c = clocks_of(num, den);
        const u64 edges[] = {0,          1,         c.cycles,
                             c.clocks,   ~0ull,     (1ull << 63) / num,
                             c.num,      c.den,     (1ull << 63) / c.num,
                             1ull << 32, 1ull << 63};

        for (size_t k = 0; k < ARRAY_LEN(edges); k++)
            for (size_t l = 0; l < ARRAY_LEN(edges); l++)
                for (u64 d = 0; d < 25; d++)
                    check_pair(&c, num, den, edges[k] + d / 5 - 2,
                               edges[l] + d % 5 - 2);
        for (u64 x = 0; x < 20000; x++)
            check_pair(&c, num, den, x, x % 300);
        for (int k = 0; k < 200000; k++)
            check_pair(&c, num, den, any(), any());
    }
}
