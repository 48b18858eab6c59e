/* SPDX-License-Identifier: MIT */
/* The cost of everything: how long an action that starts now takes, in core
 * cycles. This folder knows no device and no kernel.
 *
 *   pipe.c     issue, latencies, interlocks: static, summed when decoding
 *   branch.c   branch prediction
 *   cache.c    one cache: its tags
 *   dram.c     undelayed reads; dram_bank.c the device; dram_serial.c the rest
 *   memtime.c  the hierarchy: L1I, L1D, L2, DRAM; a hit is one test of a bitmap
 *   disk.c     a disk's queue; disk_heads.c seek, rotation; disk_flash.c
 *   profile.c  the named cores; dram_parts.c DRAM parts; disk_kinds.c disks
 *
 * State that is computed when it is needed is a function of time: advancing to
 * t1 and then to t2 equals advancing to t2, and looking changes nothing. */
#pragma once

#include "base/base.h"
#include "base/state.h"
#include "isa/isa.h"
#include "mmu/mmu.h" /* enum served, mmu_config */

/* ---- pipeline --------------------------------------------------------- */

/* The rules of scheduling do not depend on how code is cut into blocks:
 * - an instruction issues one cycle after its predecessor, but not before
 *   the registers it reads are ready: this wait is its interlock;
 * - results are ready latency[class] cycles after issue;
 * - cache misses and other penalties freeze everything, also pending results;
 * - after an instruction for which isa_ends_block() is true, the scoreboard is
 *   empty (its own result is ready immediately, and short latencies pass
 *   during the jump). So a straight run has a static cost. */
/* - pipe_issue's *occupies includes csr_flush for fence.i, sfence.vma,
 *   sfence.inval.ir, mret, sret and an instruction that writes a CSR (csrrw
 *   always, csrrs/c unless rs1 is x0); so the engine does not add it;
 * - an instruction that reads a CSR into a register takes latency[IC_CSR] at
 *   least, since the scoreboard is empty after it;
 * - at most SCOREBOARD_MAX results are pending: the next waits;
 * - the FP divider (also square root) is not pipelined: pseudo register 64;
 *   an integer divide holds the pipeline (its occupancy plus pipe_divide());
 * - two writes of one register stay in order: the younger waits;
 * - late_alu (u74): ALU operations, branches and store data do not wait for a
 *   source that is up to late_alu cycles away. Such an ALU operation executes
 *   late, and its result is late_alu cycles later for all but these three;
 * - issue_width 2: an instruction may join the one before it, and then has
 *   *occupies 0. It joins if its sources were ready in the first one's cycle,
 *   the first is no control transfer, and not both need the memory, the
 *   multiplier or the FP pipe. AMO, divide, CSR access, fence and system
 *   instruction never join, and nothing joins an AMO. */
/* - a store stays in the store pipeline for two cycles after its own, and then
 *   until a cycle in which no load issues (it commits "on cycles where the data
 *   memory system is otherwise idle"). A load that overlaps such a store starts
 *   `store_hit` cycles later. The decoder finds the overlap by the same base
 *   register r, also after addi r, r, n. It finds no store through another
 *   register or before a transfer: that would cost every load a comparison. */
enum div_rule { DIV_FIXED, DIV_WORD_LONGER, DIV_QUOTIENT_BITS };
struct pipe_model {
    u8 latency[IC_COUNT];   /* cycles from issue to the result's use */
    u8 occupancy[IC_COUNT]; /* cycles until the next may issue, >= 1 */
    u8 div_min, div_max;    /* bounds of an integer divide's cycles */
    u8 div_rule;            /* enum div_rule: chooses between these bounds */
    u8 mispredict;          /* cycles lost on a mispredicted branch */
    u8 csr_flush;           /* after a CSR write, fence.i, sfence.vma, xRET */
    u8 trap_entry;          /* cycles to redirect into a trap handler */
    u8 issue_width;         /* 1 or 2 */
    u8 taken_bubble;        /* cycles lost on a predicted taken branch */
    u8 late_alu;            /* stages between early and late ALU, or 0 */
    u8 store_hit; /* cycles that a load of uncommitted stored bytes loses */
};

