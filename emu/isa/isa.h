/* SPDX-License-Identifier: MIT */
/* The instruction table: isa/insns.def has a row for each instruction,
 * isa/exts.def one for each extension.
 *
 * INSN(id, name, format, match, mask, class, ext)
 *
 * (format, class and ext are written as the full enum constants.) From this
 * table come the decoder (decode.c), the disassembler (disasm.c), the
 * interpreter's functions (engine/handlers.c has one for each id, made from
 * hart/semantics.def) and the pipeline's costs (time/core/pipe.c, by class).
 * The decoder expands compressed instructions to their 32-bit equivalents,
 * which keep len = 2 (rvc.c). */
#pragma once

#include "base/base.h"

enum op {
#define INSN(id, name, format, match, mask, class, ext) OP_##id,
#include "isa/insns.def"
    OP_illegal, /* no row matches */
    OP_COUNT
};

/* Classes of instructions with the same pipeline timing. */
enum insn_class {
    IC_ALU,
    IC_MUL,
    IC_DIV,   /* integer divide and remainder: cost depends on operands */
    IC_CPOP,  /* count ones */
    IC_LOAD,  /* word and doubleword */
    IC_LOADB, /* byte and halfword */
    IC_STORE,
    IC_BRANCH, /* conditional */
    IC_JAL,
    IC_JALR,
    IC_AMO, /* lr, sc and amo */
    IC_CSR,
    IC_FENCE,  /* fence, fence.i, sfence.vma, Svinval */
    IC_SYSTEM, /* ecall, ebreak, xRET, wfi, wrs.*, illegal */
    IC_FLOAD,
    IC_FSTORE,
    IC_FADDS,
    IC_FADDD, /* add, sub */
    IC_FMULS,
    IC_FMULD,
    IC_FMAS,
    IC_FMAD,
    IC_FDIVS,
    IC_FDIVD,
    IC_FSQRTS,
    IC_FSQRTD,
    IC_FMISC, /* compare, classify, convert, move, sign, min, max */
    IC_COUNT
};

/* The extension of an instruction (isa/exts.def). A set of extensions has a bit
 * for each. */
enum insn_ext {
#define EXT(id, ...) EXT_##id,
#include "isa/exts.def"
    EXT_COUNT
};
#define EXT_BIT(id) (1ull << EXT_##id)
#define ISA_ALL     ((1ull << EXT_COUNT) - 1)
static_assert(EXT_COUNT < 64, "a set of extensions is a u64");

enum ext_class { EC_BASE, EC_HART, EC_PAGING, EC_PART };
struct isa_ext {
    const char *name;
    enum ext_class class;
    bool on;
    u64 implies, made_of;
    const char *sentence;
};
extern const struct isa_ext isa_exts[EXT_COUNT];

/* isa_default returns the default of --isa. isa_closed returns exts with all
 * that they imply or form, the base and the privileged architecture. */
u64 isa_default(void);
u64 isa_closed(u64 exts);
/* Parses "rv64imac", "rv64gc_zba_sstc": the base first, then extensions in any
 * order and case. False: *why (n bytes) explains the error. */
bool isa_parse(const char *text, u64 *exts, char *why, size_t n);
/* Writes the canonical string of a set; ISA_TEXT bytes suffice for any. */
#define ISA_TEXT 512
void isa_text(u64 exts, char buf[ISA_TEXT]);
/* Returns misa: MXL 2 and the letters; U and S are always set. */
u64 isa_misa(u64 exts);
void isa_list(void); /* the table in words, on standard output */

/* Operands: how the fields of the encoding are used and printed. */
enum insn_format {
#define FORMAT(id, operands) IF_##id,
#include "isa/formats.def"
    IF_COUNT
};

struct insn_info {
    const char *name;
    u8 format; /* enum insn_format */
    u8 class;  /* enum insn_class */
    u8 ext;    /* enum insn_ext */
};
extern const struct insn_info isa_info[OP_COUNT];

/* A decoded instruction. Fields that the format lacks are 0. rs1 of csrr*i is
 * its 5-bit immediate; imm of fence holds its fm, pred and succ. */
struct insn {
    u16 op; /* enum op */
    u8 len; /* 2 or 4 bytes */
    u8 rm;  /* rounding mode field; aq|rl (bits 1, 0) of AMO */
    u8 rd, rs1, rs2, rs3;
    s32 imm; /* sign-extended immediate, shift amount or CSR number */
    u32 raw; /* as in memory; 16 bits if compressed */
};

/* A bit for each operand and its register file, for interlocks. The last two
 * are not registers: the immediate in the field rs1, and the rounding mode. */
enum {
    USE_XRS1 = 1,
    USE_XRS2 = 2,
    USE_XRD = 4,
    USE_FRS1 = 8,
    USE_FRS2 = 16,
    USE_FRS3 = 32,
    USE_FRD = 64,
    USE_ZIMM = 128,
    USE_RM = 256
};
extern u16 isa_operands[IF_COUNT]; /* by format */
/* Returns the USE_ bits of registers but x0, which is always ready. */
unsigned isa_uses(const struct insn *in);

/* True for branch, jump, system, CSR, fence, illegal. Decoded blocks end after
 * them, but may go on after a forward branch (engine/block.c). */
bool isa_ends_block(const struct insn *in);

/* Decodes raw, of which only the low 16 bits count if raw & 3 != 3. Never
 * fails: gives OP_illegal, with len 2 or 4 by the low two bits. A
 * floating-point instruction with static rounding mode 5 or 6 is OP_illegal;
 * mode 7 (dynamic) is checked when it is executed. */
void isa_decode(u32 raw, struct insn *out);
/* Decodes for a machine with only these extensions, by the first matching row
 * whose extension is present (so without Zicbop the encoding of a prefetch is
 * an ori). OP_illegal: there is no such row. Compressed instructions need C and
 * the extension of their 32-bit equivalent. */
void isa_decode_for(u32 raw, u64 exts, struct insn *out);

/* Disassembles as objdump -M no-aliases does, "addi a0,a0,-1"; pc gives branch
 * targets. Returns the length that snprintf would. */
int isa_disasm(const struct insn *in, u64 pc, char *buf, size_t n);

/* CSR numbers, CSR_mstatus and so on, and their names; NULL: none. */
enum {
#define CSRNAME(number, name) CSR_##name = number,
#include "isa/csrs.def"
};
const char *isa_csr_name(unsigned csr);

extern const char *const isa_xname[32]; /* zero ra sp ... */
extern const char *const isa_fname[32]; /* ft0 ... */
