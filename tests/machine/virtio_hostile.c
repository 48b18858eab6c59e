/* SPDX-License-Identifier: MIT */
/* A driver that breaks the rules, on the whole machine: each abuse must end
 * with DEVICE_NEEDS_RESET and nothing served; after a reset the disk works as
 * before. Then storms of random abuses: any register by any width, any byte of
 * the rings. Prints a line for each abuse. */
#include "virtio_driver.h"

#define NEEDS_RESET 0x40
#define RAM_END     0x81000000ul /* --ram 16M */

static u8 data[8192] __attribute__((aligned(16)));
static u64 features;
static u64 rng = 88172645463325252ull;

static u64 any(u64 n)
{
    rng ^= rng << 13, rng ^= rng >> 7, rng ^= rng << 17;
    return (rng >> 11) % n;
}

static void ring_head(u16 head)
{
    make_available(head);
    REG(NOTIFY) = 0;
}

/* Makes a read whose second descriptor has these values. */
static void read_with_second_desc(u64 pa, u32 len, u16 flags, u16 next)
{
    plain(ring_desc, IN, 0, data, 512);
    ring_desc[1] = (struct desc){pa, len, flags, next};
    ring_head(0);
}

/* Makes a request in an indirect table of n whose last descriptor is `last`. */
static void in_table(u32 n, struct desc last)
{
    for (u32 i = 0; i + 1 < n; i++)
        table[i] = (struct desc){(u64)&header, 16, NEXT, (u16)(i + 1)};
    table[n - 1] = last;
    ring_desc[3] = (struct desc){(u64)table, n * 16, INDIRECT, 0};
    ring_head(3);
}

/* Sets the queue up again with one part of it at `pa`. */
static void move_queue_part(u32 part, u64 pa)
{
    if (legacy()) {
        REG(QUEUE_PFN) = 0;
        REG(PAGE_SIZE) = 8;
        REG(QUEUE_PFN) = (u32)(pa / 8);
    } else {
        REG(QUEUE_READY) = 0;
        REG(DESC + part * 0x10) = (u32)pa;
        REG(DESC + part * 0x10 + 4) = (u32)(pa >> 32);
        REG(QUEUE_READY) = 1;
    }
    read_with_second_desc((u64)data, 512, NEXT | WRITE, 2);
}

/* Puts the used ring over the available ring: answers become requests. */
static void rings_on_each_other(void)
{
    if (legacy()) { /* the legacy layout keeps the rings apart */
        avail[1] = 77;
        REG(NOTIFY) = 0;
        return;
    }
    REG(QUEUE_READY) = 0;
    REG(USED) = (u32)((u64)avail - 12);
    used = avail - 6;
    REG(QUEUE_READY) = 1;
    made_available = seen_used = 0;
    for (int i = 0; i < 2; i++) {
        request(IN, 0, data, 512);
        REG(NOTIFY) = 0;
    }
}

static bool abuse(u32 n)
{
    const u64 rom = 0x1000, uart = 0x10000000, disk = BASE;
    switch (n) {
    case 0: /* loops */
        read_with_second_desc((u64)data, 512, NEXT | WRITE, 1);
        break;
    case 1: /* outside the table */
        read_with_second_desc((u64)data, 512, NEXT | WRITE, 8);
        break;
    case 2 ... 8: /* buffers that are not in RAM */
        read_with_second_desc((const u64[]){rom, uart, disk, RAM_END,
                                            RAM_END - 100, ~0ul - 100,
                                            0x80000000ul - 512}[n - 2],
                              512, NEXT | WRITE, 2);
        break;
    case 9: /* lengths */
        read_with_second_desc((u64)data, 0, NEXT | WRITE, 2);
        break;
    case 10:
        read_with_second_desc((u64)data, ~0u, NEXT | WRITE, 2);
        break;
    case 11: /* indirect tables: empty, half, too big, nowhere, nested... */
        read_with_second_desc((u64)table, 0, INDIRECT, 0);
        break;
    case 12:
        read_with_second_desc((u64)table, 17, INDIRECT, 0);
        break;
    case 13:
        read_with_second_desc((u64)table, ~15u, INDIRECT, 0);
        break;
    case 14:
        read_with_second_desc(uart, 16, INDIRECT, 0);
        break;
    case 15:
        read_with_second_desc((u64)table, 16, INDIRECT | NEXT, 2);
        break;
    case 16:
        in_table(2, (struct desc){(u64)table, 32, INDIRECT, 0});
        break;
    case 17:
        in_table(4, (struct desc){(u64)&header, 16, NEXT, 2});
        break;
    case 18:
        in_table(4, (struct desc){(u64)&header, 16, NEXT, 4});
        break;
    case 19:
        in_table(MAX_NUM + 1, (struct desc){(u64)&status, 1, WRITE, 0});
        break;
    case 20: /* heads and indexes */
        ring_head(8);
        break;
    case 21:
        made_available += 1000;
        ring_head(0);
        break;
    case 22 ... 26: /* rings that are not in RAM */
        move_queue_part(
            n % 3, (const u64[]){rom, uart, disk, RAM_END, ~0ul << 12}[n - 22]);
        break;
    case 27:
        rings_on_each_other();
        break;
    case 28: /* no status byte; a header cut short */
        read_with_second_desc((u64)data, 512, 0, 0);
        break;
    case 29:
        plain(ring_desc, IN, 0, data, 512);
        ring_desc[0].len = 15;
        ring_head(0);
        break;
    case 30: /* a queue of no size */
        REG(legacy() ? QUEUE_PFN : QUEUE_READY) = 0;
        REG(QUEUE_NUM) = 3;
        REG(legacy() ? QUEUE_PFN : QUEUE_READY) = (u32)((u64)rings >> 12);
        break;
    default:
        return false;
    }
    return true;
}

