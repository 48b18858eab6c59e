/* SPDX-License-Identifier: MIT */
/* Inside of the DRAM model: the device (dram_bank.c) and the controller
 * (dram.c). tools/dramreplay uses the controller's queues directly; the rest
 * of the machine sees dram_read and dram_write only. */
#ifndef CLOCKHAND_DRAM_H
#define CLOCKHAND_DRAM_H

#include "time/time.h"

#define DRAM_BANKS  16 /* most that a part has */
#define DRAM_GROUPS 4
#define DRAM_QUEUE  32 /* entries of the read and of the write queue */
#define DRAM_SLOTS                                                             \
    (DRAM_QUEUE + DRAM_BANKS) /* and those that left for banks                 \
                               */

enum dram_command { DRAM_PRE, DRAM_ACT, DRAM_RD, DRAM_WR };

/* Every *_at is the first clock at which that command is legal. */
struct dram_bank {
    u8 open;
    u32 row;
    u64 act_at, pre_at, col_at;
    u64 hits, conflicts;
};

struct dram_rank {
    struct dram_bank bank[DRAM_BANKS];
    u32 open; /* a bit a bank: bank[].open once more, derived */
    u64 group_act_at[DRAM_GROUPS], group_rd_at[DRAM_GROUPS],
        group_wr_at[DRAM_GROUPS];
    u64 act_at, rd_at, wr_at;
    u64 faw[4]; /* when each of the last four activations was, plus tFAW */
    u32 faw_next;
    u64 refresh_at; /* when the next refresh is due */
    u64 refreshes;
};

void dram_rank_init(struct dram_rank *r, const struct dram_part *p);
/* First clock not before `from` at which the command is legal. */
u64 dram_legal(const struct dram_rank *r, const struct dram_part *p,
               enum dram_command c, unsigned bank, u64 from);
void dram_issue(struct dram_rank *r, const struct dram_part *p,
                enum dram_command c, unsigned bank, u32 row, u64 at);
/* All refreshes due up to and including `until`, no command being wanted
 * before them; `from` is the first free clock of the command bus. */
void dram_refresh(struct dram_rank *r, const struct dram_part *p, u64 from,
                  u64 until);

/* So many writes waiting go before reads: the queue is about to be full. A
 * drain of writes once begun goes on until so few are left, reads or not:
 * turning the bus round for each would cost more. */
#define DRAM_DRAIN_HIGH 26
#define DRAM_DRAIN_LOW  6

/* A line access in a queue. */
struct dram_request {
    u64 line; /* address >> 6 */
    u64 id;   /* whose: given back when done */
    u64 accepted;
    u32 row;
    u64 order;  /* of acceptance */
    u8 bank;    /* group * banks + bank */
    u8 touched; /* enum served once its first command went out */
    u8 next;    /* slot of the next younger one for the same bank */
};

/* Requests in slots, chained by bank, oldest first (dram_queue.c). Of each
 * bank one is the candidate: the oldest that finds its row open, else the
 * oldest. */
struct dram_queue {
    u32 count, waiting; /* waiting: those whose row was not opened for them */
    u64 used;           /* slots, a bit each */
    u32 banks, hits;    /* banks with any; whose pick hits */
    u32 behind;         /* of those: with another that does not */
    u32 owned; /* banks whose row was opened for the pick, which waits yet */
    u8 head[DRAM_BANKS], tail[DRAM_BANKS], pick[DRAM_BANKS];
    u8 miss[DRAM_BANKS]; /* the oldest that finds another row or none */
    struct dram_request r[DRAM_SLOTS];
};

/* The queue must have room. */
void queue_add(struct dram_queue *q, const struct dram_rank *rank,
               const struct dram_request *r);
/* A row is being opened for the pick of the bank. */
void queue_opened(struct dram_queue *q, unsigned bank);
/* The owner of the bank's row, if it has one, and else any that hits. */
void queue_remove(struct dram_queue *q, const struct dram_rank *rank, u32 slot);
bool queue_has_line(const struct dram_queue *q, unsigned bank, u64 line);
/* The bank's row was opened or closed: chooses its candidate afresh. */
void queue_row_changed(struct dram_queue *q, const struct dram_rank *rank,
                       unsigned bank);
/* The rank's state must have been visited before. */
void queue_state(struct dram_queue *q, const struct dram_rank *rank,
                 unsigned banks, struct state *s);

struct dram {
    const struct dram_part *part;
    struct dram_rank rank;
    struct dram_queue reads, writes;
    bool writing; /* whose turn it is */
    u64 order;    /* of the next request */
    u64 clock;    /* first clock free on the command bus */
    u64 quiet;    /* nothing can be issued or is due before this: a lower
                   * bound, derived, not state */
    struct dram_stats stats;
};

/* A request that has issued its column command. */
struct dram_done {
    u64 id, accepted, finished; /* finished: clock after the last data beat */
    enum served where;
    bool write;
};

/* Queues a read or a write accepted at `clock`; false when there is no room.
 * A read of a line that waits in the write queue is answered from there:
 * *done is filled at once and *answered set. */
bool dram_accept(struct dram *d, bool write, u64 pa, u64 id, u64 clock,
                 struct dram_done *done, bool *answered);
/* Issues commands at clocks up to `until`, and returns after the first that
 * finishes a request; false when there is none. */
bool dram_step(struct dram *d, u64 until, struct dram_done *done);
/* No command is sent before that clock; dram_step until then makes headway. */
u64 dram_next(const struct dram *d);

#endif
