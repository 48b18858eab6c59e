/* SPDX-License-Identifier: MIT */
/* Decoded blocks. block.c makes them, the executor runs them. A block's memory:
 *
 *   side exits | header | lead | record 0..n-1 | end record | edges | after */
#pragma once

#include "engine/engine.h"
#include "hart/hart.h"

/* One decoded instruction. rd is SINK_X if an x result is discarded. */
struct rec {
    u16 op;          /* enum op, LEAD or END_* (handlers.h) */
    u16 handler;     /* index into handlers_*: op, TRY or TRANSLATED */
    u8 rd, rs1, rs2; /* rd of a branch with a side exit: the exit's number */
    u8 rs3;          /* of a branch: 1 if it has a side exit */
    union {
        s32 imm; /* or an FP rounding mode, or the number of a CSR */
        struct { /* of a conditional branch */
            s16 offset;
            u16 slot; /* branch_slot() */
        };
    };
    u16 at;    /* static cycles from block entry to this record's start */
    u16 pcoff; /* offset in its page; of an end record up to 4096 */
};

struct block;
struct edges { /* 16 bytes on any host */
    struct block *taken __attribute__((aligned(8)));
    struct block *fall __attribute__((aligned(8)));
};

/* A taken branch in the middle of a block leaves it by a side exit, which
 * refunds the prepaid cost of the instructions after the branch. */
struct side_exit {
    struct block *to;
    s64 refund __attribute__((aligned(8))); /* COST(...) */
    u32 sums[4];
};

/* Results for x0 go to hart.pc, which follows f[] and is unused in a block. */
#define SINK_X 64
static_assert(offsetof(struct hart, pc) == SINK_X * sizeof(u64),
              "the sink for x0 is hart.pc");
static_assert(sizeof(struct rec) == 16 && sizeof(struct edges) == 16,
              "edges take the place of a record");
static_assert(offsetof(struct side_exit, sums) == 16 &&
                  sizeof(struct side_exit) == 32,
              "sums are aligned as vectors; a block follows exits");

/* The counts that one whole execution of a block adds to the counters. */
typedef u32 sums4 __attribute__((vector_size(16)));
enum { SUM_ISSUE, SUM_INTERLOCK, SUM_MEM, SUM_LINES };

/* The effect of a control transfer on the clock and the counters. */
struct branch_outcome {
    s64 cost; /* COST(...) */
    sums4 sums;
};
enum { SUM_BRANCHES, SUM_MISPREDICTS, SUM_BRANCH_CYCLES };

/* cycles << 32 | instructions: see struct engine.budget. */
#define COST(cycles, insns) ((s64)(((u64)(cycles) << 32) + (u64)(insns)))
#define DEAD_COST           ((s64)1 << 62) /* 2^30 cycles: above SLICE_MAX */

struct block {
    u64 pa; /* of the first byte */
    struct block *hash_next, *page_next;
    /* the pipeline at the block's end, if END_CUT finds it busy; else NULL */
    const struct scoreboard *after;
    u32 variant; /* index_variant() of its virtual address, and enum width */
    u32 cycles;  /* static cycles; also in `cost` while the block lives */
    u16 n, bytes;
    bool ends; /* isa_ends_block() is true of its last instruction */
    bool wide; /* code after its first side exit needs further lines */
    /* 1: the last two instructions issue in one cycle, so all of `cycles` is
     * spent when the last one starts. The budget must then hold one cycle more:
     * `cost` includes this cycle, and the LEAD record refunds it. */
    u8 lead;
    u8 heat; /* entries left until it is translated */
    /* Host code: `code` enters the block, `body` runs it once entered. If it is
     * not translated, `body` is NULL, `code` stubs.interpreted or NULL. */
    const u8 *code, *body;
    /* From here on: fields read at entry, on the first record's host line. */
    const u64 *fetch_map; /* fetch_ok of the frame */
    u64 lines;            /* a bit for each line of the page that it covers */
    s64 cost;             /* COST(...), or DEAD_COST when dropped */
    s64 least;            /* budget needed to stay inside: COST(lead, 0) */
    sums4 sums;
    struct rec rec[];
};
static_assert(sizeof(void *) < 8 || (offsetof(struct block, fetch_map) == 64 &&
                                     offsetof(struct block, rec) == 112),
              "blocks are aligned to lines of 64 bytes");

/* Returns side exit i, whose branch has i as rd. */
static inline struct side_exit *block_exit(const struct block *b, unsigned i)
{
    return (struct side_exit *)(uintptr_t)b - 1 - i;
}

#define BLOCK_INSNS 64 /* hard limit of a block */
#define BLOCK_SOFT  32 /* from here a block ends at the next line or branch */
#define HASH_BITS   17
#define ARENA_BYTES (64u << 20) /* by default */
#define ARENA_LEAST 4096

/* The refund for a trap in the middle of a block. An instruction that has
 * trapped is likely to trap again, so the last few refunds are cached. */
struct trap_refund {
    const struct block *block; /* NULL: none */
    u64 k;                     /* index of the instruction */
    sums4 sums;
    s64 budget;
};
#define TRAP_REFUNDS 16

/* ---- block.c ---- */

void blocks_init(struct engine *e);
void blocks_free(struct engine *e);
void blocks_flush(struct engine *e);
struct block *block_find(const struct engine *e, u64 pa, u64 va); /* or NULL */
/* Decodes a block from pa on; NULL if the first instruction cannot be in a
 * block (it crosses the page, or a breakpoint or probe may be there). */
struct block *block_make(struct engine *e, u64 pa, u64 va);
/* Returns a block at va, shorter than b, with all its lines in L1I; or NULL. */
struct block *block_narrow(struct engine *e, const struct block *b, u64 va);
/* Drops the blocks that overlap [pa, pa + n), which lies within one page. If
 * the executor is in one of them, it leaves after this instruction. */
void blocks_drop(struct engine *e, u64 pa, u64 n);
/* Call at every change of RAM by the walker, DMA or the monitor (for the last
 * two after memtime_dma), not for the hart's own stores; [pa, pa + n) is within
 * a page. The executor leaves a running block if the change is watched, or if
 * it removed code of the block or one of the block's lines in L1I. */
void blocks_ram_changed(struct engine *e, u64 pa, u64 n);
/* Sets memtime.code of each frame anew, after `catch stale` began or ended. */
void blocks_renew_lines(struct engine *e);
bool insn_accesses(unsigned op); /* true: a load, store, atomic or cbo.* */
/* Fills *r from the instruction at va; the caller sets r->at. */
void rec_fill(const struct engine *e, struct rec *r, const struct insn *in,
              u64 va);
static inline struct rec *block_insns(struct block *b)
{
    return b->rec + b->lead;
}
/* Returns the index of r among b's instructions. */
static inline unsigned block_index(const struct block *b, const struct rec *r)
{
    return (unsigned)(r - b->rec) - b->lead;
}
/* The point of instruction k's execution up to which block_prefix counts. */
enum unwind {
    UNWIND_BEFORE, /* k is fetched and has waited for its operands */
    UNWIND_TRAP,   /* k has issued but does not retire */
    UNWIND_AFTER
};
struct prefix {
    u32 cycles, insns;
    sums4 sums;
    struct scoreboard sb; /* UNWIND_BEFORE: as it was before k */
    u32 waited;           /* UNWIND_BEFORE: k's interlock, already paid */
    u64 line;             /* pa >> 6 of k's last byte; NO_LINE after a branch */
};
struct prefix block_prefix(const struct engine *e, const struct block *b,
                           unsigned k, enum unwind how);