/* Sets features and a queue; true if a read returns the known sector. */
static bool disk_works(void)
{
    set_up(features, 8);
    for (u32 i = 0; i < 512; i++)
        data[i] = 0;
    return request(IN, 1, data, 512) == 0 && fnv(FNV, data, 512) == KNOWN &&
           REG(STATUS) == (legacy() ? 7 : 0xf);
}

static bool failed(void)
{
    u16 before = used[1];
    bool yes = REG(STATUS) & NEEDS_RESET && REG(INTERRUPT) & 2;
    plain(ring_desc, IN, 1, data, 512);
    ring_head(0);
    volatile u64 *mtime = (u64 *)0x200bff8;
    for (u64 until = *mtime + 1000; *mtime < until;)
        ;
    return yes && used[1] == before;
}

/* A value for any register, but none that puts a ring into RAM, over this
 * program. */
static u64 value(u32 off)
{
    return off == PAGE_SIZE ? 4096 : any(2) ? any(16) : any(1ull << 31);
}

static void write_any(void)
{
    u32 off = (u32)any(0x200);
    switch (any(4)) {
    case 0:
        REG8(off) = (u8)any(256);
        break;
    case 1:
        REG16(off & ~1u) = (u16)any(65536);
        break;
    case 2:
        REG(off & ~3u) = (u32)value(off & ~3u);
        break;
    default:
        off &= ~7u;
        REG64(off) = value(off) | value(off + 4) << 32;
    }
}

/* Writes a descriptor that is nearly right, or changes a byte of one - but not
 * its address in RAM. */
static void change_any(void)
{
    u32 off = (u32)any(128);
    if (any(2))
        ring_desc[any(8)] =
            (struct desc){(u64)data + any(2) * any(4096), (u32)any(600),
                          (u16)any(8), (u16)any(8)};
    else if (off % 16 == 0 || off % 16 > 3)
        rings[off] = (u8)any(256);
}

static void storm(u32 type)
{
    set_up(features & any(~0ull >> 12), 1u << any(8));
    for (u32 i = 0; i < 400; i++) {
        *(u32 *)data = type; /* no write, which would spoil the disk */
        if (any(20) == 0)
            write_any();
        change_any();
        avail[2 + any(8)] = (u16)any(9);
        if (any(3) == 0)
            avail[1] = (u16)(avail[1] + any(3));
        REG(NOTIFY) = 0;
        (void)REG(any(0x80) * 4);
        (void)REG64(any(0x40) * 8);
    }
}

void run(void)
{
    features = offered() & ~EVENT_IDX;
    text(disk_works() ? "well\n" : "not even well\n");
    for (u32 n = 0;; n++) {
        set_up(features, 8);
        if (!abuse(n))
            break;
        hex(n, 2);
        text(failed() ? " failed" : " NOT FAILED");
        text(disk_works() ? ", well again\n" : ", NOT WELL\n");
    }
    for (u32 n = 0; n < 200; n++) {
        storm(n & 1 ? IN : FLUSH);
        if (!disk_works())
            text("NOT WELL after a storm\n");
    }
    text(cause ? "faults\n" : "");
    text("end\n");
    end();
}
