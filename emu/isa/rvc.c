/* SPDX-License-Identifier: MIT */
/* Decodes compressed instructions by the table rvc.def; extracts their fields.
 * */
#include "isa/rvc.h"

/* Returns bit `from` of w, moved to bit `to`. */
static u32 bit_to(u32 w, unsigned from, unsigned to)
{
    return (w >> from & 1) << to;
}

/* Immediates by format (manual 16.2); the scaled ones are byte offsets. */
static s32 imm_ci(u32 w)
{
    return (s32)sext((w >> 7 & 32) | (w >> 2 & 31), 6);
}

static s32 imm_ci16(u32 w)
{
    return (s32)sext(bit_to(w, 12, 9) | (w >> 3 & 3) << 7 | bit_to(w, 5, 6) |
                         bit_to(w, 2, 5) | bit_to(w, 6, 4),
                     10);
}

static s32 imm_ciw(u32 w)
{
    return (s32)((w >> 11 & 3) << 4 | (w >> 7 & 15) << 6 | bit_to(w, 6, 2) |
                 bit_to(w, 5, 3));
}

static s32 imm_clw(u32 w)
{
    return (s32)((w >> 10 & 7) << 3 | bit_to(w, 6, 2) | bit_to(w, 5, 6));
}

static s32 imm_cld(u32 w)
{
    return (s32)((w >> 10 & 7) << 3 | (w >> 5 & 3) << 6);
}

static s32 imm_clwsp(u32 w)
{
    return (s32)(bit_to(w, 12, 5) | (w >> 4 & 7) << 2 | (w >> 2 & 3) << 6);
}

static s32 imm_cldsp(u32 w)
{
    return (s32)(bit_to(w, 12, 5) | (w >> 5 & 3) << 3 | (w >> 2 & 7) << 6);
}

static s32 imm_cswsp(u32 w)
{
    return (s32)((w >> 9 & 15) << 2 | (w >> 7 & 3) << 6);
}

static s32 imm_csdsp(u32 w)
{
    return (s32)((w >> 10 & 7) << 3 | (w >> 7 & 7) << 6);
}

static s32 imm_cb(u32 w)
{
    return (s32)sext(bit_to(w, 12, 8) | (w >> 10 & 3) << 3 | (w >> 5 & 3) << 6 |
                         (w >> 3 & 3) << 1 | bit_to(w, 2, 5),
                     9);
}

static s32 imm_cj(u32 w)
{
    return (s32)sext(bit_to(w, 12, 11) | bit_to(w, 11, 4) | (w >> 9 & 3) << 8 |
                         bit_to(w, 8, 10) | bit_to(w, 7, 6) | bit_to(w, 6, 7) |
                         (w >> 3 & 7) << 1 | bit_to(w, 2, 5),
                     12);
}

#define D     (raw >> 7 & 31)
#define S     (raw >> 2 & 31)
#define d     (8 + (raw >> 2 & 7))
#define s     (8 + (raw >> 7 & 7))
#define SH    ((raw >> 7 & 32) | (raw >> 2 & 31))
#define CI    imm_ci(raw)
#define CI16  imm_ci16(raw)
#define CIW   imm_ciw(raw)
#define CLW   imm_clw(raw)
#define CLD   imm_cld(raw)
#define CLWSP imm_clwsp(raw)
#define CLDSP imm_cldsp(raw)
#define CSWSP imm_cswsp(raw)
#define CSDSP imm_csdsp(raw)
#define CB    imm_cb(raw)
#define CJ    imm_cj(raw)

enum rvc_row {
#define RVC(id, ...) RVC_##id,
#include "isa/rvc.def"
    RVC_COUNT
};

static enum rvc_row find_row(u32 raw)
{
#define RVC(id, name, ext, match, mask, legal, ...)                            \
    if ((raw & (mask)) == (match))                                             \
        return (legal) ? RVC_##id : RVC_COUNT;
#include "isa/rvc.def"
    return RVC_COUNT;
}

enum insn_ext rvc_decode(u32 raw, struct insn *out)
{
    *out = (struct insn){.op = OP_illegal, .len = 2, .raw = raw};
    switch (find_row(raw)) {
#define RVC(id, name, ext, match, mask, legal, twin, rd_, rs1_, rs2_, imm_,    \
            text)                                                              \
    case RVC_##id:                                                             \
        out->op = OP_##twin;                                                   \
        out->rd = (u8)(rd_);                                                   \
        out->rs1 = (u8)(rs1_);                                                 \
        out->rs2 = (u8)(rs2_);                                                 \
        out->imm = (s32)(imm_);                                                \
        return EXT_##ext;
#include "isa/rvc.def"
    case RVC_COUNT:
        break;
    }
    return EXT_C;
}

const struct rvc_text *rvc_text(u32 raw)
{
    static const struct rvc_text text[RVC_COUNT] = {
#define RVC(id, name, ext, match, mask, legal, twin, rd_, rs1_, rs2_, imm_,    \
            operands)                                                          \
    {name, operands},
#include "isa/rvc.def"
    };
    enum rvc_row row = find_row(raw);
    return row == RVC_COUNT ? NULL : &text[row];
}
