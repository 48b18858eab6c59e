/* SPDX-License-Identifier: MIT */
// rooms: panel base
/* Frame numbers become places on the map, and back, for any memory size. */
#include "unit.h"

#include "panel/draw/morton.h"

/* Spreads x bit by bit, as the definition says. */
static u64 slow_spread(u32 x)
{
    u64 v = 0;
    for (unsigned i = 0; i < 32; i++)
        v |= (u64)(x >> i & 1) << 2 * i;
    return v;
}

TEST(spread_and_gather)
{
    u64 seed = 1;
    for (unsigned i = 0; i < 10000; i++) {
        u32 x = (u32)rand_step(&seed);
        assert_true(morton_spread(x) == slow_spread(x));
        assert_true(morton_gather(slow_spread(x) | slow_spread(~x) << 1) == x);
    }
}

/* Every frame has its own place in the grid, and the place leads to the
 * frame. */
static void round_trip(u64 n, bool linear)
{
    struct grid g = grid_for(n, linear);
    u8 *seen = xcalloc((size_t)g.cols * g.rows, 1);
    u64 back = 0, found = 0;
    assert_true((u64)g.cols * g.rows >= n);
    assert_int_equal(g.cols & (g.cols - 1), 0);
    for (u64 pfn = 0; pfn < n; pfn++) {
        u32 col, row;
        grid_place(&g, pfn, &col, &row);
        assert_true(col < g.cols && row < g.rows);
        assert_int_equal(seen[(size_t)row * g.cols + col]++, 0);
        assert_true(grid_frame(&g, col, row, &back) && back == pfn);
    }
    for (u32 row = 0; row < g.rows; row++)
        for (u32 col = 0; col < g.cols; col++)
            found += grid_frame(&g, col, row, &back);
    assert_true(found == n);
    assert_false(grid_frame(&g, g.cols, 0, &back));
    assert_false(grid_frame(&g, 0, g.rows, &back));
    free(seen);
}

TEST(any_number_of_frames)
{
    static const u64 counts[] = {1,    2,    3,    5,     64,    100,
                                 4095, 4096, 6144, 10000, 32768, 65537};
    for (unsigned i = 0; i < ARRAY_LEN(counts); i++) {
        round_trip(counts[i], false);
        round_trip(counts[i], true);
    }
}

/* An aligned block of 2^k frames is a square or a 2:1 rectangle. */
TEST(buddy_blocks_are_compact)
{
    struct grid g = grid_for(4096, false);
    for (unsigned order = 0; order <= 12; order++)
        for (u64 first = 0; first < 4096; first += 1ull << order) {
            u32 x0 = ~0u, x1 = 0, y0 = ~0u, y1 = 0;
            for (u64 i = 0; i < 1ull << order; i++) {
                u32 x, y;
                grid_place(&g, first + i, &x, &y);
                x0 = x < x0 ? x : x0;
                x1 = x > x1 ? x : x1;
                y0 = y < y0 ? y : y0;
                y1 = y > y1 ? y : y1;
            }
            u32 w = x1 - x0 + 1, h = y1 - y0 + 1;
            assert_int_equal((u64)w * h, 1ull << order);
            assert_true(w == h || w == 2 * h);
        }
}

/* The cell that covers four frames is that of pfn >> 2 in the smaller grid. */
TEST(zoom_parents)
{
    struct grid g = grid_for(4096, false), up = grid_for(1024, false);
    for (u64 pfn = 0; pfn < 4096; pfn++) {
        u32 x, y, px, py;
        grid_place(&g, pfn, &x, &y);
        grid_place(&up, pfn >> 2, &px, &py);
        assert_true(px == x / 2 && py == y / 2);
    }
}

TEST(representative)
{
    u8 kind[16] = {0, 0, 0, 0, /* all quiet */ 0,  0, 7, 0, /* a lone one */
                   3, 5, 5, 0, /* a majority */ 2, 2, 9, 9 /* a tie */};
    static const struct {
        u32 col, row;
        u8 says;
    } expect[] = {{0, 0, 0}, {2, 0, 7}, {0, 2, 5}, {2, 2, 2}};
    struct grid g = grid_for(16, false);
    u64 who;
    for (unsigned i = 0; i < ARRAY_LEN(expect); i++) {
        assert_true(grid_representative(&g, kind, 0, expect[i].col,
                                        expect[i].row, 1, 1, &who));
        assert_int_equal(kind[who], expect[i].says);
    }
    g = grid_for(3, false); /* a square with only three frames */
    assert_true(grid_representative(&g, kind + 8, 0, 0, 0, 1, 1, &who));
    assert_int_equal(kind[8 + who], 5);
    assert_false(grid_representative(&g, kind, 0, 2, 0, 1, 1, &who));
    g = grid_for(16, true); /* rows 0-1 of columns 0-1: frames 0 1 4 5 */
    kind[5] = 4;
    assert_true(grid_representative(&g, kind, 0, 0, 0, 1, 1, &who));
    assert_int_equal(who, 5);
}
