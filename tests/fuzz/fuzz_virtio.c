/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time dev
// max_len: 512
/* Any driver: the input is a program of register writes and reads, stores to
 * RAM (rings, descriptors, headers) and the passing of time, eight bytes a
 * step. A device may refuse; it may not touch what is not RAM or disk. */
#include "fuzz.h"

#include <stdlib.h>

#include "dev/virtio.h"

#define RAM     8192u
#define SECTORS 64u

static struct board {
    struct hart hart;
    struct plic plic;
    struct events q;
    struct backing disk;
    struct disk_model *model;
    struct virtio v;
    u64 now;
} b;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

static void touched(void *opaque, u64 pa, u64 n, bool write)
{
    (void)opaque, (void)write;
    assert(pa >= RAM_BASE && n <= RAM && pa - RAM_BASE <= RAM - n);
}

/* The queue as drivers set it up: table, avail, used at RAM's start. */
static void set_up(u32 num)
{
    static const struct {
        u32 off, value;
    } rows[] = {{0x70, 0},     {0x70, 3}, {0x30, 0},     {0x80, 0}, {0x84, 0},
                {0x90, 0x400}, {0x94, 0}, {0xa0, 0x600}, {0xa4, 0}};
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        bool ring = rows[i].off >= 0x80 && !(rows[i].off & 4);
        virtio_write(&b.v, rows[i].off, 4, b.now,
                     rows[i].value + (ring ? RAM_BASE : 0));
    }
    virtio_write(&b.v, 0x38, 4, b.now, num);
    virtio_write(&b.v, 0x44, 4, b.now, 1);
    virtio_write(&b.v, 0x70, 4, b.now, 7);
}

static void step(const u8 *d)
{
    u64 value = get_le(d + 2, 4), off = get_le(d + 6, 2);
    u8 *ram = b.v.dma.ram;
    switch (d[0] % 8) {
    case 0:
        virtio_write(&b.v, off & 0xffc, 4, b.now, value);
        break;
    case 1:
        virtio_read(&b.v, off & 0xfff, 1 << (d[1] & 3), &value);
        break;
    case 2: /* a descriptor that is likely sound */
        put_le(ram + d[1] % 16 * 16, RAM_BASE + value % RAM, 8);
        put_le(ram + d[1] % 16 * 16 + 8, off & 0x3ff, 4);
        put_le(ram + d[1] % 16 * 16 + 12, off >> 10 & 3, 2);
        put_le(ram + d[1] % 16 * 16 + 14, off >> 12, 2);
        break;
    case 3: /* anything anywhere */
        put_le(ram + off % (RAM - 4), value, 4);
        break;
    case 4: /* offer `off` and ring */
        put_le(ram + 0x404 + b.v.seen % 16 * 2, off, 2);
        put_le(ram + 0x402, (u64)(b.v.seen + (d[1] & 3)), 2);
        virtio_write(&b.v, 0x50, 4, b.now, 0);
        break;
    case 5:
        set_up(1u << (d[1] & 7));
        break;
    case 6: /* a request's header */
        put_le(ram + 0x800 + d[1] % 8 * 16, off, 4);
        put_le(ram + 0x808 + d[1] % 8 * 16, value % (SECTORS + 8), 8);
        break;
    default:
        b.now += value;
        if (b.q.at[EV_DISK0] <= b.now)
            virtio_event(&b.v, b.now);
    }
    b.now++;
}

/* Saved and loaded in the middle: requests in flight are state. */
static void save_and_load(void)
{
    struct state *s = state_saver(fuzz_file("", 0));
    assert(s);
    virtio_state(&b.v, s);
    state_save_finish(s);
    s = state_loader(fuzz_file_path());
    assert(s);
    virtio_state(&b.v, s);
    bool ok = state_load_finish(s);
    assert(ok);
    (void)ok;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    memset(&b, 0, sizeof b);
    b.hart.clock_hz = b.hart.timebase_hz = 1000000000;
    events_init(&b.q);
    plic_init(&b.plic, &b.hart);
    backing_open_memory(&b.disk, SECTORS * 512);
    b.model = disk_model_new("nvme", SECTORS, 1000000000);
    struct dma dma = {xcalloc(1, RAM), RAM, NULL, touched};
    virtio_init(&b.v, 0, &b.plic, &b.q, &dma, &b.disk, b.model);
    set_up(16);
    size_t half = n / 16 * 8;
    for (size_t at = 0; at + 8 <= n; at += 8) {
        if (at == half)
            save_and_load();
        step(data + at);
    }
    virtio_free(&b.v);
    backing_close(&b.disk);
    disk_model_free(b.model);
    free(dma.ram);
    return 0;
}
