/* SPDX-License-Identifier: MIT */
/* Decodes one instruction in memory. */
#include "inspect/parts.h"
#include "inspect/walk.h"

static bool insn_bytes(struct machine *m, u64 addr, bool physical, u32 *raw,
                       size_t n)
{
    return physical ? machine_peek(m, addr, raw, n)
                    : inspect_read_va(m, addr, raw, n);
}

bool inspect_insn(struct machine *m, u64 addr, bool physical,
                  struct ins_insn *out)
{
    struct insn in;
    u32 raw = 0;
    /* A compressed instruction may be the last of a page. */
    if (!insn_bytes(m, addr, physical, &raw, 2) ||
        ((raw & 3) == 3 && !insn_bytes(m, addr, physical, &raw, 4)))
        return false;
    isa_decode(raw, &in);
    out->raw = in.raw;
    out->bytes = in.len;
    isa_disasm(&in, addr, out->text, sizeof out->text);
    return true;
}

bool inspect_read_pa(struct machine *m, u64 pa, void *p, size_t n)
{
    return machine_peek(m, pa, p, n);
}