/* The results not yet ready, relative to the next issue slot; saved with the
 * hart. A decoded block can be entered only while the scoreboard is empty. */
#define SCOREBOARD_MAX 8
#define STORES_MAX     2
struct pending_store {
    u8 base, bytes; /* register, bytes written */
    u8 left;        /* issue slots until it commits; 0: no store here */
    u8 unused;
    s32 offset;
};
struct scoreboard {
    struct pending_store store[STORES_MAX];
    u8 count;
    u8 open; /* dual issue: 1 + class of the last instruction, if the next may
              * join it; else 0 */
    u8 reg[SCOREBOARD_MAX];  /* 0..31 x, 32..63 f, 64 FP divider */
    u8 left[SCOREBOARD_MAX]; /* cycles until ready (0: it has just become so;
                              * kept only for dual issue) */
};
static inline bool scoreboard_empty(const struct scoreboard *sb)
{
    return !sb->count && !sb->open && !sb->store[0].left;
}

/* Returns the cycles that `in` waits before it starts (interlock), given sb.
 * Makes sb the scoreboard after its issue. *occupies: the cycles of its issue
 * (>= 1 on a single-issue pipeline). */
unsigned pipe_issue(const struct pipe_model *p, struct scoreboard *sb,
                    const struct insn *in, unsigned *occupies);

/* Returns the cycles of an integer divide beyond its occupancy. */
unsigned pipe_divide(const struct pipe_model *p, u64 dividend, u64 divisor,
                     bool is_signed, bool is_word);

/* ---- branch prediction ------------------------------------------------- */

/* A core's predictors (profile.def). Conditional branches have a table of
 * counters. Its index is the address of the fetched word, with the last
 * `history` outcomes hashed and xored into its uppermost `history_bits`. A
 * counter of one bit holds the last outcome; a counter of two bits changes its
 * prediction after two equal outcomes. */
struct branch_model {
    u16 counters; /* a power of two */
    u8 counter_bits;
    u8 first_bit;   /* lowest address bit in the index: 1 or 2 */
    u8 fetch_bytes; /* branches in one word of this size share a counter */
    u8 history, history_bits; /* 0: no history */
    u8 targets; /* entries of the target buffer, for indirect jumps */
    u8 returns; /* entries of the return stack */
};

#define BHT_MAX     8192 /* counters << (first_bit - 1) */
#define BTB_MAX     32
#define RAS_MAX     16
#define HISTORY_MAX 8
/* Counters are kept times 8: they shift words with a byte for each value. */
#define BRANCH_STEP 8
struct branch_predictor {
    /* derived from the model */
    u32 pc_bits; /* bits of pc / 2 that index the table */
    u32 slots, targets, returns;
    /* a history's part of the index; 32 bits wide, for the host's sake */
    u32 fold[1 << HISTORY_MAX];
    u8 way[64]; /* derived: probable place in the target buffer, by pc */

    u8 history;      /* the last outcomes, the youngest in the lowest bit */
    u8 bht[BHT_MAX]; /* counters, each times BRANCH_STEP */
    u64 btb_pc[BTB_MAX], btb_target[BTB_MAX]; /* 0: empty */
    u32 btb_next;                             /* the next victim */
    u64 ras[RAS_MAX];
    u32 ras_top;
    u64 branches, mispredicts;
};
/* Sets the state after reset: all counters predict not taken. */
void branch_init(struct branch_predictor *b, const struct branch_model *m);
/* Learns the target of an indirect jump; true: the prediction was wrong. */
bool branch_target(struct branch_predictor *b, u64 pc, u64 target, bool is_call,
                   bool is_return, u64 return_to);
/* b must have been initialised. */
void branch_state(struct branch_predictor *b, const struct branch_model *m,
                  struct state *s);

/* ---- DRAM --------------------------------------------------------------- */

