/* SPDX-License-Identifier: MIT */
/* The engine's own structures; nobody outside this room includes this.
 *
 * Time inside a block. Entering it takes its whole static cost from the
 * budget at once; an instruction that must know the time (or leave) gets it
 * back from `at`, the static cycles from the block's entry to the start of
 * that instruction:
 *
 *     now = slice_end - (cycles left in the budget + block's cost - at)
 */
#ifndef CLOCKHAND_ENGINE_INTERNAL_H
#define CLOCKHAND_ENGINE_INTERNAL_H

#include "engine/block.h"
#include "engine/engine.h"
#include "hart/fp.h"
#include "mmu/mmu.h"

/* ---- software TLBs (soft.c) ---- */

/* A data page. A tag is the page's va, or ~0; comparing it with the address
 * less its in-page bits above the alignment makes misaligned accesses miss.
 * The entry promises: the modelled D-TLB holds the page, this context may
 * load (store) there, PMP allows it, and the page was used this epoch. */
struct soft {
    u64 load, store;
    u64 host;                      /* host address - va */
    union {                        /* of its frame: */
        struct frame_lines *lines; /* in cycle timing */
        const u64 *code;           /* in fast timing: only stores look */
    };
};
#define SOFT_ENTRIES 4096
/* In cycle timing, where a modelled TLB holds few, only so many are used: the
 * host's first cache holds them. */
#define SOFT_TIMED       256
#define SOFT_USED(timed) ((timed) ? SOFT_TIMED : SOFT_ENTRIES)
#define SOFT_HINTS       4096
struct soft_table {
    struct soft e[SOFT_ENTRIES];
    u64 live[SOFT_ENTRIES / 64]; /* a bit for each that may be valid, */
    u64 some;                    /* and for each word of them that has one */
    bool ready;
} __attribute__((aligned(64)));
static_assert(SOFT_ENTRIES / 64 <= 64, "soft_table.some has a bit each");

/* Who accesses: one table each. Translated kinds exist for each ASID slot. */
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

/* What follows from who the hart is: privilege, satp and the like. One is kept
 * for each privilege with and without SUM, made anew when it fits no more. */
struct context {
    u64 satp, mstatus; /* for these (mstatus: CONTEXT_BITS) */
    struct mmu_ctx fetch, data;
    struct soft_table *table;
    u32 table_bit;
    /* pages of RAM that PMP lets it access alike, as far as known: so */
    u64 plain, plain_bytes;
    u32 plain_rights; /* PMP_R, PMP_W */
    u32 data_priv;
    u8 which; /* of fctx */
    bool fetch_sv39, data_sv39;
};
enum { PMP_R = 1, PMP_W = 2 };

#define CONTEXTS     8
#define CONTEXT_BITS (MSTATUS_SUM | MSTATUS_MXR | MSTATUS_MPRV)
static inline unsigned context_index(const struct hart *h)
{
    return h->priv << 1 | !!(h->mstatus & MSTATUS_SUM);
}
/* MPP counts while MPRV is set. */
static inline u64 context_bits(u64 mstatus)
{
    return mstatus &
           (mstatus & MSTATUS_MPRV ? CONTEXT_BITS | MSTATUS_MPP : CONTEXT_BITS);
}

/* A code page, and a jump target: tagged with the fetch context. */
struct soft_code {
    u64 page, ctx, pa;
};
struct soft_jump {
    u64 va, ctx;
    struct block *block;
    u64 pad;
};
#define SOFT_CODE_ENTRIES 64
#define JUMP_PAGES        32
#define JUMP_PER_PAGE     64
/* A kernel's addresses are mostly a user's with the high bits set. */
static inline u64 code_page(u64 va)
{
    return va >> PAGE_SHIFT ^ va >> 40;
}
static inline unsigned jump_index(u64 va)
{
    return (code_page(va) & (JUMP_PAGES - 1)) * JUMP_PER_PAGE +
           ((va >> 1 ^ va >> 7) & (JUMP_PER_PAGE - 1));
}

/* Without C, IALIGN is 32: a transfer to an address with bit 1 set traps. Such
 * a transfer has a handler of its own, so that others need not ask. */
