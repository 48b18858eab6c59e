/* SPDX-License-Identifier: MIT */
/* Gives tests of virtio-blk a board with one disk and 64 KiB of RAM, and
 * functions that act as its driver. RAM is an allocation of its own, so that
 * the sanitizer sees any access beyond its end. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

#include "dev/blk.h"

#define RAM     (64u << 10)
#define DESC    (RAM_BASE + 0x1000)
#define AVAIL   (RAM_BASE + 0x2000)
#define USED    (RAM_BASE + 0x3000)
#define HEADER  (RAM_BASE + 0x4000)
#define DATA    (RAM_BASE + 0x5000)
#define TABLE   (RAM_BASE + 0xa000) /* an indirect table */
#define STATUS  (RAM_BASE + 0xf000)
#define SECTORS 1000u

#define D_NEXT     1
#define D_WRITE    2
#define D_INDIRECT 4

struct board {
    struct hart hart;
    struct plic plic;
    struct events q;
    u8 *ram;
    struct backing disk;
    struct disk_model *model;
    struct virtio v;
    u64 captured;
    u64 now;
    u64 avail, used; /* the rings' addresses; num fixes them in version 1 */
    u16 offered;
};

static inline void touched(UNUSED void *opaque, u64 pa, u64 n,
                           UNUSED bool write)
{
    assert_true(pa >= RAM_BASE && n <= RAM && pa - RAM_BASE <= RAM - n);
}

static inline void reg(struct board *b, u64 off, u64 v)
{
    assert_true(virtio_write(&b->v, off, 4, b->now, v));
}

static inline u32 get(struct board *b, u64 off)
{
    u64 v;
    assert_true(virtio_read(&b->v, off, 4, &v));
    return (u32)v;
}

enum { MODERN = 0, READONLY = 1, LEGACY = 2 };

static inline void power_on(struct board *b, int kind)
{
    memset(b, 0, sizeof(*b));
    b->hart.clock_hz = b->hart.timebase_hz = 1000000000;
    events_init(&b->q);
    plic_init(&b->plic, &b->hart);
    b->ram = xcalloc(1, RAM);
    backing_open_memory(&b->disk, SECTORS * 512);
    b->disk.readonly = kind & READONLY;
    b->model = disk_model_new("cheetah9lp", SECTORS, 1000000000);
    assert_non_null(b->model);
    struct dma dma = {b->ram, RAM, b, touched};
    virtio_init(&b->v, 0, &b->plic, &b->q, &dma, &b->disk, b->model,
                kind & LEGACY, &b->captured);
    b->now = 1000;
}

static inline void power_off(struct board *b)
{
    virtio_free(&b->v);
    backing_close(&b->disk);
    disk_model_free(b->model);
    free(b->ram);
}

static inline u8 *at(struct board *b, u64 pa)
{
    return b->ram + (pa - RAM_BASE);
}

