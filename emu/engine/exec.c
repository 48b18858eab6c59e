/* SPDX-License-Identifier: MIT */
/* The executor, compiled once for each timing (TIMED 0: fast, 1: cycle).
 *
 * Each row of hart/semantics.def becomes a labelled piece of code; a record
 * names the piece that executes it, and every piece ends by jumping to the
 * next record's. What is live all the time sits in locals: the record, the
 * block, the budget, the page of the program counter, the counters.
 *
 * Entering a block takes its cost from the budget, in cycles and instructions
 * at once; a budget below zero means that the block does not fit before the
 * deadline (or that it is dead), and all of that is looked at in one place,
 * lost. A single step is a block of one instruction with a budget of
 * just its own cost: whatever it wants to enter next does not fit. */
#include "engine/bodies.h" /* generated */
#include "engine/block_unwind.h"
#include "engine/data.h"
#include "engine/fetch.h"
#include "engine/host_tlb.h"
#include "hart/semantics.h"
#include "time/branch.h"
#include "time/quick.h"

static_assert(offsetof(struct hart, f) == 32 * sizeof(u64), "x[32 + n] is f");

#if TIMED
#define EXEC exec_cycle
#else
#define EXEC exec_fast
#endif

/* Classes as constants, so that what does not concern an instruction is not
 * compiled into its piece. */
enum {
#define INSN(id, name, format, match, mask, class, ext) CLASS_##id = class,
#include "isa/insns.def"
#undef INSN
    CLASS_illegal = IC_SYSTEM
};

/* Misses that are served here and now; each returns what is left of the budget,
 * or -1 when it has done nothing. They touch no vector register, and gcc knows:
 * what the executor has there stays. */
#if TIMED
static __attribute__((noinline)) s64
load_missed(struct engine *e, struct frame_lines *f, u64 va, s64 budget)
{
    if (unlikely(budget < e->missed_least) ||
        !memtime_quick_load(&e->quick, f, va))
        return -1;
    return budget - e->missed_cost;
}

static __attribute__((noinline)) s64
store_missed(struct engine *e, struct frame_lines *f, u64 va, s64 budget)
{
    if (unlikely(budget < e->missed_least))
        return -1;
    switch (memtime_quick_store(&e->quick, f, va)) {
    case QUICK_MISSED:
        return budget - e->missed_cost;
    case QUICK_FREE:
        return budget;
    case QUICK_ASK:
        break;
    }
    return -1;
}
#else
#define load_missed(e, f, va, budget)  (budget)
#define store_missed(e, f, va, budget) (budget)
#endif

/* ---- the vocabulary of hart/semantics.def ---- */

#define RD     (r->rd & (SINK_X - 1))
#define RS1    r->rs1
#define RS2    r->rs2
#define RS3    r->rs3
#define IMM    ((s64)r->imm)
#define PC     (page + r->pcoff)
#define NEXTPC (page + r[1].pcoff)
#define X(n)   X_##n /* a local of the body: see OPERANDS */
#define F(n)   x[32 + (n)]
#define F32(n) fp32_unbox(F(n))
#define F16(n) fp16_unbox(F(n))

#define SETX(v)                                                                \
    do {                                                                       \
        set = (u64)(v);                                                        \
        x[r->rd] = set;                                                        \
    } while (0)
#define SETF(v)                                                                \
    do {                                                                       \
        u64 f_ = (v);                                                          \
        F(r->rd) = f_;                                                         \
        h->mstatus |= MSTATUS_FS;                                              \
    } while (0)
#define SETF32(v) SETF(fp32_box((u32)(v)))
#define SETF16(v) SETF(fp16_box((u16)(v)))

/* Before and after any call, so that nothing that has no register of its own
 * there lives across one: a function of this size gets no care from gcc's
 * register allocator (README.md), and what does is kept in memory then. */
#define BEFORE_CALL()                                                          \
    do {                                                                       \
        e->acc = acc;                                                          \
        e->branch_acc = branch_acc;                                            \
        if (TIMED)                                                             \
            e->bp.history = (u8)history;                                       \
    } while (0)
#define AFTER_CALL()                                                           \
    do {                                                                       \
        acc = e->acc;                                                          \
        branch_acc = e->branch_acc;                                            \
        if (TIMED)                                                             \
            history = e->bp.history;                                           \
        tlb = (const char *)e->host_tlb;                                       \
    } while (0)

