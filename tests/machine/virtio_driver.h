/* SPDX-License-Identifier: MIT */
/* A bare-metal driver of the disk in the first virtio-mmio slot, for programs
 * that run on Clockhand and on QEMU's virt alike. The programs have .init0 at
 * 0x80000000, print on the UART, and end through the finisher. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

asm(".section .init0,\"ax\"\n.globl _start\n_start:\n"
    " .option push\n .option norelax\n la gp, __global_pointer$\n"
    " .option pop\n la sp, stack_top\n la t0, trap\n csrw mtvec, t0\n"
    " j run\n"
    /* An access fault: note its cause, skip the instruction. */
    " .align 4\ntrap: csrr t0, mcause\n la t1, cause\n sd t0, 0(t1)\n"
    " csrr t0, mepc\n lhu t1, 0(t0)\n andi t1, t1, 3\n addi t1, t1, -3\n"
    " addi t0, t0, 2\n bnez t1, 1f\n addi t0, t0, 2\n1: csrw mepc, t0\n mret\n"
    ".bss\n .align 4\n .skip 65536\nstack_top:\n .text\n");
volatile u64 cause;

/* ---- console ------------------------------------------------------------ */

static inline void put(char c)
{
    while (!(*(volatile u8 *)0x10000005 & 0x20))
        ;
    *(volatile u8 *)0x10000000 = (u8)c;
}

static inline void text(const char *s)
{
    while (*s)
        put(*s++);
}

static inline void hex(u64 v, int digits)
{
    put(' ');
    while (digits--)
        put("0123456789abcdef"[v >> digits * 4 & 15]);
}

static inline void end(void)
{
    *(volatile u32 *)0x100000 = 0x5555;
    for (;;)
        ;
}

/* ---- registers ---------------------------------------------------------- */

#define BASE 0x10001000ul
enum {
    VERSION = 0x04,
    FEATURES = 0x10,
    FEATURES_SEL = 0x14,
    DRIVER = 0x20,
    DRIVER_SEL = 0x24,
    PAGE_SIZE = 0x28,
    QUEUE_SEL = 0x30,
    QUEUE_MAX = 0x34,
    QUEUE_NUM = 0x38,
    QUEUE_ALIGN = 0x3c,
    QUEUE_PFN = 0x40,
    QUEUE_READY = 0x44,
    NOTIFY = 0x50,
    INTERRUPT = 0x60,
    ACK = 0x64,
    STATUS = 0x70,
    DESC = 0x80,
    AVAIL = 0x90,
    USED = 0xa0,
    CONFIG = 0x100
};
#define REG8(off)  (*(volatile u8 *)(BASE + (off)))
#define REG16(off) (*(volatile u16 *)(BASE + (off)))
#define REG(off)   (*(volatile u32 *)(BASE + (off)))
#define REG64(off) (*(volatile u64 *)(BASE + (off)))

#define EVENT_IDX (1ull << 29)

static inline bool legacy(void)
{
    return REG(VERSION) == 1;
}

static inline u64 offered(void)
{
    REG(FEATURES_SEL) = 1;
    u64 high = REG(FEATURES);
    REG(FEATURES_SEL) = 0;
    return high << 32 | REG(FEATURES);
}

/* ---- the queue ---------------------------------------------------------- */

#define MAX_NUM 1024
struct desc {
    u64 pa;
    u32 len;
    u16 flags, next;
};
enum { NEXT = 1, WRITE = 2, INDIRECT = 4 };

/* Version 1's layout serves both versions: table, available, used ring. */
static u8 rings[65536] __attribute__((aligned(4096)));
static struct desc table[MAX_NUM + 8] __attribute__((aligned(16)));
static struct desc *const ring_desc = (struct desc *)rings;
static volatile u16 *avail, *used; /* flags, idx, ring... */
static u32 num;
static u16 made_available,
    seen_used; /* entries given to the device; entries taken back */

static inline void clear(void *p, u64 n) /* aligned, whole doublewords */
{
    for (volatile u64 *d = p; n; n -= 8)
        *d++ = 0;
}

static inline void barrier(void)
{
    asm volatile("fence" ::: "memory");
}

