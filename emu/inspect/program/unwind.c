/* SPDX-License-Identifier: MIT */
/* Unwinds stacks by call frame information (DWARF 5, 6.4), which tells for each
 * pc how to find the caller's stack pointer, return address and s0. libdw's
 * answer for a pc is kept in a hash table as a rule of three offsets. In a
 * program without such information the function's code is read from its first
 * instruction on, for its effects on sp, ra and s0. */
#include "inspect/walk.h"
#include "inspect/program/unwind.h"

#include "boot/elf.h"
#include "inspect/task.h"
#include "isa/isa.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <libelf.h>
#include <stdlib.h>
#include <unistd.h>

enum { REG_RA = 1, REG_SP = 2, REG_S0 = 8 };

/* DWARF register numbers after those of the x registers (RISC-V psABI): the pc
 * to which a trap handler returns, then CSRs. */
enum { COLUMN_PC = 64, COLUMN_CSR = 4096, COLUMNS_END = 8192 };

/* Where the caller's value of a register is. */
enum place { UNKNOWN, SAME, SAVED /* at the caller's sp + offset */ };
struct rule {
    u64 pc; /* ~0: empty */
    s32 cfa, ra, s0;
    u8 cfa_reg; /* 0: no rule */
    u8 ra_place, s0_place;
};
#define RULES 8192 /* a power of two */

struct unwinder {
    int fd;
    Elf *elf;
    Dwarf *dwarf;
    Dwarf_CFI *cfi[2]; /* .debug_frame, .eh_frame */
    bool (*rules)(void *, u64 pc, u64 *own, Dwarf_CFI *cfi[2]); /* or NULL */
    bool (*start)(void *, u64 pc, u64 *first);
    void *opaque;
    struct rule rule[RULES];
};

void unwinder_forget(struct unwinder *u)
{
    for (unsigned i = 0; i < RULES; i++)
        u->rule[i].pc = ~0ull;
}

struct unwinder *unwinder_new(const char *file,
                              bool (*start)(void *, u64 pc, u64 *first),
                              void *opaque)
{
    struct unwinder *u = xcalloc(1, sizeof *u);

    unwinder_forget(u);
    u->start = start;
    u->opaque = opaque;
    u->fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (u->fd < 0)
        return u;
    elf_version(EV_CURRENT);
    u->elf = elf_begin(u->fd, ELF_C_READ, NULL);
    if (!u->elf)
        return u;
    u->dwarf = dwarf_begin_elf(u->elf, DWARF_C_READ, NULL);
    if (u->dwarf)
        u->cfi[0] = dwarf_getcfi(u->dwarf);
    u->cfi[1] = dwarf_getcfi_elf(u->elf);
    return u;
}

void unwinder_free(struct unwinder *u)
{
    if (!u)
        return;
    dwarf_end(u->dwarf); /* frees cfi[0], too */
    if (u->cfi[1])
        dwarf_cfi_end(u->cfi[1]);
    elf_end(u->elf);
    if (u->fd >= 0)
        close(u->fd);
    free(u);
}

void unwinder_programs(struct unwinder *u,
                       bool (*rules)(void *, u64 pc, u64 *own,
                                     struct Dwarf_CFI_s *cfi[2]))
{
    u->rules = rules;
}

/* ---- rules -------------------------------------------------------------- */

/* Gives the CFA (the caller's sp) as sp + offset or s0 + offset, the only forms
 * that compilers write; false: another form. */
static bool cfa_of(Dwarf_Frame *f, struct rule *r)
{
    Dwarf_Op *op;
    size_t n;

    if (dwarf_frame_cfa(f, &op, &n) || n != 1)
        return false;
    if (op[0].atom >= DW_OP_breg0 && op[0].atom <= DW_OP_breg31) {
        r->cfa_reg = (u8)(op[0].atom - DW_OP_breg0);
        r->cfa = (s32)op[0].number;
    } else if (op[0].atom == DW_OP_bregx && op[0].number < 32) {
        r->cfa_reg = (u8)op[0].number;
        r->cfa = (s32)op[0].number2;
    }
    return r->cfa_reg == REG_SP || r->cfa_reg == REG_S0;
}