struct dram_part {
    const char *name;
    double tck_ns;
    u32 mhz; /* of the DRAM clock; tck_ns is its rounded period */
    u8 cl, cwl, rcd, rp, ras, rc, faw, rrd_s, rrd_l, ccd_s, ccd_l, wr, wtr_s,
        wtr_l, rtp, burst; /* clocks; burst is the line's data beats / 2 */
    u16 rfc, refi;
    u8 column_bits, bank_groups, banks; /* banks: per group */
};
struct dram;
const struct dram_part *dram_part_find(const char *name); /* NULL: unknown */
struct dram *dram_new(const struct dram_part *part);
void dram_free(struct dram *d);
void dram_state(struct dram *d, struct state *s);
/* These access a line at DRAM clock `now`, which is not before the clock that
 * the previous call returned. dram_read returns the clock after the last data
 * beat. Writes are posted: dram_write returns the clock at which the queue has
 * accepted the write. */
u64 dram_read(struct dram *d, u64 pa, u64 now, enum served *where);
u64 dram_write(struct dram *d, u64 pa, u64 now);
/* Brings refresh and the write queue up to clock `now`. It is never necessary,
 * but useful for a copy whose banks will be inspected. */
void dram_advance(struct dram *d, u64 now);
struct dram_stats {
    u64 reads, writes, row_hits, row_closed, row_conflicts, refreshes;
    u64 read_latency_clocks;
};
struct dram_stats dram_stats(const struct dram *d);
struct dram_bank_view {
    bool open;
    u32 row;
    u64 hits, misses, conflicts; /* the open row was: this, none, another */
};
unsigned dram_banks(const struct dram *d, struct dram_bank_view *out,
                    unsigned max);

/* ---- caches and the hierarchy ------------------------------------------- */

/* bytes 0: the cache is missing (without an L1 every access hits, in no time).
 * A program's access that hits L1 has only its static cost, so l1i.hit_cycles
 * is unused and l1d.hit_cycles is the walker's cost of a PTE in L1D.
 * l2.hit_cycles is the cost of an L1 miss that the L2 serves. Caches write back
 * and allocate on writes. The L2 neither includes nor excludes the L1s. */
struct cache_config {
    u32 bytes, ways;
    u32 hit_cycles;
    bool random; /* random replacement; false: FIFO */
};
struct cache_stats {
    u64 accesses, misses, writebacks;
};

struct memtime_config {
    struct cache_config l1i, l1d, l2; /* l2.bytes may be 0 */
    u32 posts; /* stores that may wait for their lines while the hart goes on;
                * 0: the hart waits for each */
    u32 dram_base_cycles; /* core cycles from the L2 to the controller and
                           * back, besides DRAM's own time */
    const struct dram_part *dram;
    u64 clock_hz;
    u64 ram_base, ram_bytes;
};

/* The 64 lines of one RAM frame, a bit each. The struct fills one line of the
 * host's cache, because a miss reads and writes most of it. A set bit
 * guarantees that a load (rd_ok) or store (wr_ok) of that line costs nothing
 * beyond its static cost and needs no bookkeeping: the line is in L1D, and for
 * stores already dirty there and without decoded code. Without an L1 no line
 * costs anything, but a frame's bits are set only at its first use, so that all
 * words begin as untouched zeros, however large RAM is. Fast timing does not
 * read these words. The engine tests the first three inline; the others belong
 * to memtime. */
struct frame_lines {
    u64 rd_ok, wr_ok;
    u64 fetch_ok; /* the line is in L1I, so a fetch costs nothing more */
    u64 dirty;    /* in L1D; wr_ok has these except lines with code */
    u64 in_l2, l2_dirty;
    u64 never; /* dirty lines of L1I: always 0 */
    u64 code;  /* memtime.code of the frame, in cycle timing */
};
static_assert(sizeof(struct frame_lines) == LINE_BYTES, "one line of the host");

struct memtime {
    struct frame_lines *lines; /* [frames] */
    u64 *code; /* lines with decoded blocks, or watched: the engine sets them */
    u64 frames;
    u64 busy_until; /* cycle at which the last posted store gets its line; 0: no
                     * miss must wait for a posted store */
    bool busy_memory; /* that line comes from memory, not from the L2 */
    bool timed;       /* false: fast timing, which bypasses `impl` */
    struct memtime_impl *impl;
};