/* Resets the device; sets features, a queue of n, DRIVER_OK. */
static inline void set_up(u64 features, u32 n)
{
    REG(STATUS) = 0;
    clear(rings, sizeof(rings));
    num = n;
    made_available = seen_used = 0;
    avail = (u16 *)(rings + n * 16);
    used = (u16 *)(rings + ((n * 18 + 6 + 4095) & ~4095ul));
    REG(STATUS) = 1;
    REG(STATUS) = 3;
    REG(DRIVER_SEL) = 0;
    REG(DRIVER) = (u32)features;
    if (!legacy()) {
        REG(DRIVER_SEL) = 1;
        REG(DRIVER) = (u32)(features >> 32);
        REG(STATUS) = 0xb;
    }
    REG(QUEUE_SEL) = 0;
    REG(QUEUE_NUM) = n;
    if (legacy()) {
        REG(PAGE_SIZE) = 4096;
        REG(QUEUE_ALIGN) = 4096;
        REG(QUEUE_PFN) = (u32)((u64)rings >> 12);
        REG(STATUS) = 7;
        return;
    }
    const u64 part[] = {(u64)rings, (u64)avail, (u64)used};
    for (u32 i = 0; i < 3; i++) {
        REG(DESC + i * 0x10) = (u32)part[i];
        REG(DESC + i * 0x10 + 4) = (u32)(part[i] >> 32);
    }
    REG(QUEUE_READY) = 1;
    REG(STATUS) = 0xf;
}

static inline void make_available(u16 head)
{
    avail[2 + made_available % num] = head;
    barrier();
    avail[1] = ++made_available;
    barrier();
}

/* Waits for the next used entry; returns false after `seconds` without one. */
static inline bool wait_for(u64 seconds)
{
    volatile u64 *mtime = (u64 *)0x200bff8;
    u64 until = *mtime + seconds * 10000000;
    while (used[1] == seen_used)
        if (*mtime > until)
            return false;
    barrier();
    seen_used++;
    return true;
}

static inline bool wait(void)
{
    return wait_for(1);
}

static inline volatile u32 *used_entry(void)
{
    return (volatile u32 *)(used + 2) + (u16)(seen_used - 1) % num * 2;
}

/* Waits at most 2 ms for an interrupt, acknowledges it; returns its status. */
static inline u32 interrupt(void)
{
    volatile u64 *mtime = (u64 *)0x200bff8;
    u64 until = *mtime + 20000;
    u32 v;
    while (!(v = REG(INTERRUPT)) && *mtime < until)
        ;
    REG(ACK) = v;
    return v;
}

/* ---- requests ----------------------------------------------------------- */

enum { IN = 0, OUT = 1, FLUSH = 4, GET_ID = 8, DISCARD = 11, ZEROES = 13 };
static struct {
    u32 type, zero;
    u64 sector;
} header;
static volatile u8 status;

static inline void chain(struct desc *d, u32 n)
{
    for (u32 i = 0; i < n; i++) {
        d[i].flags |= i + 1 < n ? NEXT : 0;
        d[i].next = (u16)(i + 1);
    }
}

/* Builds a request in table d: header, one buffer, status. */
static inline u32 plain(struct desc *d, u32 type, u64 sector, void *data,
                        u32 len)
{
    u32 n = 0;
    header.type = type;
    header.sector = sector;
    status = 0xee;
    d[n++] = (struct desc){(u64)&header, 16, 0, 0};
    if (len)
        d[n++] = (struct desc){(u64)data, len, type & 1 ? 0 : WRITE, 0};
    d[n++] = (struct desc){(u64)&status, 1, WRITE, 0};
    chain(d, n);
    return n;
}

/* Makes a plain request; returns its status, or 0xdd if no answer came. */
static inline u8 request(u32 type, u64 sector, void *data, u32 len)
{
    plain(ring_desc, type, sector, data, len);
    make_available(0);
    REG(NOTIFY) = 0;
    return wait() ? status : 0xdd;
}

static inline u64 fnv(u64 h, const void *p, u64 n)
{
    for (const u8 *b = p; n--;)
        h = (h ^ *b++) * 0x100000001b3;
    return h;
}
#define FNV 0xcbf29ce484222325
