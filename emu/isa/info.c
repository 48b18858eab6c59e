/* SPDX-License-Identifier: MIT */
/* Looks up properties of instructions and operands in the .def tables. */
#include "isa/isa.h"

const struct insn_info isa_info[OP_COUNT] = {
#define INSN(id, name, format, match, mask, class, ext)                        \
    [OP_##id] = {name, format, class, ext},
#include "isa/insns.def"
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
    default:
        return NULL;
    }
}

/* Returns the USE_ bit of a letter of formats.def, or 0. */
static unsigned operand_of(char letter)
{
    static const char letters[] = "stdSTRDzm";
    const char *at = strchr(letters, letter == 'o' ? 's' : letter);
    return at ? 1u << (at - letters) : 0;
}

u16 isa_operands[IF_COUNT];

__attribute__((constructor)) static void read_formats(void)
{
    static const char *const operands[IF_COUNT] = {
#define FORMAT(id, operands) operands,
#include "isa/formats.def"
    };
    for (unsigned i = 0; i < IF_COUNT; i++)
        for (const char *p = operands[i]; *p; p++)
            isa_operands[i] |= (u16)operand_of(*p);
}

unsigned isa_uses(const struct insn *in)
{
    unsigned uses = isa_operands[isa_info[in->op].format] & (USE_ZIMM - 1);
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
