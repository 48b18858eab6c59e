/* SPDX-License-Identifier: MIT */
/* Prints all that a driver can see of the disk: registers, features,
 * configuration space, answers to requests of every kind, event fields, the
 * write cache. The output is the same on QEMU 7.2: it omits the points where
 * QEMU departs from the standard (emu/dev lists them), and the lengths that
 * failed requests report. */
#include "virtio_driver.h"

#define READ_ONLY (1 << 5)

static u8 data[65536] __attribute__((aligned(16)));

static void registers(void)
{
    text("registers");
    for (u32 off = 0; off < 0x100; off += 4) {
        if (off % 32 == 0)
            put('\n'), hex(off, 3);
        if ((off & ~4u) != 0xb8) /* SHMBase (4.2.2): QEMU differs */
            hex(REG(off), 8);
    }
    text("\nfeatures");
    hex(offered(), 16);
    text("\nconfiguration by bytes");
    for (u32 i = 0; i < 0x100; i++)
        hex(REG8(CONFIG + i), 2);
    text("\nby 2");
    for (u32 i = 0; i < 0x100; i += 2)
        hex(REG16(CONFIG + i), 4);
    text("\nby 4");
    for (u32 i = 0; i < 0x100; i += 4)
        hex(REG(CONFIG + i), 8);
    text("\nby 8");
    for (u32 i = 0; i < 0x100; i += 8)
        hex(REG64(CONFIG + i), 16);
}

static void widths(void)
{
    text("\nread by 1, 2, 8");
    for (u32 off = 0; off < 0x100; off += 8) {
        if ((off & ~4u) == 0xb8)
            continue;
        hex(REG8(off + 1), 2);
        hex(REG16(off + 2), 4);
        hex(REG64(off), 16);
    }
    text("\nwritten by 1, 2, 8");
    REG8(STATUS) = 1;
    hex(REG(STATUS), 2);
    REG16(STATUS) = 1;
    hex(REG(STATUS), 2);
    REG64(STATUS) = 1;
    hex(REG(STATUS), 2);
    text("\nbeyond");
    static const u32 far[] = {0x1fc, 0x200, 0x204, 0x800, 0xffc};
    for (u32 i = 0; i < 5; i++) {
        cause = 0;
        (void)REG(far[i]);
        hex(cause, 2);
        cause = 0;
        REG(far[i]) = 0;
        hex(cause, 2);
    }
}

static void negotiation(void)
{
    text("\nstatus");
    REG(STATUS) = 0;
    hex(REG(STATUS), 2);
    REG(STATUS) = 1;
    REG(STATUS) = 3;
    hex(REG(STATUS), 2);
    if (!legacy()) {
        REG(DRIVER_SEL) = 0;
        REG(DRIVER) = 1 << 9;
        REG(STATUS) = 0xb;
        hex(REG(STATUS), 2);
    }
    REG(STATUS) = 0;
    hex(REG(STATUS), 2);
    text("\nqueue");
    static const u32 sizes[] = {1, 8, 64, 256, 1024};
    for (u32 i = 0; i < 5; i++) {
        set_up(0, sizes[i]);
        hex(REG(QUEUE_MAX), 4);
        hex(REG(QUEUE_READY), 1);
        hex(REG(QUEUE_PFN) == (legacy() ? (u64)rings >> 12 : 0), 1);
        hex(REG(STATUS), 2);
        if (sizes[i] >= 8)
            hex(request(IN, 1, data, 512), 2);
        REG(STATUS) = 0;
        hex(REG(QUEUE_READY), 1);
        hex(REG(QUEUE_PFN), 8);
    }
    REG(QUEUE_SEL) = 1;
    hex(REG(QUEUE_MAX), 4);
    REG(QUEUE_SEL) = 0;
}

/* Prints request, status, used-ring entry, hash of the buffer, interrupt. */
static void answer(u32 type, u64 sector, u32 len, u64 hashed)
{
    text("\n ");
    hex(type, 8);
    hex(sector, 16);
    hex(len, 5);
    put(':');
    u8 s = request(type, sector, data, len);
    hex(s, 2);
    hex(used_entry()[0], 4);
    if (s == 0)
        hex(used_entry()[1], 6);
    hex(fnv(FNV, data, hashed), 16);
    hex(interrupt(), 1);
    clear(data, 1024);
}

static void requests(u64 sectors)
{
    text("\nrequests: type sector length: status head written data interrupt");
    static const struct {
        u32 type, len;
    } types[] = {
        {0, 512},     {1, 512},  {4, 0},    {5, 512},        {8, 20},
        {9, 20},      {10, 512}, {12, 512}, {14, 512},       {15, 512},
        {16, 512},    {99, 512}, {256, 0},  {1u << 31, 512}, {1u << 31 | 4, 0},
        {~0u >> 1, 0}};
    for (u32 i = 0; i < 16; i++)
        answer(types[i].type, 7, types[i].len, 1024);
    static const u32 lengths[] = {0, 1, 511, 512, 513, 1024, 4096, 65536};
    for (u32 i = 0; i < 8; i++) {
        answer(IN, 3, lengths[i], 65536);
        answer(IN, sectors, lengths[i], 16);
        answer(IN, sectors - 1, lengths[i], 1024);
        answer(IN, sectors + 1, lengths[i], 16);
        answer(IN, ~0ull, lengths[i], 16);
        answer(IN, 1ull << 55, lengths[i], 16);
        answer(OUT, sectors - 1, lengths[i] ? lengths[i] : 512, 16);
        answer(OUT, sectors + 1, lengths[i], 16);
    }
    text("\nread only write");
    hex(request(OUT, 5, data, 512), 2);
    hex(request(IN, 5, data, 512), 2);
    hex(fnv(FNV, data, 512), 16);
}

