/* SPDX-License-Identifier: MIT */
/* The engine and the structures in it. In emu/ only this folder includes it.
 *
 * Time inside a block: entering a block takes its whole static cost from the
 * budget at once. An instruction that needs the time, or leaves the block,
 * computes the time from `at`, the static cycles from the block's entry to the
 * start of that instruction:
 *
 *     now = slice_end - (cycles left in the budget + block's cost - at)
 */
#pragma once

#include "engine/block.h"
#include "engine/handlers.h"
#include "engine/engine.h"
#include "hart/fp.h"
#include "mmu/mmu.h"

/* ---- the host TLB (host_tlb.c) ---- */

/* A data page. The tags `load` and `store` are the page's va, or ~0. A probe
 * clears the in-page bits of va, except those that alignment makes 0, and
 * compares it with a tag: a misaligned access misses. An entry guarantees that
 * the modelled D-TLB holds the page (if translated), that context and PMP allow
 * loads (stores) there, and that the page was used in this epoch. */
struct host_page {
    u64 load, store;
    u64 host;                      /* host address - va */
    union {                        /* of the frame */
        struct frame_lines *lines; /* cycle timing */
        const u64 *code;           /* fast timing: stores look for code */
    };
};
#define HOST_PAGES 4096
/* Cycle timing, whose modelled TLBs are small, uses only this number of
 * entries, which fit the host's L1 cache. */
#define HOST_PAGES_TIMED       256
#define HOST_PAGES_USED(timed) ((timed) ? HOST_PAGES_TIMED : HOST_PAGES)
struct host_table {
    struct host_page e[HOST_PAGES];
    u64 live[HOST_PAGES / 64]; /* a bit for each entry that may be valid */
    u64 some;                  /* a bit for each word of live that is not 0 */
    bool ready;
} __attribute__((aligned(64)));
static_assert(HOST_PAGES / 64 <= 64, "host_table.some has a bit each");

/* A code page and a jump target; both are tagged with the fetch context. */
struct code_entry {
    u64 page, ctx, pa;
};
struct jump_target {
    u64 va, ctx;
    struct block *block;
    u64 pad;
};
#define CODE_ENTRIES  64
#define JUMP_PAGES    32
#define JUMP_PER_PAGE 64 /* jumps_used has a bit each */

/* ---- contexts (context.c) ---- */

/* Each of these kinds of access has a host TLB table. A translated kind has one
 * for each ASID slot. */
enum { CTX_M, CTX_BARE, CTX_BARE_KINDS };
enum {
    CTX_U,
    CTX_U_MXR,
    CTX_S,
    CTX_S_SUM,
    CTX_S_MXR,
    CTX_S_SUM_MXR,
    CTX_SV39_KINDS
};
#define ASID_SLOTS 4

/* The rules of access under a privilege, satp and mstatus. There is one context
 * for each privilege with and without SUM. It is rebuilt when its satp or
 * mstatus differ from the hart's. */
struct context {
    u64 satp, mstatus; /* for which it was built (context_bits) */
    struct mmu_ctx fetch, data;
    struct tlb_key key[2]; /* of data: [store] */
    struct host_table *table;
    u32 table_bit;
    /* A stretch of RAM (offset, bytes) of known and equal PMP rights. */
    u64 plain, plain_bytes;
    u32 plain_rights; /* its rights: PMP_R, PMP_W */
    u32 data_priv;
    u8 which; /* the low byte of fctx */
    bool fetch_sv39, data_sv39;
    bool unobserved; /* no observer of single accesses or translations */
};

#define CONTEXTS     8
#define CONTEXT_BITS (MSTATUS_SUM | MSTATUS_MXR | MSTATUS_MPRV)

/* The reason for which the executor returned, at an instruction boundary. */
enum exec_end {
    EXEC_ON,    /* continue the run loop */
    EXEC_CAUGHT /* before a caught walk */
};

/* ---- the engine ---- */

#define NO_LINE ~0ull

