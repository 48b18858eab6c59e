/* SPDX-License-Identifier: MIT */
/* Shared by the parts of the DRAM model: the device, the waiting writes, the
 * promises. The model serves one access at a time. The rest of the machine uses
 * only the functions in time.h. */
#pragma once

#include "time/time.h"

#define DRAM_BANKS  16 /* of a part, at most */
#define DRAM_GROUPS 4
#define DRAM_QUEUE  32     /* entries of the write queue */
#define DRAM_PLACES 64     /* places of waiting writes: bits of a u64 */
#define DRAM_NOBODY 0xffff /* no clock */
#define DRAM_SIEVE  2048

/* A drain of writes goes on until at most DRAM_DRAIN_LOW writes are left, even
 * if a read arrives, because turning the bus round for each read would cost
 * more. */
#define DRAM_DRAIN_LOW 6

enum dram_command { DRAM_PRE, DRAM_ACT, DRAM_RD, DRAM_WR };

/* Address bits from the low end: line offset, column, bank group, bank, row
 * (one channel, one rank). A bank's number is group * banks + bank. */
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

/* The part's minimum distances between commands, in clocks. [0] is for another
 * bank group, [1] for the same group; wtr counts from WR. */
struct dram_distances {
    u32 rp, rcd, ras, rtp, faw, rrd[2], ccd[2], wtr[2];
    u32 turn;    /* from RD to WR: leaves two clocks between the data */
    u32 wr_pre;  /* from WR to PRE */
    u32 rd_end;  /* from RD to the clock after its last beat */
    u32 rd_pre;  /* from the first RD after ACT to PRE: RTP and RAS are over */
    u32 rd_most; /* after this time an RD delays only its bank's PRE */
    u32 wr_most; /* after this time a WR delays only its bank's PRE */
};

/* The clock at which the bus will take a write's column; its row is open. */
struct dram_promise {
    u64 line;
    u16 col, from; /* from: the earliest col that its bank permits */
    u16 pre;       /* the bank's pre_at without this promise */
    u8 bank;
    bool hit; /* the row was already open, so the write counts as waiting until
               * its WR; false: it counted until the ACT that opened the row */
};
#define DRAM_LINE 64 /* promises kept: future ones and some past ones */

/* Clocks are counted from `base` unless stated otherwise; 0 means long ago. */
#define DRAM_LONG_AGO 128
struct dram {
    const struct dram_part *part;
    struct dram_map map;
    struct dram_distances after;
    u64 base;           /* absolute */
    u64 clock;          /* absolute: all commands up to it have been sent */
    u64 undelayed_from; /* absolute. From this clock on, past commands delay a
                         * read only through its own bank's pre_at and act_at.
                         * ~0: a write waits */
    u32 due;            /* the next refresh */
    u32 quiet;          /* derived: waiting writes open no row before it */

    /* From pre_at on, a bank's open row may be closed if a request waits for
     * another row. From act_at on, a row may be opened for a read or for the
     * bank's oldest waiting write. */
    u16 pre_at[DRAM_BANKS], act_at[DRAM_BANKS];
    u32 open, row[DRAM_BANKS]; /* open: a bit each */
    u32 bank_bits;             /* bits of a bank's number within its group */
    u32 act_from;              /* the rank's earliest ACT */
    u16 faw[4], faw_next; /* clocks of the last four ACTs but those of undelayed
                             reads, plus tFAW; index of the oldest */
    u16 rd, wr, wr_of[DRAM_GROUPS]; /* the last RD, WR, WR of each group */
    bool bound;   /* the last write in line[] waits only for its bank group */
    u16 bus[256]; /* by clock modulo 256: the clock in which a column is sent */

    /* Writes that wait for their rows, in order of acceptance, but revoked ones
     * first. */
    u32 waiting, next;  /* number of writes; place of the next one */
    u64 of[DRAM_BANKS]; /* for each bank a bit for each of its writes */
    u32 waits;          /* a bit for each bank that has a waiting write */
    u32 row_of[DRAM_PLACES];
    u8 bank_of[DRAM_PLACES];
    u64 line_of[DRAM_PLACES];

    /* Promises in the order of their clocks (col), and the clocks of those that
     * hit; both are rings of DRAM_LINE. */
    struct dram_promise line[DRAM_LINE];
    u16 hit_at[DRAM_LINE];
    u32 tail, hits; /* totals since start or load, without those revoked */

    struct dram_stats stats; /* its row_* stay 0: see `first` */
    /* Requests by the first command that they needed; RD stands for WR, too. */
    u64 first[DRAM_RD + 1][DRAM_BANKS];
    /* Both are indexed by a hash of the line. */
    u8 sieve[DRAM_SIEVE];      /* the number of waiting writes */
    u32 sieve_col[DRAM_SIEVE]; /* absolute clock (low half) of the last column
                                */
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

/* dram_serial.c: performs the reads that dram_read does not compute itself. */
u64 dram_read_line(struct dram *d, u64 pa, u64 now, enum served *where);

/* Converts an absolute clock to one counted from `base`; 0: long ago. */
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
/* Performs all refreshes due by `until`, inclusive. Call if no write waits. */
void dram_refresh_idle(struct dram *d, u64 until);

/* dram_bank.c: packs the waiting writes into the places from `but` on. */
void dram_places_pack(struct dram *d, u32 but);
