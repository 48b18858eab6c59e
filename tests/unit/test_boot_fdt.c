/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time dev boot
/* The device tree holds what the configuration says; a tree given by the user
 * is checked before it is changed. For Linux's demands on the tree see
 * tests/machine/tree.t. */
#include <libfdt.h>
#include "unit.h"

#include "boot/fdt.h"
#include "isa/isa.h"

static struct fdt_facts facts(void)
{
    return (struct fdt_facts){.ram_base = 0x80000000,
                              .ram_bytes = 24 << 20,
                              .exts = isa_default(),
                              .timebase_hz = 10000000,
                              .firmware_base = 0x80000000,
                              .firmware_bytes = 0x2000,
                              .bootargs = "console=ttyS0 run=echo hello",
                              .initrd_start = 0x81000000,
                              .initrd_end = 0x81000123,
                              .seed = 7,
                              .uart_clock_hz = 3686400};
}

static u64 prop(const void *t, const char *path, const char *name, int cell)
{
    int n, node = fdt_path_offset(t, path);
    assert_true(node >= 0);
    const fdt32_t *p = fdt_getprop(t, node, name, &n);
    assert_non_null(p);
    assert_true(n >= (cell + 1) * 4);
    return fdt32_to_cpu(p[cell]);
}

static const char *text(const void *t, const char *path, const char *name)
{
    return fdt_getprop(t, fdt_path_offset(t, path), name, NULL);
}

TEST(tree_holds_the_facts)
{
    struct fdt_facts f = facts();
    size_t n, n2;
    void *t = fdt_make(&f, &n), *t2 = fdt_make(&f, &n2);
    assert_int_equal(fdt_check_full(t, n), 0);
    assert_int_equal(n, n2); /* the same tree from the same facts */
    assert_memory_equal(t, t2, n);
    assert_int_equal(prop(t, "/memory@80000000", "reg", 3), 24 << 20);
    assert_int_equal(prop(t, "/cpus", "timebase-frequency", 0), 10000000);
    char isa[ISA_TEXT];
    isa_text(f.exts, isa);
    assert_string_equal(text(t, "/cpus/cpu@0", "riscv,isa"), isa);
    assert_string_equal(text(t, "/chosen", "bootargs"), f.bootargs);
    assert_int_equal(prop(t, "/chosen", "linux,initrd-start", 1), 0x81000000);
    assert_int_equal(prop(t, "/chosen", "linux,initrd-end", 1), 0x81000123);
    assert_int_equal(prop(t, "/reserved-memory/firmware@80000000", "reg", 3),
                     0x2000);
    assert_non_null(text(t, "/reserved-memory/firmware@80000000", "no-map"));
    int uart = fdt_path_offset(t, text(t, "/chosen", "stdout-path"));
    assert_int_equal(fdt_node_check_compatible(t, uart, "ns16550a"), 0);
    f.seed = 8;
    free(t2);
    t2 = fdt_make(&f, &n2);
    assert_memory_not_equal(t, t2, n);
    free(t);
    free(t2);
}

TEST(tree_without_options)
{
    struct fdt_facts f = facts();
    size_t n;
    f.bootargs = NULL;
    f.initrd_end = f.initrd_start;
    f.firmware_bytes = 0;
    void *t = fdt_make(&f, &n);
    int chosen = fdt_path_offset(t, "/chosen");
    assert_null(fdt_getprop(t, chosen, "bootargs", NULL));
    assert_null(fdt_getprop(t, chosen, "linux,initrd-start", NULL));
    assert_true(fdt_path_offset(t, "/reserved-memory/firmware") < 0);
    free(t);
    char *args = xcalloc(1, 100001);
    memset(args, 'x', 100000);
    f.bootargs = args; /* long command lines fit */
    t = fdt_make(&f, &n);
    assert_int_equal(strlen(text(t, "/chosen", "bootargs")), 100000);
    free(t);
    free(args);
}

TEST(amends_a_given_tree)
{
    struct fdt_facts f = facts(), none = {.timebase_hz = 1};
    const char *why = NULL;
    size_t n, m;
    void *t = fdt_make(&none, &n);
    void *a = fdt_amend(t, n, &f, &m, &why);
    assert_non_null(a);
    assert_string_equal(text(a, "/chosen", "bootargs"), f.bootargs);
    assert_int_equal(prop(a, "/chosen", "linux,initrd-end", 1), 0x81000123);
    assert_string_equal(text(a, "/cpus/cpu@0", "riscv,isa"), "rv64");
    free(a);
    /* Trees cut short at any length are refused, damaged ones do no harm. */
    u64 rng = 3;
    u8 *copy = malloc(n);
    for (size_t k = 0; k < n; k++) {
        u8 *less = malloc(k ? k : 1);
        memcpy(less, t, k);
        assert_null(fdt_amend(less, k, &f, &m, &why));
        assert_non_null(why);
        free(less);
    }
    for (int i = 0; i < 20000; i++) {
        memcpy(copy, t, n);
        for (u64 k = 1 + rand_step(&rng) % 5; k-- > 0;)
            copy[rand_step(&rng) % (i & 1 ? 64 : n)] = (u8)rand_step(&rng);
        free(fdt_amend(copy, n, &f, &m, &why));
    }
    free(copy);
    free(t);
}

/* OpenSBI adds nodes and U-Boot adds bootargs to the tree in place; without
 * room, U-Boot would overwrite its variables behind its copy of the tree. */
TEST(has_room_for_loaders)
{
    char args[400];
    memset(args, 'x', sizeof(args) - 1);
    args[sizeof(args) - 1] = 0;
    for (size_t longer = 0; longer < 4200; longer += 60) {
        char *bootargs = calloc(1, longer + 1);
        memset(bootargs, 'y', longer);
        struct fdt_facts f = facts();
        f.bootargs = bootargs;
        size_t packed, n;
        void *t = fdt_make(&f, &packed);
        n = packed;
        t = fdt_leave_room(t, &n);
        assert_int_equal(n, fdt_totalsize(t));
        assert_int_equal(n % PAGE_BYTES, 0);
        assert_in_range(n - packed, 512, 512 + PAGE_BYTES);
        assert_int_equal(fdt_check_full(t, n), 0);
        int chosen = fdt_path_offset(t, "/chosen");
        assert_int_equal(fdt_setprop_string(t, chosen, "more", args), 0);
        free(t);
        free(bootargs);
    }
}