#define TRANSFERS                                                              \
    MISALIGNED(jal)                                                            \
    MISALIGNED(jalr)                                                           \
    MISALIGNED(beq)                                                            \
    MISALIGNED(bne)                                                            \
    MISALIGNED(blt) MISALIGNED(bge) MISALIGNED(bltu) MISALIGNED(bgeu)

/* Conditional branches behind which a block goes on have pieces of their own:
 * taken, they leave by a side exit. */
#define SIDE_BRANCHES                                                          \
    SIDE(beq) SIDE(bne) SIDE(blt) SIDE(bge) SIDE(bltu) SIDE(bgeu)

/* CSRs that are plain words of the hart need none of what the others do. */
#define PLAIN_CSRS                                                             \
    PLAIN(csrrw)                                                               \
    PLAIN(csrrs) PLAIN(csrrc) PLAIN(csrrwi) PLAIN(csrrsi) PLAIN(csrrci)

/* engine.handlers[] after those of enum op: a block's end that is no
 * instruction's. Clean: the next may follow at once. Cut: the pipeline or the
 * fetch stands in the middle of something, so single-step. */
enum {
    END_CLEAN = OP_COUNT,
    END_CUT,
    END_LEAVE,
    LEAD,
#define SIDE(id) OP_side_##id,
    SIDE_BRANCHES
#undef SIDE
        FUSED, /* then fuse.def's */
#define FUSE2(a, h, b)       FUSED_##a##_##h##_##b,
#define FUSE3(a, h, b, i, c) FUSED_##a##_##h##_##b##_##i##_##c,
#define FUSE4(a, h, b, i, c, j, d)                                             \
    FUSED_##a##_##h##_##b##_##i##_##c##_##j##_##d,
#define FUSE5(a, h, b, i, c, j, d, k, e)                                       \
    FUSED_##a##_##h##_##b##_##i##_##c##_##j##_##d##_##k##_##e,
#define FUSE6(a, h, b, i, c, j, d, k, e, l, f)                                 \
    FUSED_##a##_##h##_##b##_##i##_##c##_##j##_##d##_##k##_##e##_##l##_##f,
#include "engine/fuse.def"
#define MISALIGNED(id) MISALIGNED_##id,
    TRANSFERS
#undef MISALIGNED
#define PLAIN(id) PLAIN_##id,
        PLAIN_CSRS
#undef PLAIN
            HANDLERS
};

/* ---- the engine --------------------------------------------------------- */

#define NO_LINE ~0ull

/* What a slow access tells the executor to do next. */
enum slow {
    SLOW_DONE,  /* go on */
    SLOW_LEAVE, /* finish this instruction, then leave the block */
    SLOW_TRAP,  /* the trap has been taken: leave */
    SLOW_RETRY  /* leave before this instruction (a caught walk) */
};

/* Why the executor came back. hart and counters are at a boundary. */
enum exec_end {
    EXEC_ON,    /* look again */
    EXEC_CAUGHT /* before a walk that is to be caught */
};

struct engine {
    /* hot: the executor */
    struct hart *h;
    s64 budget; /* cycles left << 32 | (INSTRET_TOP - instructions run) */
    u64 slice_end;
    struct soft *dtlb; /* table of the current data context */
    struct block *b;   /* as saved before a slow path */
    const struct rec *r;
    u64 page; /* the virtual one that b is in */
    u64 fctx; /* fetch context: generation << 8 | which */
    /* what a miss costs that the L2 serves, and the least budget that lets
     * quick.h see to it */
    s64 missed_cost, missed_least;
    struct memtime_quick quick;
    sums4 acc, branch_acc;
    struct rec leave_rec[2]; /* this instruction, then leave */
    struct fpstate fs;
    struct branch_outcome conditional[2][4]; /* by [taken][counter] */
    struct branch_outcome indirect[2];       /* by [mispredicted] */
    struct branch_predictor bp;
    struct soft_jump *jumps;