/* Returns SAME, SAVED (at CFA + *offset) or UNKNOWN. */
static u8 place_of(Dwarf_Frame *f, int reg, s32 *offset)
{
    Dwarf_Op mem[3], *op;
    size_t n;

    if (dwarf_frame_register(f, reg, mem, &op, &n))
        return UNKNOWN;
    if (!n) /* op NULL: unchanged; else undefined, and without ra no caller */
        return op && reg == REG_RA ? UNKNOWN : SAME;
    if (op[0].atom != DW_OP_call_frame_cfa || n > 2)
        return UNKNOWN;
    *offset = 0;
    if (n == 2 && op[1].atom != DW_OP_plus_uconst)
        return UNKNOWN;
    if (n == 2)
        *offset = (s32)op[1].number;
    return SAVED;
}

/* Returns the call frame information at pc, to be freed with free(); NULL:
 * none. *trap: pc is in a trap handler, which no call entered. *any: the
 * program has call frame information. */
static Dwarf_Frame *frame_at(const struct unwinder *u, u64 pc, bool *trap,
                             bool *any)
{
    Dwarf_CFI *cfi[2] = {u->cfi[0], u->cfi[1]};
    Dwarf_Frame *f = NULL;

    if (u->rules && !u->rules(u->opaque, pc, &pc, cfi))
        cfi[0] = cfi[1] = NULL;
    *trap = false;
    *any = cfi[0] || cfi[1];
    for (unsigned i = 0; i < ARRAY_LEN(cfi) && !f; i++)
        if (cfi[i] && dwarf_cfi_addrframe(cfi[i], pc, &f))
            f = NULL;
    if (f)
        dwarf_frame_info(f, NULL, NULL, trap);
    return f;
}

static bool ask_cfi(const struct unwinder *u, u64 pc, struct rule *r, bool *any)
{
    bool trap, ok;
    Dwarf_Frame *f = frame_at(u, pc, &trap, any);

    if (!f)
        return false;
    ok = !trap && cfa_of(f, r);
    r->ra_place = place_of(f, REG_RA, &r->ra);
    r->s0_place = place_of(f, REG_S0, &r->s0);
    free(f);
    return ok;
}

/* ---- functions without call frame information ---- */

#define READ_MOST 65536 /* bytes read of a function */

static void keep_place(u8 *place, s32 *offset, u8 now, s32 at)
{
    *place = now;
    *offset = at;
}

/* Follows one instruction of a function. `body` is the state after the
 * prologue, which holds again for the code after a return or jump. */
static void read_insn(const struct insn *in, struct rule *r, struct rule *body)
{
    bool ra = in->rs2 == REG_RA, s0 = in->rs2 == REG_S0;
    bool on_sp = in->rs1 == REG_SP;

    if (in->op == OP_addi && in->rd == REG_SP && (on_sp || in->rs1 == REG_S0)) {
        r->cfa = on_sp ? r->cfa - in->imm : -in->imm;
        if (on_sp && in->imm < 0)
            *body = *r;
    } else if (in->op == OP_sd && on_sp && (ra || s0)) {
        if (ra)
            keep_place(&r->ra_place, &r->ra, SAVED, in->imm - r->cfa);
        else
            keep_place(&r->s0_place, &r->s0, SAVED, in->imm - r->cfa);
        *body = *r;
    } else if (in->op == OP_ld && on_sp && in->rd == REG_RA) {
        r->ra_place = SAME;
    } else if (in->op == OP_ld && on_sp && in->rd == REG_S0) {
        r->s0_place = SAME;
    } else if ((in->op == OP_jalr || in->op == OP_jal) && !in->rd) {
        *r = *body;
    }
}

/* Makes the rule at pc from its function's code; false: none can be read. */
static bool read_function(const struct unwinder *u, struct machine *m, u64 pc,
                          struct rule *r)
{
    u64 at;
    u8 bytes[4];
    struct rule body;
    struct insn in;

    if (!u->start(u->opaque, pc, &at) || pc - at > READ_MOST)
        return false;
    r->cfa_reg = REG_SP;
    r->ra_place = r->s0_place = SAME;
    body = *r;
    for (; at < pc; at += in.len) {
        if (!inspect_read_va(m, at, bytes, 2) ||
            ((bytes[0] & 3) == 3 && !inspect_read_va(m, at + 2, bytes + 2, 2)))
            return false;
        isa_decode_for((u32)get_le(bytes, (bytes[0] & 3) == 3 ? 4 : 2),
                       m->hart.exts, &in);
        read_insn(&in, r, &body);
    }
    return true;
}