/* Each group of members is headed by the files that use it. */
struct engine {
    /* hot: exec.c, handlers.c, translated code */
    struct hart *h;
    s64 budget; /* cycles left << 32 | (INSTRET_TOP - instructions run) */
    u64 slice_end;
    struct host_page *host_tlb; /* table of the current data context */
    struct block *b;            /* being executed; else `scratch` */
    const struct rec *r;
    u64 page;          /* virtual page of b */
    u64 fctx;          /* fetch context: generation << 8 | which */
    u64 jump_to;       /* target of translated code's indirect jump */
    u64 misaligned;    /* bits that must be 0 in a target: 2, or 0 */
    enum exec_end end; /* of the executor's last return */
    struct memtime_quick quick;
    sums4 acc, branch_acc;
    struct fpstate fs;
    struct branch_outcome conditional[2][4]; /* by [taken][counter] */
    u32 counter_next[2]; /* by [taken]: each counter's next value, a byte */
    struct branch_outcome indirect[2]; /* by [mispredicted] */
    struct branch_predictor predictor;
    struct jump_target *jumps;
    u64 jumps_used[JUMP_PAGES]; /* a bit for each target of a page */

    /* other folders, and the machine's callbacks: engine.c */
    struct mmu *mmu;
    struct mmu_port walk_port; /* for the MMU's walker: walk_port.c */
    struct memtime *mem;
    const struct cpu_profile *cpu;
    struct engine_port port;
    u64 frames;
    bool timed;

    /* saved beside the hart's state: run.c, fetch.c, block_unwind.c */
    struct scoreboard sb; /* before the next instruction */
    u32 waited;           /* cycles of its interlock already paid */
    bool fetched;         /* the next instruction is fetched and paid */
    u32 fetched_raw;
    bool half; /* only its first two bytes are fetched: they end a page */
    u32 half_raw;
    u64 split_pa; /* pa of a split access's first half; or NO_LINE */
#define SPLIT_UNCACHED (1ull << 63)
    u64 fetch_line; /* pa >> 6 of the last fetched line, or NO_LINE */
    struct cycles_by by;
    /* corrections of the counts in acc (engine_drain) */
    u64 l1d_more, l1i_more, dtlb_more, itlb_more;
    u64 drained_at; /* hart.cycle at the last engine_drain */

    /* running: run.c */
    u64 slice_instret; /* hart.instret when the budget was set */
    u64 deadline;
    u64 resume_pc;  /* hart.pc after the last run or load of a state */
    bool asked;     /* atomic */
    u64 watch_line; /* pa >> 6 of engine_watch_line, or NO_LINE */
    bool leave;     /* the executor must return */
    bool no_check;  /* stepped walk: no checks before the next instruction */
    bool watch_hit;
    u64 traps; /* taken so far: saved, but not in the hash */
    struct engine_first first;
    bool trapped;       /* a trap was taken since the run loop checked */
    bool context_dirty; /* context_update must be called */
    bool check_lines;   /* resume() must call engine_lines_agree (SAN=1) */

    /* contexts: context.c, host_tlb.c */
    struct context *ctx; /* the current one of contexts[] */
    struct context contexts[CONTEXTS];
    u32 contexts_valid; /* a bit each */
    u32 generation;
    u16 asid[ASID_SLOTS];
    u8 asid_used, asid_next;
    u64 epoch_cycles, epoch_end;
    u64 *last_use;
    u8 *written; /* a byte for each frame: engine_written */
    u64 epoch;   /* 1 + number of the current epoch */
    /* bare[CTX_..]; sv39[slot][CTX_..]; none: a table that stays empty */
    struct host_table *bare, *sv39, *none;
    /* a bit for each table that may have entries: sv39[], then bare[] */
    u32 tables_used;
    struct pmp_region pmp; /* of the last query; empty: none to reuse */
    struct code_entry code[CODE_ENTRIES];

