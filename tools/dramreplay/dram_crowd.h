/* SPDX-License-Identifier: MIT */
/* A DRAM controller with many accesses outstanding, as in a machine of many
 * harts: for tools/dramreplay, and for comparison with other simulators. The
 * part and its address mapping are those of dram.h, whose controller handles
 * one access at a time.
 *
 * Its parts: the device (dram_rank.[ch]), the queues (dram_queue.h), the turns
 * (dram_turn.h) and the controller (dram_crowd.c). */
#ifndef CLOCKHAND_DRAM_CROWD_H
#define CLOCKHAND_DRAM_CROWD_H

#include "time/dram/dram.h"

static inline u64 later(u64 a, u64 b)
{
    return a > b ? a : b;
}

/* The device: for each command the first clock, counted from `base`, at which
 * it is legal; 0: at any clock. The limits that a bank sets are separate from
 * those that the rank or the bank's group sets. */
struct crowd_rank {
    u64 base;                             /* not after any future command */
    struct dram_lanes row_at, col_at;     /* of the bank: PRE or ACT; RD, WR */
    struct dram_lanes act_at, data_at[2]; /* of the rank: ACT; RD, WR */
    struct dram_lanes closed;             /* all ones: no row is open */
    u32 open;                             /* the open banks, a bit each */
    u32 row[DRAM_BANKS];
    u16 faw[4]; /* clock of each of the last four activations, plus tFAW */
    u32 faw_next;
    u64 refresh_at; /* absolute clock of the next refresh */
};

/* The part's minimum distances between commands, in every lane. Index of rrd
 * and ccd, second index of turn: 0 to another bank group, 1 within the group.
 * Index of pre and data, first index of turn: 0 after RD, 1 after WR. */
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
    bool touched; /* its first command was sent */
};

/* Requests occupy places in the order of acceptance. So a set of requests is a
 * word of 64 bits, and its lowest bit is the oldest request. When the places
 * run out, the waiting requests are moved together (queue_pack). Each bank has
 * one candidate for a row command: its oldest request that finds no row or
 * another row open; and one for a column command: its oldest request that hits.
 *
 * Among commands that are legal in the same clock, the lanes `low` decide: they
 * hold the candidate's order and bank (with DRAM_LOW_COLUMN for a column), or
 * DRAM_NOBODY if there is no candidate. */
enum { DRAM_ROW, DRAM_COLUMN, DRAM_KINDS };
#define DRAM_LOW_COLUMN 16
/* The highest bit of an order: the request waits in the queue. A request whose
 * row was opened for it counts no longer as waiting and goes before all that
 * wait; so there may be DRAM_BANKS more requests than DRAM_QUEUE. */
#define DRAM_LOW_WAITS 0x8000

struct dram_queue {
    u32 waiting;     /* requests whose row was not opened for them */
    u32 banks, hits; /* banks with requests; with one that hits */
    u32 owned; /* banks whose row was opened for a request that still waits */
    u32 next;  /* the place of the next request */
    u64 used;
    u64 of[DRAM_BANKS],
        hit[DRAM_BANKS]; /* the bank's requests; those that hit */
    struct dram_lanes low[DRAM_KINDS];
    u16 after[DRAM_KINDS]
             [DRAM_BANKS]; /* `low` once the bank's column is sent */
    struct dram_rows rows;
    u16 lows[DRAM_PLACES + 1]; /* order << 5 | bank; the last: no request */
    struct dram_request r[DRAM_PLACES];
};

struct dram_crowd {
    const struct dram_part *part;
    const struct crowd_run *run; /* dram_crowd.c in the variant for this host */
    struct dram_map map;
    u64 clock; /* first clock free on the command bus */
    u64 quiet; /* no command can be sent and no refresh is due before this clock
                * (a lower bound, derived from the rest) */
    u64 end; /* the clock after the last data beat; after a request that needed
              * no DRAM, the next clock */
    bool writing; /* it is the write queue's turn */
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
                              * DRAM_RD counts WR, too */
    u8 lines[DRAM_SIEVE];    /* waiting writes, by a hash of their line */
};

/* The functions of dram_crowd.c, which is compiled for hosts without AVX2 and,
 * for each number of banks, for hosts with it. */
struct crowd_run {
    bool (*accept)(struct dram_crowd *d, bool write, u64 pa, u64 clock);
    u64 (*room)(struct dram_crowd *d, bool write, u64 clock);
    void (*advance)(struct dram_crowd *d, u64 now);
};
extern const struct crowd_run dram_crowd_plain, dram_crowd_avx2_8,
    dram_crowd_avx2_16;

/* A DRAM of this part, all banks closed, at clock 0. Never NULL; free it with
 * dram_crowd_free. All clocks are the part's, counted from there. */
struct dram_crowd *dram_crowd_new(const struct dram_part *part);
void dram_crowd_free(struct dram_crowd *d);
/* Queues a read or a write of the line at byte address pa, accepted at `clock`,
 * to which dram_crowd_advance must have advanced; false when there is no room.
 * dram_crowd_stats includes its cost once it is done. If the line is in the
 * write queue, a read is answered from there at once, and a write is merged
 * with the one that waits. */
bool dram_crowd_accept(struct dram_crowd *d, bool write, u64 pa, u64 clock);
/* The first clock, `clock` or later, at which the read or write queue has room;
 * the controller is advanced to it. */
u64 dram_crowd_room(struct dram_crowd *d, bool write, u64 clock);
/* Sends all commands, and does all refreshes, up to clock `now`. */
void dram_crowd_advance(struct dram_crowd *d, u64 now);
/* Advances until no request waits. Returns the clock after the last data beat
 * of all accepted requests, 0 if there were none. */
u64 dram_crowd_drain(struct dram_crowd *d);
/* Counts so far: reads and writes count when accepted, the latency of a read
 * (clocks, from acceptance to the end of its data) when it is answered. */
struct dram_stats dram_crowd_stats(const struct dram_crowd *d);

/* Requests that have not sent their column command. */
static inline unsigned dram_pending(const struct dram_queue *q)
{
    return (unsigned)__builtin_popcountll(q->used);
}

/* dram_rank.c: does all refreshes due up to and including `until`; no command
 * may be wanted before them. Closes all banks. */
void crowd_refresh(struct dram_crowd *d, u64 until);

#endif
