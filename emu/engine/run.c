/* SPDX-License-Identifier: MIT */
/* The run loop. At its top the hart is between two instructions. The loop
 * checks for stops and interrupts, then enters a block if all of it starts
 * before the deadline, or else executes one instruction alone.
 *
 * An instruction starts after its fetch and its interlock. If it would start at
 * or after the deadline, the loop stops before it; `fetched` and `waited`
 * record that fetch and interlock are paid. */
#include "engine/block_unwind.h"
#include "engine/exec.h"
#include "engine/fetch.h"
#include "engine/observe.h"

#define FFLAGS 31u

/* With fewer cycles left, run_block() does not call block_make(). */
#define WORTH_DECODING (2 * BLOCK_INSNS)

static enum exec_end execute_block(struct engine *e, struct block *b,
                                   u64 cycles, u64 pc)
{
    struct hart *h = e->h;

    e->slice_end = h->cycle + cycles;
    e->slice_instret = h->instret;
    e->budget = COST(cycles, INSTRET_TOP);
    e->leave = false;
    enum exec_end end = exec_run(e, b, pc);
    e->b = e->scratch; /* no block is being executed */
    /* a listener may read the counts; and they must not overflow */
    if (e->commit || e->h->cycle - e->drained_at >= SLICE_MAX)
        engine_drain(e);
    return end;
}

/* ---- one instruction ---- */

/* Waits for the interlock. False: it ends at or after the deadline. */
static bool wait_turn(struct engine *e, const struct insn *in, u32 raw,
                      unsigned *occupies)
{
    unsigned wait = 0;

    *occupies = 1;
    e->scratch_before = e->scratch_after = e->sb;
    if (e->timed)
        wait = pipe_issue(&e->cpu->pipe, &e->scratch_after, in, occupies);
    e->scratch_waited = wait;
    charge(e, &e->by.interlock, wait > e->waited ? wait - e->waited : 0);
    e->waited = wait;
    e->fetched = true;
    e->fetched_raw = raw;
    e->half = false;
    e->half_raw = 0;
    return e->no_check || e->h->cycle < e->deadline;
}

static void scratch_fill(struct engine *e, const struct insn *in, u32 raw,
                         unsigned occupies)
{
    struct block *b = e->scratch;
    struct edges ed = {e->unbound, e->unbound};

    b->n = 1;
    b->bytes = in->len;
    b->cycles = occupies;
    b->cost = COST(occupies, 1);
    b->ends = isa_ends_block(in);
    b->lines = 0;
    b->sums = (sums4){0};
    b->sums[SUM_ISSUE] = occupies;
    b->sums[SUM_MEM] = insn_accesses(in->op);
    rec_fill(e, &b->rec[0], in, e->h->pc);
    b->rec[0].at = 0;
    b->rec[1] = (struct rec){.op = END_CUT,
                             .handler = END_CUT,
                             .pcoff = (u16)(b->rec[0].pcoff + in->len)};
    memcpy(&b->rec[2], &ed, sizeof(ed));
    e->scratch_raw = raw;
}

/* For floating point returns the exception flags raised so far, and clears them
 * until the instruction is done: with NX set, the executor would not compute
 * whether this instruction raises NX (struct fpstate, sticky). */
static u32 commit_begin(struct engine *e, const struct insn *in)
{
    u32 before = 0;

    if (isa_info[in->op].class >= IC_FLOAD) {
        before = e->h->fflags_frm & FFLAGS;
        e->h->fflags_frm &= ~FFLAGS;
    }
    e->log = (struct engine_commit){.pc = e->h->pc,
                                    .raw = in->raw,
                                    .len = in->len,
                                    .op = in->op,
                                    .priv = (u8)e->h->priv};
    e->fs.flags = 0;
    return before;
}

static void commit_csr(struct engine_commit *log, const struct insn *in)
{
    bool always = in->op == OP_csrrw || in->op == OP_csrrwi;

    log->csr = (u16)((u32)in->imm & 0xfff);
    log->csr_written = always || in->rs1;
}