/* Before and after anything that looks at the engine. */
#define SAVE()                                                                 \
    do {                                                                       \
        BEFORE_CALL();                                                         \
        e->budget = budget;                                                    \
        e->b = b;                                                              \
        e->r = r;                                                              \
        e->page = page;                                                        \
    } while (0)
#define RELOAD()                                                               \
    do {                                                                       \
        budget = e->budget;                                                    \
        AFTER_CALL();                                                          \
    } while (0)

/* What became of a slow access. To leave after this instruction, its record
 * is copied in front of one that leaves. */
#define OUTCOME(result)                                                        \
    do {                                                                       \
        enum outcome s_ = (result);                                            \
        if (unlikely(s_ >= TRAPPED)) {                                         \
            if (s_ == TRAPPED)                                                 \
                goto elsewhere;                                                \
            return EXEC_CAUGHT;                                                \
        }                                                                      \
        RELOAD();                                                              \
        if (unlikely(s_ == LEAVE_AFTER)) {                                     \
            e->leave_rec[0] = *r;                                              \
            e->leave_rec[1].pcoff = r[1].pcoff;                                \
            r = e->leave_rec;                                                  \
        }                                                                      \
    } while (0)

#include "engine/exec_memory.h"

/* ---- control ---- */

#define DISPATCH() goto *(const void *)(base + (s32)r->handler)
#define NEXT()                                                                 \
    do {                                                                       \
        r++;                                                                   \
        DISPATCH();                                                            \
    } while (0)

/* Enters b; where that cannot be, `lost` finds out what its address would be,
 * from the record that led here: who gets in need not know. */
#define ENTER(lost)                                                            \
    do {                                                                       \
        budget -= b->cost;                                                     \
        if (unlikely(budget < 0))                                              \
            goto lost;                                                         \
        if (TIMED && unlikely(b->lines & ~*b->fetch_map))                      \
            goto lost;                                                         \
        acc += b->sums;                                                        \
        r = b->rec;                                                            \
        DISPATCH();                                                            \
    } while (0)
/* An instruction ends the block: its record is the last but one. */
#define LAST_EDGES ((struct edges *)(r + 2))
#define FOLLOW_LAST(which, lost)                                               \
    do {                                                                       \
        b = LAST_EDGES->which;                                                 \
        ENTER(lost);                                                           \
    } while (0)

/* Cycles lost at a transfer; what they overdraw shows at the next entry.
 * Without a branch of its own: the host would miss that one as well. */
#define SUFFER(outcome)                                                        \
    do {                                                                       \
        const struct branch_outcome *o_ = (outcome);                           \
        budget -= o_->cost;                                                    \
        branch_acc += o_->sums;                                                \
    } while (0)
#define LEARN(taken)                                                           \
    do {                                                                       \
        if (TIMED) {                                                           \
            u8 *counter_ =                                                     \
                branch_counter_of(&e->bp, &history, r->slot, taken);           \
            const struct branch_outcome *c_ =                                  \
                branch_row(e->conditional[taken], *counter_);                  \
            *counter_ = c_->next;                                              \
            SUFFER(c_);                                                        \
        }                                                                      \
    } while (0)
#define IS_LINK(reg) (((reg) & ~4) == 1) /* ra, t0 */

#define GOTO                                                                   \
    do {                                                                       \
        if (TIMED && IS_LINK(RD))                                              \
            branch_push(&e->bp, NEXTPC);                                       \
        FOLLOW_LAST(taken, jump_lost);                                         \
    } while (0)
#define BRANCH(condition)                                                      \
    do {                                                                       \
        if (!(condition))                                                      \
            goto fall_through;                                                 \
        LEARN(true);                                                           \
        FOLLOW_LAST(taken, branch_lost);                                       \
    } while (0)
/* The block goes on behind this branch. What a misprediction overdraws ends it
 * here. */
#define SIDE_EXIT(condition)                                                   \
    do {                                                                       \
        if (condition)                                                         \
            goto leave_by_side;                                                \
        LEARN(false);                                                          \
        if (TIMED && unlikely(budget < b->least))                              \
            goto L_overdrawn;                                                  \
    } while (0)
#define JUMP(target)                                                           \
    do {                                                                       \
        pc = (target);                                                         \
        if (TIMED) {                                                           \
            bool wrong_;                                                       \
            if (likely(RD == 0 && IS_LINK(RS1))) {                             \
                wrong_ = branch_pop(&e->bp) != pc;                             \
            } else {                                                           \
                BEFORE_CALL();                                                 \
                wrong_ = branch_target(                                        \
                    &e->bp, PC, pc, IS_LINK(RD),                               \
                    IS_LINK(RS1) && !(IS_LINK(RD) && RS1 == RD), NEXTPC);      \
                AFTER_CALL();                                                  \
            }                                                                  \
            SUFFER(&e->indirect[wrong_]);                                      \
        }                                                                      \
        goto indirect;                                                         \
    } while (0)

