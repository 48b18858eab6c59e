/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time engine dev boot history machine
// max_len: 240
/* Damaged saved machines: refused, or run on; never a crash. The input is a
 * list of damages to one good save (a whole one would be mostly RAM): six
 * bytes each - kind, offset (4), value. The save has disk requests in flight,
 * bytes on the wire and both kinds of warm cache. */
#include "bare.h"

#include <stdlib.h>

static struct machine *m;
static u8 *good, *bad;
static size_t size;

static void reg(unsigned slot, u64 off, u64 v)
{
    virtio_write(&m->parts->virtio[slot], off, 4, m->hart.cycle, v);
}

/* Three requests on disk `slot`: out, in, flush; tables at `at` in RAM. */
static void disk_requests(unsigned slot, u64 at)
{
    u8 *p = m->ram + at;
    u64 pa = RAM_BASE + at;
    for (unsigned i = 0; i < 3; i++) {
        u8 *d = p + i * 48;
        put_le(d, pa + 0xc00 + i * 16, 8);
        put_le(d + 8, 16, 4);
        put_le(d + 12, 1, 2);
        put_le(d + 14, i * 3 + 1, 2);
        put_le(d + 16, pa + 0x1000, 8);
        put_le(d + 24, 1024, 4);
        put_le(d + 28, i == 1 ? 3 : 1, 2);
        put_le(d + 30, i * 3 + 2, 2);
        put_le(d + 32, pa + 0xd00 + i, 8);
        put_le(d + 40, 1, 4);
        put_le(d + 44, 2, 2);
        put_le(p + 0xc00 + i * 16, (u64[]){1, 0, 4}[i], 4);
        put_le(p + 0xc00 + i * 16 + 8, i * 8, 8);
        put_le(p + 0x404 + i * 2, i * 3, 2);
    }
    put_le(p + 0x402, 3, 2);
    reg(slot, 0x70, 7);
    reg(slot, 0x38, 16);
    reg(slot, 0x80, pa);
    reg(slot, 0x90, pa + 0x400);
    reg(slot, 0xa0, pa + 0x800);
    reg(slot, 0x44, 1);
    reg(slot, 0x50, 0);
}

static void read_back(const char *file)
{
    FILE *f = fopen(file, "rb");
    assert(f);
    good = xcalloc(1, 8 << 20);
    size = fread(good, 1, 8 << 20, f);
    fclose(f);
    bad = xcalloc(1, size);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    struct host_io io = {0};
    char err[100];
    m = machine_new(bare_config(), &io);
    machine_run(m, 3000);
    disk_requests(0, 0x10000);
    disk_requests(1, 0x20000);
    machine_input(m, "keys", 4);
    machine_run(m, 5000);
    bool saved = machine_save(m, fuzz_file("", 0), err, sizeof err);
    assert(saved);
    (void)saved;
    read_back(fuzz_file_path());
    return 0;
}

static size_t damage(const u8 *d, size_t n)
{
    size_t left = size;
    memcpy(bad, good, size);
    for (; n >= 6; d += 6, n -= 6) {
        /* Most of it is RAM and ROM in the end: half of the offsets lie
         * elsewhere. */
        u64 at = get_le(d + 1, 4);
        at %= d[0] & 8 ? size : size - (size < 200000 ? 0 : size - 200000);
        switch (d[0] & 7) {
        case 0 ... 2:
            bad[at] ^= (u8)(1 << (d[5] & 7));
            break;
        case 3 ... 4:
            bad[at] = d[5];
            break;
        case 5:
            memset(bad + at, d[5] & 1 ? 0xff : 0,
                   size - at < 8 ? size - at : 8);
            break;
        case 6:
            put_le(bad + (at + 8 > size ? 0 : at), 1ull << (d[5] & 63), 8);
            break;
        default:
            left = at < left ? at : left;
        }
    }
    return left;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    char err[200] = "", hash[33];
    size_t left = damage(data, n);
    if (machine_load(m, fuzz_file(bad, left), err, sizeof err)) {
        machine_run(m, m->hart.cycle + 3000);
        machine_step(m, 100);
        machine_set_timing(m, TIMING_FAST);
        machine_run(m, m->hart.cycle + 3000);
        machine_input(m, "x", 1);
        machine_hash(m, hash);
    } else {
        assert(*err);
    }
    return 0;
}
