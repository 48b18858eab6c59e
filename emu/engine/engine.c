/* SPDX-License-Identifier: MIT */
/* Implements engine.h: creation, state, breakpoints, watchpoints, hooks. */
#include <stdlib.h>

#include "engine/block_unwind.h"
#include "engine/observe.h"
#include "engine/translate.h"
#include "engine/walk_port.h"
#include "time/core/branch.h"

static struct branch_outcome outcome(const struct pipe_model *p, bool wrong,
                                     bool taken)
{
    unsigned lost = wrong ? p->mispredict : taken ? p->taken_bubble : 0;

    /* sums: SUM_BRANCHES, SUM_MISPREDICTS, SUM_BRANCH_CYCLES */
    return (struct branch_outcome){.cost = COST(lost, 0),
                                   .sums = {1, wrong, lost}};
}

/* Tabulates branch_next(), and what each outcome costs and counts. */
static void set_outcomes(struct engine *e, const struct cpu_profile *cpu)
{
    const struct pipe_model *p = &cpu->pipe;

    for (unsigned i = 0; i < 8; i++) {
        bool taken = i / 4, wrong;
        u8 next = branch_next(&cpu->branch, i % 4, taken, &wrong);
        e->conditional[taken][i % 4] = outcome(p, wrong, taken);
        e->counter_next[taken] |= (u32)(BRANCH_STEP * next)
                                  << BRANCH_STEP * (i % 4);
    }
    for (unsigned wrong = 0; wrong < 2; wrong++)
        e->indirect[wrong] = outcome(p, wrong, true);
}

struct engine *engine_new(const struct engine_config *c)
{
    struct engine *e = aligned_alloc(64, (sizeof(*e) + 63) & ~(size_t)63);

    assert(e && c->port.ram_bytes % PAGE_BYTES == 0);
    memset(e, 0, sizeof(*e));
    e->h = c->hart;
    e->mmu = c->mmu;
    e->mem = c->mem;
    e->cpu = c->cpu;
    e->port = c->port;
    e->timed = c->timed;
    e->arena_bytes = c->arena_bytes ? c->arena_bytes : ARENA_BYTES;
    assert(e->arena_bytes >= ARENA_LEAST);
    e->frames = c->port.ram_bytes >> PAGE_SHIFT;
    set_outcomes(e, c->cpu);
    branch_init(&e->predictor, &c->cpu->branch);
    e->breakpoint_passed = ~0ull;
    e->watch_line = NO_LINE;
    pipeline_reset(e);
    memtime_quick_init(e->mem, &e->quick);
    memtime_set_timed(e->mem, e->timed);
    mmu_set_timed(e->mmu, e->timed);
    e->mmu->evicted = host_tlb_evicted;
    e->mmu->opaque = e;
    walk_port_init(e);
    host_tlb_init(e);
    blocks_init(e);
    if (c->heat)
        e->translator = translator_new(e, c->heat, c->code_names);
    return e;
}

void engine_free(struct engine *e)
{
    if (!e)
        return;
    e->mmu->evicted = NULL;
    translator_free(e->translator);
    blocks_free(e);
    host_tlb_free(e);
    observe_free(e);
    free_all(e->breakpoint_va, e->watch, e->memory.watch, e);
}

static void drop_translations(struct engine *e)
{
    host_tlb_flush(e);
    e->context_dirty = true;
    e->epoch = 0; /* the run loop starts an epoch */
    e->check_lines = true;
}

static void drop_accelerators(struct engine *e)
{
    blocks_flush(e);
    drop_translations(e);
}

static void scoreboard_state(struct scoreboard *sb, struct state *s)
{
    state_vals(s, sb->count, sb->open, sb->reg, sb->left);
    state_check(s, sb->count <= SCOREBOARD_MAX && sb->open <= IC_COUNT,
                "scoreboard");
    if (sb->count > SCOREBOARD_MAX)
        sb->count = 0;
    for (unsigned i = 0; i < STORES_MAX; i++) {
        struct pending_store *p = &sb->store[i];
        state_val(s, *p);
        state_check(s,
                    p->base < 32 && p->bytes <= 8 && p->left <= 2 &&
                        p->offset > -8192 && p->offset < 8192,
                    "pending store");
    }
}