    /* parts */
    struct mmu *mmu;
    struct mmu_port walk_port; /* how its walker comes to memory: walk.c */
    struct memtime *mem;
    const struct cpu_profile *cpu;
    struct engine_port port;
    u64 frames;
    bool timed;

    /* state besides hart's */
    struct scoreboard sb; /* before the next instruction */
    u32 waited;           /* of its interlock, already paid */
    bool fetched;         /* its bytes are here, and paid: */
    u32 fetched_raw;
    bool half; /* so are its first two, on the page before */
    u32 half_raw;
    u64 split_pa; /* first half of a split access, translated; or NO_LINE */
#define SPLIT_UNCACHED (1ull << 63)
    u64 fetch_line; /* pa >> 6 of the last fetched line, or NO_LINE */
    struct cycles_by by;
    /* corrections to what acc says, see engine_drain */
    u64 l1d_more, l1i_more, dtlb_more, itlb_more;
    u64 drained_at; /* hart.cycle when they were handed over last */

    /* running */
    u64 slice_instret; /* hart.instret when the budget was set */
    u64 deadline;
    u64 resume_pc;  /* hart.pc when the engine last had it, or a save */
    bool asked;     /* atomic */
    u64 watch_line; /* pa >> 6 of engine_watch_line, or NO_LINE */
    bool leave;     /* something asks the executor to come back */
    bool no_check;  /* a stepped walk: the next instruction goes first */
    bool watch_hit;
    u64 traps;          /* taken since it was made; not state */
    bool trapped;       /* a trap was taken since the run loop looked */
    bool context_dirty; /* look at hart's context again */

    /* contexts */
    struct context *ctx; /* the current one: */
    struct context contexts[CONTEXTS];
    u32 contexts_valid; /* a bit each */
    u32 generation;
    u16 asid[ASID_SLOTS];
    u8 asid_used, asid_next;
    u64 epoch_cycles, epoch_end;
    u32 *last_use;
    u32 epoch; /* 1 + number of the current one */
    /* [CTX_..], [slot][CTX_..], one that stays empty */
    struct soft_table *bare, *sv39, *none;
    /* a bit for each table that may have entries: sv39[], then bare[] */
    u32 tables_used;
    u64 *hints; /* [SOFT_HINTS] by page number: host address - va, perhaps */
    struct pmp_region pmp; /* the last one that was asked for; empty: none */
    struct soft_code code[SOFT_CODE_ENTRIES];

    /* blocks */
    struct block **hash, **pages;
    struct cut cuts[CUTS];
    struct fusion *fusion;
    u8 *arena;
    size_t arena_used, arena_bytes;
    struct block *stub;    /* dead: an edge not yet bound */
    struct block *far;     /* dead: an edge that leaves the page */
    struct block *scratch; /* one instruction, for single steps */
    struct scoreboard scratch_before, scratch_after;
    u32 scratch_waited, scratch_raw;
    u64 scratch_line;          /* line of its last byte */
    u32 handlers[2][HANDLERS]; /* by timing and enum op; then the ends */

    /* debugging */
    u64 *bp_va;
    size_t nbp;
    u64 bp_offsets[2048 / 64]; /* in-page offsets / 2 that some one has */
    u64 bp_passed;             /* stopped here: step over it once, or ~0 */
    struct engine_watch *watch;
    size_t nwatch;
    bool catch_traps;
    void (*commit)(void *, const struct engine_commit *);
    void *commit_opaque;
    struct engine_commit log; /* memory part of the one in progress */

    struct engine_host_stats stats;
};

/* Between two instructions with nothing on its way. */
static inline void pipeline_reset(struct engine *e)
{
    memset(&e->sb, 0, sizeof(e->sb));
    e->waited = 0;
    e->fetched = e->half = false;
    e->fetched_raw = e->half_raw = 0;
    e->split_pa = e->fetch_line = NO_LINE;
}

#define INSTRET_TOP (1u << 31)
#define SLICE_MAX   (1u << 28) /* cycles: the halves of the budget stay apart */

/* block.c */
void blocks_init(struct engine *e);
void blocks_free(struct engine *e);
void blocks_flush(struct engine *e);
struct block *block_find(const struct engine *e, u64 pa, u64 va);
/* Decodes from pa on; NULL when not even one instruction can be in a block
 * (it crosses the page, or a breakpoint may be there). */