    /* blocks: block.c, translator.c */
    struct block **hash, **pages;
    struct trap_refund trap_refunds[TRAP_REFUNDS];
    u8 *arena;
    size_t arena_used, arena_bytes;
    struct translator *translator; /* NULL: everything is interpreted */
    struct block *unbound;         /* dead block: target of unbound edges */
    struct block *far;     /* dead block: target of edges to other pages */
    struct block *scratch; /* one instruction, for single steps */
    struct scoreboard scratch_before, scratch_after;
    u32 scratch_waited, scratch_raw;
    u64 scratch_line; /* line of its last byte */

    /* debugging: engine.c, run.c, data_access.c */
    u64 *breakpoint_va;
    size_t nbreakpoints;
    u64 breakpoint_offsets[2048 / 64]; /* a bit by in-page offset / 2 */
    u64 breakpoint_passed;             /* the next run ignores it; or ~0 */
    struct engine_watched watched;
    struct engine_watch *watch;
    size_t nwatch;
    struct { /* engine_watch_memory; frames: span of the watched ranges */
        struct engine_watch *watch;
        size_t n;
        u64 frame, frames;
    } memory;
    bool memory_hit; /* a hit by DMA, the walker, engine_ram_written */
    bool fetch_hit;  /* a watched fetch whose instruction is not yet executed */
    bool memory_by_hart;
    bool catch_traps;
    bool stale_hit;
    void (*commit)(void *, const struct engine_commit *);
    void *commit_opaque;
    void (*on_trap)(void *, u64 cause, u64 tval);
    void *trap_opaque;
    /* observe.c */
    void (*touch)(void *, u64 va, enum access access, bool faults);
    void *touch_opaque;
    struct host_page *touched; /* the entry of a program's page, or NULL */
    struct code_entry *touched_code; /* the page last fetched, or NULL */
    u64 *probes, nprobes, probes_mask, probe_delta;
    void (*probe)(void *, u64 pc);
    void *probe_opaque;
    struct engine_commit log; /* of the instruction in progress */

    struct engine_host_stats stats;
};

/* Empties the pipeline. */
static inline void pipeline_reset(struct engine *e)
{
    memset(&e->sb, 0, sizeof(e->sb));
    e->waited = 0;
    e->fetched = e->half = false;
    e->fetched_raw = e->half_raw = 0;
    e->split_pa = e->fetch_line = NO_LINE;
}

#define INSTRET_TOP (1u << 31)
#define SLICE_MAX   (1u << 28) /* cycles: no half of the budget overflows */

static inline bool ram_holds(const struct engine *e, u64 pa, u64 n)
{
    u64 off = pa - e->port.ram_base;
    return off < e->port.ram_bytes && n <= e->port.ram_bytes - off;
}
static inline u64 frame_of(const struct engine *e, u64 pa)
{
    return (pa - e->port.ram_base) >> PAGE_SHIFT;
}
static inline void stamp_use(struct engine *e, u64 pa)
{
    e->last_use[frame_of(e, pa)] = e->epoch;
}
static inline void stamp_written(struct engine *e, u64 pa)
{
    e->written[frame_of(e, pa)] = 1;
}
/* True if engine_watch_memory watches the access. */
bool memory_watch_covers(const struct engine *e, u64 pa, u64 n,
                         enum access access);
static inline bool memory_watched(const struct engine *e, u64 pa, u64 n,
                                  enum access access)
{
    return unlikely(e->memory.n) && memory_watch_covers(e, pa, n, access);
}
/* True if engine_watch_memory watches loads or stores in the frame. */
static inline bool frame_watched(const struct engine *e, u64 frame)
{
    u64 pa = e->port.ram_base + (frame << PAGE_SHIFT);
    return frame - e->memory.frame < e->memory.frames &&
           (memory_watch_covers(e, pa, PAGE_BYTES, ACC_LOAD) ||
            memory_watch_covers(e, pa, PAGE_BYTES, ACC_STORE));
}

static inline void charge(struct engine *e, u64 *cause, u64 cycles)
{
    e->h->cycle += cycles;
    *cause += cycles;
}
