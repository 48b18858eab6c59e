/* SPDX-License-Identifier: MIT */
/* Queries of the instruction table. */
#include "isa/isa.h"

const struct insn_info isa_info[OP_COUNT] = {
#define INSN(id, name, format, match, mask, class, ext)                        \
    [OP_##id] = {name, format, class, ext},
#include "isa/insns.def"
#undef INSN
    [OP_illegal] = {"unimp", IF_NONE, IC_SYSTEM, EXT_I},
};

const char *const isa_xname[32] = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};

const char *const isa_fname[32] = {
    "ft0", "ft1", "ft2",  "ft3",  "ft4", "ft5", "ft6",  "ft7",
    "fs0", "fs1", "fa0",  "fa1",  "fa2", "fa3", "fa4",  "fa5",
    "fa6", "fa7", "fs2",  "fs3",  "fs4", "fs5", "fs6",  "fs7",
    "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11"};

const char *isa_csr_name(unsigned csr)
{
    switch (csr) {
#define CSRNAME(number, name)                                                  \
    case number:                                                               \
        return #name;
#include "isa/csrs.def"
#undef CSRNAME
    default:
        return NULL;
    }
}

static const u8 format_uses[IF_COUNT] = {
    [IF_R] = USE_XRD | USE_XRS1 | USE_XRS2,
    [IF_I] = USE_XRD | USE_XRS1,
    [IF_SHIFT64] = USE_XRD | USE_XRS1,
    [IF_SHIFT32] = USE_XRD | USE_XRS1,
    [IF_LOAD] = USE_XRD | USE_XRS1,
    [IF_S] = USE_XRS1 | USE_XRS2,
    [IF_B] = USE_XRS1 | USE_XRS2,
    [IF_U] = USE_XRD,
    [IF_J] = USE_XRD,
    [IF_JALR] = USE_XRD | USE_XRS1,
    [IF_CSR] = USE_XRD | USE_XRS1,
    [IF_CSRI] = USE_XRD,
    [IF_SFENCE] = USE_XRS1 | USE_XRS2,
    [IF_R1] = USE_XRD | USE_XRS1,
    [IF_CBO] = USE_XRS1,
    [IF_PREFETCH] = USE_XRS1,
    [IF_LR] = USE_XRD | USE_XRS1,
    [IF_AMO] = USE_XRD | USE_XRS1 | USE_XRS2,
    [IF_FLOAD] = USE_FRD | USE_XRS1,
    [IF_FSTORE] = USE_XRS1 | USE_FRS2,
    [IF_FR] = USE_FRD | USE_FRS1 | USE_FRS2,
    [IF_FRM] = USE_FRD | USE_FRS1 | USE_FRS2,
    [IF_FR4] = USE_FRD | USE_FRS1 | USE_FRS2 | USE_FRS3,
    [IF_F1] = USE_FRD | USE_FRS1,
    [IF_FCMP] = USE_XRD | USE_FRS1 | USE_FRS2,
    [IF_FX] = USE_XRD | USE_FRS1,
    [IF_XF] = USE_FRD | USE_XRS1,
    [IF_FMVX] = USE_XRD | USE_FRS1,
    [IF_FMVF] = USE_FRD | USE_XRS1,
};

/* x0 is always ready, so it is left out. */
unsigned isa_uses(const struct insn *in)
{
    unsigned uses = format_uses[isa_info[in->op].format];
    if (!in->rd)
        uses &= ~(unsigned)USE_XRD;
    if (!in->rs1)
        uses &= ~(unsigned)USE_XRS1;
    if (!in->rs2)
        uses &= ~(unsigned)USE_XRS2;
    return uses;
}

bool isa_ends_block(const struct insn *in)
{
    switch (isa_info[in->op].class) {
    case IC_BRANCH:
    case IC_JAL:
    case IC_JALR:
    case IC_CSR:
    case IC_FENCE:
    case IC_SYSTEM:
        return true;
    default:
        return false;
    }
}
