/* SPDX-License-Identifier: MIT */
/* Decodes an instruction: finds its row of insns.def, then its operands. */
#include "isa/isa.h"
#include "isa/rvc.h"

/* Searches the rows of one major opcode (bits 6..2), in order. `major` is a
 * constant after inlining, so that the other rows fold away. */
static ALWAYS_INLINE enum op match_major(u32 raw, u64 exts, const u32 major)
{
#define INSN(id, name, format, match, mask, class, ext)                        \
    if (((match) >> 2 & 31) == major && (raw & (mask)) == (match) &&           \
        exts >> (ext)&1)                                                       \
        return OP_##id;
#include "isa/insns.def"
    return OP_illegal;
}

static enum op find_op(u32 raw, u64 exts)
{
#define M(n)                                                                   \
    case n:                                                                    \
        return match_major(raw, exts, n);
#define M4(n) M(n) M(n + 1) M(n + 2) M(n + 3)
    switch (raw >> 2 & 31) {
        M4(0) M4(4) M4(8) M4(12) M4(16) M4(20) M4(24) M4(28)
    }
#undef M4
#undef M
    return OP_illegal; /* not reached: 32 cases above */
}

static s32 imm_i(u32 w)
{
    return (s32)w >> 20;
}

static s32 imm_s(u32 w)
{
    return (s32)w >> 25 << 5 | (s32)(w >> 7 & 31);
}

static s32 imm_b(u32 w)
{
    return (s32)(-(w >> 31) << 12 | (w >> 7 & 1) << 11 | (w >> 25 & 63) << 5 |
                 (w >> 8 & 15) << 1);
}

static s32 imm_j(u32 w)
{
    return (s32)(-(w >> 31) << 20 | (w >> 12 & 255) << 12 |
                 (w >> 20 & 1) << 11 | (w >> 21 & 1023) << 1);
}

static s32 immediate(u32 raw, unsigned format)
{
    switch (format) {
    case IF_I:
    case IF_LOAD:
    case IF_JALR:
    case IF_FLOAD:
        return imm_i(raw);
    case IF_SHIFT64:
        return raw >> 20 & 63;
    case IF_SHIFT32:
        return raw >> 20 & 31;
    case IF_S:
    case IF_FSTORE:
        return imm_s(raw);
    case IF_PREFETCH:
        return imm_s(raw) & ~31;
    case IF_B:
        return imm_b(raw);
    case IF_J:
        return imm_j(raw);
    case IF_U:
        return (s32)(raw & 0xfffff000);
    case IF_CSR:
    case IF_CSRI:
    case IF_FENCE:
        return raw >> 20;
    default:
        return 0;
    }
}

static void decode32(u32 raw, u64 exts, struct insn *out)
{
    unsigned op = find_op(raw, exts);
    unsigned format = isa_info[op].format;
    unsigned has = isa_operands[format];

    *out = (struct insn){.op = op, .len = 4, .raw = raw};
    if (has & (USE_XRD | USE_FRD))
        out->rd = raw >> 7 & 31;
    if (has & (USE_XRS1 | USE_FRS1 | USE_ZIMM))
        out->rs1 = raw >> 15 & 31;
    if (has & (USE_XRS2 | USE_FRS2))
        out->rs2 = raw >> 20 & 31;
    if (has & USE_FRS3)
        out->rs3 = raw >> 27;
    out->imm = immediate(raw, format);
    if (isa_info[op].class == IC_AMO)
        out->rm = raw >> 25 & 3;
    if (has & USE_RM) {
        out->rm = raw >> 12 & 7;
        if (out->rm == 5 || out->rm == 6)
            *out = (struct insn){.op = OP_illegal, .len = 4, .raw = raw};
    }
}

void isa_decode_for(u32 raw, u64 exts, struct insn *out)
{
    if ((raw & 3) == 3) {
        decode32(raw, exts, out);
        return;
    }
    raw &= 0xffff;
    enum insn_ext form = rvc_decode(raw, out);
    if (!(exts >> form & 1) || !(exts >> isa_info[out->op].ext & 1))
        *out = (struct insn){.op = OP_illegal, .len = 2, .raw = raw};
}

void isa_decode(u32 raw, struct insn *out)
{
    isa_decode_for(raw, ISA_ALL, out);
}