/* Does a driver's steps: reset, features, an empty queue of num, DRIVER_OK. */
static inline void set_up(struct board *b, u32 num, u64 features)
{
    reg(b, VIRTIO_MMIO_STATUS, 0);
    reg(b, VIRTIO_MMIO_STATUS, 1);
    reg(b, VIRTIO_MMIO_STATUS, 3);
    reg(b, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
    reg(b, VIRTIO_MMIO_DRIVER_FEATURES, (u32)features);
    b->avail = AVAIL;
    b->used = USED;
    if (b->v.legacy) {
        reg(b, VIRTIO_MMIO_GUEST_PAGE_SIZE, 4096);
    } else {
        reg(b, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
        reg(b, VIRTIO_MMIO_DRIVER_FEATURES, features >> 32);
        reg(b, VIRTIO_MMIO_STATUS, 0xb);
    }
    reg(b, VIRTIO_MMIO_QUEUE_SEL, 0);
    reg(b, VIRTIO_MMIO_QUEUE_NUM, num);
    if (b->v.legacy) {
        b->avail = DESC + num * 16;
        b->used = (b->avail + num * 2 + 6 + 4095) & ~4095ull;
        reg(b, VIRTIO_MMIO_QUEUE_ALIGN, 4096);
    }
    memset(at(b, b->avail), 0, 6 + num * 2);
    memset(at(b, b->used), 0, 6 + num * 8);
    if (b->v.legacy) {
        reg(b, VIRTIO_MMIO_QUEUE_PFN, DESC / 4096);
    } else {
        reg(b, VIRTIO_MMIO_QUEUE_DESC_LOW, DESC & 0xffffffff);
        reg(b, VIRTIO_MMIO_QUEUE_AVAIL_LOW, AVAIL & 0xffffffff);
        reg(b, VIRTIO_MMIO_QUEUE_USED_LOW, USED & 0xffffffff);
        reg(b, VIRTIO_MMIO_QUEUE_DESC_HIGH, 0);
        reg(b, VIRTIO_MMIO_QUEUE_AVAIL_HIGH, 0);
        reg(b, VIRTIO_MMIO_QUEUE_USED_HIGH, 0);
        reg(b, VIRTIO_MMIO_QUEUE_READY, 1);
    }
    reg(b, VIRTIO_MMIO_STATUS, b->v.legacy ? 7 : 0xf);
    b->offered = 0;
}

/* BOARD(b, kind): a board, which is freed at the end of its block; READY(b,
 * kind, features): a board whose driver has set up a queue of 8. */
#define BOARD(b, kind)                                                         \
    struct board b __attribute__((cleanup(power_off)));                        \
    power_on(&b, kind)
#define READY(b, kind, features)                                               \
    BOARD(b, kind);                                                            \
    set_up(&b, 8, features)

static inline void desc_at(struct board *b, u64 table, u32 i, u64 pa, u32 len,
                           u16 flags, u16 next)
{
    u8 *d = at(b, table + i * 16);
    put_le(d, pa, 8);
    put_le(d + 8, len, 4);
    put_le(d + 12, flags, 2);
    put_le(d + 14, next, 2);
}

static inline void desc(struct board *b, u32 i, u64 pa, u32 len, u16 flags,
                        u16 next)
{
    desc_at(b, DESC, i, pa, len, flags, next);
}

static inline void header(struct board *b, u32 type, u64 sector)
{
    put_le(at(b, HEADER), type, 4);
    put_le(at(b, HEADER + 8), sector, 8);
}

/* Makes the usual chain: descriptors 0, 1 (n bytes at DATA, if any) and 2. */
static inline void chain(struct board *b, u32 type, u64 sector, u32 n)
{
    header(b, type, sector);
    desc(b, 0, HEADER, 16, D_NEXT, n ? 1 : 2);
    desc(b, 1, DATA, n, D_NEXT | (type & 1 ? 0 : D_WRITE), 2);
    desc(b, 2, STATUS, 1, D_WRITE, 0);
    *at(b, STATUS) = 0xee;
}

/* Makes the chain at `head` available without notifying the device. */
static inline void make_available(struct board *b, u16 head)
{
    u64 num = b->v.q.num ? b->v.q.num : 1;
    put_le(at(b, b->avail + 4 + b->offered % num * 2), head, 2);
    b->offered++;
    put_le(at(b, b->avail + 2), b->offered, 2);
}

static inline void ring_bell(struct board *b)
{
    reg(b, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
}

static inline void offer(struct board *b, u16 head)
{
    make_available(b, head);
    ring_bell(b);
}

/* Lets time pass until no request is in flight. */
static inline void finish(struct board *b)
{
    for (int i = 0; b->q.at[EV_DISK0] != NEVER; i++) {
        assert_true(i < 100000);
        assert_true(b->q.at[EV_DISK0] > b->now);
        b->now = b->q.at[EV_DISK0];
        virtio_event(&b->v, b->now);
    }
}

static inline u16 used_idx(struct board *b)
{
    return (u16)get_le(at(b, b->used + 2), 2);
}

/* Returns the length in the last used entry. */
static inline u32 used_len(struct board *b)
{
    u64 slot = (u16)(used_idx(b) - 1) % b->v.q.num;
    return (u32)get_le(at(b, b->used + 8 + slot * 8), 4);
}

/* Sends a request with n bytes at DATA and lets it end; returns its status. */
static inline u8 request(struct board *b, u32 type, u64 sector, u32 n)
{
    chain(b, type, sector, n);
    offer(b, 0);
    assert_int_equal(*at(b, STATUS), 0xee); /* not done at once */
    finish(b);
    return *at(b, STATUS);
}

/* As request(), but for a range of n sectors to discard or to zero. */
static inline u8 range_request(struct board *b, u32 type, u64 sector, u32 n,
                               u32 flags)
{
    put_le(at(b, DATA), sector, 8);
    put_le(at(b, DATA + 8), n, 4);
    put_le(at(b, DATA + 12), flags, 4);
    return request(b, type, 0, 16);
}
