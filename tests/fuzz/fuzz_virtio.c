/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time dev
// max_len: 512
/* Runs any driver, in either transport. The input is a program of eight-byte
 * steps, which write and read registers, store to RAM (rings, descriptors,
 * tables, headers) and let time pass. The device may refuse; it must not touch
 * anything outside RAM and disk. */
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
    u64 captured;
    u64 now;
} b;

int LLVMFuzzerInitialize(UNUSED int *argc, UNUSED char ***argv)
{
    return 0;
}

static void touched(UNUSED void *opaque, u64 pa, u64 n, UNUSED bool write)
{
    assert(pa >= RAM_BASE && n <= RAM && pa - RAM_BASE <= RAM - n);
}

static void put(u64 off, u64 value)
{
    virtio_write(&b.v, off, 4, b.now, value);
}

/* Sets the queue up as drivers do: table, avail, used at RAM's start. */
static void set_up(u32 num, u64 features)
{
    put(VIRTIO_MMIO_STATUS, 0);
    put(VIRTIO_MMIO_STATUS, 3);
    put(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
    put(VIRTIO_MMIO_DRIVER_FEATURES, features & 0xffffffff);
    if (b.v.legacy) {
        put(VIRTIO_MMIO_QUEUE_NUM, num);
        put(VIRTIO_MMIO_GUEST_PAGE_SIZE, 512);
        put(VIRTIO_MMIO_QUEUE_ALIGN, 512);
        put(VIRTIO_MMIO_QUEUE_PFN, RAM_BASE / 512);
        put(VIRTIO_MMIO_STATUS, 7);
        return;
    }
    put(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
    put(VIRTIO_MMIO_DRIVER_FEATURES, features >> 32);
    put(VIRTIO_MMIO_STATUS, 0xb);
    put(VIRTIO_MMIO_QUEUE_SEL, 0);
    put(VIRTIO_MMIO_QUEUE_NUM, num);
    put(VIRTIO_MMIO_QUEUE_DESC_LOW, RAM_BASE & 0xffffffff);
    put(VIRTIO_MMIO_QUEUE_DESC_HIGH, 0);
    put(VIRTIO_MMIO_QUEUE_AVAIL_LOW, (RAM_BASE + 0x400) & 0xffffffff);
    put(VIRTIO_MMIO_QUEUE_AVAIL_HIGH, 0);
    put(VIRTIO_MMIO_QUEUE_USED_LOW, (RAM_BASE + 0x600) & 0xffffffff);
    put(VIRTIO_MMIO_QUEUE_USED_HIGH, 0);
    put(VIRTIO_MMIO_QUEUE_READY, 1);
    put(VIRTIO_MMIO_STATUS, 0xf);
}

/* Writes a descriptor that is likely to be valid. d lies in the queue's table,
 * or in the page at 0x1000, which is likely to be an indirect table. */
static void put_desc(u8 *d, u32 value, u32 off)
{
    put_le(d, RAM_BASE + value % RAM, 8);
    put_le(d + 8, off & 0x3ff, 4);
    put_le(d + 12, (off >> 10 & 3) | (value >> 30 ? 0 : 4), 2);
    put_le(d + 14, off >> 12, 2);
}

/* Offers `head` in the avail ring, whose index grows by n. */
static void offer(u16 head, u16 n)
{
    u64 avail = b.v.q.avail - RAM_BASE;
    if (!b.v.q.ready)
        return;
    put_le(b.v.dma.ram + avail + 4 + b.v.q.seen % b.v.q.num * 2, head, 2);
    put_le(b.v.dma.ram + avail + 2, (u64)(b.v.q.seen + n), 2);
    put(VIRTIO_MMIO_QUEUE_NOTIFY, 0);
}

/* Writes a request that is likely to be valid (later steps may damage it), in
 * the queue's table or an indirect one: header, up to three buffers, status. */
static void put_request(u8 how, u32 value, u32 off)
{
    static const u8 types[] = {0, 1, 0, 1, 4, 8, 11, 13};
    u8 *ram = b.v.dma.ram, *d = ram + (how & 4 ? 0x1000 : 16);
    u16 n = 0, first = how & 4 ? 0 : 1;
    u32 type = types[value & 7], len = off & 0x1ff ? off & 0xe00 : off >> 9;
    if (type >= 11 && !(how & 8))
        len = 16;
    put_le(ram + 0x800, type, 4);
    put_le(ram + 0x808, (value >> 3) % (SECTORS + 4), 8);
    put_le(ram + 0x1400, (value >> 3) % (SECTORS + 4), 8);
    put_le(ram + 0x1408, value >> 16 & 15, 4);
    put_le(ram + 0x140c, value >> 20 & (how & 8 ? 3 : 0), 4);
    for (u32 k = 0; k < 2 + (how & 3u); k++, n++) {
        bool last = k == 1 + (how & 3u), data = k && !last;
        put_le(d + n * 16,
               RAM_BASE + (last   ? 0xc00
                           : data ? 0x1400
                                  : 0x800),
               8);
        put_le(d + n * 16 + 8, last ? 1 : data ? len : 16, 4);
        put_le(d + n * 16 + 12, (last ? 2 : 1) | (data && !(type & 1) ? 2 : 0),
               2);
        put_le(d + n * 16 + 14, first + n + 1u, 2);
    }
    put_le(ram, RAM_BASE + 0x1000, 8);
    put_le(ram + 8, n * 16u, 4);
    put_le(ram + 12, 4, 2);
    if (how & 16)
        offer(how & 4 ? 0 : 1, 1);
}

static void step(const u8 *d)
{
    u64 value = get_le(d + 2, 4), off = get_le(d + 6, 2);
    u8 *ram = b.v.dma.ram;
    switch (d[0] % 11) {
    case 0:
        virtio_write(&b.v, off & 0x1fc, 4, b.now, value);
        break;
    case 1:
        virtio_read(&b.v, off & 0xfff & ~((1u << (d[1] & 3)) - 1),
                    1 << (d[1] & 3), &value);
        break;
    case 2:
        put_desc(ram + d[1] % 16 * 16 + (d[1] & 64 ? 0x1000 : 0), (u32)value,
                 (u32)off);
        break;
    case 3: /* anything anywhere */
        put_le(ram + off % (RAM - 4), value, 4);
        break;
    case 4: /* offer a head, and notify */
        offer((u16)(d[1] & 64 ? off : off % 16), d[1] & 3);
        break;
    case 5:
        set_up(1u << (d[1] & 7), value | off << 32);
        break;
    case 6: /* a request's header, or a range to discard */
        put_le(ram + 0x800 + d[1] % 8 * 16, off, 4);
        put_le(ram + 0x808 + d[1] % 8 * 16, value % (SECTORS + 8), 8);
        break;
    case 7: /* a table at 0x1000 in descriptor d[1], offered at once */
        put_le(ram + d[1] % 16 * 16, RAM_BASE + 0x1000, 8);
        put_le(ram + d[1] % 16 * 16 + 8, off % 20 * 16, 4);
        put_le(ram + d[1] % 16 * 16 + 12, 4, 2);
        offer(d[1] % 16, 1);
        break;
    case 8:
        virtio_write(&b.v, 0x100 + off % 64, 1, b.now, value & 0xff);
        break;
    case 9:
        put_request(d[1], (u32)value, (u32)off);
        break;
    default:
        b.now += value;
        if (b.q.at[EV_DISK0] <= b.now)
            virtio_event(&b.v, b.now);
    }
    b.now++;
}

/* Saves and loads the device, with its requests in flight. */
static void save_and_load(void)
{
    struct state *s = state_saver(fuzz_file("", 0));
    assert(s);
    virtio_state(&b.v, s);
    disk_model_state(b.model, s);
    virtio_matches_disk(&b.v, s);
    state_save_finish(s);
    s = state_loader(fuzz_file_path());
    assert(s);
    virtio_state(&b.v, s);
    disk_model_state(b.model, s);
    virtio_matches_disk(&b.v, s);
    bool ok = state_load_finish(s);
    assert(ok);
    (void)ok;
}

/* The first byte chooses transport and disk. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    bool legacy = n && data[0] & 0x80;
    memset(&b, 0, sizeof b);
    b.hart.clock_hz = b.hart.timebase_hz = 1000000000;
    events_init(&b.q);
    plic_init(&b.plic, &b.hart);
    backing_open_memory(&b.disk, SECTORS * 512);
    static const char *const models[] = {
        "nvme", "cheetah9lp", "cheetah9lp,queue=clook", "atlas10k,queue=ncq"};
    b.model =
        disk_model_new(models[n ? data[0] >> 5 & 3 : 0], SECTORS, 1000000000);
    struct dma dma = {xcalloc(1, RAM), RAM, NULL, touched};
    virtio_init(&b.v, 0, &b.plic, &b.q, &dma, &b.disk, b.model, legacy,
                &b.captured);
    set_up(16, ~0ull & virtio_offered(&b.v));
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
