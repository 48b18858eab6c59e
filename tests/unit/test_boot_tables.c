/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time dev boot
/* Finds the tunables and policies in a kernel's ELF file and sets tunables in
 * RAM. Damaged files give no rows, or rows whose texts are terminated. */
#include "unit.h"

#include "boot/tables.h"
#include "boot_file.h"

static char other[64];

TEST(reads)
{
    struct boot_table t = boot_tunables(file);
    const struct lens_tunable *row = t.rows;
    assert_int_equal(t.n, 2);
    assert_int_equal(t.pa, 0x80010000); /* p_paddr; p_vaddr is far higher */
    assert_string_equal(row[0].name, "vm.one");
    assert_int_equal(row[0].value, 5);
    assert_int_equal(row[1].min, -7);
    assert_string_equal(row[1].unit, "pages");
    free(t.rows);
    struct boot_table p = boot_policies(file);
    const struct lens_policy *policy = p.rows;
    assert_int_equal(p.n, 1);
    assert_string_equal(policy[0].name, "clock");
    free(p.rows);
}

TEST(none)
{
    static const char *const files[] = {"/nowhere/x", "/proc/self/exe",
                                        "/dev/null", "/proc/version"};
    for (unsigned i = 0; i < ARRAY_LEN(files); i++) {
        struct boot_table t = boot_tunables(files[i]);
        assert_int_equal(t.n, 0);
        assert_null(t.rows);
    }
}

TEST(applies)
{
    struct config c = {.sets = {"vm.one=7", "two=-3", "vm.one=0x9"},
                       .nsets = 3};
    struct boot_ram r = {.ram = ram, .base = 0x80000000, .bytes = RAM};
    const size_t row = sizeof(struct lens_tunable);
    const size_t value = offsetof(struct lens_tunable, value);
    memset(ram, 0xaa, RAM);
    struct boot_range range = boot_tunables_apply(&c, file, &r);
    assert_int_equal(range.start, 0x80010000);
    assert_int_equal(range.end, 0x80010000 + 2 * row);
    assert_int_equal(get_le(ram + 0x10000 + value, 8), 9); /* the last counts */
    assert_int_equal((s64)get_le(ram + 0x10000 + row + value, 8), -3);
    unsigned changed = 0; /* no other byte changes */
    for (unsigned i = 0; i < RAM; i++)
        changed += ram[i] != 0xaa;
    assert_int_equal(changed, 16);
}

TEST(numbers)
{
    /* clang-format off */
    static const char *const bad[] = {
        "", "-", "x", "1x", "0x", " 1", "1 ", "--1", "+1", "1.5", "1K", "0xg",
        "99999999999999999999"};
    /* clang-format on */
    s64 v;
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(boot_tunable_number(bad[i], &v));
    assert_true(boot_tunable_number("-12", &v) && v == -12);
    assert_true(boot_tunable_number("0x1f", &v) && v == 31);
    assert_true(boot_tunable_number("010", &v) && v == 10);
    assert_true(boot_tunable_number("-0x10", &v) && v == -16);
}

static void write_other(const u8 *bytes, size_t n)
{
    FILE *f = fopen(other, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

/* Checks that at most 4096 tunables are read and that their names and origins
 * are terminated; reads the policies, too (ASan watches the reading). */
static void harmless(void)
{
    struct boot_table t = boot_tunables(other);
    const struct lens_tunable *row = t.rows;
    assert_true(t.n <= 4096 && (t.n == 0) == (t.rows == NULL));
    for (u64 i = 0; i < t.n; i++)
        assert_true(strnlen(row[i].name, sizeof(row[i].name)) <
                        sizeof(row[i].name) &&
                    strnlen(row[i].origin, sizeof(row[i].origin)) <
                        sizeof(row[i].origin));
    free(t.rows);
    t = boot_policies(other);
    free(t.rows);
}

TEST(truncated)
{
    for (size_t n = 0; n < size; n += n < 512 ? 1 : 61) {
        write_other(image, n);
        harmless();
    }
}

TEST(damaged)
{
    u64 rng = 7;
    u8 *copy = malloc(size);
    for (int i = 0; i < 2000; i++) {
        damage(copy, &rng, i, 8);
        write_other(copy, size);
        harmless();
    }
    free(copy);
}

/* The structs of guest/abi/abi.h, laid out by the cross compiler. */
static const char source[] =
    "struct t { char name[40]; long value, preset, min, max;"
    " char unit[16], origin[96]; };\n"
    "struct p { char name[16], line[80]; };\n"
    "__attribute__((section(\".tunables\"), used)) struct t t[] = {\n"
    "  {\"vm.one\", 5, 5, 0, 10, \"\", \"of the test\"},\n"
    "  {\"two\", 0, 0, -7, 7, \"pages\", \"of the test, too\"}};\n"
    "__attribute__((section(\".policies\"), used)) struct p p[] = {\n"
    "  {\"clock\", \"one hand\"}};\n"
    "void _start(void) {}\n";
static const char command[] =
    "cat > a.ld <<'X'\n"
    "D = 0xffffffc000000000; ENTRY(_start) SECTIONS {\n"
    ". = D + 0x80000000; .text : AT(ADDR(.text) - D) { *(.text*) }\n"
    ". = D + 0x80010000; .tunables : AT(ADDR(.tunables) - D) {\n"
    "__tunables_start = .; *(.tunables) __tunables_end = .; }\n"
    ".policies : AT(ADDR(.policies) - D) { __policies_start = .;\n"
    "*(.policies) __policies_end = .; } }\nX\n"
    "riscv64-linux-gnu-gcc -mcmodel=medany -static -fno-pic -no-pie "
    "-fno-asynchronous-unwind-tables -nostdlib -T a.ld "
    "-Wl,--build-id=none,--no-warn-rwx-segments -o a.elf a.c && "
    "rm a.ld";

BEFORE_ALL
{
    make_file("a.c", source, command);
    snprintf(other, sizeof(other), "%s/b.elf", dir);
}

AFTER_ALL
{
    unlink(other);
    remove_file();
}
