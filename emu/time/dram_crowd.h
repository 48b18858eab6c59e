/* SPDX-License-Identifier: MIT */
/* The DRAM with many accesses outstanding, as a machine of many harts would
 * ask it: for tools/dramreplay, and to be held against other simulators. The
 * part and its address mapping are dram.h's, whose controller has one access
 * at a time.
 *
 * Here: the device (dram_rank.[ch]), the queues (dram_queue.h), whose turn it
 * is (dram_turn.h) and the controller (dram_crowd.c). */
#ifndef CLOCKHAND_DRAM_CROWD_H
#define CLOCKHAND_DRAM_CROWD_H

#include "time/dram.h"

static inline u64 later(u64 a, u64 b)
{
    return a > b ? a : b;
}

/* The device: the first clock, counted from `base`, at which a command is
 * legal; 0 is any. What a bank allows and what the rank or the bank's group
 * does are kept apart. */
struct crowd_rank {
    u64 base;                             /* at or before any command to come */
    struct dram_lanes row_at, col_at;     /* of the bank: PRE or ACT; RD, WR */
    struct dram_lanes act_at, data_at[2]; /* of the rank: ACT; RD, WR */
    struct dram_lanes closed;             /* all ones: no row is open */
    u32 open;                             /* the others, a bit each */
    u32 row[DRAM_BANKS];
    u16 faw[4]; /* when each of the last four activations was, plus tFAW */
    u32 faw_next;
    u64 refresh_at; /* the next, absolute */
};

/* The part's distances between commands, in every lane; rrd, ccd and the
 * second index of turn: to other groups, within one. pre, data and the first
 * index of turn: after RD, after WR. */
struct crowd_distances {
    struct dram_lanes rp, ras, rcd, rrd[2], ccd[2];
    struct dram_lanes turn[2][2]; /* to the other kind of column */
    struct dram_lanes pre[2];
    u16 data[2]; /* to the end of the last beat */
};

/* A line access in a queue. */
struct dram_request {
    u64 line; /* address >> 6 */
    u64 accepted;
    u8 bank;
    bool touched; /* its first command went out */
};

/* Requests lie in places in the order of acceptance, so that sets of them are
 * words of 64 bits, and the oldest of a set is its first bit; now and then they
 * move together (dram_queue.h). Of each bank one is the candidate for its row,
 * the oldest that finds another open or none; and one for a column, the oldest
 * that hits.
 *
 * The lanes tell which goes first of those legal in one clock: the `low` of
 * the candidate (DRAM_COLUMN with it if it is for a column), DRAM_NOBODY where
 * no such command is wanted. */
enum { DRAM_ROW, DRAM_COLUMN, DRAM_KINDS };
#define DRAM_LOW_COLUMN 16
/* The highest bit of an order: it waits in the queue. Who has a row opened for
 * it has left, and goes before all who wait; so there may be DRAM_BANKS more
 * than DRAM_QUEUE. */
#define DRAM_LOW_WAITS 0x8000

struct dram_queue {
    u32 waiting;     /* those whose row was not opened for them */
    u32 banks, hits; /* banks with any; with one that hits */
    u32 owned;       /* banks whose row was opened for one that waits yet */
    u32 next;        /* the place of the next to come */
    u64 used;
    u64 of[DRAM_BANKS], hit[DRAM_BANKS]; /* the bank's; those that hit */
    struct dram_lanes low[DRAM_KINDS];
    u16 after[DRAM_KINDS][DRAM_BANKS]; /* once the bank's column is sent */
    struct dram_rows rows;
    u16 lows[DRAM_PLACES + 1]; /* order << 5 | bank; and nobody's */
    struct dram_request r[DRAM_PLACES];
};

struct dram_crowd {
    const struct dram_part *part;
    const struct crowd_run *run; /* dram_crowd.c as the host can have it */
    struct dram_map map;
    u64 clock;    /* first clock free on the command bus */
    u64 quiet;    /* nothing can be issued or is due before this: a lower
                   * bound, derived */
    u64 end;      /* the clock after the last data beat; of what needed no DRAM
                   * the next clock */
    bool writing; /* whose turn it is */
    u32 order;    /* of the next request */
    struct crowd_rank rank;
    struct crowd_distances after;
    union {
        struct dram_queue queue[2];
        struct {
            struct dram_queue reads, writes;
        };
    };
    struct dram_stats stats; /* rows: see `first` */
    u64 first[DRAM_RD + 1];  /* requests by the first command that they needed;
                              * RD: or WR */
    u8 lines[DRAM_SIEVE];    /* a sieve of the lines of the writes */
};

/* dram_crowd.c, compiled for hosts without AVX2 and, by banks of the part, for
 * those with it. */
struct crowd_run {
    bool (*accept)(struct dram_crowd *d, bool write, u64 pa, u64 clock);
    u64 (*room)(struct dram_crowd *d, bool write, u64 clock);
    void (*advance)(struct dram_crowd *d, u64 now);
};
extern const struct crowd_run dram_crowd_plain, dram_crowd_avx2_8,
    dram_crowd_avx2_16;

/* A part that dram_part_find knows, all banks closed, at clock 0. Never NULL;
 * dram_crowd_free it. Clocks are the part's, from there on. */
struct dram_crowd *dram_crowd_new(const struct dram_part *part);
void dram_crowd_free(struct dram_crowd *d);
/* Queues a read or a write of the line at byte address pa, accepted at `clock`,
 * until when dram_crowd_advance must have been; false when there is no room.
 * dram_crowd_stats tells what it cost once it is done. A read of a line that
 * waits in the write queue is answered from there at once, a write of it is
 * merged. */
bool dram_crowd_accept(struct dram_crowd *d, bool write, u64 pa, u64 clock);
/* The clock, `clock` or later, at which that queue has room: until then the
 * controller has been advanced. */
u64 dram_crowd_room(struct dram_crowd *d, bool write, u64 clock);
/* Sends all commands, and does all refreshes, up to clock `now`. */
void dram_crowd_advance(struct dram_crowd *d, u64 now);
/* Until nobody waits: the clock after the last data beat of all that was
 * accepted, 0 if nothing was. */
u64 dram_crowd_drain(struct dram_crowd *d);
/* So far; reads and writes count when accepted, the latency of a read (clocks,
 * from acceptance to the end of its data) when it is answered. */
struct dram_stats dram_crowd_stats(const struct dram_crowd *d);

/* Requests that have not sent their column command. */
static inline unsigned dram_pending(const struct dram_queue *q)
{
    return (unsigned)__builtin_popcountll(q->used);
}

/* dram_rank.c: all refreshes due up to and including `until`, no command being
 * wanted before them. Closes all banks. */
void crowd_refresh(struct dram_crowd *d, u64 until);

#endif
