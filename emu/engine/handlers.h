/* SPDX-License-Identifier: MIT */
/* The pieces of code that a record may name, besides those of the operations
 * themselves. */
#ifndef CLOCKHAND_ENGINE_HANDLERS_H
#define CLOCKHAND_ENGINE_HANDLERS_H

#include "hart/hart.h"

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

#endif
