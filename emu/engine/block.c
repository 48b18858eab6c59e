/* SPDX-License-Identifier: MIT */
/* Keeps decoded blocks. A block is a straight run of instructions within one
 * page and is found by its physical address. All blocks lie in an arena, which
 * is emptied when full. A dropped block keeps its memory, because the executor
 * may be in it. Its cost becomes DEAD_COST, so that every attempt to enter the
 * block reaches exec_enter_failed(). */
#include <stdlib.h>

#include "engine/data_access.h"
#include "engine/host_tlb.h"
#include "engine/observe.h"
#include "engine/translate.h"
#include "time/core/branch.h"

static unsigned hash_of(u64 pa)
{
    return (unsigned)((pa >> 1) * 0x9e3779b97f4a7c15ull >> (64 - HASH_BITS));
}

static struct block *dead_block(void)
{
    static const u64 no_lines = 0;
    struct block *b =
        aligned_alloc(16, sizeof(struct block) + 4 * sizeof(struct rec));
    assert(b);
    memset(b, 0, sizeof(*b) + 4 * sizeof(struct rec));
    b->cost = DEAD_COST;
    b->pa = ~0ull;
    b->fetch_map = &no_lines;
    return b;
}

void blocks_init(struct engine *e)
{
    e->hash = xalloc_huge(sizeof(*e->hash) << HASH_BITS);
    memset(e->hash, 0, sizeof(*e->hash) << HASH_BITS);
    e->pages = xcalloc(e->frames, sizeof(*e->pages));
    e->arena = xalloc_huge(e->arena_bytes);
    e->unbound = dead_block();
    e->far = dead_block();
    e->b = e->scratch = dead_block();
}

void blocks_free(struct engine *e)
{
    free_all(e->hash, e->pages, e->arena, e->unbound, e->far, e->scratch);
}

/* Returns the frame's lines in which every store takes the slow path: that of
 * engine_watch_line(), and those with PTEs that `catch stale` follows. */
static u64 always_slow(const struct engine *e, u64 frame)
{
    u64 pa = e->watch_line << LINE_SHIFT;
    u64 ptes = unlikely(e->mmu->stale) ? stale_lines(e->mmu->stale, frame) : 0;
    if (e->watch_line == NO_LINE || frame_of(e, pa) != frame)
        return ptes;
    return ptes | 1ull << (pa >> LINE_SHIFT & 63);
}

static void set_lines(struct engine *e, u64 frame, u64 lines)
{
    if (e->mem->code[frame] == lines)
        return;
    e->mem->code[frame] = lines;
    memtime_code_changed(e->mem, frame);
}

static u64 slow_lines(const struct engine *e, u64 frame)
{
    u64 lines = always_slow(e, frame);

    for (const struct block *b = e->pages[frame]; b; b = b->page_next)
        lines |= b->lines;
    return lines;
}

void blocks_renew_lines(struct engine *e)
{
    for (u64 i = 0; i < e->frames; i++)
        set_lines(e, i, slow_lines(e, i));
}

bool engine_lines_agree(const struct engine *e)
{
    for (u64 i = 0; i < e->frames; i++)
        if (e->mem->code[i] != slow_lines(e, i))
            return false;
    return memtime_knows_code(e->mem);
}

void engine_watch_line(struct engine *e, u64 pa)
{
    if (e->watch_line != NO_LINE) {
        u64 old = e->watch_line << LINE_SHIFT;
        e->watch_line = NO_LINE;
        blocks_drop(e, old, LINE_BYTES);
    }
    if (pa < e->port.ram_base || pa - e->port.ram_base >= e->port.ram_bytes)
        return;
    e->watch_line = pa >> LINE_SHIFT;
    engine_ask_stop(e); /* the line may hold the awaited value already */
    blocks_drop(e, pa & ~(u64)(LINE_BYTES - 1), LINE_BYTES);
}