#define TRAP(cause, tval)                                                      \
    do {                                                                       \
        u64 tval_ = (tval);                                                    \
        SAVE();                                                                \
        engine_trap_here(e, (cause), tval_);                                   \
        goto elsewhere;                                                        \
    } while (0)
#define ILLEGAL       goto illegal
#define ILLEGAL_SAVED goto illegal_saved
#define ECALL         TRAP(CAUSE_ECALL_U + h->priv, 0)

#include "engine/exec_system.h"
#include "engine/exec_arith.h"

/* What a body may read, in registers of the host. `set` is what the last one
 * wrote. */
#define OPERANDS                                                               \
    const u64 X_RS1 = x[RS1], X_RS2 = x[RS2];                                  \
    (void)X_RS1;                                                               \
    (void)X_RS2;
#define OP(id, ...)                                                            \
    L_##id:                                                                    \
    {                                                                          \
        enum {                                                                 \
            IS_X = (unsigned)CLASS_##id == IC_LOAD ||                          \
                   (unsigned)CLASS_##id == IC_LOADB ||                         \
                   (unsigned)CLASS_##id == IC_STORE,                           \
            IS_NEAR = false                                                    \
        };                                                                     \
        OPERANDS                                                               \
        DIVIDE(id)                                                             \
        if (IS_CALLED(id))                                                     \
            BEFORE_CALL();                                                     \
        __VA_ARGS__;                                                           \
        if (IS_CALLED(id))                                                     \
            AFTER_CALL();                                                      \
    }                                                                          \
    NEXT();

/* Handlers as offsets from the first, so that 32 bits hold them. */
static void fill_handlers(u32 *handlers, const void *const *labels,
                          const char *base)
{
    for (unsigned i = 0; i < HANDLERS; i++)
        handlers[i] = (u32)((const char *)labels[i] - base);
}

/* Where its pieces lie in the host's pages and lines moves its speed by up to
 * 6%: so that stays the same, whatever is linked before it. */
#define SAME_PLACE __attribute__((aligned(4096)))