/* Reports the executed instruction; mstatus: the CSR's value before it. */
static void commit(struct engine *e, const struct insn *in, u64 mstatus)
{
    const struct hart *h = e->h;
    struct engine_commit *log = &e->log;
    unsigned uses = isa_uses(in);

    log->xrd = uses & USE_XRD ? (s8)in->rd : -1;
    log->frd = uses & USE_FRD ? (s8)in->rd : -1;
    log->value = log->xrd >= 0 ? h->x[in->rd] : h->f[in->rd];
    log->fflags = e->fs.flags;
    log->mstatus_written =
        in->op == OP_mret || in->op == OP_sret || h->mstatus != mstatus;
    if (isa_info[in->op].class == IC_CSR)
        commit_csr(log, in);
    e->commit(e->commit_opaque, log);
}

static enum exec_end step(struct engine *e, const struct fetched *f)
{
    struct hart *h = e->h;
    u64 pc = h->pc, instret = h->instret, mstatus = h->mstatus;
    u32 raw = e->fetched ? e->fetched_raw : f->raw;
    unsigned occupies;
    u32 fflags = 0;
    struct insn in;

    isa_decode_for(raw, e->h->exts, &in);
    if (!wait_turn(e, &in, raw, &occupies))
        return EXEC_ON;
    /* loop() would do this after a stop here; stops must not change costs */
    if (h->cycle >= e->epoch_end)
        host_tlb_new_epoch(e);
    scratch_fill(e, &in, raw, occupies);
    e->scratch_line = e->fetch_line;
    if (e->commit)
        fflags = commit_begin(e, &in);
    e->no_check = false;
    e->breakpoint_passed = ~0ull;
    if (unlikely(e->fetch_hit))
        e->watch_hit = e->memory_by_hart = true;
    observe_visit(e, pc);
    enum exec_end end = execute_block(e, e->scratch, occupies, pc);
    h->fflags_frm |= fflags;
    if (e->commit && h->instret != instret) /* the instruction retired */
        commit(e, &in, mstatus);
    return end;
}

/* ---- blocks ---- */

/* True if the instruction at pc lies in two pages. */
static bool crosses(const struct engine *e, const struct fetched *f, u64 pc)
{
    return unlikely((pc & (PAGE_BYTES - 1)) == PAGE_BYTES - 2) &&
           (e->port.ram[f->pa - e->port.ram_base] & 3) == 3;
}

/* Enters the block at pc if all its instructions start before anything is
 * due. False: the caller must execute one instruction alone. */
static bool run_block(struct engine *e, const struct fetched *f,
                      enum exec_end *end)
{
    struct hart *h = e->h;
    u64 limit = e->deadline < e->epoch_end ? e->deadline : e->epoch_end;
    u64 left = limit - h->cycle;

    if (left > SLICE_MAX)
        left = SLICE_MAX;
    if (crosses(e, f, h->pc))
        return false; /* no block holds it */
    struct block *b = block_find(e, f->pa, h->pc);
    if (!b && left >= WORTH_DECODING)
        b = block_make(e, f->pa, h->pc);
    if (b && e->timed && b->lines & ~*b->fetch_map)
        b = block_narrow(e, b, h->pc);
    if (!b || b->cycles + b->lead > left)
        return false;
    e->acc[SUM_LINES]--; /* fetch_begin has counted the first line */
    e->breakpoint_passed = ~0ull;
    *end = execute_block(e, b, left, h->pc);
    return true;
}

/* ---- the loop ---- */

struct limits {
    u64 steps; /* stop when instret plus the traps taken reaches this */
    bool step; /* single steps only */
};

static bool breakpoint_at(struct engine *e, u64 pc)
{
    if (!e->nbreakpoints || pc == e->breakpoint_passed)
        return false;
    for (size_t i = 0; i < e->nbreakpoints; i++)
        if (e->breakpoint_va[i] == pc)
            return true;
    return false;
}

/* True if the run must stop before the next instruction; *why: the reason. */
static bool must_stop(struct engine *e, const struct limits *l,
                      enum engine_stop *why)
{
    struct hart *h = e->h;