static u64 lines_of(u64 pa, u64 bytes)
{
    unsigned first = pa >> LINE_SHIFT & 63;
    unsigned last = (pa + bytes - 1) >> LINE_SHIFT & 63;
    return (~0ull >> (63 - (last - first))) << first;
}

static void page_flush(struct engine *e, u64 frame)
{
    if (!e->pages[frame])
        return;
    e->pages[frame] = NULL;
    e->mem->code[frame] = always_slow(e, frame);
    memtime_code_changed(e->mem, frame);
}

void blocks_flush(struct engine *e)
{
    for (size_t i = 0; i < (size_t)1 << HASH_BITS; i++) {
        for (const struct block *b = e->hash[i]; b; b = b->hash_next)
            page_flush(e, frame_of(e, b->pa));
        e->hash[i] = NULL;
    }
    e->arena_used = 0;
    memset(e->trap_refunds, 0, sizeof(e->trap_refunds));
    for (unsigned i = 0; i < JUMP_PAGES * JUMP_PER_PAGE; i++)
        e->jumps[i].va = e->jumps[i].ctx = ~0ull;
    translator_flush(e);
    e->stats.flushes++;
}

/* Returns the bits of a branch's predictor index that depend on its virtual
 * page. If the predictor's table is larger than a page (u74), code mapped at
 * two addresses may need a block for each. */
static u32 index_variant(const struct engine *e, u64 va)
{
    return e->timed ? branch_slot(&e->predictor, va & ~(PAGE_BYTES - 1)) : 0;
}

/* The reach of a block, which is a part of the block's variant. */
enum width {
    WHOLE,
    NARROW, /* to the end of the line that holds the first side exit */
    LINE    /* only the line of the block's first byte */
};
#define VARIANT_OF(width) ((u32)(width) << 30)

static struct block *find(const struct engine *e, u64 pa, u32 variant)
{
    struct block *b = e->hash[hash_of(pa)];

    while (b && (b->pa != pa || b->variant != variant))
        b = b->hash_next;
    return b;
}

struct block *block_find(const struct engine *e, u64 pa, u64 va)
{
    u32 variant = index_variant(e, va);
    const struct jump_target *j = &e->jumps[jump_index(va)];
    struct block *b = j->block;

    /* j->block is mostly right, even after a new generation of e->fctx */
    if (j->va == va && b->pa == pa && b->variant == variant &&
        b->cost != DEAD_COST)
        return b;
    return find(e, pa, variant);
}

static void kill_block(struct engine *e, struct block *b)
{
    struct block **p = &e->hash[hash_of(b->pa)];
    while (*p != b)
        p = &(*p)->hash_next;
    *p = b->hash_next;
    b->cost = DEAD_COST;
    e->leave |= b == e->b; /* the code being executed has changed */
}

void blocks_drop(struct engine *e, u64 pa, u64 n)
{
    u64 frame = frame_of(e, pa), lines = always_slow(e, frame);
    struct block **p = &e->pages[frame], *b;

    while ((b = *p)) {
        if (b->pa < pa + n && pa < b->pa + b->bytes) {
            *p = b->page_next;
            kill_block(e, b);
        } else {
            lines |= b->lines;
            p = &b->page_next;
        }
    }
    set_lines(e, frame, lines);
}

void blocks_ram_changed(struct engine *e, u64 pa, u64 n)
{
    u64 frame = frame_of(e, pa);

    stamp_written(e, pa);
    if (memory_watched(e, pa, n, ACC_STORE)) {
        e->leave = e->memory_hit = true;
        e->memory_by_hart = false;
    }
    if (e->mem->code[frame] & lines_of(pa, n)) {
        if (unlikely(e->mmu->stale))
            stale_written(e->mmu, pa, n, 0);
        blocks_drop(e, pa, n);
    }
    access_tell_watcher(e, pa, (unsigned)n);
    /* if DMA dropped the block's L1I lines, the next entry fetches them */
    e->leave |= e->timed && e->b->lines & ~*e->b->fetch_map;
}

