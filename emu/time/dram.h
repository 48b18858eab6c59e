/* SPDX-License-Identifier: MIT */
/* Inside of the DRAM model: the device (dram_bank.[ch]), the queues
 * (dram_queue.h), the controller (dram_run.c), and what needs none of them
 * (dram_calm.c). tools/dramreplay uses the controller's queues directly; the
 * rest of the machine sees dram_read and dram_write only. */
#ifndef CLOCKHAND_DRAM_H
#define CLOCKHAND_DRAM_H

#include "time/time.h"

#define DRAM_BANKS  16 /* most that a part has */
#define DRAM_GROUPS 4
#define DRAM_QUEUE  32 /* entries of the read and of the write queue */
#define DRAM_SLOTS                                                             \
    (DRAM_QUEUE + DRAM_BANKS) /* and those that left for banks                 \
                               */
#define DRAM_PLACES  64       /* of a queue, a bit each: more than slots */
#define DRAM_NO_SLOT DRAM_PLACES
#define DRAM_SIEVE   2048

/* So many writes waiting go before reads: the queue is about to be full. A
 * drain of writes once begun goes on until so few are left, reads or not:
 * turning the bus round for each would cost more. */
#define DRAM_DRAIN_HIGH 26
#define DRAM_DRAIN_LOW  6

enum dram_command { DRAM_PRE, DRAM_ACT, DRAM_RD, DRAM_WR };

/* A number for each bank, in one vector register (dram_lanes.h). */
struct dram_lanes {
    _Alignas(32) u16 of[DRAM_BANKS];
};

/* The device: the first clock, counted from `base`, at which a command is
 * legal; 0 is any. What a bank allows and what the rank or the bank's group
 * does are kept apart. */
struct dram_rank {
    u64 base;                             /* at or before any command to come */
    struct dram_lanes row_at, col_at;     /* of the bank: PRE or ACT; RD, WR */
    struct dram_lanes act_at, data_at[2]; /* of the rank: ACT; RD, WR */
    struct dram_lanes closed;             /* all ones: no row is open */
    u32 open;                             /* the others, a bit each */
    u32 row[DRAM_BANKS];
    u16 faw[4]; /* when each of the last four activations was, plus tFAW */
    u32 faw_next;
    u64 refresh_at; /* the next, absolute */
    u64 refreshes;
};

/* The part's distances between commands, in every lane; rrd, ccd and the
 * second index of turn: to other groups, within one. pre, data and the first
 * index of turn: after RD, after WR. */
struct dram_distances {
    struct dram_lanes rp, ras, rcd, rrd[2], ccd[2];
    struct dram_lanes turn[2][2]; /* to the other kind of column */
    struct dram_lanes pre[2];
    u16 data[2]; /* to the end of the last beat */
};