    /* An instruction may give several reasons: each stops the run in turn. */
    e->trapped &= e->catch_traps;
    if (e->watch_hit || e->memory_hit) {
        e->watch_hit = e->memory_hit = false;
        *why = ENGINE_WATCHPOINT;
        return true;
    }
    if (unlikely(e->stale_hit)) {
        e->stale_hit = false;
        *why = ENGINE_STALE;
        return true;
    }
    if (e->trapped) {
        e->trapped = false;
        *why = ENGINE_TRAPPED;
        return true;
    }
    if (e->no_check)
        return false;
    /* load first: an exchange costs as much as twenty instructions */
    if (__atomic_load_n(&e->asked, __ATOMIC_RELAXED) &&
        __atomic_exchange_n(&e->asked, false, __ATOMIC_RELAXED)) {
        *why = ENGINE_ASKED;
        return true;
    }
    *why = ENGINE_DEADLINE;
    if (h->cycle >= e->deadline || h->instret + e->traps >= l->steps)
        return true;
    *why = ENGINE_WFI;
    if (hart_waits(h))
        return true;
    h->wfi = false;
    return false;
}

static bool may_run_block(const struct engine *e, const struct limits *l,
                          const struct fetched *f)
{
    return !l->step && !e->fetched && !e->waited && !e->no_check && f->plain &&
           !f->watched && scoreboard_empty(&e->sb);
}

/* Runs the next instruction or block. False: a walk was caught. */
static bool advance(struct engine *e, const struct limits *l)
{
    struct fetched f = {0};
    enum exec_end end;

    if (e->half) {
        enum fetch r = fetch_second(e, e->h->pc, &f);
        if (r != FETCH_OK)
            return r != FETCH_CAUGHT;
        e->no_check = false;
    } else if (!e->fetched) {
        e->fetch_hit = false;
        enum fetch r = fetch_begin(e, e->h->pc, &f);
        if (r != FETCH_OK)
            return r != FETCH_CAUGHT;
        /* the fetch may have taken time: an event may be due */
        e->no_check = false;
        if (e->h->cycle >= e->deadline || e->h->cycle >= e->epoch_end)
            return true;
        if (may_run_block(e, l, &f) && run_block(e, &f, &end))
            return end != EXEC_CAUGHT;
        r = fetch_rest(e, e->h->pc, &f);
        if (r != FETCH_OK)
            return r != FETCH_CAUGHT;
    }
    return step(e, &f) != EXEC_CAUGHT;
}

/* The owner may have changed the hart since the last run. */
static void resume(struct engine *e)
{
    if (e->h->pc != e->resume_pc)
        pipeline_reset(e);
    e->leave = false;
    e->no_check = e->mmu->walk.phase != WALK_IDLE;
    e->context_dirty = true;
    e->contexts_valid = 0;
    e->misaligned = hart_has(e->h, EXT_C) ? 0 : 2;
    e->pmp.end = e->pmp.from;
    e->acc = e->branch_acc = (sums4){0};
    assert(!SANITIZED || !e->check_lines || engine_lines_agree(e));
    e->check_lines = false;
}

static enum engine_stop loop(struct engine *e, const struct limits *l)
{
    struct hart *h = e->h;
    enum engine_stop why;

    while (!must_stop(e, l, &why)) {
        if (unlikely(e->mmu->stale))
            stale_settle(e->mmu);
        if (h->cycle >= e->epoch_end || !e->epoch)
            host_tlb_new_epoch(e);
        if (!e->no_check) {
            u64 irq = hart_interrupt(h);
            if (irq) {
                engine_trap(e, irq, 0);
                continue;
            }
            if (breakpoint_at(e, h->pc)) {
                e->breakpoint_passed = h->pc;
                return ENGINE_BREAKPOINT;
            }
        }
        if (e->context_dirty)
            context_update(e);
        if (!advance(e, l))
            return ENGINE_WALK;
        if (e->trapped)
            e->no_check = false;
    }
    return why;
}

static enum engine_stop run(struct engine *e, u64 deadline,
                            const struct limits *l)
{
    resume(e);
    e->deadline = deadline;
    enum engine_stop why = loop(e, l);
    engine_drain(e);
    e->resume_pc = e->h->pc;
    return why;
}

enum engine_stop engine_run(struct engine *e, u64 deadline)
{
    struct limits l = {.steps = ~0ull, .step = e->commit != NULL};
    return run(e, deadline, &l);
}

enum engine_stop engine_step(struct engine *e, u64 n, u64 deadline)
{
    struct limits l = {.steps = e->h->instret + e->traps + n, .step = true};
    if (!n)
        return ENGINE_DEADLINE;
    engine_pass_breakpoint(e);
    return run(e, deadline, &l);
}

void engine_idle_until(struct engine *e, u64 to)
{
    if (to > e->h->cycle)
        charge(e, &e->by.idle, to - e->h->cycle);
}
