/* SPDX-License-Identifier: MIT */
/* The handlers: one function for each row of hart/semantics.def, compiled for
 * each timing (TIMED 0: fast, 1: cycle). This file defines the words of these
 * rows.
 *
 * In a handler r is the record, h the hart, x its registers, X_RS1 and X_RS2
 * the initial values of rs1 and rs2, `next` the next record, and `went` the
 * outcome of a called function: if it is >= TRAPPED, nothing is written. */
#include "engine/block_unwind.h"
#include "engine/data.h"
#include "engine/exec.h"
#include "engine/host_tlb.h"
#include "engine/system.h"
#include "engine/translate.h"
#include "hart/semantics.h"
#include "time/core/branch.h"

static_assert(offsetof(struct hart, f) == 32 * sizeof(u64), "x[32 + n] is f");

typedef const struct rec *next_rec;

#define RD     (r->rd & (SINK_X - 1))
#define RS1    r->rs1
#define RS2    r->rs2
#define RS3    r->rs3
#define IMM    ((u64)(s64)r->imm)
#define K(k)   ((u64)(k))
#define PC     (e->page + r->pcoff)
#define NEXTPC (e->page + r[1].pcoff)
#define X(n)   X_##n
#define F(n)   x[32 + (n)]
#define F32(n) fp32_unbox(F(n))
#define F16(n) fp16_unbox(F(n))

#define SETX(v)                                                                \
    do {                                                                       \
        u64 v_ = (u64)(v);                                                     \
        if (went < TRAPPED)                                                    \
            x[r->rd] = v_;                                                     \
    } while (0)
#define SETF(v)                                                                \
    do {                                                                       \
        u64 v_ = (v);                                                          \
        if (went < TRAPPED) {                                                  \
            F(r->rd) = v_;                                                     \
            h->mstatus |= MSTATUS_FS;                                          \
        }                                                                      \
    } while (0)
#define SETF32(v) SETF(fp32_box((u32)(v)))
#define SETF16(v) SETF(fp16_box((u16)(v)))

#define ADD(a, b)       ((a) + (b))
#define SUB(a, b)       ((a) - (b))
#define MUL(a, b)       ((a) * (b))
#define AND(a, b)       ((a) & (b))
#define OR(a, b)        ((a) | (b))
#define XOR(a, b)       ((a) ^ (b))
#define NOT(a)          (~(a))
#define SLL(a, n)       ((a) << ((n)&63))
#define SRL(a, n)       ((a) >> ((n)&63))
#define SRA(a, n)       ((u64)((s64)(a) >> ((n)&63)))
#define EQ(a, b)        ((a) == (b))
#define NE(a, b)        ((a) != (b))
#define LT(a, b)        ((s64)(a) < (s64)(b))
#define GE(a, b)        ((s64)(a) >= (s64)(b))
#define LTU(a, b)       ((a) < (b))
#define GEU(a, b)       ((a) >= (b))
#define S8(a)           ((u64)(s64)(s8)(a))
#define S16(a)          ((u64)(s64)(s16)(a))
#define S32(a)          ((u64)(s64)(s32)(a))
#define U8(a)           ((u64)(u8)(a))
#define U16(a)          ((u64)(u16)(a))
#define U32(a)          ((u64)(u32)(a))
#define SELECT(c, a, b) ((c) ? (a) : (b))

/* ---- memory ---- */

#if TIMED
#define DATA_LOAD  data_load_cycle
#define DATA_STORE data_store_cycle
#else
#define DATA_LOAD  data_load_fast
#define DATA_STORE data_store_fast
#endif

/* Equals the tag of va's page only if va is aligned: the low bits are kept. */
#define PAGE_TAG(va, type) ((va) & (~(PAGE_BYTES - 1) | (sizeof(type) - 1)))

/* True if an access to a page in the host TLB needs no slow path. */
static inline bool line_is_plain(const struct host_page *t, u64 va, bool store)
{
    u64 bit = va >> LINE_SHIFT & 63;

    if (TIMED)
        return (store ? t->lines->wr_ok : t->lines->rd_ok) >> bit & 1;
    return !store || !(*t->code >> bit & 1);
}

/* Charges for a line that is not plain. A store drops decoded code there. */
static enum outcome bring_line(struct engine *e, const struct rec *r,
                               const struct host_page *t, u64 va, bool store)
{
    e->r = r;
    return charge_line(e, t->host + va, store);
}

