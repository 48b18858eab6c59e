/* SPDX-License-Identifier: MIT */
/* Converts frame numbers to places on the map, and back; see morton.h. The bit
 * tricks are the usual "interleave by magic numbers" of Bit Twiddling Hacks. */
#include "panel/draw/morton.h"

static const u64 mask[] = {
    0x0000ffff0000ffffull, 0x00ff00ff00ff00ffull, 0x0f0f0f0f0f0f0f0full,
    0x3333333333333333ull, 0x5555555555555555ull,
};

u64 morton_spread(u32 x)
{
    u64 v = x;
    for (unsigned i = 0; i < 5; i++)
        v = (v | v << (16 >> i)) & mask[i];
    return v;
}

u32 morton_gather(u64 x)
{
    u64 v = x & mask[4];
    for (unsigned i = 4; i > 0; i--)
        v = (v | v >> (16 >> i)) & mask[i - 1];
    return (u32)(v | v >> 16);
}

struct grid grid_for(u64 nframes, bool linear)
{
    struct grid g = {.nframes = nframes, .linear = linear};
    unsigned order = 0; /* bits of a frame number */
    while (order < 40 && 1ull << order < nframes)
        order++;
    g.cols = 1u << (order + 1) / 2;
    g.rows = 1u << order / 2;
    if (linear)
        g.rows = (u32)((nframes + g.cols - 1) / g.cols);
    if (!g.rows)
        g.rows = 1;
    return g;
}

void grid_place(const struct grid *g, u64 pfn, u32 *col, u32 *row)
{
    if (g->linear) {
        *col = (u32)(pfn % g->cols);
        *row = (u32)(pfn / g->cols);
        return;
    }
    *col = morton_gather(pfn);
    *row = morton_gather(pfn >> 1);
}

bool grid_frame(const struct grid *g, u32 col, u32 row, u64 *pfn)
{
    if (col >= g->cols || row >= g->rows)
        return false;
    u64 n = g->linear ? (u64)row * g->cols + col
                      : morton_spread(col) | morton_spread(row) << 1;
    *pfn = n;
    return n < g->nframes;
}

/* Kinds from 15 on (0xff: unknown) share the last count. */
enum { KINDS = 16 };

u32 run_representative(const u8 *kind, u32 n, u8 quiet)
{
    unsigned count[KINDS] = {0}, best = 0;
    u32 who = 0;
    if (!memcmp(kind, kind + 1, n - 1))
        return 0; /* all are of one kind */
    for (u32 i = 0; i < n; i++) {
        unsigned k = kind[i] < KINDS ? kind[i] : KINDS - 1;
        unsigned votes = kind[i] == quiet ? 1 : 1 + ++count[k];
        if (votes > best) {
            best = votes;
            who = i;
        }
    }
    return who;
}

bool grid_representative(const struct grid *g, const u8 *kind, u8 quiet,
                         u32 col, u32 row, unsigned sx, unsigned sy, u64 *who)
{
    unsigned count[KINDS] = {0}, best = 0;
    for (u32 i = 0; i < 1u << (sx + sy); i++) {
        u64 pfn;
        if (!grid_frame(g, col + (i & ((1u << sx) - 1)), row + (i >> sx), &pfn))
            continue;
        unsigned k = kind[pfn] < KINDS ? kind[pfn] : KINDS - 1;
        unsigned votes = kind[pfn] == quiet ? 1 : 1 + ++count[k];
        if (votes > best) {
            best = votes;
            *who = pfn;
        }
    }
    return best > 0;
}