static bool writes_x(const struct insn *in)
{
    struct insn any = *in;
    any.rd = 1;
    return isa_uses(&any) & USE_XRD;
}

/* If the CSR is a plain word of struct hart, rs2 is the word's index and rs3
 * the bits that stay 0. For any other CSR rs2 is 0. */
static void csr_fill(const struct engine *e, struct rec *r,
                     const struct insn *in)
{
    unsigned word = 0;
    u64 zeros = 0;

    if (!hart_csr_plain(e->h, (u32)in->imm & 0xfff, &word, &zeros))
        word = 0;
    assert(word < 256 && zeros < 256);
    r->rs2 = (u8)word;
    r->rs3 = (u8)zeros;
}

void rec_fill(const struct engine *e, struct rec *r, const struct insn *in,
              u64 va)
{
    r->op = r->handler = in->op;
    r->rd = !in->rd && writes_x(in) ? SINK_X : in->rd;
    r->rs1 = in->rs1;
    r->rs2 = in->rs2;
    r->rs3 = in->rs3;
    r->pcoff = va & (PAGE_BYTES - 1);
    bool rounds = isa_operands[isa_info[in->op].format] & USE_RM;
    r->imm = rounds ? in->rm : in->imm;
    if (isa_info[in->op].class == IC_BRANCH) {
        r->offset = (s16)in->imm;
        r->slot = (u16)branch_slot(&e->predictor, va);
        r->rs3 = false;
    }
    if (isa_info[in->op].class == IC_CSR)
        csr_fill(e, r, in);
}

bool insn_accesses(unsigned op)
{
    switch (isa_info[op].class) {
    case IC_LOAD:
    case IC_LOADB:
    case IC_STORE:
    case IC_AMO:
    case IC_FLOAD:
    case IC_FSTORE:
        return true;
    default:
        return false;
    }
}

static void add_insn(const struct engine *e, struct prefix *p,
                     const struct insn *in)
{
    unsigned occupies = 1;
    unsigned wait =
        e->timed ? pipe_issue(&e->cpu->pipe, &p->sb, in, &occupies) : 0;
    p->waited = wait;
    p->cycles += wait + occupies;
    p->insns++;
    p->sums[SUM_ISSUE] += occupies;
    p->sums[SUM_INTERLOCK] += wait;
    p->sums[SUM_MEM] += insn_accesses(in->op);
    if (isa_ends_block(in))
        p->line = NO_LINE; /* the next fetch counts its line anew */
}

static void add_lines(struct prefix *p, u64 pa, unsigned len)
{
    if (p->line != pa >> LINE_SHIFT)
        p->sums[SUM_LINES]++;
    p->line = (pa + len - 1) >> LINE_SHIFT;
    if (p->line != pa >> LINE_SHIFT)
        p->sums[SUM_LINES]++;
}

/* True if rd names a register other than x0, and not a side exit. */
static bool writes_rd(const struct rec *r)
{
    return r->rd != SINK_X && isa_info[r->op].class != IC_BRANCH;
}

static struct insn insn_of(const struct block *b, unsigned k)
{
    const struct rec *r = &b->rec[b->lead + k];
    bool branch = isa_info[r->op].class == IC_BRANCH;

    return (struct insn){.op = r->op,
                         .len = (u8)(r[1].pcoff - r->pcoff),
                         .rd = writes_rd(r) ? r->rd : 0,
                         .rs1 = r->rs1,
                         .rs2 = r->rs2,
                         .rs3 = r->rs3,
                         .imm = branch ? r->offset : r->imm};
}