void memtime_init(struct memtime *t, const struct memtime_config *c);
void memtime_free(struct memtime *t);
void memtime_state(struct memtime *t, struct state *s);
/* Switches timing, and empties the caches (dirty lines cost nothing). */
void memtime_set_timed(struct memtime *t, bool timed);

enum mem_kind { MEM_FETCH, MEM_LOAD, MEM_STORE, MEM_WALK, MEM_WALK_UPDATE };

/* Performs a line access that the bitmaps do not cover, at core cycle `now`,
 * and updates caches and bitmaps; call it only if timed. Returns the number of
 * cycles for which the pipeline freezes. *dram gets the part spent below the
 * L2; the caches cost the rest. pa is any address in the line, in RAM. */
u32 memtime_access(struct memtime *t, enum mem_kind kind, u64 pa, u64 now,
                   enum served *where, u32 *dram);
/* As memtime_access, for a load or store: by far the most frequent calls. Lines
 * are numbered from the start of RAM. This counts the miss but no access, and
 * returns no `where`. */
struct memtime_cost {
    u32 caches, dram;
};
struct memtime_cost memtime_data(struct memtime *t, u64 line, bool write,
                                 u64 now);
/* Performs a store for which the hart need not wait: a miss is posted
 * (memtime_config.posts) and costs only the wait for a place. */
#define POSTS_MAX 16
struct memtime_cost memtime_store(struct memtime *t, u64 line, u64 now);
/* Waits until all posted stores are done. This function and memtime_store
 * charge a wait to the source of the awaited line, the L2 or memory. */
struct memtime_cost memtime_drain(struct memtime *t, u64 now);
/* The data of time/core/quick.h, embedded in the engine: pointers, and counts
 * that are not yet in the totals. */
struct memtime_quick {
    struct frame_lines *lines;
    struct cache_set *set; /* of L1D */
    u32 mask;              /* set of a line: line & mask */
    u32 cycles;            /* cost of a miss that the L2 serves */
    u32 walk;              /* cost of the walker's read of L1D */
    bool posts;            /* a store that misses is posted */
    const u64 *busy_until; /* in struct memtime */
    u64 misses, writebacks;
    u8 next[64]; /* the way after each way */
};
void memtime_quick_init(const struct memtime *t, struct memtime_quick *q);
/* Adds q's counts to the totals; returns their cost, all spent in caches. */
u64 memtime_count_quick(struct memtime *t, struct memtime_quick *q);
/* Accesses an uncached page, once all posted stores are done, by a read or a
 * posted write. It bypasses all caches and leaves their contents (aliases are
 * software's responsibility). It costs this wait and DRAM's; 0 without L1D. */
u32 memtime_uncached(struct memtime *t, bool write, u64 pa, u64 now);
/* True if the line is in L1I: a fetch costs no more than its static cost. */
bool memtime_icached(const struct memtime *t, u64 pa);
/* Call when a device writes or reads memory (coherent DMA); it costs the hart
 * nothing. A write drops the lines from all caches; a read changes nothing. A
 * range that begins in RAM is cut at RAM's end; others are ignored. */
void memtime_dma(struct memtime *t, u64 pa, u64 bytes, bool write);
/* Waits until all posted stores are done, then performs cbo.clean (with `drop`
 * cbo.flush or cbo.inval) on the line at pa. A dirty copy is posted to memory,
 * which costs cycles if the queue is full. L1I keeps its copy. */
u32 memtime_block(struct memtime *t, u64 pa, u64 now, bool drop);
/* Sets wr_ok for dirty lines not in `code`. Call it after code[frame] changed.
 * (memtime_set_timed and a load clear what is derived, and derive it again.) */
void memtime_code_changed(struct memtime *t, u64 frame);
/* True if what is derived from `code` agrees with it, for each frame. */
bool memtime_knows_code(const struct memtime *t);