#define LOAD(type, address)                                                    \
    ({                                                                         \
        u64 a_ = (address), w_ = 0;                                            \
        type l_;                                                               \
        const struct host_page *t_ = host_tlb_slot(e, a_, TIMED);              \
        if (likely(t_->load == PAGE_TAG(a_, type))) {                          \
            if (unlikely(!line_is_plain(t_, a_, false)))                       \
                went = bring_line(e, r, t_, a_, false);                        \
            l_ = *(const type *)(uintptr_t)(t_->host + a_);                    \
        } else {                                                               \
            e->r = r;                                                          \
            went = DATA_LOAD(e, a_, sizeof(type), &w_);                        \
            l_ = (type)w_;                                                     \
        }                                                                      \
        l_;                                                                    \
    })
#define STORE(type, address, value)                                            \
    do {                                                                       \
        u64 a_ = (address);                                                    \
        type s_ = (type)(value);                                               \
        const struct host_page *t_ = host_tlb_slot(e, a_, TIMED);              \
        if (likely(t_->store == PAGE_TAG(a_, type))) {                         \
            if (unlikely(!line_is_plain(t_, a_, true)))                        \
                went = bring_line(e, r, t_, a_, true);                         \
            *(type *)(uintptr_t)(t_->host + a_) = s_;                          \
        } else {                                                               \
            e->r = r;                                                          \
            went = DATA_STORE(e, a_, sizeof(type), (u64)s_);                   \
        }                                                                      \
    } while (0)
#define LR(type, address)                                                      \
    ({                                                                         \
        u64 w_ = 0;                                                            \
        e->r = r;                                                              \
        went = data_lr(e, (address), sizeof(type), &w_);                       \
        (type) w_;                                                             \
    })
#define SC(type, address, value)                                               \
    ({                                                                         \
        u64 failed_ = 0;                                                       \
        e->r = r;                                                              \
        went =                                                                 \
            data_sc(e, (address), sizeof(type), (u64)(type)(value), &failed_); \
        failed_;                                                               \
    })
#define AMO(type, address, expression)                                         \
    ({                                                                         \
        void *p_ = NULL;                                                       \
        type old = 0, src = (type)X(RS2);                                      \
        (void)src;                                                             \
        e->r = r;                                                              \
        went = data_amo(e, (address), sizeof(type), &p_);                      \
        if (went < TRAPPED) {                                                  \
            old = *(type *)p_;                                                 \
            *(type *)p_ = (type)(expression);                                  \
            data_amo_done(e, (u64) * (type *)p_);                              \
        }                                                                      \
        old;                                                                   \
    })
#define CBO(operation)                                                         \
    do {                                                                       \
        e->r = r;                                                              \
        if (hart_cbo_allowed(h, operation))                                    \
            went = data_cbo(e, X(RS1), operation);                             \
        else                                                                   \
            ILLEGAL;                                                           \
    } while (0)

/* ---- control ---- */

#define LAST_EDGES ((struct edges *)(uintptr_t)(r + 2))

/* Goes on after a block's last instruction: the edges follow the end record. */
static inline next_rec fall(struct engine *e, const struct rec *r)
{
    struct block **edge = &LAST_EDGES->fall;
    return exec_enter(e, *edge, NEXTPC, edge, TIMED);
}

/* Charges the cycles lost at a transfer. The next block entry, or branch() if
 * the block is not left, notices an overdrawn budget. */
static inline void charge_branch(struct engine *e,
                                 const struct branch_outcome *o)
{
    e->budget -= o->cost;
    e->branch_acc += o->sums;
}

static inline void learn_branch(struct engine *e, const struct rec *r,
                                bool taken)
{
    u32 history = e->predictor.history;
    u8 *counter = branch_counter_of(&e->predictor, &history, r->slot, taken);

    e->predictor.history = (u8)history;
    charge_branch(e, &e->conditional[taken][*counter / BRANCH_STEP]);
    *counter = (u8)(e->counter_next[taken] >> *counter);
}

static inline next_rec leave_by_side(struct engine *e, const struct rec *r)
{
    struct side_exit *out = block_exit(e->b, r->rd);

    e->budget += out->refund;
    e->acc -= *(const sums4 *)out->sums;
    return exec_enter(e, out->to, PC + (u64)(s64)r->offset, &out->to, TIMED);
}

/* True if a taken transfer to this address, or by this offset, traps before it
 * writes anything: bit 1 is set and C is absent (unprivileged manual, 2.5). */
static inline bool misaligned(const struct engine *e, u64 to)
{
    return unlikely(to & e->misaligned);
}

/* Goes on after a branch. An untaken branch with a side exit (rs3) leaves the
 * block only if a misprediction has overdrawn the budget. */
