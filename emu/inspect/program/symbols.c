/* SPDX-License-Identifier: MIT */
/* Translates names and addresses by the symbols of the kernel or bare ELF. */
#include "inspect/internal.h"
#include "inspect/symbols.h"

#include "boot/elf.h"

#include <stdio.h>

bool inspect_symbol(struct machine *m, const char *name, u64 *addr)
{
    ins_linux(m); /* finds a Linux and takes its symbols from RAM */
    return m->symbols && elf_symbol(m->symbols, name, addr);
}

bool inspect_symbol_at(struct machine *m, u64 addr, char *buf, size_t n)
{
    u64 offset;
    const char *name =
        m->symbols ? elf_symbol_at(m->symbols, addr, &offset) : NULL;
    if (!name)
        return false;
    if (offset)
        snprintf(buf, n, "%s+0x%llx", name, offset);
    else
        snprintf(buf, n, "%s", name);
    return true;
}

const char *inspect_symbol_name(struct machine *m, size_t i)
{
    u64 va;
    return m->symbols ? elf_symbol_nth(m->symbols, i, &va) : NULL;
}
