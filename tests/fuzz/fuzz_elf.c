/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time engine dev boot
// max_len: 4096
/* Loads any bytes as a program, which may be refused; reads its symbols and
 * tables. RAM is a block of its own: the sanitizer sees an access beyond it. */
#include "fuzz.h"

#include <stdlib.h>

#include "boot/boot.h"
#include "boot/tables.h"

#define RAM (64u << 10)
static u8 *ram;

int LLVMFuzzerInitialize(UNUSED int *argc, UNUSED char ***argv)
{
    ram = xcalloc(1, RAM);
    fuzz_quiet();
    return 0;
}

static void read_symbols(const char *file)
{
    u64 va, offset;
    struct elf_symbols *s = elf_symbols_read(file);
    for (size_t i = 0; i < 20 && elf_symbol_nth(s, i, &va); i++)
        elf_symbol_at(s, va + i, &offset);
    elf_symbol(s, "main", &va);
    elf_symbols_free(s);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    struct boot_ram r = {.ram = ram, .base = 0x80000000, .bytes = RAM};
    struct boot_range range;
    struct config c = {.sets = {"fuzz.one=2"}, .nsets = 1};
    u64 entry = 0;
    u8 *copy = malloc(n ? n : 1); /* libelf may swap in place */
    assert(copy);
    memcpy(copy, data, n);
    const char *why = elf_load_memory(copy, n, &r, &entry, &range);
    free(copy);
    if (!why)
        assert(range.start >= r.base && range.end <= r.base + RAM &&
               range.start < range.end &&
               entry - range.start < range.end - range.start);
    const char *file = fuzz_file(data, n);
    const char *again = elf_load(file, &r, &entry, &range);
    assert(!why == !again);
    read_symbols(file);
    free(boot_tunables(file).rows);
    free(boot_policies(file).rows);
    (void)FUZZ_ENDS(boot_tunables_apply(&c, file, &r));
    (void)FUZZ_ENDS(boot_policy_check(file, "clock"));
    (void)FUZZ_ENDS(boot_tunables_list(file));
    return 0;
}
