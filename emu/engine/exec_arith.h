/* SPDX-License-Identifier: MIT */
/* A part of exec.c: hart/semantics.def's words for arithmetic that takes a
 * call: floating point, and what a divide costs. */

/* ---- floating point ---- */

#define FPON                                                                   \
    do {                                                                       \
        if (unlikely(!(h->mstatus & MSTATUS_FS)))                              \
            ILLEGAL;                                                           \
    } while (0)
#define FP_CALL(call)                                                          \
    ({                                                                         \
        fs->flags = 0;                                                         \
        fs->sticky = h->fflags_frm & 31;                                       \
        __typeof__(call) c_ = (call);                                          \
        if (fs->flags) {                                                       \
            h->fflags_frm |= fs->flags;                                        \
            h->mstatus |= MSTATUS_FS;                                          \
        }                                                                      \
        c_;                                                                    \
    })
#define FP(call)                                                               \
    ({                                                                         \
        FPON;                                                                  \
        FP_CALL(call);                                                         \
    })
#define FPR(call)                                                              \
    ({                                                                         \
        FPON;                                                                  \
        u32 rm_ = (u32)r->imm;                                                 \
        if (rm_ == FRM_DYN)                                                    \
            rm_ = h->fflags_frm >> 5;                                          \
        if (unlikely(rm_ > FRM_RMM))                                           \
            ILLEGAL;                                                           \
        fs->rm = (u8)rm_;                                                      \
        FP_CALL(call);                                                         \
    })

/* An integer divide takes time by its operands. */
#define IS_SIGNED(op)      ((op) == OP_div || (op) == OP_rem || IS_SIGNED_WORD(op))
#define IS_SIGNED_WORD(op) ((op) == OP_divw || (op) == OP_remw)
#define IS_WORD(op)        (IS_SIGNED_WORD(op) || (op) == OP_divuw || (op) == OP_remuw)
#define DIVIDE(id)                                                             \
    if (TIMED && (unsigned)CLASS_##id == IC_DIV) {                             \
        BEFORE_CALL();                                                         \
        u32 more_ = pipe_divide(&e->cpu->pipe, X(RS1), X(RS2),                 \
                                IS_SIGNED(OP_##id), IS_WORD(OP_##id));         \
        AFTER_CALL();                                                          \
        if (more_) {                                                           \
            SAVE();                                                            \
            OUTCOME(engine_charge(e, more_));                                  \
        }                                                                      \
    }

/* Arithmetic that is, or may be, a function of the host's. */
#define IS_CALLED(id)                                                          \
    ((unsigned)CLASS_##id == IC_CPOP ||                                        \
     ((unsigned)CLASS_##id >= IC_FADDS && (unsigned)CLASS_##id <= IC_FMISC))