/* A line access in a queue. */
struct dram_request {
    u64 line; /* address >> 6 */
    u64 accepted;
    u32 row;
    u8 bank;    /* group * banks + bank */
    u8 touched; /* enum served once its first command went out */
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
 * it has left, and goes before all who wait. */
#define DRAM_LOW_WAITS 0x8000
#define DRAM_NOBODY    0xffff

struct dram_queue {
    u32 waiting;     /* those whose row was not opened for them */
    u32 banks, hits; /* banks with any; with one that hits */
    u32 owned;       /* banks whose row was opened for one that waits yet */
    u32 next;        /* the place of the next to come */
    u64 used;
    u64 of[DRAM_BANKS], hit[DRAM_BANKS]; /* the bank's; those that hit */
    struct dram_lanes low[DRAM_KINDS];
    u16 after[DRAM_KINDS][DRAM_BANKS];  /* once the bank's column is sent */
    _Alignas(64) u16 rows[DRAM_PLACES]; /* lower half of each one's */
    u32 wide;                           /* upper halves of any ever */
    u16 lows[DRAM_PLACES + 1];          /* order << 5 | bank; and nobody's */
    struct dram_request r[DRAM_PLACES];
};

/* While hardly anybody asks (dram_calm.c): what has been answered, and the
 * lanes were not told yet. Clocks are absolute. */
#define DRAM_LOG 8
struct dram_calm_access {
    u64 act, col; /* clocks of its ACT and of RD or WR */
    u32 bank;
    u8 first; /* enum dram_command that it needed first; RD: it hit */
    bool write;
};

struct dram_calm {
    /* Nobody waits, and all times but `row_at` are past for a read from then
     * on; but for what `wrote` says, for a write as well. DRAM_NEVER: not so */
    u64 from, ready;
    u32 most_read, most; /* no RD, no command moves times but row_at by more */
    /* The part as the common read wants it: dram_place_of in shifts; clocks,
     * rtp with `more` if RD's row had to be opened, `end` to the last beat. */
    u32 line_shift, row_shift, bank_mask;
    u32 rp, rcd, rtp, more, end;
    u8 bank_of[DRAM_BANKS];
    u32 logged; /* since the lanes were told; the last few: */
    struct dram_calm_access log[DRAM_LOG];
    u64 wrote, wrote_to[DRAM_GROUPS]; /* the last WR; of each group */
    /* One write that waits, and is done at post.col if nobody comes. */
    bool posted, counted; /* counted: its first command, as told */
    struct dram_calm_access post;
    u64 post_pa, post_at;
    u32 post_row;
    /* A read was answered over it; what to undo if more is asked before it is
     * done. */
    bool paired;
    struct dram_calm_undo {
        u64 pa, now, end, clock;
        u32 open, bank, row, post_row;
        u16 row_at;
        u8 first;
    } undo;
};
#define DRAM_NEVER (~0ull)

struct dram {
    const struct dram_part *part;
    const struct dram_run *run; /* dram_run.c as the host can have it */
    u64 clock;                  /* first clock free on the command bus */
    u64 quiet;  /* nothing can be issued or is due before this: a lower
                 * bound, derived, not state */
    u64 others; /* like quiet, for all but the bank `alone`: if later, that
                 * bank's next command goes at `quiet` */
    u32 alone;
    /* The clock after the last data beat of the last read that the controller
     * answered, and where that was; of the last write. Answered without DRAM:
     * the next clock, as a read's. */
    u64 read_end, write_end;
    enum served read_where;
    bool writing;  /* whose turn it is */
    u32 order;     /* of the next request */
    u32 bank_bits; /* of a bank within its group */
    struct dram_rank rank;
    struct dram_distances after;
    union {
        struct dram_queue queue[2];
        struct {
            struct dram_queue reads, writes;
        };
    };
    struct dram_stats stats; /* rows: see `first` */
    /* requests by the first command that they needed */
    u64 first[DRAM_RD + 1][DRAM_BANKS]; /* RD: or WR */
    struct dram_calm calm;
    u8 lines[DRAM_SIEVE]; /* a sieve of the lines of the writes */
};

/* dram_run.c, compiled for hosts without AVX2 and, by banks of the part, for
 * those with it and for those with AVX-512. */
struct dram_run {
    bool (*accept)(struct dram *d, bool write, u64 pa, u64 clock);
    u64 (*room)(struct dram *d, bool write, u64 clock);
    void (*advance)(struct dram *d, u64 now);
    u64 (*read)(struct dram *d, u64 pa, u64 now, enum served *where);
    u64 (*write)(struct dram *d, u64 pa, u64 now);
    /* A request that was saved, oldest first; `owner`: its row is open. */
    void (*restore)(struct dram *d, bool write, const struct dram_request *r,
                    bool owner);
    void (*settle)(struct dram *d); /* tells the lanes what is logged */
    void (*post)(struct dram *d, u64 pa, u64 now); /* a write into the queue */
};
extern const struct dram_run dram_run_plain, dram_run_avx2_8, dram_run_avx2_16,
    dram_run_avx512_8, dram_run_avx512_16;

/* Queues a read or a write accepted at `clock`, until when dram_advance must
 * have been; false when there is no room. dram_stats tells what it cost once it
 * is done. A read of a line that waits in the write queue is answered from
 * there at once. */
bool dram_accept(struct dram *d, bool write, u64 pa, u64 clock);
/* The clock, `clock` or later, at which that queue has room. */
u64 dram_room(struct dram *d, bool write, u64 clock);
/* Until nobody waits: the clock after the last data beat of all that was
 * accepted (dram_read says its own). */
u64 dram_drain(struct dram *d);
/* Before anything but dram_read and dram_write looks at the queues or the rank:
 * what was answered without them is in them. */
void dram_calm_over(struct dram *d);
/* Where a line is. */
struct dram_place {
    u64 line;
    u32 row, bank;
};

/* Address mapping from the low end: line offset, column, bank group, bank,
 * row (one channel, one rank). */
static inline struct dram_place dram_place_of(const struct dram *d, u64 pa)
{
    const struct dram_calm *c = &d->calm;
    u64 x = pa >> c->line_shift;

    return (struct dram_place){.line = pa >> LINE_SHIFT,
                               .row = (u32)(x >> c->row_shift),
                               .bank = c->bank_of[x & c->bank_mask]};
}

/* The oldest of a set of requests, nobody's place if it is empty. */
static inline u32 dram_oldest(u64 set)
{
#ifdef __BMI__
    return (u32)__builtin_ia32_tzcnt_u64(set); /* compilers branch else */
#else
    return set ? (u32)__builtin_ctzll(set) : DRAM_NO_SLOT;
#endif
}
/* Requests that have not issued their column command. */
static inline unsigned dram_pending(const struct dram_queue *q)
{
    return (unsigned)__builtin_popcountll(q->used);
}

/* dram_bank.c */
void dram_rank_init(struct dram *d);
/* All refreshes due up to and including `until`, no command being wanted
 * before them. Closes all banks. */
void dram_refresh(struct dram *d, u64 until);
/* dram_state.c: both queues empty. */
void dram_queues_init(struct dram *d);

#endif