struct prefix block_prefix(const struct engine *e, const struct block *b,
                           unsigned k, enum unwind how)
{
    struct prefix p = {.line = NO_LINE}, before = p;
    u64 page = b->pa & ~(PAGE_BYTES - 1);

    for (unsigned i = 0; i <= k; i++) {
        struct insn in = insn_of(b, i);
        add_lines(&p, page + b->rec[b->lead + i].pcoff, in.len);
        if (i == k)
            before = p;
        add_insn(e, &p, &in);
    }
    if (how == UNWIND_BEFORE) {
        before.cycles += p.waited;
        before.sums[SUM_INTERLOCK] += p.waited;
        before.waited = p.waited;
        return before;
    }
    if (how == UNWIND_TRAP) {
        p.insns--;
        p.sums[SUM_MEM] = before.sums[SUM_MEM];
    }
    p.waited = 0;
    return p;
}

struct plan {
    struct rec rec[BLOCK_INSNS + 1];
    unsigned n, bytes;
    struct prefix p;
    unsigned end; /* END_CLEAN, END_CUT, or END_INSN (`last` ends it) */
    struct insn last;
    u64 limit; /* line start at which the block must end, or 0 */
    unsigned exits;
    struct plan_exit {
        unsigned n, bytes; /* the plan's values just after the branch */
        struct prefix p;
        struct insn branch;
    } exit[BLOCK_SOFT];
    enum width width;
};
#define END_INSN HANDLERS

static bool breakpoint_near(const struct engine *e, u64 pa)
{
    unsigned i = (unsigned)(pa & (PAGE_BYTES - 1)) >> 1;
    return e->nbreakpoints && e->breakpoint_offsets[i / 64] >> (i % 64) & 1;
}

/* Returns the end record if the block ends before the instruction at pa. If the
 * block includes it, returns END_INSN, and the instruction's bits in *raw. */
static unsigned plan_stops(const struct engine *e, const struct plan *plan,
                           u64 pa, u32 *raw)
{
    u64 off = pa & (PAGE_BYTES - 1);
    bool page_end = plan->n && off == 0;
    bool line_start = off % LINE_BYTES == 0;
    bool settled = scoreboard_empty(&plan->p.sb);

    if (page_end)
        return settled ? END_CLEAN : END_CUT;
    if (settled && (pa == plan->limit || (plan->n >= BLOCK_SOFT && line_start)))
        return END_CLEAN;
    if (plan->n == BLOCK_INSNS || breakpoint_near(e, pa) ||
        observe_probe_near(e, pa) || pa == plan->limit)
        return END_CUT;
    const u8 *at = e->port.ram + (pa - e->port.ram_base);
    *raw = (u32)get_le(at, 2);
    if ((*raw & 3) == 3) {
        if (off == PAGE_BYTES - 2)
            return END_CUT;
        *raw = (u32)get_le(at, 4);
        if (pa + 2 == plan->limit)
            return END_CUT;
    }
    return END_INSN;
}

/* If a block below BLOCK_SOFT ends in a forward branch (mostly untaken), makes
 * that a side exit and returns true: the block goes on. In cycle timing a block
 * can be entered only when all its lines are in L1I. The lines after the branch
 * get there only when it is not taken; until then a narrow block is used. */
static bool plan_goes_on(const struct engine *e, struct plan *plan, u64 pa)
{
    struct rec *r = &plan->rec[plan->n - 1];
    u64 last = pa + plan->bytes - 1;

    if (isa_info[r->op].class != IC_BRANCH || plan->last.imm <= 0 ||
        (u64)plan->last.imm & e->misaligned || plan->n >= BLOCK_SOFT)
        return false;
    r->rs3 = true;
    r->rd = (u8)plan->exits;
    plan->exit[plan->exits++] =
        (struct plan_exit){plan->n, plan->bytes, plan->p, plan->last};
    if (!plan->limit)
        plan->limit =
            (last | ((plan->width ? LINE_BYTES : PAGE_BYTES) - 1)) + 1;
    return true;
}

