/* SPDX-License-Identifier: MIT */
/* Call frame information, DWARF 5, 6.4: the caller's registers from those of
 * the function called. */
#include "source/internal.h"
#include "source/value.h"

#include <stdlib.h>

enum { REG_RA = 1, REG_SP = 2, REGS = 64 };

/* Columns above the registers (RISC-V psABI): the pc to which a trap handler
 * returns, then CSRs. */
enum { COLUMN_PC = 64, COLUMN_CSR = 4096, COLUMNS_END = 8192 };

/* Registers that a callee preserves (RISC-V psABI): sp, gp, tp, s0-s11,
 * fs0-fs11. */
#define SAVED_S (3ull << 8 | 0x3ffull << 18)
#define SAVED   (SAVED_S << 32 | SAVED_S | 7u << 2)

static bool rules_at(struct source *s, const struct source_frame *f,
                     Dwarf_Frame **rules)
{
    if (!s->frames_read) {
        s->frames_read = true;
        s->debug_frame = dwarf_getcfi(s->dwarf);
        s->eh_frame = dwarf_getcfi_elf(s->elf);
    }
    return (s->debug_frame &&
            !dwarf_cfi_addrframe(s->debug_frame, f->look, rules)) ||
           (s->eh_frame && !dwarf_cfi_addrframe(s->eh_frame, f->look, rules));
}

static bool cfa_by_rules(Dwarf_Frame *rules, const struct source_frame *f,
                         const struct source_memory *mem, u64 *cfa)
{
    Dwarf_Op *op;
    size_t n;

    return !dwarf_frame_cfa(rules, &op, &n) && n &&
           value_compute(op, n, f, mem, NULL, cfa);
}

bool source_cfa(struct source *s, const struct source_frame *f,
                const struct source_memory *mem, u64 *cfa)
{
    Dwarf_Frame *rules;

    if (!rules_at(s, f, &rules))
        return false;
    bool known = cfa_by_rules(rules, f, mem, cfa);
    free(rules);
    return known;
}

/* One register of the caller; false: it is not known. */
static bool caller_register(Dwarf_Frame *rules, int number,
                            const struct source_frame *f,
                            const struct source_memory *mem, u64 cfa,
                            u64 *value)
{
    Dwarf_Op own[3], *op;
    size_t n;

    if (dwarf_frame_register(rules, number, own, &op, &n))
        return false;
    if (!n && number >= REGS)
        return false;
    if (!n) { /* same value; or undefined, as are registers without a rule */
        *value = f->reg[number];
        return (!op || SAVED >> number & 1) && f->known >> number & 1;
    }
    u8 bytes[8];
    if (op->atom == DW_OP_regx && op->number >= COLUMN_CSR &&
        op->number < COLUMNS_END) /* in a trap handler's first instructions */
        return f->inner && mem->csr &&
               mem->csr(mem->opaque, (unsigned)op->number - COLUMN_CSR, value);
    if (op[n - 1].atom == DW_OP_stack_value)
        return value_compute(op, n - 1, f, mem, &cfa, value);
    if (!value_compute(op, n, f, mem, &cfa, value) ||
        !mem->read(mem->opaque, *value, bytes, 8))
        return false;
    *value = get_le(bytes, 8);
    return true;
}

/* A caller continues at ra. Interrupted code continues where the rules of the
 * trap handler say, with the stack pointer that they give. */
bool source_caller(struct source *s, struct source_frame *f,
                   const struct source_memory *mem, struct source_frame *out)
{
    struct source_frame up = {.inner = false};
    Dwarf_Frame *rules;
    u64 cfa;

    if (!rules_at(s, f, &rules))
        return false;
    bool known = cfa_by_rules(rules, f, mem, &cfa);
    int column = dwarf_frame_info(rules, NULL, NULL, &f->trap);
    f->trap &= column == COLUMN_PC;
    for (int i = 1; known && i < REGS; i++)
        if ((i != REG_SP || f->trap) &&
            caller_register(rules, i, f, mem, cfa, &up.reg[i]))
            up.known |= 1ull << i;
    if (f->trap)
        known &= caller_register(rules, COLUMN_PC, f, mem, cfa, &up.pc);
    free(rules);
    if (!known || (!f->trap && !(up.known >> REG_RA & 1)))
        return false;
    up.known |= 1;
    up.inner = f->trap;
    if (!f->trap) {
        up.known |= 1u << REG_SP;
        up.reg[REG_SP] = cfa;
        up.pc = up.reg[REG_RA];
        up.known &= ~(1ull << REG_RA);
    }
    /* pc is after the call, which may be the last instruction of its function
     */
    up.look = up.pc - !up.inner;
    *out = up;
    return up.pc;
}