struct memtime_stats {
    struct cache_stats l1i, l1d, l2;
    struct dram_stats dram;
};
struct memtime_stats memtime_stats(const struct memtime *t);
/* Adds the accesses that the bitmaps served, and the engine's calls of
 * memtime_data and memtime_store: only memtime_access counts its own. */
void memtime_count_hits(struct memtime *t, u64 l1d_hits, u64 l1i_hits);
struct dram *memtime_dram(struct memtime *t);

/* ---- disk --------------------------------------------------------------- */

struct disk_model;
const char *disk_model_default(void);
/* NAME[,nobuffer][,queue=fifo|clook|ncq][,phase=DEGREES]; NULL: invalid. */
struct disk_model *disk_model_new(const char *name, u64 sectors, u64 clock_hz);
/* Writes the canonical name, without options that are the kind's default. */
void disk_model_name(const struct disk_model *d, char *name, size_t n);
void disk_model_free(struct disk_model *d);
/* Returns the size of the disk's volatile write cache, in bytes. */
u64 disk_model_cache(const struct disk_model *d);
void disk_model_state(struct disk_model *d, struct state *s);

/* For DISK_ZERO the disk itself writes zeros; for DISK_ZERO_UNMAP it may
 * deallocate the sectors instead. A disk with platters cannot deallocate: it
 * only acknowledges DISK_DISCARD, and for DISK_ZERO_UNMAP writes zeros.
 * DISK_NOTHING moves no sector; it is done when all earlier requests are. */
enum disk_op {
    DISK_READ,
    DISK_WRITE,
    DISK_DISCARD,
    DISK_NOTHING,
    DISK_ZERO,
    DISK_ZERO_UNMAP
};
#define DISK_QUEUE_MAX 1024
/* Presents a request at core cycle `now`, which does not decrease from call to
 * call; `tag` is the caller's name for it. At most DISK_QUEUE_MAX requests may
 * be in progress. A request is done at `now` + 1 at the earliest. */
void disk_submit(struct disk_model *d, u64 now, u64 tag, enum disk_op op,
                 u64 sector, u32 sectors);
/* Returns the next request that is done by `now`, in the order of completion,
 * which need not be the order of presentation. False: none. */
bool disk_done(struct disk_model *d, u64 now, u64 *tag);
/* Returns the cycle at which to call disk_done next; ~0: no request is in
 * progress. Results do not depend on when disk_done is called. */
u64 disk_next(const struct disk_model *d);
/* Cancels all requests. The heads complete their present movement. */
void disk_cancel(struct disk_model *d);
/* Lists the oldest requests in progress, with the cycles at which they will be
 * done if no other request comes. Changes nothing. */
struct disk_outlook {
    u64 tag, done_at;
    bool waits; /* not in service yet */
};
unsigned disk_outlook(const struct disk_model *d, struct disk_outlook *out,
                      unsigned max);
struct disk_stats { /* of done requests; busy: a request is in progress */
    u64 reads, writes, read_bytes, write_bytes;
    u64 seek_cycles, busy_cycles; /* including those of cancelled requests */
    u64 head_sector;
    u64 discards, discard_bytes;
};
struct disk_stats disk_stats(const struct disk_model *d);

/* ---- profiles ----------------------------------------------------------- */

struct cpu_profile {
    const char *name, *origin;
    const char *isa, *isa_origin; /* NULL: the default machine's */
    u64 clock_hz;
    struct pipe_model pipe;
    struct branch_model branch;
    struct cache_config l1i, l1d, l2;
    struct mmu_config mmu;
    u32 dram_base_cycles, posts;
};
const struct cpu_profile *cpu_profile_find(const char *name);
/* Returns the profile's memtime_config with this DRAM and RAM. clock_hz 0: the
 * profile's clock. */
struct memtime_config cpu_profile_memory(const struct cpu_profile *p,
                                         const struct dram_part *dram,
                                         u64 clock_hz, u64 ram_base,
                                         u64 ram_bytes);
/* These print the texts of `--cpu list`, `--dram list`, `--disk-model list`. */
void cpu_profile_list(void);
void dram_part_list(void);
void disk_model_list(void);