struct block *block_make(struct engine *e, u64 pa, u64 va);
/* Of a block that may not be entered because a line is not in L1I: what may be
 * entered in its place, or NULL. */
struct block *block_narrow(struct engine *e, const struct block *b, u64 va);
/* Drops blocks that overlap [pa, pa + n): within one page. */
void blocks_drop(struct engine *e, u64 pa, u64 n);
bool insn_accesses(unsigned op); /* a load, store or atomic */
/* Of the instruction at va; `at` is the caller's. */
void rec_fill(const struct engine *e, struct rec *r, const struct insn *in,
              u64 va);
static inline struct rec *block_insns(struct block *b)
{
    return b->rec + b->lead;
}
/* Which of its instructions r is. */
static inline unsigned block_index(const struct block *b, const struct rec *r)
{
    return (unsigned)(r - b->rec) - b->lead;
}
/* fuse.c: gives records that stand side by side one piece of code. */
struct fusion *fusion_new(void);
void fusion_free(struct fusion *f);
void fusion_apply(const struct engine *e, struct rec *rec, const u16 *kinds,
                  unsigned n);
/* Where a block stands around record k, from its entry. */
enum stand {
    STAND_BEFORE, /* k fetched and its interlock waited */
    STAND_TRAP,   /* k has issued but does not retire */
    STAND_AFTER
};
struct prefix {
    u32 cycles, insns;
    sums4 sums;
    struct scoreboard sb; /* for BEFORE: before k, with `waited` of it paid */
    u32 waited;
    u64 line; /* pa >> 6 of k's last byte */
};
struct prefix block_prefix(const struct engine *e, const struct block *b,
                           unsigned k, enum stand stand);

/* soft.c */
void soft_init(struct engine *e);
void soft_free(struct engine *e);
void soft_flush(struct engine *e); /* everything */
void soft_new_epoch(struct engine *e);
void soft_context(struct engine *e); /* hart's context has changed */
/* Whether it has, after a write of mstatus or satp. */
static inline bool soft_context_same(const struct engine *e)
{
    return e->ctx == &e->contexts[context_index(e->h)] &&
           e->ctx->satp == e->h->satp &&
           e->ctx->mstatus == context_bits(e->h->mstatus);
}
bool soft_find_plain(struct engine *e, struct context *c, u64 pa,
                     unsigned rights);
/* Whether c may access all of the page of pa so, as far as PMP goes, and it is
 * RAM: of most it is known. */
