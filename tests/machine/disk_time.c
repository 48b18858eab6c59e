/* SPDX-License-Identifier: MIT */
/* Makes COUNT requests of BYTES (TYPE: IN or OUT), always DEPTH at once, at
 * random sectors or, with SEQUENTIAL, in order. The driver sleeps (wfi) until
 * the disk interrupts. Prints the run's cycles / COUNT, how many answers
 * overtook the answer of an older request, and the longest request's cycles. */
#include "virtio_driver.h"

#define PLIC      0x0c000000ul
#define PLIC32(o) (*(volatile u32 *)(PLIC + (o)))
#define SOURCE    1 /* the first slot's interrupt source at the PLIC */

static u8 data[DEPTH][BYTES] __attribute__((aligned(16)));
static struct {
    u32 type, zero;
    u64 sector;
} head[DEPTH];
static volatile u8 answer[DEPTH];
static u64 asked[DEPTH], number[DEPTH], order, longest, overtaken;
static u64 rng = 88172645463325252ull, at, sectors;

static u64 cycles(void)
{
    u64 v;
    asm volatile("rdcycle %0" : "=r"(v));
    return v;
}

static u64 place(void)
{
#ifdef SEQUENTIAL
    u64 v = at;
    at += BYTES / 512;
    return v;
#else
    rng ^= rng << 13, rng ^= rng >> 7, rng ^= rng << 17;
    return (rng >> 11) % (sectors / (BYTES / 512)) * (BYTES / 512);
#endif
}

static void present(u32 i)
{
    struct desc *d = ring_desc + i * 3;
    head[i].type = TYPE;
    head[i].sector = place();
    answer[i] = 0xee;
    d[0] = (struct desc){(u64)&head[i], 16, NEXT, (u16)(i * 3 + 1)};
    d[1] = (struct desc){(u64)data[i], BYTES, NEXT | (TYPE & 1 ? 0 : WRITE),
                         (u16)(i * 3 + 2)};
    d[2] = (struct desc){(u64)&answer[i], 1, WRITE, 0};
    asked[i] = cycles();
    number[i] = order++;
    make_available((u16)(i * 3));
}

static void sleep(void)
{
    while (used[1] == seen_used) {
        asm volatile("wfi");
        u32 source = PLIC32(0x200004);
        REG(ACK) = REG(INTERRUPT);
        if (source)
            PLIC32(0x200004) = source;
    }
    barrier();
    seen_used++;
}

static void take(void)
{
    sleep();
    u32 i = used_entry()[0] / 3;
    u64 took = cycles() - asked[i];
    if (answer[i]) {
        text("failed\n");
        end();
    }
    longest = took > longest ? took : longest;
    for (u32 k = 0; k < DEPTH; k++)
        if (answer[k] == 0xee && number[k] < number[i]) {
            overtaken++;
            break;
        }
    present(i);
}

static void decimal(u64 v)
{
    char b[24], *p = b + sizeof b;
    *--p = 0;
    do
        *--p = (char)('0' + v % 10);
    while (v /= 10);
    put(' ');
    text(p);
}

void run(void)
{
    set_up(1ull << 32 | 1 << 9, 128); /* without FLUSH the host syncs writes */
    sectors = REG64(CONFIG);
    PLIC32(SOURCE * 4) = 1;
    PLIC32(0x2000) = 1 << SOURCE;
    PLIC32(0x200000) = 0;
    asm volatile("csrw mie, %0" ::"r"(1 << 11)); /* wakes wfi; traps are off */
    u64 start = cycles();
    for (u32 i = 0; i < DEPTH; i++)
        present(i);
    REG(NOTIFY) = 0;
    for (u32 n = 0; n < COUNT; n++) {
        take();
        REG(NOTIFY) = 0;
    }
    decimal((cycles() - start) / COUNT);
    decimal(overtaken);
    decimal(longest);
    put('\n');
    end();
}