void engine_state(struct engine *e, struct state *s)
{
    bool timed = e->timed;

    engine_drain(e);
    state_tag(s, "engine");
    state_flag(s, &timed);
    scoreboard_state(&e->sb, s);
    state_val(s, e->waited);
    state_flag(s, &e->fetched);
    state_val(s, e->fetched_raw);
    state_flag(s, &e->half);
    state_vals(s, e->half_raw, e->split_pa, e->fetch_line, e->by);
    branch_state(&e->predictor, &e->cpu->branch, s);
    state_check(s,
                e->split_pa == NO_LINE ||
                    ram_holds(e, e->split_pa & ~SPLIT_UNCACHED, 1),
                "a split access");
    if (!state_loading(s))
        return;
    bool as_before = e->timed == timed && state_aside(s) && !state_error(s);
    e->timed = timed;
    e->resume_pc = e->h->pc; /* the pipeline's state is that of this pc */
    e->breakpoint_passed = ~0ull;
    if (as_before) /* engine_ram_written() was told of every change of code */
        drop_translations(e);
    else
        drop_accelerators(e);
}

void engine_restart(struct engine *e)
{
    pipeline_reset(e);
}

void engine_ask_stop(struct engine *e)
{
    __atomic_store_n(&e->asked, true, __ATOMIC_RELAXED);
}

void engine_set_deadline(struct engine *e, u64 deadline)
{
    if (deadline < e->deadline)
        e->deadline = deadline;
}

void engine_set_timed(struct engine *e, bool timed)
{
    engine_drain(e);
    e->timed = timed;
    memtime_set_timed(e->mem, timed);
    mmu_set_timed(e->mmu, timed);
    branch_init(&e->predictor, &e->cpu->branch);
    pipeline_reset(e);
    drop_accelerators(e);
}

u64 engine_traps(const struct engine *e)
{
    return e->traps;
}

/* The hart has come here by a jump in time. */
static void forget_first(struct engine *e)
{
    e->first = (struct engine_first){.instret = e->h->instret, .n = 1};
}

void engine_set_traps(struct engine *e, u64 taken)
{
    e->traps = taken;
    forget_first(e);
}

struct engine_first engine_first(const struct engine *e)
{
    return e->first;
}

u8 *engine_written(struct engine *e)
{
    return e->written;
}

void engine_written_clear(struct engine *e)
{
    memset(e->written, 0, e->frames);
    host_tlb_flush(e);
    e->context_dirty = true;
}

bool engine_timed(const struct engine *e)
{
    return e->timed;
}

void engine_ram_written(struct engine *e, u64 pa, u64 bytes)
{
    u64 base = e->port.ram_base, end = base + e->port.ram_bytes;

    if (pa < base) {
        bytes = bytes > base - pa ? bytes - (base - pa) : 0;
        pa = base;
    }
    if (pa >= end)
        return;
    if (bytes > end - pa)
        bytes = end - pa;
    u64 *reserved = &e->h->reservation;
    if (*reserved < pa + bytes && pa < *reserved + LINE_BYTES)
        *reserved = ~0ull;
    while (bytes) {
        u64 room = PAGE_BYTES - (pa & (PAGE_BYTES - 1));
        u64 n = bytes < room ? bytes : room;
        blocks_ram_changed(e, pa, n);
        pa += n;
        bytes -= n;
    }
}

void engine_context_changed(struct engine *e)
{
    host_tlb_flush(e);
    e->context_dirty = true;
}

