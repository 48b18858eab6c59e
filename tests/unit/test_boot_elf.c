/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time dev boot
/* Loads ELF files that are sound, cut short, damaged or not for this machine,
 * and reads their symbols. */
#include <elf.h>

#include "unit.h"

#include "boot/elf.h"
#include "boot_file.h"

static const char *load(void *p, size_t n, u64 *entry)
{
    struct boot_ram r = {.ram = ram, .base = 0x80000000, .bytes = RAM};
    struct boot_range range;
    return elf_load_memory(p, n, &r, entry, &range);
}

TEST(loads)
{
    struct boot_ram r = {.ram = ram, .base = 0x80000000, .bytes = RAM};
    struct boot_range range;
    u64 entry = 0;
    memset(ram, 0xaa, RAM);
    assert_null(elf_load(file, &r, &entry, &range));
    assert_int_equal(entry, 0x80000100);
    assert_int_equal(range.start, 0x80000100);
    assert_int_equal(get_le(ram + 0x100, 4), 0x00000297); /* auipc t0,0 */
    assert_int_equal(ram[0x10000], 0x77);     /* .data, at its LMA */
    assert_int_equal(ram[0x10000 + 4096], 0); /* .bss is cleared */
    assert_int_equal(ram[0xff], 0xaa);        /* the byte before .text stays */
    assert_int_equal(range.end, 0x80000000 + 0x10000 + 8192);
    assert_string_equal(elf_load("/nowhere/x", &r, &entry, &range),
                        "No such file or directory");
}

/* A file cut at any length is refused with a reason, and no byte beyond it is
 * read (ASan watches). */
TEST(truncated)
{
    u64 entry;
    for (size_t n = 0; n < size; n++) {
        u8 *copy = malloc(n ? n : 1); /* n bytes: ASan sees reads past them */
        memcpy(copy, image, n);
        const char *why = load(copy, n, &entry);
        assert_non_null(why);
        assert_true(strlen(why) > 10 && !strchr(why, '\n'));
        free(copy);
    }
    assert_null(load(image, size, &entry));
}

/* If a file without section headers is cut within a segment, only the segment's
 * own size shows it. */
TEST(truncated_without_sections)
{
    u64 entry;
    u8 *copy = malloc(size);
    Elf64_Ehdr *h = (Elf64_Ehdr *)copy;
    memcpy(copy, image, size);
    h->e_shoff = h->e_shnum = h->e_shstrndx = 0;
    assert_null(load(copy, size, &entry));
    const Elf64_Phdr *p = (const Elf64_Phdr *)(copy + h->e_phoff);
    u64 end = 0;
    for (unsigned i = 0; i < h->e_phnum; i++)
        if (p[i].p_type == PT_LOAD && p[i].p_offset + p[i].p_filesz > end)
            end = p[i].p_offset + p[i].p_filesz;
    assert_null(load(copy, end, &entry));
    assert_non_null(load(copy, end - 1, &entry));
    free(copy);
}

/* A kernel linked high may give its entry as physical or virtual address. */
TEST(linked_high)
{
    const u64 high = 0xffffffc000000000;
    u64 entry = 0;
    u8 *copy = malloc(size);
    Elf64_Ehdr *h = (Elf64_Ehdr *)copy;
    memcpy(copy, image, size);
    Elf64_Phdr *p = (Elf64_Phdr *)(copy + h->e_phoff);
    for (unsigned i = 0; i < h->e_phnum; i++)
        p[i].p_vaddr += high;
    assert_null(load(copy, size, &entry));
    assert_int_equal(entry, 0x80000100);
    h->e_entry += high;
    entry = 0;
    assert_null(load(copy, size, &entry));
    assert_int_equal(entry, 0x80000100);
    free(copy);
}

TEST(damaged)
{
    u64 rng = 1, entry;
    unsigned refused = 0;
    u8 *copy = malloc(size);
    for (int i = 0; i < 30000; i++) {
        damage(copy, &rng, i, 6);
        refused += load(copy, size, &entry) != NULL;
    }
    assert_true(refused > 1000);
    free(copy);
}