/* Ends the block at its last side exit, because no transfer followed. */
static void plan_shorten(struct plan *plan)
{
    const struct plan_exit *x = &plan->exit[--plan->exits];

    plan->n = x->n;
    plan->bytes = x->bytes;
    plan->p = x->p;
    plan->last = x->branch;
    plan->end = END_INSN;
    plan->rec[plan->n - 1].rs3 = false;
    plan->rec[plan->n - 1].rd = 0;
}

static void plan_make(const struct engine *e, struct plan *plan, u64 pa, u64 va)
{
    u32 raw = 0;

    plan->n = plan->bytes = plan->exits = 0;
    plan->limit = plan->width == LINE ? (pa | (LINE_BYTES - 1)) + 1 : 0;
    plan->p = (struct prefix){.line = NO_LINE};
    while ((plan->end = plan_stops(e, plan, pa + plan->bytes, &raw)) ==
           END_INSN) {
        struct rec *r = &plan->rec[plan->n];
        unsigned before = plan->p.cycles;
        isa_decode_for(raw, e->h->exts, &plan->last);
        rec_fill(e, r, &plan->last, va + plan->bytes);
        add_lines(&plan->p, pa + plan->bytes, plan->last.len);
        add_insn(e, &plan->p, &plan->last);
        r->at = (u16)(before + plan->p.waited);
        plan->n++;
        plan->bytes += plan->last.len;
        if (isa_ends_block(&plan->last) && !plan_goes_on(e, plan, pa))
            break;
    }
    if (plan->end != END_INSN && plan->exits)
        plan_shorten(plan);
}

static void exits_fill(const struct engine *e, const struct plan *plan,
                       struct block *b)
{
    for (unsigned i = 0; i < plan->exits; i++) {
        const struct plan_exit *x = &plan->exit[i];
        u64 to = b->pa + x->bytes - x->branch.len + (u64)x->branch.imm;
        bool near = to >> PAGE_SHIFT == b->pa >> PAGE_SHIFT;
        sums4 sums = plan->p.sums - x->p.sums;
        struct side_exit *s = block_exit(b, i);
        s->to = near ? e->unbound : e->far;
        s->refund = COST(plan->p.cycles - x->p.cycles, plan->n - x->n);
        memcpy(s->sums, &sums, sizeof(s->sums));
    }
}

/* An edge within the page can be bound to a block; all others stay e->far. */
static struct edges plan_edges(const struct engine *e, const struct plan *plan,
                               u64 pa)
{
    u64 page = pa >> PAGE_SHIFT, next = pa + plan->bytes;
    struct edges ed = {e->far,
                       next >> PAGE_SHIFT == page ? e->unbound : e->far};
    unsigned class = isa_info[plan->last.op].class;

    if (plan->end == END_INSN && (class == IC_BRANCH || class == IC_JAL)) {
        u64 to = next - plan->last.len + (u64)(s64)plan->last.imm;
        if (to >> PAGE_SHIFT == page)
            ed.taken = e->unbound;
    }
    return ed;
}

static struct block *arena_take(struct engine *e, size_t before, size_t bytes)
{
    bytes = (bytes + 63) & ~(size_t)63;
    if (e->arena_bytes - e->arena_used < before + bytes)
        blocks_flush(e);
    struct block *b = (struct block *)(e->arena + e->arena_used + before);
    e->arena_used += before + bytes;
    return b;
}

static void enlist(struct engine *e, struct block *b)
{
    u64 frame = frame_of(e, b->pa);
    struct block **h = &e->hash[hash_of(b->pa)];

    b->hash_next = *h;
    *h = b;
    b->page_next = e->pages[frame];
    e->pages[frame] = b;
    set_lines(e, frame, e->mem->code[frame] | b->lines);
}

static u64 line_behind(u64 pa, unsigned bytes)
{
    return (pa + bytes - 1) >> LINE_SHIFT;
}