static inline next_rec branch(struct engine *e, const struct rec *r, bool taken)
{
    if (taken && misaligned(e, (u64)r->offset))
        return exec_trap(e, r, CAUSE_FETCH_MISALIGNED,
                         PC + (u64)(s64)r->offset);
    if (TIMED)
        learn_branch(e, r, taken);
    if (!r->rs3) {
        struct block **edge = &LAST_EDGES->taken;
        return taken
                   ? exec_enter(e, *edge, PC + (u64)(s64)r->offset, edge, TIMED)
                   : fall(e, r);
    }
    if (taken)
        return leave_by_side(e, r);
    if (TIMED && unlikely(overdrawn(e)))
        return exec_leave_after(e, r);
    return r + 1;
}

#define IS_LINK(reg) (((reg) & ~4) == 1) /* ra, t0 */

static inline next_rec jal(struct engine *e, const struct rec *r, u64 *x)
{
    struct block **edge = &LAST_EDGES->taken;

    if (misaligned(e, (u64)IMM))
        return exec_trap(e, r, CAUSE_FETCH_MISALIGNED, PC + (u64)IMM);
    if (TIMED && IS_LINK(RD))
        branch_push(&e->predictor, NEXTPC);
    x[r->rd] = NEXTPC;
    return exec_enter(e, *edge, PC + (u64)IMM, edge, TIMED);
}

static inline next_rec jalr(struct engine *e, const struct rec *r, u64 *x,
                            u64 to)
{
    if (misaligned(e, to))
        return exec_trap(e, r, CAUSE_FETCH_MISALIGNED, to);
    if (TIMED) {
        bool wrong =
            likely(RD == 0 && IS_LINK(RS1))
                ? branch_pop(&e->predictor) != to
                : branch_target(&e->predictor, PC, to, IS_LINK(RD),
                                IS_LINK(RS1) && !(IS_LINK(RD) && RS1 == RD),
                                NEXTPC);
        charge_branch(e, &e->indirect[wrong]);
    }
    x[r->rd] = NEXTPC;
    return exec_indirect(e, to);
}

#define GOTO              next = jal(e, r, x)
#define JUMP(to)          next = jalr(e, r, x, (to))
#define BRANCH(cond)      next = branch(e, r, (cond))
#define TRAP(cause, tval) next = exec_trap(e, r, (cause), (tval))
#define ILLEGAL           next = exec_illegal(e, r)
#define ECALL             TRAP(CAUSE_ECALL_U + h->priv, 0)

/* ---- the system ---- */

#define FENCE                                                                  \
    do {                                                                       \
        e->r = r;                                                              \
        if (TIMED && unlikely(*e->quick.busy_until))                           \
            data_fence(e);                                                     \
        next = fall(e, r);                                                     \
    } while (0)
#define FENCEI FENCE /* stores have dropped the code that they changed */
#define NOT_USER(statement)                                                    \
    do {                                                                       \
        if (h->priv == PRV_U)                                                  \
            ILLEGAL;                                                           \
        else                                                                   \
            statement;                                                         \
    } while (0)
#define XRET(function) next = system_return(e, r, function)
#define WFI            next = system_wfi(e, r)
#define WRS(kind)      next = system_wrs(e, r, kind)
#define SFENCE         next = system_sfence(e, r)
#define HINT           (void)0
/* A CSR that is a plain word of struct hart (csr_fill() in block.c) is accessed
 * directly. */
#define OLD old
#define CSR(reads, writes, new)                                                \
    do {                                                                       \
        struct csr_access c_ = {.read = (reads), .write = (writes)};           \
        if (likely(r->rs2 && h->priv >= (r->imm >> 8 & 3))) {                  \
            u64 old = x[r->rs2];                                               \
            if (writes)                                                        \
                x[r->rs2] = (new) & ~(u64)r->rs3;                              \
            SETX(old);                                                         \
            next = fall(e, r);                                                 \
        } else if (system_csr_read(e, r, &c_)) {                               \
            u64 old = c_.old;                                                  \
            (void)old;                                                         \
            next = system_csr_write(e, r, &c_, (new));                         \
        } else {                                                               \
            ILLEGAL;                                                           \
        }                                                                      \
    } while (0)

/* ---- floating point, and division, whose time depends on operands ---- */

#define FPON(statement)                                                        \
    do {                                                                       \
        if (likely(h->mstatus & MSTATUS_FS))                                   \
            statement;                                                         \
        else                                                                   \
            ILLEGAL;                                                           \
    } while (0)