static inline bool context_plain(struct engine *e, struct context *c, u64 pa,
                                 unsigned rights)
{
    return (likely(pa - c->plain < c->plain_bytes) &&
            likely((c->plain_rights & rights) == rights)) ||
           soft_find_plain(e, c, pa, rights);
}
void soft_evicted(void *engine, int which, const struct tlb_entry *t);
#define SOFT_NONE ~0ull /* the tag of none */
/* Entry of the current table for va. */
static inline struct soft *soft_slot(const struct engine *e, u64 va, bool timed)
{
    return &e->dtlb[va >> PAGE_SHIFT & (SOFT_USED(timed) - 1u)];
}
/* Entry i of the current table is in use from now on. */
static inline void soft_live(struct engine *e, unsigned i)
{
    e->ctx->table->live[i / 64] |= 1ull << (i & 63);
    e->ctx->table->some |= 1ull << i / 64;
    e->tables_used |= e->ctx->table_bit;
}
/* The tables of data pages that are translated for an ASID, or for all. */
static inline u32 soft_tables(const struct engine *e, u16 asid, bool global)
{
    u32 tables = 0;

    for (unsigned s = 0; s < e->asid_used; s++)
        if (global || e->asid[s] == asid)
            tables |= ((1u << CTX_SV39_KINDS) - 1) << (s * CTX_SV39_KINDS);
    return tables;
}
static inline void soft_drop(struct soft *s, u64 vpn)
{
    u64 page = vpn << PAGE_SHIFT;

    if (s->load == page)
        s->load = SOFT_NONE;
    if (s->store == page)
        s->store = SOFT_NONE;
}
static inline bool ram_holds(const struct engine *e, u64 pa, u64 n)
{
    u64 off = pa - e->port.ram_base;
    return off < e->port.ram_bytes && n <= e->port.ram_bytes - off;
}
/* What hart_pmp_ok and hart_pmp_uniform say, remembered. */
static inline void pmp_find(struct engine *e, u64 pa)
{
    if (unlikely(pa - e->pmp.from >= e->pmp.end - e->pmp.from))
        e->pmp = hart_pmp_region(e->h, pa);
}
static inline bool pmp_ok(struct engine *e, u64 pa, unsigned n, unsigned kind,
                          u32 priv)
{
    pmp_find(e, pa);
    return likely(n <= e->pmp.end - pa)
               ? hart_pmp_region_ok(&e->pmp, kind, priv)
               : hart_pmp_ok(e->h, pa, n, kind, priv);
}
static inline bool pmp_uniform(struct engine *e, u64 pa)
{
    u64 page = pa & ~(PAGE_BYTES - 1);
    pmp_find(e, pa);
    return e->pmp.from <= page && e->pmp.end - page >= PAGE_BYTES;
}
static inline u64 frame_of(const struct engine *e, u64 pa)
{
    return (pa - e->port.ram_base) >> PAGE_SHIFT;
}
/* Pages that come back mostly are where they were: the host may begin to
 * fetch what the guest is about to ask for. Nothing depends on it. */
static inline void soft_foresee(const struct engine *e, u64 va)
{
    u64 hint = e->hints[va >> PAGE_SHIFT & (SOFT_HINTS - 1)];
    __builtin_prefetch((const void *)(uintptr_t)(hint + va), 1);
}
static inline void stamp_use(struct engine *e, u64 pa)
{
    e->last_use[frame_of(e, pa)] = e->epoch;
}

/* The current table gets the page of va, at pa, which the context has just been
 * allowed to access (leaf: by that entry of the D-TLB; NULL: untranslated), and
 * what else it may do there. NULL: it is none for this TLB. */
static inline struct soft *soft_put(struct engine *e, u64 va, u64 pa,
                                    const struct tlb_entry *leaf, bool store,
                                    bool timed)
{
    const struct context *c = e->ctx;
    unsigned i = va >> PAGE_SHIFT & (SOFT_USED(timed) - 1);
    struct soft *s = &c->table->e[i];
    u64 page = va & ~(PAGE_BYTES - 1), frame = frame_of(e, pa);

    if (unlikely(pa - c->plain >= c->plain_bytes || c->table == e->none ||
                 (timed && leaf && leaf->type != MEMTYPE_PMA)))
        return NULL;
    bool stores = store || (c->plain_rights & PMP_W &&
                            (!leaf || tlb_serves(leaf, &c->data, ACC_STORE)));
    if (unlikely(!s->host))
        soft_live(e, i);
    s->load = !store || c->plain_rights & PMP_R ? page : SOFT_NONE;
    s->store = stores ? page : SOFT_NONE;
    s->host = (u64)(uintptr_t)e->port.ram + (frame << PAGE_SHIFT) - page;
    if (timed)
        s->lines = &e->mem->lines[frame];
    else
        s->code = &e->mem->code[frame];
    e->last_use[frame] = e->epoch;
    e->hints[va >> PAGE_SHIFT & (SOFT_HINTS - 1)] = s->host;
    e->stats.pages++;
    return s;
}

/* What is left of the block no longer fits before the deadline. When its last
 * instruction issues with the one before, one cycle more must be left. */
static inline bool overdrawn(const struct engine *e)
{
    return e->budget < e->b->least;
}

/* data_miss.c: loads and stores that are no hit, called by the executor with
 * budget, b, r and page saved; for each timing. */