SAME_PLACE enum exec_end EXEC(struct engine *e, struct block *b, u64 pc)
{
    static const void *const labels[HANDLERS] = {
#define INSN(id, name, format, match, mask, class, ext) [OP_##id] = &&L_##id,
#include "isa/insns.def"
#undef INSN
        [OP_illegal] = &&L_illegal,
        [END_CLEAN] = &&L_clean,
        [END_CUT] = &&L_cut,
        [END_LEAVE] = &&L_leave,
        [LEAD] = &&L_lead,
#define SIDE(id) [OP_side_##id] = &&L_side_##id,
        SIDE_BRANCHES
#undef SIDE
            [FUSED] = &&L_lead,
#define FUSE2(a, h, b) [FUSED_##a##_##h##_##b] = &&L_##a##_##h##_##b,
#define FUSE3(a, h, b, i, c)                                                   \
    [FUSED_##a##_##h##_##b##_##i##_##c] = &&L_##a##_##h##_##b##_##i##_##c,
#define FUSE4(a, h, b, i, c, j, d)                                             \
    [FUSED_##a##_##h##_##b##_##i##_##c##_##j##_##d] =                          \
        &&L_##a##_##h##_##b##_##i##_##c##_##j##_##d,
#define FUSE5(a, h, b, i, c, j, d, k, e)                                       \
    [FUSED_##a##_##h##_##b##_##i##_##c##_##j##_##d##_##k##_##e] =              \
        &&L_##a##_##h##_##b##_##i##_##c##_##j##_##d##_##k##_##e,
#define FUSE6(a, h, b, i, c, j, d, k, e, l, f)                                 \
    [FUSED_##a##_##h##_##b##_##i##_##c##_##j##_##d##_##k##_##e##_##l##_##f] =  \
        &&L_##a##_##h##_##b##_##i##_##c##_##j##_##d##_##k##_##e##_##l##_##f,
#include "engine/fuse.def"
#define MISALIGNED(id) [MISALIGNED_##id] = &&L_misaligned_##id,
        TRANSFERS
#undef MISALIGNED
#define PLAIN(id) [PLAIN_##id] = &&L_plain_##id,
            PLAIN_CSRS
#undef PLAIN
    };
    const char *const base = labels[OP_illegal];
    struct hart *const h = e->h;
    u64 *const x = (u64 *)h; /* x, f, and the sink for x0 */
    struct fpstate *const fs = &e->fs;
    const struct rec *r;
    struct block **edge = NULL;
    u64 page = pc & ~(PAGE_BYTES - 1);
    const char *tlb;
    s64 budget;
    sums4 acc, branch_acc;
    u64 set, base_reg, near_va;
    u32 history = 0; /* bp.history, in cycle timing */
    const struct host_page *near_page;

    if (!b) {
        fill_handlers(e->handlers[TIMED], labels, base);
        return EXEC_ON;
    }
    RELOAD();
    e->leave_rec[1].handler = e->handlers[TIMED][END_LEAVE];
    ENTER(lost);

#include "hart/semantics.def"

/* Some at once. What comes from the one before is in a register of the host:
 * its result, or the base of its access. */
#define PIECE_OF(near, first, second, id)                                      \
    {                                                                          \
        enum { IS_X = true, IS_NEAR = near };                                  \
        const u64 X_RS1 = first, X_RS2 = second;                               \
        (void)X_RS2;                                                           \
        base_reg = X_RS1;                                                      \
        BODY_##id;                                                             \
    }
#define PIECE(id)      PIECE_OF(false, x[RS1], x[RS2], id)
#define PIECE_any(id)  PIECE(id)
#define PIECE_rs1(id)  PIECE_OF(false, set, x[RS2], id)
#define PIECE_rs2(id)  PIECE_OF(false, x[RS1], set, id)
#define PIECE_near(id) PIECE_OF(true, base_reg, x[RS2], id)
#define THEN(how, id)                                                          \
    r++;                                                                       \
    PIECE_##how(id)
#define FUSE2(a, h, b) L_##a##_##h##_##b : PIECE(a) THEN(h, b) NEXT();
#define FUSE3(a, h, b, i, c)                                                   \
    L_##a##_##h##_##b##_##i##_##c : PIECE(a) THEN(h, b) THEN(i, c) NEXT();
#define FUSE4(a, h, b, i, c, j, d)                                             \
    L_##a##_##h##_##b##_##i##_##c##_##j##_##d : PIECE(a) THEN(h, b) THEN(i, c) \
                                                    THEN(j, d) NEXT();
#define FUSE5(a, h, b, i, c, j, d, k, e)                                       \
    L_##a##_##h##_##b##_##i##_##c##_##j##_##d##_##k##_##e                      \
        : PIECE(a) THEN(h, b) THEN(i, c) THEN(j, d) THEN(k, e) NEXT();
#define FUSE6(a, h, b, i, c, j, d, k, e, l, f)                                 \
    L_##a##_##h##_##b##_##i##_##c##_##j##_##d##_##k##_##e##_##l##_##f          \
        : PIECE(a) THEN(h, b) THEN(i, c) THEN(j, d) THEN(k, e) THEN(l, f)      \
              NEXT();
#include "engine/fuse.def"
#define SIDE(id) L_side_##id : PIECE(side_##id) NEXT();
    SIDE_BRANCHES
#undef SIDE

/* Without C: a branch traps if it is taken, and before anything is written
 * (unprivileged manual, 2.5). */
L_misaligned_jal:
    TRAP(CAUSE_FETCH_MISALIGNED, PC + (u64)IMM);
L_misaligned_jalr : {
    u64 to = (x[RS1] + (u64)IMM) & ~1ull;
    if (to & 2)
        TRAP(CAUSE_FETCH_MISALIGNED, to);
    goto L_jalr;
}
#undef BRANCH
#define BRANCH(condition)                                                      \
    if (condition)                                                             \
    TRAP(CAUSE_FETCH_MISALIGNED, PC + (u64)(s64)r->offset)
#define MISALIGNED(id) L_misaligned_##id : PIECE(id) goto L_##id;
    MISALIGNED(beq)
    MISALIGNED(bne)
    MISALIGNED(blt)
    MISALIGNED(bge)
    MISALIGNED(bltu)
    MISALIGNED(bgeu)
#undef MISALIGNED

/* rs2 says where it is, rs3 what stays 0. */
#undef CSR
#define CSR(reads, writes, new)                                                \
    do {                                                                       \
        u64 *word_ = &x[r->rs2], old = *word_;                                 \
        if (unlikely(h->priv < (r->imm >> 8 & 3)))                             \
            ILLEGAL;                                                           \
        if (writes)                                                            \
            *word_ = (new) & ~(u64)r->rs3;                                     \
        SETX(old);                                                             \
        FOLLOW_LAST(fall, fall_lost);                                          \
    } while (0)
#define PLAIN(id) L_plain_##id : PIECE(id)
    PLAIN_CSRS
#undef PLAIN

    /* r is the end record: no instruction of this block transfers control */
L_clean:
    b = ((struct edges *)(r + 1))->fall;
    ENTER(clean_lost);

L_cut:
    r--;
    SAVE();
    block_unwind(e, UNWIND_AFTER);
    return EXEC_ON;

    /* What happens less often has one place for all, so that the function stays
     * small. r: a branch at the end, not taken */
fall_through:
    LEARN(false);
    FOLLOW_LAST(fall, fall_lost);

    /* r: a branch in the middle, taken */
leave_by_side : {
    struct side_exit *out = block_exit(b, r->rd);

    LEARN(true);
    budget += out->refund;
    acc -= *(const sums4 *)out->sums;
    edge = &out->to;
    b = *edge;
    ENTER(side_lost);
}

L_overdrawn:
    SAVE();
    block_unwind(e, UNWIND_AFTER);
    return EXEC_ON;

L_lead:
    budget += COST(1, 0);
    NEXT();

L_leave: /* e->r is still the instruction that asked for it */
    e->budget = budget;
    BEFORE_CALL();
    block_unwind(e, UNWIND_AFTER);
    return EXEC_ON;

elsewhere: /* hart stands between two instructions, at hart.pc */
    if (!engine_goes_on(e))
        return EXEC_ON;
    RELOAD();
    pc = h->pc;

indirect : {
    const struct jump_target *j = &e->jumps[jump_index(pc)];
    edge = NULL;
    page = pc & ~(PAGE_BYTES - 1);
    b = e->stub;
    if (likely(j->va == pc && j->ctx == e->fctx))
        b = j->block;
    ENTER(lost);
}

illegal:
    SAVE();
illegal_saved:
    engine_trap_here(e, CAUSE_ILLEGAL, engine_raw(e));
    goto elsewhere;

    /* its own piece looks the page up */
not_near:
    DISPATCH();

    /* the integer load or store r, when it is no hit */
asks : {
    enum outcome s;
    SAVE();
    s = data_x_line(e);
    goto done;
not_known:
    SAVE();
    s = TIMED ? data_x_cycle(e) : data_x_fast(e);
done:
    if (unlikely(s == TRAPPED))
        goto elsewhere;
    if (unlikely(s == LEAVE_BEFORE))
        return EXEC_CAUGHT;
    RELOAD();
    if (unlikely(s == LEAVE_AFTER))
        goto L_leave;
    NEXT();
}

    /* b was not entered: where it is, and what led there */
jump_lost:
    pc = PC + (u64)IMM;
    edge = &LAST_EDGES->taken;
    goto lost;
fall_lost:
    pc = NEXTPC;
    edge = &LAST_EDGES->fall;
    goto lost;
clean_lost:
    pc = PC;
    edge = &((struct edges *)(r + 1))->fall;
    goto lost;
branch_lost:
    edge = &LAST_EDGES->taken;
side_lost:
    pc = PC + (u64)(s64)r->offset;
lost:
    budget += b->cost;
    page = pc & ~(PAGE_BYTES - 1);
    if (b == e->far) {
        const struct jump_target *j = &e->jumps[jump_index(pc)];
        if (likely(j->va == pc && j->ctx == e->fctx &&
                   j->block->cost != DEAD_COST)) {
            edge = NULL;
            b = j->block;
            ENTER(lost);
        }
    }
    if (b->cost == DEAD_COST && budget >= COST(1, 0)) {
        e->budget = budget;
        BEFORE_CALL();
        b = fetch_quick(e, pc, edge);
        edge = NULL;
        RELOAD();
        if (b)
            ENTER(lost);
    } else if (TIMED && b->wide && budget >= b->cost) {
        BEFORE_CALL();
        b = block_narrow(e, b, pc);
        AFTER_CALL();
        edge = NULL;
        if (b)
            ENTER(lost);
    }
    e->budget = budget;
    BEFORE_CALL();
    engine_out(e, pc);
    return EXEC_ON;
}