/* True if the last two instructions are issued in the same cycle. */
static bool plan_leads(const struct plan *plan)
{
    return plan->rec[plan->n - 1].at == plan->p.cycles;
}

/* True if the pipeline is not empty at the cut. */
static bool plan_busy(const struct plan *plan)
{
    return plan->end == END_CUT && !scoreboard_empty(&plan->p.sb);
}

/* Allocates a block with all its parts (layout: block.h). */
static struct block *plan_place(struct engine *e, const struct plan *plan)
{
    size_t recs = plan_leads(plan) + plan->n + 1; /* edges are added below */
    size_t before = (plan->exits * sizeof(struct side_exit) + 63) & ~(size_t)63;

    return arena_take(e, before,
                      sizeof(struct block) + recs * sizeof(struct rec) +
                          sizeof(struct edges) +
                          (plan_busy(plan) ? sizeof(struct scoreboard) : 0));
}

static void plan_head(const struct engine *e, const struct plan *plan, u64 pa,
                      u64 va, struct block *b)
{
    *b = (struct block){0};
    b->pa = pa;
    b->variant = index_variant(e, va) | VARIANT_OF(plan->width);
    b->wide =
        e->timed && plan->exits &&
        line_behind(pa, plan->exit[0].bytes) != line_behind(pa, plan->bytes);
    b->n = (u16)plan->n;
    b->bytes = (u16)plan->bytes;
    b->cycles = plan->p.cycles;
    b->ends = plan->end == END_INSN;
    b->lines = lines_of(pa, plan->bytes);
    b->fetch_map = &e->mem->lines[frame_of(e, pa)].fetch_ok;
    b->lead = plan_leads(plan);
    b->cost = COST(plan->p.cycles + b->lead, plan->n);
    b->least = COST(b->lead, 0);
    b->sums = plan->p.sums;
}

static void plan_body(const struct engine *e, const struct plan *plan, u64 pa,
                      struct block *b)
{
    struct edges ed = plan_edges(e, plan, pa);
    unsigned end = plan->end == END_INSN ? END_CUT : plan->end;
    struct rec *r = block_insns(b);

    b->rec[0] = (struct rec){.op = LEAD, .handler = LEAD};
    memcpy(r, plan->rec, plan->n * sizeof(*r));
    r[plan->n] =
        (struct rec){.op = (u16)end,
                     .handler = (u16)end,
                     .pcoff = (u16)((pa & (PAGE_BYTES - 1)) + plan->bytes),
                     .at = (u16)plan->p.cycles};
    u8 *after = (u8 *)&r[plan->n + 1];
    memcpy(after, &ed, sizeof(ed));
    after += sizeof(ed);
    if (plan_busy(plan))
        b->after = memcpy(after, &plan->p.sb, sizeof(*b->after));
}

static struct block *make(struct engine *e, u64 pa, u64 va, enum width width)
{
    struct plan plan;

    plan.width = width;
    plan_make(e, &plan, pa, va);
    if (!plan.n)
        return NULL;
    struct block *b = plan_place(e, &plan);
    plan_head(e, &plan, pa, va, b);
    plan_body(e, &plan, pa, b);
    exits_fill(e, &plan, b);
    translate_count_entries(e, b);
    enlist(e, b);
    e->stats.blocks++;
    return b;
}

struct block *block_make(struct engine *e, u64 pa, u64 va)
{
    return make(e, pa, va, WHOLE);
}

struct block *block_narrow(struct engine *e, const struct block *b, u64 va)
{
    u64 pa = b->pa;

    if (b->cost == DEAD_COST)
        return NULL;
    for (enum width w = b->wide ? NARROW : LINE; w <= LINE; w++) {
        struct block *n = find(e, pa, index_variant(e, va) | VARIANT_OF(w));
        if (!n)
            n = make(e, pa, va, w);
        if (n && !(n->lines & ~*n->fetch_map))
            return n;
    }
    return NULL;
}