static const struct rule *rule_at(struct unwinder *u, struct machine *m, u64 pc)
{
    struct rule *r = &u->rule[(pc >> 1) * 0x9e3779b97f4a7c15ull >> 51];
    static_assert(RULES == 1 << (64 - 51), "the hash's bits");
    bool any;

    if (r->pc == pc)
        return r;
    *r = (struct rule){.pc = pc};
    if (!ask_cfi(u, pc, r, &any) && (any || !read_function(u, m, pc, r)))
        r->cfa_reg = 0;
    return r;
}

/* ---- frames ------------------------------------------------------------- */

static bool read_word(struct machine *m, u64 va, u64 *v)
{
    u8 bytes[8];

    if (va & 7 || !inspect_read_va(m, va, bytes, 8))
        return false;
    *v = get_le(bytes, 8);
    return true;
}

/* Makes reg the caller's registers; false: the stack ends here. */
static bool step_out(const struct rule *r, struct machine *m, u64 reg[32])
{
    u64 cfa = reg[r->cfa_reg] + (u64)(s64)r->cfa;
    u64 ra = reg[REG_RA], s0 = reg[REG_S0];

    if (r->ra_place == UNKNOWN || cfa < reg[REG_SP])
        return false;
    if (r->ra_place == SAVED && !read_word(m, cfa + (u64)(s64)r->ra, &ra))
        return false;
    if (r->s0_place == SAVED && !read_word(m, cfa + (u64)(s64)r->s0, &s0))
        return false;
    reg[REG_SP] = cfa;
    reg[REG_RA] = ra;
    reg[REG_S0] = s0;
    return true;
}

bool unwind_one(struct unwinder *u, struct machine *m, u64 reg[32], bool inner,
                u64 *pc)
{
    /* a return address may be the next function's first instruction */
    const struct rule *r = rule_at(u, m, inner ? *pc : *pc - 1);
    u64 sp = reg[REG_SP];
    /* innermost code without a rule counts as a leaf function */
    bool known = r->cfa_reg;

    if ((!known && !inner) || (known && !step_out(r, m, reg)))
        return false;
    if (!inner && reg[REG_SP] == sp) /* only a leaf has no frame */
        return false;
    *pc = reg[REG_RA];
    return *pc;
}

/* Finds a register of the code that a trap interrupted. In the handler's first
 * instructions that code's pc is still in a CSR. */
static bool trapped(Dwarf_Frame *f, struct machine *m, int column, u64 cfa,
                    bool inner, u64 *value)
{
    Dwarf_Op mem[3], *op;
    s32 offset;
    size_t n;

    if (dwarf_frame_register(f, column, mem, &op, &n))
        return false;
    if (n == 1 && op->atom == DW_OP_regx && op->number >= COLUMN_CSR &&
        op->number < COLUMNS_END)
        return inner &&
               inspect_csr(m, (unsigned)op->number - COLUMN_CSR, value);
    u8 place = place_of(f, column, &offset);
    return place == SAVED ? read_word(m, cfa + (u64)(s64)offset, value)
                          : place == SAME && column < COLUMN_PC;
}

bool unwind_trap(struct unwinder *u, struct machine *m, u64 reg[32], bool inner,
                 u64 *pc)
{
    static const u8 registers[] = {REG_RA, REG_SP, REG_S0};
    u64 to[32], out = 0;
    bool trap, any, ok;
    struct rule r = {.cfa_reg = 0};
    Dwarf_Frame *f = frame_at(u, inner ? *pc : *pc - 1, &trap, &any);

    memcpy(to, reg, sizeof to);
    ok = f && trap && cfa_of(f, &r);
    u64 cfa = reg[r.cfa_reg] + (u64)(s64)r.cfa;
    for (unsigned i = 0; ok && i < ARRAY_LEN(registers); i++)
        ok = trapped(f, m, registers[i], cfa, inner, &to[registers[i]]);
    ok = ok && trapped(f, m, COLUMN_PC, cfa, inner, &out) && out;
    free(f);
    if (!ok)
        return false;
    memcpy(reg, to, sizeof to);
    *pc = out;
    return true;
}

unsigned unwind(struct unwinder *u, struct machine *m, const u64 x[32], u64 at,
                u64 *pc, unsigned max)
{
    u64 reg[32];
    unsigned n = 0;

    memcpy(reg, x, sizeof reg);
    do
        if (n < max)
            pc[n++] = at;
    while (n < max && unwind_one(u, m, reg, n == 1, &at) &&
           rule_at(u, m, at - 1)->cfa_reg);
    return n;
}
