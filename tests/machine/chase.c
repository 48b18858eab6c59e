/* SPDX-License-Identifier: MIT */
/* Measures a pointer chase over BYTES, bare-metal in S-mode under 4 KiB pages
 * (HUGE: 2 MiB). Each step is a load that depends on the load before. The order
 * is a random cycle through all 64-byte lines (HOPS: fixed, a new page a step).
 * Prints cycles per 1000 steps. Compile with -DBYTES=... [-DHUGE] [-DHOPS]. */
#include "bare.h"

#define LINE   64
#define LINES  (BYTES / LINE)
#define STEPS  65536
#define ARENA  0x80400000ul
#define TABLES 0x80200000ul
#define CSRR(n)                                                                \
    ({                                                                         \
        uint64_t v;                                                            \
        asm volatile("csrr %0," #n : "=r"(v));                                 \
        v;                                                                     \
    })

asm(".section .text.init,\"ax\"\n"
    ".globl _start\n_start: .option push\n.option norelax\n"
    " la gp, __global_pointer$\n.option pop\n la sp, stack_top\n j main\n"
    ".bss\n.align 4\n.skip 4096\nstack_top:\n.text\n");

/* Each line holds its successor's address; shuffle() sets the order. */
#ifdef HOPS
/* Counts with reversed bits: 0, 1/2, 1/4, 3/4, 1/8... of BYTES, a power of two.
 * So each step leaves the page, which is used again only after all others. */
static void shuffle(void)
{
    for (uint64_t i = 0; i < LINES; i++) {
        uint64_t bit = LINES / 2, next = i;
        for (; next & bit; bit /= 2)
            next -= bit;
        *(uint64_t *)(ARENA + i * LINE) = ARENA + (next + bit) * LINE;
    }
}
#else
/* Makes one random cycle through all lines (Sattolo's shuffle). */
static void shuffle(void)
{
    uint64_t x = 88172645463325252ull;
    for (uint64_t i = 0; i < LINES; i++)
        *(uint64_t *)(ARENA + i * LINE) = ARENA + i * LINE;
    for (uint64_t i = LINES - 1; i > 0; i--) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        uint64_t *a = (uint64_t *)(ARENA + i * LINE);
        uint64_t *b = (uint64_t *)(ARENA + x % i * LINE);
        uint64_t t = *a;
        *a = *b, *b = t;
    }
}
#endif

static void *chase(void *p, unsigned steps)
{
    for (unsigned i = 0; i < steps / 16; i++)
        asm volatile(".rept 16\n ld %0, 0(%0)\n .endr" : "+r"(p));
    return p;
}

static void measure(void)
{
    void *p = (void *)ARENA;
    p = chase(p, LINES < STEPS ? 2 * STEPS : LINES); /* warm up */
    uint64_t t0 = CSRR(cycle);
    p = chase(p, STEPS);
    uint64_t t1 = CSRR(cycle);
    put_number((t1 - t0) * 1000 / STEPS);
    put('\n');
    if (!p)
        put('?');
    tohost = 1;
    for (;;)
        ;
}

/* Maps addresses to themselves: the first GiB (devices) and the program by
 * large leaves, the arena by 4 KiB pages (HUGE: 2 MiB). Enters S-mode. */
static void paging(void)
{
    uint64_t *root = (uint64_t *)TABLES, *mid = root + 512, *low = mid + 512;
    for (int i = 0; i < 1024; i++)
        root[i] = 0;
    root[0] = 0xc7; /* V R W A D */
    root[2] = (uint64_t)mid >> 12 << 10 | 1;
    for (uint64_t i = 0; i < 2; i++)
        mid[i] = (0x80000000ul + (i << 21)) >> 12 << 10 | 0xcf;
    for (uint64_t page = 0; page < (BYTES + 4095) / 4096; page++) {
        uint64_t pa = ARENA + (page << 12);
#ifdef HUGE
        mid[(pa >> 21) & 511] = pa >> 21 << 19 | 0xc7;
        (void)low;
#else
        mid[(pa >> 21) & 511] =
            (uint64_t)(low + (page & ~511ul)) >> 12 << 10 | 1;
        low[page] = pa >> 12 << 10 | 0xc7;
#endif
    }
    asm volatile("csrw pmpaddr0, %0\n csrw pmpcfg0, %1\n"
                 "csrw mcounteren, %2\n csrw satp, %3\n sfence.vma\n"
                 "csrw mstatus, %4\n la t0, 1f\n csrw mepc, t0\n mret\n1:"
                 :
                 : "r"(~0ul), "r"(0x1ful), "r"(7ul),
                   "r"(8ul << 60 | TABLES >> 12), "r"(1ul << 11)
                 : "t0", "memory");
}

int main(void)
{
    shuffle();
    paging();
    measure();
}