void engine_breakpoints(struct engine *e, const u64 *va, size_t n)
{
    e->breakpoint_va = xrealloc(e->breakpoint_va, n * sizeof(*va));
    if (n)
        memcpy(e->breakpoint_va, va, n * sizeof(*va));
    e->nbreakpoints = n;
    memset(e->breakpoint_offsets, 0, sizeof(e->breakpoint_offsets));
    for (size_t i = 0; i < n; i++) {
        unsigned at = (unsigned)(va[i] & (PAGE_BYTES - 1)) >> 1;
        e->breakpoint_offsets[at / 64] |= 1ull << (at % 64);
    }
    blocks_flush(e);
}

void engine_pass_breakpoint(struct engine *e)
{
    e->breakpoint_passed = e->h->pc;
}

void engine_watchpoints(struct engine *e, const struct engine_watch *w,
                        size_t n)
{
    e->watch = xrealloc(e->watch, n * sizeof(*w));
    if (n)
        memcpy(e->watch, w, n * sizeof(*w));
    e->nwatch = n;
    e->context_dirty = true;
}

void engine_watch_memory(struct engine *e, const struct engine_watch *w,
                         size_t n)
{
    u64 first = ~0ull, end = 0;

    e->memory.watch = xrealloc(e->memory.watch, n * sizeof(*w));
    if (n)
        memcpy(e->memory.watch, w, n * sizeof(*w));
    e->memory.n = n;
    for (size_t i = 0; i < n; i++) {
        u64 last = frame_of(e, w[i].va + w[i].len - 1);
        first = frame_of(e, w[i].va) < first ? frame_of(e, w[i].va) : first;
        end = last >= end ? last + 1 : end;
    }
    e->memory.frame = first;
    e->memory.frames = n ? end - first : 0;
    e->memory_hit = false;
    host_tlb_flush(e);
    e->context_dirty = true;
}

bool memory_watch_covers(const struct engine *e, u64 pa, u64 n,
                         enum access access)
{
    for (size_t i = 0; i < e->memory.n; i++) {
        const struct engine_watch *w = &e->memory.watch[i];
        bool on = access == ACC_STORE   ? w->on_write
                  : access == ACC_FETCH ? w->on_fetch
                                        : w->on_read;
        if (on && pa < w->va + w->len && w->va < pa + n)
            return true;
    }
    return false;
}

void engine_forget_stops(struct engine *e)
{
    e->watch_hit = e->memory_hit = e->stale_hit = e->trapped = false;
}

bool engine_memory_by_hart(const struct engine *e)
{
    return e->memory_by_hart;
}

struct engine_watched engine_watched(const struct engine *e)
{
    return e->watched;
}

void engine_catch_traps(struct engine *e, bool on)
{
    e->catch_traps = on;
}

void engine_on_commit(struct engine *e,
                      void (*fn)(void *, const struct engine_commit *),
                      void *opaque)
{
    e->commit = fn;
    e->commit_opaque = opaque;
    e->context_dirty = true;
}

void engine_on_trap(struct engine *e, void (*fn)(void *, u64 cause, u64 tval),
                    void *opaque)
{
    e->on_trap = fn;
    e->trap_opaque = opaque;
}

struct cycles_by engine_cycles_by(const struct engine *e)
{
    return e->by;
}

struct branch_predictor *engine_branch(struct engine *e)
{
    return &e->predictor;
}

const u64 *engine_last_use(const struct engine *e)
{
    return e->last_use;
}

void engine_past(struct engine *e, struct state *s)
{
    u64 now = 1 + e->h->cycle / e->epoch_cycles;
    state_val(s, e->traps);
    if (state_loading(s))
        forget_first(e);
    state_bytes(s, e->last_use, e->frames * sizeof(*e->last_use));
    for (u64 i = 0; i < e->frames; i++) {
        state_check(s, e->last_use[i] <= now, "a frame used in the future");
        if (e->last_use[i] > now) /* load refused; avoid a negative age */
            e->last_use[i] = 0;
    }
}

struct engine_host_stats engine_host_stats(const struct engine *e)
{
    return e->stats;
}