enum slow data_load_fast(struct engine *e, u64 va, unsigned n, u64 *v);
enum slow data_load_cycle(struct engine *e, u64 va, unsigned n, u64 *v);
enum slow data_store_fast(struct engine *e, u64 va, unsigned n, u64 v);
enum slow data_store_cycle(struct engine *e, u64 va, unsigned n, u64 v);
/* All of the integer load or store e->r: its page is not known, */
enum slow data_x_fast(struct engine *e);
enum slow data_x_cycle(struct engine *e);
enum slow data_x_line(struct engine *e); /* or its line must be asked for */
/* The host TLB has the page and the access is aligned: only its line has to be
 * fetched, made dirty, or freed of decoded code. Whoever calls then accesses it
 * itself. */
enum slow data_line(struct engine *e, const struct soft *s, u64 va, bool store);

/* data_atomic.c: likewise, hit or not */
enum slow data_lr(struct engine *e, u64 va, unsigned n, u64 *v);
enum slow data_sc(struct engine *e, u64 va, unsigned n, u64 v, u64 *failed);
/* *host: where the AMO may read and write. */
enum slow data_amo(struct engine *e, u64 va, unsigned n, void **host);
void data_amo_done(struct engine *e, u64 stored); /* for the log */
enum slow data_cbo(struct engine *e, u64 va, enum cbo op);
/* Waits for posted stores; what that overdraws shows at the next entry. */
void data_fence(struct engine *e);

/* walk.c */
void walk_port_init(struct engine *e);

/* fetch.c: the next instruction's bytes, with all their costs. */
enum fetch { FETCH_OK, FETCH_TRAPPED, FETCH_CAUGHT };
struct fetched {
    u64 pa; /* of the first byte */
    bool in_ram;
    bool plain; /* in RAM, one PMP answer for the page: blocks may run */
    u32 raw;
};
/* Translation and first line; nothing the second time. */
enum fetch fetch_begin(struct engine *e, u64 pc, struct fetched *f);
/* The bytes, with the second line or page if they reach there. */
enum fetch fetch_rest(struct engine *e, u64 pc, struct fetched *f);
enum fetch fetch_second(struct engine *e, u64 pc, struct fetched *f);
/* The block at va if nothing needs to be modelled to get there; binds *edge
 * (may be NULL). For the executor. */
struct block *fetch_quick(struct engine *e, u64 va, struct block **edge);
/* Cycles pass: hart.cycle and the cause's count go up. */
static inline void charge(struct engine *e, u64 *cause, u64 cycles)
{
    e->h->cycle += cycles;
    *cause += cycles;
}

/* stand.c: where hart and pipeline are, in the middle of a block */
/* Puts hart, counters and pipeline where they stand around e->r of e->b. */
void engine_stand(struct engine *e, enum stand stand);
/* Leaves the executor between blocks: pc is the next instruction. */
void engine_out(struct engine *e, u64 pc);
/* hart.cycle and instret at the start of the instruction e->r. */
void engine_now(struct engine *e);
static inline u64 engine_cycle(const struct engine *e)
{
    s64 left = (e->budget >> 32) + e->b->cycles - e->r->at;
    return e->slice_end - (u64)left;
}
/* Charges data-dependent cycles to the instruction in progress. */
enum slow engine_charge(struct engine *e, u32 cycles);
u32 engine_raw(const struct engine *e); /* bits of the instruction e->r */
/* Takes a trap at h->pc, with its cost; _here: at e->r. */
void engine_trap(struct engine *e, u64 cause, u64 tval);
void engine_trap_here(struct engine *e, u64 cause, u64 tval);
/* Whether the executor may go on at hart.pc, between two instructions, after
 * what sends it there (a trap, a return from one, a fence): nobody waits for it
 * to come back. The context is the hart's then. */
bool engine_goes_on(struct engine *e);
/* Hands over the counts in acc: before the context changes. */
void engine_drain(struct engine *e);
/* After a CSR write: true when the executor must come back. */
bool engine_effects(struct engine *e, unsigned csr, unsigned effects);

/* exec.c, once for each timing: runs b, which is at pc. b NULL: only fills
 * handlers[]. */
enum exec_end exec_fast(struct engine *e, struct block *b, u64 pc);
enum exec_end exec_cycle(struct engine *e, struct block *b, u64 pc);

#endif
