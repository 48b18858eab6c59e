/* SPDX-License-Identifier: MIT */
/* The parts of the DRAM model for one access at a time: the device, the waiting
 * writes, the promises. The rest of the machine uses only the functions in
 * time.h. */
#pragma once

#include "time/time.h"

#define DRAM_BANKS  16 /* maximum of any part */
#define DRAM_GROUPS 4
#define DRAM_QUEUE  32     /* entries of the write queue */
#define DRAM_PLACES 64     /* places of waiting writes: bits of a u64 */
#define DRAM_NOBODY 0xffff /* no clock */
#define DRAM_SIEVE  2048

/* A read waits until at most DRAM_DRAIN_LOW writes are left: a drain of writes
 * goes on even if a read arrives, since turning the bus round for each read
 * would cost more. */
#define DRAM_DRAIN_LOW 6

enum dram_command { DRAM_PRE, DRAM_ACT, DRAM_RD, DRAM_WR };

/* Address mapping from the low end: line offset, column, bank group, bank,
 * row (one channel, one rank); a bank is group * banks + bank. */
struct dram_map {
    u32 line_shift, row_shift, bank_mask;
    u8 bank_of[DRAM_BANKS];
};
struct dram_map dram_map_of(const struct dram_part *part);

struct dram_place {
    u64 line; /* address >> 6 */
    u32 row, bank;
};

static inline struct dram_place dram_place_of(const struct dram_map *m, u64 pa)
{
    u64 x = pa >> m->line_shift;

    return (struct dram_place){.line = pa >> LINE_SHIFT,
                               .row = (u32)(x >> m->row_shift),
                               .bank = m->bank_of[x & m->bank_mask]};
}

static inline u32 most(u32 a, u32 b)
{
    return a > b ? a : b;
}

/* The part's minimum distances between commands. Of a pair [0] is for another
 * bank group, [1] for the same group; wtr counts from WR. */
struct dram_distances {
    u32 rp, rcd, ras, rtp, faw, rrd[2], ccd[2], wtr[2];
    u32 turn;    /* from RD to WR: two clocks between the data */
    u32 wr_pre;  /* from WR to PRE */
    u32 rd_end;  /* from RD to the last beat of data */
    u32 rd_pre;  /* from the first RD after ACT to PRE: RTP and RAS are over */
    u32 rd_most; /* from an RD until it delays only its bank's PRE */
    u32 wr_most; /* from a WR until it delays only its bank's PRE */
};

/* A promise of the bus to a write whose row is open: its column's clock. */
struct dram_promise {
    u64 line;
    u16 col, from; /* from: earliest column by its own bank */
    u16 pre;       /* the bank's pre_at without this promise */
    u8 bank;
    bool hit; /* a write that hits counts as waiting until its column is sent; a
               * write whose row was opened for it, only until its ACT */
};
#define DRAM_LINE 64 /* promises kept: future ones and some past ones */

/* Clocks are counted from `base` unless stated otherwise; 0 means long ago. */
#define DRAM_LONG_AGO 128
struct dram {
    const struct dram_part *part;
    struct dram_map map;
    struct dram_distances after;
    u64 base;           /* absolute */
    u64 clock;          /* absolute: everything up to it is done */
    u64 undelayed_from; /* absolute: from then on, with no write waiting, past
                         * commands delay a read only through its own bank's
                         * pre_at and act_at; ~0: a write waits */
    u32 due;            /* the next refresh */
    u32 quiet;          /* derived: before it only a new request opens a row */

    /* For each bank: the clock from which its row, if one is open, may be
     * closed, which happens if a request waits for another row; and the clock
     * from which a row may be opened for the oldest waiting write. */
    u16 pre_at[DRAM_BANKS], act_at[DRAM_BANKS];
    u32 open, row[DRAM_BANKS]; /* open: a bit each */
    u32 bank_bits;             /* bits of a bank's number within its group */
    u32 act_from;              /* the rank's earliest ACT */
    u16 faw[4], faw_next; /* clocks of the last four ACTs, plus tFAW; index of
                             the oldest */
    u16 rd, wr, wr_of[DRAM_GROUPS]; /* the last RD; WR; WR of each group */
    bool bound;   /* only its bank group delays the line's last write */
    u16 bus[256]; /* by clock modulo 256: the clock in which a column is sent */

    /* Writes that wait for their rows, in places in the order of acceptance;
     * for each bank the set of its writes, a bit each. */
    u32 waiting, next; /* next: place of the next write */
    u64 of[DRAM_BANKS];
    u32 waits; /* the banks whose set is not empty, a bit each */
    u32 row_of[DRAM_PLACES];
    u8 bank_of[DRAM_PLACES];
    u64 line_of[DRAM_PLACES];

    /* Promises in the order of their columns, and the columns of the promises
     * that hit; both modulo DRAM_LINE. */
    struct dram_promise line[DRAM_LINE];
    u16 hit_at[DRAM_LINE];
    u32 tail, hits; /* totals since the start */

    struct dram_stats stats; /* rows: see `first` */
    /* requests by the first command that they needed; RD stands for WR, too */
    u64 first[DRAM_RD + 1][DRAM_BANKS];
    /* By a hash of the line: the number of waiting writes; the lower half of
     * the absolute clock of the last promised column. */
    u8 sieve[DRAM_SIEVE];
    u32 sieve_col[DRAM_SIEVE];
};

static inline u32 dram_sieve(u64 line)
{
    return (u32)(line ^ line >> 11) % DRAM_SIEVE;
}

/* Puts a write into a place to wait for its row. */
static inline void dram_wait(struct dram *d, u32 place, u64 line, u32 row,
                             u32 bank)
{
    d->row_of[place] = row;
    d->bank_of[place] = (u8)bank;
    d->line_of[place] = line;
    d->of[bank] |= 1ull << place;
    d->waits |= 1u << bank;
    d->sieve[dram_sieve(line)]++;
    d->waiting++;
}

/* dram_serial.c: the reads that dram_read does not compute itself */
u64 dram_read_line(struct dram *d, u64 pa, u64 now, enum served *where);

/* Returns an absolute clock as counted from `base`, 0 if it was long ago. */
static inline u32 dram_clock(const struct dram *d, u64 clock)
{
    s64 t = (s64)(clock - d->base);

    return t > 0 ? (u32)t : 0;
}

/* dram_bank.c */
struct dram_distances dram_distances_of(const struct dram_part *part);
void dram_bank_init(struct dram *d);
/* Performs the due refresh after all commands before it; closes all rows. */
void dram_refresh(struct dram *d);
/* Performs all refreshes due up to and including `until`; no write may wait. */
void dram_refresh_idle(struct dram *d, u64 until);

/* dram_bank.c: moves the waiting writes, except `but`, to the first places. */
void dram_places_pack(struct dram *d, u32 but);
