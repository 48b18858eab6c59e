/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time dev boot
// max_len: 16384
/* Any bytes as --dtb: amended or refused. */
#include "fuzz.h"

#include <stdlib.h>

#include "boot/fdt.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    struct fdt_facts f = {.ram_base = 0x80000000,
                          .ram_bytes = 16 << 20,
                          .exts = isa_default(),
                          .timebase_hz = 10000000,
                          .bootargs = "console=ttyS0 run=true",
                          .initrd_start = 0x80400000,
                          .initrd_end = 0x80500000};
    const char *why = NULL;
    size_t bytes = 0;
    void *tree = fdt_amend(data, n, &f, &bytes, &why);
    if (!tree) {
        assert(why && *why);
        return 0;
    }
    /* What we made, we take again. */
    size_t more = 0;
    void *again = fdt_amend(tree, bytes, &f, &more, &why);
    assert(again);
    free(again);
    free(tree);
    return 0;
}