/* A file with one wrong field is refused; only some reasons are compared. */
TEST(wrong_kind)
{
    static const struct {
        size_t at;
        unsigned n;
        u64 v;
        const char *why;
    } c[] = {{0, 1, 0, "not an ELF"},
             {EI_CLASS, 1, 1, "not an ELF"},
             {EI_DATA, 1, 2, ""},
             {offsetof(Elf64_Ehdr, e_machine), 2, 62, "not for RISC-V"},
             {offsetof(Elf64_Ehdr, e_type), 2, 1, "not an executable"},
             {offsetof(Elf64_Ehdr, e_entry), 8, 0x12345678, "entry"},
             {offsetof(Elf64_Ehdr, e_phoff), 8, 1ull << 40, ""},
             {offsetof(Elf64_Ehdr, e_phnum), 2, 0, ""}};
    u64 entry;
    u8 *copy = malloc(size);
    for (unsigned i = 0; i < ARRAY_LEN(c); i++) {
        memcpy(copy, image, size);
        put_le(copy + c[i].at, c[i].v, c[i].n);
        const char *why = load(copy, size, &entry);
        assert_non_null(why);
        if (c[i].at != EI_CLASS)
            assert_non_null(strstr(why, c[i].why));
    }
    free(copy);
}

TEST(outside_ram)
{
    static const u64 places[] = {
        0,          0x7fff0000, 0x80000000 + RAM - 4, 0x80000000 + RAM,
        ~0ull - 16, 1ull << 63};
    u8 *copy = malloc(size);
    u64 entry;
    Elf64_Ehdr *h = (Elf64_Ehdr *)copy;
    for (unsigned i = 0; i < ARRAY_LEN(places); i++) {
        memcpy(copy, image, size);
        Elf64_Phdr *p = (Elf64_Phdr *)(copy + h->e_phoff);
        while (p->p_type != PT_LOAD)
            p++;
        p->p_paddr = places[i];
        assert_string_equal(load(copy, size, &entry),
                            "a segment lies outside RAM");
        p->p_paddr = 0x80000000;
        p->p_memsz = 1ull << (21 + i * 8);
        assert_non_null(load(copy, size, &entry));
        p->p_memsz = 4;
        p->p_filesz = 1 << 16;
        assert_non_null(load(copy, size, &entry));
    }
    free(copy);
}

TEST(symbols)
{
    struct elf_symbols *s = elf_symbols_read(file);
    u64 va, off, last = 0;
    assert_true(elf_symbol(s, "_start", &va));
    assert_int_equal(va, 0x80000100);
    assert_true(elf_symbol(s, "number", &va));
    assert_false(elf_symbol(s, "numbe", &va));
    assert_false(elf_symbol(s, "", &va));
    assert_string_equal(elf_symbol_at(s, 0x80000104, &off), "_start");
    assert_int_equal(off, 4);
    assert_null(elf_symbol_at(s, 0x10, &off));
    for (size_t i = 0; elf_symbol_nth(s, i, &va); i++) {
        assert_true(va >= last);
        last = va;
    }
    assert_true(last >= 0x80010000);
    elf_symbols_free(s);
    s = elf_symbols_read("/nowhere/x");
    assert_false(elf_symbol(s, "_start", &va));
    assert_null(elf_symbol_at(s, 0x80000104, &off));
    assert_null(elf_symbol_nth(s, 0, &va));
    elf_symbols_free(s);
}

static const char source[] =
    ".globl _start, number\n_start: auipc t0, 0\n j _start\n"
    ".size _start, . - _start\n"
    ".data\n.type number, @object\n.size number, 8\n"
    "number: .dword 0x77\n.balign 4096\n.bss\n.skip 4096\n";
static const char command[] = "riscv64-linux-gnu-gcc -static -fno-pic -no-pie "
                              "-Wl,--build-id=none -nostdlib -Wl,-N,-e,_start,"
                              "-Ttext=0x80000100,-Tdata=0x80010000,"
                              "--no-warn-rwx-segments -o a.elf a.S";

BEFORE_ALL
{
    make_file("a.S", source, command);
}

AFTER_ALL
{
    remove_file();
}
