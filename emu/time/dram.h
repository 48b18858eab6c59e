/* SPDX-License-Identifier: MIT */
/* Inside of the DRAM model, one access at a time: the part, what waits, what is
 * promised. The rest of the machine sees dram_read and dram_write only
 * (time.h). Many at once: dram_crowd.h. */
#ifndef CLOCKHAND_DRAM_H
#define CLOCKHAND_DRAM_H

#include "time/time.h"

#define DRAM_BANKS  16 /* most that a part has */
#define DRAM_GROUPS 4
#define DRAM_QUEUE  32 /* entries of the read and of the write queue */
#define DRAM_PLACES 64 /* of a queue, a bit each */
#define DRAM_NOBODY 0xffff
#define DRAM_SIEVE  2048

/* So many writes waiting go before reads: the queue is about to be full. A
 * drain of writes once begun goes on until so few are left, reads or not:
 * turning the bus round for each would cost more. (One access at a time, it
 * always has begun: no read was there.) */
#define DRAM_DRAIN_HIGH 26
#define DRAM_DRAIN_LOW  6

enum dram_command { DRAM_PRE, DRAM_ACT, DRAM_RD, DRAM_WR };

/* A number for each bank, in one vector register (dram_lanes.h). */
struct dram_lanes {
    _Alignas(32) u16 of[DRAM_BANKS];
};

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

/* The rows of requests in places; comparing lower halves will do as long as no
 * upper half was ever used (same_row). */
struct dram_rows {
    _Alignas(64) u16 low[DRAM_PLACES];
    u32 full[DRAM_PLACES];
    bool wide; /* some had an upper half */
};

static inline void dram_row_put(struct dram_rows *r, u32 place, u32 row)
{
    r->low[place] = (u16)row;
    r->full[place] = row;
    r->wide |= row >> 16 != 0;
}

/* The part's distances between commands. Those with two: to other bank groups,
 * within one; wtr counts from WR. */
struct dram_distances {
    u32 rp, rcd, ras, rtp, faw, rrd[2], ccd[2], wtr[2];
    u32 turn;    /* from RD to WR: two clocks between the data */
    u32 wr_pre;  /* from WR to PRE */
    u32 rd_end;  /* from RD to the last beat of data */
    u32 rd_pre;  /* from an ACT's RD to PRE, RAS being over as well */
    u32 rd_most; /* after an RD nothing of it matters but its bank's PRE */
    u32 wr_most; /* the same of a WR */
};

/* A write whose row is open for it: its column goes at a clock that is known.
 */
struct dram_promise {
    u64 line;
    u16 col, from; /* from: for its own bank it might be */
    u16 pre;       /* the bank's, had it not been promised */
    u8 bank;
    bool hit; /* it counts as waiting until its column goes; else since its
               * ACT it does not */
};
#define DRAM_LINE 64 /* promises remembered: those to come, and some past */

/* Clocks without further notice are counted from `base`, and 0 is long ago. */
#define DRAM_LONG_AGO 128
struct dram {
    const struct dram_part *part;
    const struct dram_run *run; /* dram_serial.c as the host can have it */
    struct dram_map map;
    struct dram_distances after;
    u64 base;  /* absolute */
    u64 clock; /* absolute: all up to it has been */
    u64 calm;  /* absolute: from then on, nobody waiting, nothing past matters
                * but pre_at; ~0: somebody waits */
    u32 due;   /* the next refresh */
    u32 quiet; /* no row is opened before, if nobody comes: derived */

    /* Of each bank: from when on its row, if one is open, may be closed, which
     * is done if somebody waits. From when on one may be opened for the oldest
     * who waits, and his place (DRAM_NOBODY). */
    struct dram_lanes pre_at, act_at, low;
    u32 open, row[DRAM_BANKS]; /* open: a bit each */
    u32 bank_bits;             /* of a bank within its group */
    u32 act_from;              /* the rank: no ACT before */
    u16 faw[4],
        faw_next; /* the last four ACTs, plus tFAW; the oldest's place */
    u16 rd, wr, wr_of[DRAM_GROUPS]; /* the last RD, WR; WR of a group */
    bool bound;   /* the last in line waits for its bank group alone */
    u16 bus[256]; /* clock modulo 256: a column is sent then */

