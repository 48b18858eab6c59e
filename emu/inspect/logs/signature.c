/* SPDX-License-Identifier: MIT */
/* Writes --signature when a test program has ended: the memory from its symbol
 * begin_signature to end_signature, as Spike's +signature does (riscv-isa-sim,
 * fesvr/htif.cc). Each line is a little-endian number of `granularity` bytes in
 * lower-case hexadecimal; zeros fill up the last line. */
#include "base/whole.h"
#include "inspect/logs.h"
#include "inspect/symbols.h"

#include <errno.h>
#include <stdio.h>

/* The programs are bare-metal, so a symbol's value is a physical address. */
static u64 signature_symbol(struct machine *m, const char *path,
                            const char *name)
{
    u64 va;
    if (!inspect_symbol(m, name, &va))
        die(path, "no signature: the program has no symbol %s", name);
    return va;
}

void inspect_signature_check(struct machine *m, const char *path)
{
    u64 begin = signature_symbol(m, path, "begin_signature");
    u64 end = signature_symbol(m, path, "end_signature");
    u64 last;
    if (end < begin)
        die(path, "no signature: end_signature is before begin_signature");
    if (begin != end && (!machine_peek(m, begin, &last, 1) ||
                         !machine_peek(m, end - 1, &last, 1)))
        die(path, "no signature: its region is not in RAM");
}

void inspect_signature_write(struct machine *m, const char *path,
                             u64 granularity)
{
    u64 at = signature_symbol(m, path, "begin_signature");
    u64 end = signature_symbol(m, path, "end_signature");
    struct whole w = {.f = stdout};
    bool file = strcmp(path, "-");
    if (file && !whole_open(&w, path)) {
        complain(path, "%s", strerror(errno));
        return;
    }
    for (; at < end; at += granularity) {
        for (u64 i = granularity; i-- > 0;) {
            u8 byte = 0;
            if (at + i < end)
                machine_peek(m, at + i, &byte, 1);
            fprintf(w.f, "%02x", byte);
        }
        putc('\n', w.f);
    }
    if (file && !whole_close(&w))
        complain(path, "cannot be written: %s", strerror(errno));
}
