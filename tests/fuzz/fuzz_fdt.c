/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time dev boot
// max_len: 16384
/* Gives bytes that begin like a device tree to --dtb, which amends or refuses
 * them. Takes other bytes as facts and bootargs, and makes a tree of them. In
 * both cases libfdt must find the tree whole, with the facts in it. */
#include "fuzz.h"

#include <libfdt.h>
#include <stdlib.h>

#include "boot/fdt.h"

int LLVMFuzzerInitialize(UNUSED int *argc, UNUSED char ***argv)
{
    return 0;
}

static void check_number(const void *t, int node, const char *name, u64 v)
{
    int n = 0;
    const void *p = fdt_getprop(t, node, name, &n);
    assert(p && n == 8 && fdt64_ld(p) == v);
    (void)p, (void)v;
}

/* Checks the properties that the kernel will read. */
static void check_chosen(const void *t, const struct fdt_facts *f)
{
    int n = 0, node = fdt_path_offset(t, "/chosen");
    const char *args = fdt_getprop(t, node, "bootargs", &n);
    assert(node >= 0);
    if (*f->bootargs)
        assert(args && (size_t)n == strlen(args) + 1 &&
               !strcmp(args, f->bootargs));
    if (f->initrd_end > f->initrd_start) {
        check_number(t, node, "linux,initrd-start", f->initrd_start);
        check_number(t, node, "linux,initrd-end", f->initrd_end);
    }
}

static void amend(const u8 *data, size_t n)
{
    struct fdt_facts f = {.ram_base = 0x80000000,
                          .ram_bytes = 16 << 20,
                          .timebase_hz = 10000000,
                          .bootargs = "console=ttyS0 run=true",
                          .initrd_start = 0x80400000,
                          .initrd_end = 0x80500000};
    const char *why = NULL;
    size_t bytes = 0, more = 0;
    void *tree = fdt_amend(data, n, &f, &bytes, &why);
    if (!tree) {
        assert(why && *why);
        return;
    }
    assert(!fdt_check_full(tree, bytes));
    check_chosen(tree, &f);
    /* A tree of ours can be amended again. */
    void *again = fdt_amend(tree, bytes, &f, &more, &why);
    assert(again);
    free(again);
    free(tree);
}

static void make(const u8 *data, size_t n)
{
    u64 v[10] = {0};
    size_t used = n < sizeof(v) ? n : sizeof(v);
    memcpy(v, data, used);
    char *args = xcalloc(n - used + 1, 1); /* ends at its first 0 */
    memcpy(args, data + used, n - used);
    struct fdt_facts f = {.ram_base = v[0],
                          .ram_bytes = v[1],
                          .exts = v[2],
                          .timebase_hz = v[3],
                          .firmware_base = v[4],
                          .firmware_bytes = v[5],
                          .bootargs = args,
                          .initrd_start = v[6],
                          .initrd_end = v[7],
                          .seed = v[8],
                          .uart_clock_hz = v[9]};
    const char *why = NULL;
    size_t bytes = 0, more = 0;
    void *tree = fdt_make(&f, &bytes);
    assert(!fdt_check_full(tree, bytes));
    check_chosen(tree, &f);
    void *again = fdt_amend(tree, bytes, &f, &more, &why);
    assert(again);
    check_chosen(again, &f);
    free(again);
    free(tree);
    free(args);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    static const u8 magic[4] = {0xd0, 0x0d, 0xfe, 0xed};
    if (n >= 4 && !memcmp(data, magic, 4))
        amend(data, n);
    else
        make(data, n);
    return 0;
}