#define FP_FLAGS(statement)                                                    \
    do {                                                                       \
        struct fpstate *const fs = &e->fs;                                     \
        fs->flags = 0;                                                         \
        fs->sticky = h->fflags_frm & 31;                                       \
        statement;                                                             \
        if (fs->flags) {                                                       \
            h->fflags_frm |= fs->flags;                                        \
            h->mstatus |= MSTATUS_FS;                                          \
        }                                                                      \
    } while (0)
#define FP(statement) FPON(FP_FLAGS(statement))
#define FP32(op, ...) fp32_##op(__VA_ARGS__, fs)
#define FP64(op, ...) fp64_##op(__VA_ARGS__, fs)
#define FPR(statement)                                                         \
    do {                                                                       \
        u32 rm_ = (u32)r->imm;                                                 \
        if (rm_ == FRM_DYN)                                                    \
            rm_ = h->fflags_frm >> 5;                                          \
        if (unlikely(rm_ > FRM_RMM || !(h->mstatus & MSTATUS_FS))) {           \
            ILLEGAL;                                                           \
        } else {                                                               \
            e->fs.rm = (u8)rm_;                                                \
            FP_FLAGS(statement);                                               \
        }                                                                      \
    } while (0)

#define IS_SIGNED(op)      ((op) == OP_div || (op) == OP_rem || IS_SIGNED_WORD(op))
#define IS_SIGNED_WORD(op) ((op) == OP_divw || (op) == OP_remw)
#define IS_WORD(op)        (IS_SIGNED_WORD(op) || (op) == OP_divuw || (op) == OP_remuw)
static inline enum outcome divide(struct engine *e, const struct rec *r,
                                  unsigned op, u64 a, u64 b)
{
    u32 more = pipe_divide(&e->cpu->pipe, a, b, IS_SIGNED(op), IS_WORD(op));

    e->r = r;
    return more ? engine_charge(e, more) : GO_ON;
}

/* ---- the functions ---- */

enum {
#define INSN(id, name, format, match, mask, class, ext) CLASS_##id = class,
#include "isa/insns.def"
    CLASS_illegal = IC_SYSTEM
};

#define OP(id, ...)                                                            \
    static next_rec op_##id(struct engine *e, const struct rec *r)             \
    {                                                                          \
        struct hart *const h = e->h;                                           \
        u64 *const x = (u64 *)h; /* x, f, and the sink for x0 */               \
        const u64 X_RS1 = x[RS1], X_RS2 = x[RS2];                              \
        next_rec next = r + 1;                                                 \
        enum outcome went = GO_ON;                                             \
        (void)X_RS1;                                                           \
        (void)X_RS2;                                                           \
        if (TIMED && (unsigned)CLASS_##id == IC_DIV)                           \
            went = divide(e, r, OP_##id, X_RS1, X_RS2);                        \
        __VA_ARGS__;                                                           \
        return likely(went == GO_ON) ? next : exec_left(e, r, went);           \
    }
#define CALL OP
#include "hart/semantics.def"

static next_rec end_clean(struct engine *e, const struct rec *r)
{
    struct block **edge = &((struct edges *)(uintptr_t)(r + 1))->fall;
    return exec_enter(e, *edge, PC, edge, TIMED);
}

static next_rec end_cut(struct engine *e, const struct rec *r)
{
    return exec_leave_after(e, r - 1);
}

static next_rec lead(struct engine *e, const struct rec *r)
{
    e->budget += COST(1, 0);
    return r + 1;
}

#ifdef __EMSCRIPTEN__ /* a call through a table costs more than most rows */
static next_rec each_record(struct engine *e, const struct rec *r)
{
    while (r)
        switch (r->handler) {
#define INSN(id, name, format, match, mask, class, ext)                        \
    case OP_##id:                                                              \
        r = op_##id(e, r);                                                     \
        break;
#include "isa/insns.def"
        default:
            r = r->handler == LEAD        ? lead(e, r)
                : r->handler == END_CLEAN ? end_clean(e, r)
                : r->handler == END_CUT   ? end_cut(e, r)
                                          : op_illegal(e, r);
        }
    return NULL;
}
#else
#define each_record NULL
#endif

#if TIMED
const handler_fn handlers_cycle[HANDLERS] = {
#else
const handler_fn handlers_fast[HANDLERS] = {
#endif
#define INSN(id, name, format, match, mask, class, ext) [OP_##id] = op_##id,
#include "isa/insns.def"
    [OP_illegal] = op_illegal,   [END_CLEAN] = end_clean,
    [END_CUT] = end_cut,         [LEAD] = lead,
    [TRY] = translate_try,       [TRANSLATED] = translate_run,
    [EACH_RECORD] = each_record,
};