    /* Writes that wait for their rows, in places in the order of acceptance;
     * of each bank a set of them, a bit each. */
    u32 waiting, next; /* next: the place of the next to come */
    u64 of[DRAM_BANKS];
    struct dram_rows rows;
    u8 bank_of[DRAM_PLACES];
    u64 line_of[DRAM_PLACES];

    /* Promises in the order of their columns, and the columns of those that
     * hit; both modulo DRAM_LINE. */
    struct dram_promise line[DRAM_LINE];
    u16 hit_at[DRAM_LINE];
    u32 tail, hits; /* so many have been, ever */

    struct dram_stats stats; /* rows: see `first` */
    /* requests by the first command that they needed; RD: or WR */
    u64 first[DRAM_RD + 1][DRAM_BANKS];
    /* By a hash of the line: how many of those who wait; the lower half of the
     * clock of the last promised one's column, absolute. */
    u8 sieve[DRAM_SIEVE];
    u32 sieve_col[DRAM_SIEVE];
};

static inline u32 dram_sieve(u64 line)
{
    return (u32)(line ^ line >> 11) % DRAM_SIEVE;
}

/* A write waits for its row in a place. */
static inline void dram_wait(struct dram *d, u32 place, u64 line, u32 row,
                             u32 bank)
{
    dram_row_put(&d->rows, place, row);
    d->bank_of[place] = (u8)bank;
    d->line_of[place] = line;
    d->of[bank] |= 1ull << place;
    d->sieve[dram_sieve(line)]++;
    d->waiting++;
}

/* dram_serial.c, compiled for hosts without AVX2 and, by banks of the part, for
 * those with it. */
struct dram_run {
    u64 (*read)(struct dram *d, u64 pa, u64 now, enum served *where);
    u64 (*write)(struct dram *d, u64 pa, u64 now);
    void (*advance)(struct dram *d, u64 now);
};
extern const struct dram_run dram_serial_plain, dram_serial_avx2_8,
    dram_serial_avx2_16;

/* Which of a controller's variants the host and the part can have. */
#ifdef __x86_64__
#define DRAM_FITTING(c, part)                                                  \
    (!dram_host_has_avx2()                     ? &c##_plain                    \
     : (part)->bank_groups * (part)->banks > 8 ? &c##_avx2_16                  \
                                               : &c##_avx2_8)
#else
#define DRAM_FITTING(c, part) (&c##_plain)
#endif
bool dram_host_has_avx2(void); /* and what goes with it; dram_bank.c */

/* The first of a set of places, nobody's if it is empty. */
static inline u32 dram_oldest(u64 set)
{
#ifdef __BMI__
    return (u32)__builtin_ia32_tzcnt_u64(set); /* compilers branch else */
#else
    return set ? (u32)__builtin_ctzll(set) : DRAM_PLACES;
#endif
}

/* A clock as the model has it, 0 if it was long ago. */
static inline u32 dram_clock(const struct dram *d, u64 clock)
{
    s64 t = (s64)(clock - d->base);

    return t > 0 ? (u32)t : 0;
}

/* dram_bank.c */
/* Zeroed, and aligned for lanes. Never NULL; free it. */
void *dram_alloc(size_t bytes);
struct dram_distances dram_distances_of(const struct dram_part *part);
void dram_bank_init(struct dram *d);
/* The refresh that is due, all before it having been; rows are closed. */
void dram_refresh(struct dram *d);
/* The same as often as it is due up to and including `until`, nobody waiting.
 */
void dram_refresh_idle(struct dram *d, u64 until);

/* dram_bank.c: those who wait move to the first places, but for so many. */
void dram_places_pack(struct dram *d, u32 but);

#endif