static void range(u32 type, u64 sector, u32 n, u32 flags, u32 len)
{
    u32 *w = (u32 *)data;
    w[0] = (u32)sector, w[1] = (u32)(sector >> 32), w[2] = n, w[3] = flags;
    text("\n ");
    hex(type, 2);
    hex(sector, 16);
    hex(n, 8);
    hex(flags, 8);
    hex(len, 2);
    put(':');
    hex(request(type, 0, data, len), 2);
}

static void ranges(u64 sectors)
{
    text("\ndiscard, write zeroes: type sector sectors flags length: status");
    for (u32 type = DISCARD; type <= ZEROES; type += 2) {
        for (u32 flags = 0; flags < 4; flags++)
            range(type, 40, 8, flags, 16);
        range(type, 40, 8, 1u << 31, 16);
        if (!(offered() & READ_ONLY)) /* QEMU answers OK there, not IOERR */
            range(type, 40, 0, 0, 16);
        range(type, sectors - 8, 8, 0, 16);
        range(type, sectors - 8, 9, 0, 16);
        range(type, sectors + 1, 0, 0, 16);
        range(type, 0, 4194303, 0, 16);
        range(type, 0, 4194304, 0, 16);
        range(type, 0, ~0u, 0, 16);
        range(type, ~0ull, 2, 0, 16);
        range(type, 40, 8, 0, 17);
        range(type, 40, 8, 0, 32);
    }
    range(ZEROES, 39, 12, 0, 16); /* discarded sectors may hold anything */
    range(ZEROES, sectors - 8, 8, 1, 16);
    text("\nzeroed");
    hex(request(IN, 36, data, 20 * 512), 2);
    hex(fnv(FNV, data, 20 * 512), 16);
    hex(request(IN, sectors - 9, data, 9 * 512), 2);
    hex(fnv(FNV, data, 9 * 512), 16);
}

/* With event fields, prints each interrupt and the index at which the device
 * wants to be notified; then, without these fields, each interrupt. The first
 * request asks for one, since QEMU interrupts there in any case. */
static void events(u64 features)
{
    text("\nevents: written, next, interrupt");
    set_up(features, 8);
    for (u32 i = 0; i < 40; i++) {
        u16 want = (u16)(i % 3 == 0 ? i : i % 3 == 1 ? i + 1 : i - 1);
        avail[2 + 8] = want;
        avail[0] = i & 1; /* ignored with event fields */
        hex(request(FLUSH, 0, data, 0), 2);
        hex(used[1], 4);
        hex(used[2 + 8 * 4], 4);
        hex(interrupt(), 1);
    }
    text("\nflags: interrupt");
    set_up(features & ~EVENT_IDX, 8);
    for (u32 i = 0; i < 6; i++) {
        avail[0] = i & 1;
        hex(request(FLUSH, 0, data, 0), 2);
        hex(used[0], 4);
        hex(interrupt(), 1);
    }
}

static void write_cache(u64 features)
{
    text("\nwrite cache");
    const u64 flush = 1 << 9, wce = 1 << 11, rest = features & ~(flush | wce);
    const u64 asked[] = {0, flush, flush | wce};
    for (u32 i = 0; i < 3; i++) {
        set_up(rest | asked[i], 8);
        hex(REG8(CONFIG + 32), 2);
        hex(request(OUT, 60, data, 512), 2);
        if (!(asked[i] & wce))
            continue;
        for (u32 k = 0; k < 6; k++) {
            if (k & 4)
                REG(CONFIG + 32) = k & 1;
            else
                REG8(CONFIG + 32) = k & 1 ? 0x80 : 0;
            hex(REG8(CONFIG + 32), 2);
            hex(request(OUT, 60, data, 512), 2);
            hex(request(FLUSH, 0, data, 0), 2);
        }
        REG(STATUS) = 0;
        hex(REG8(CONFIG + 32), 2);
    }
}

void run(void)
{
    u64 features = offered(), ring_reset = 1ull << 40;
    u64 sectors = REG64(CONFIG);
    features &= ~ring_reset; /* offered, but not working in QEMU's mmio */
    features &= ~(1ull << 24);
    registers();
    widths();
    negotiation();
    set_up(0, 8); /* as a driver that knows no feature */
    requests(sectors);
    set_up(features & ~EVENT_IDX, 64);
    requests(sectors);
    ranges(sectors);
    events(features);
    write_cache(features);
    text("\nend\n");
    end();
}
