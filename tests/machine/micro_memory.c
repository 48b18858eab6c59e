/* SPDX-License-Identifier: MIT */
/* Prints the cycles of a thousand steps of each memory row of micro.t. Runs in
 * M-mode. The rows about translation load with MPRV through a table that maps
 * 2 GiB of pages to one frame, so that only the walk is cold. */
#include "bare.h"

#define LINE   64ul
#define DATA   0x80400000ul
#define CODE   0x80500000ul
#define ARENA  0x80800000ul
#define TABLES 0x81000000ul
#define VA     (4ul << 30)
#define KIB    1024ul
#define STEPS  32768ul

asm(".section .text.init,\"ax\"\n"
    ".globl _start\n_start: .option push\n.option norelax\n"
    " la gp, __global_pointer$\n.option pop\n la sp, stack_top\n"
    " la t0, fault\n csrw mtvec, t0\n li t0, -1\n csrw pmpaddr0, t0\n"
    " li t0, 0x1f\n csrw pmpcfg0, t0\n j main\n"
    ".align 2\nfault: li t0, 3\n la t1, tohost\n sd t0, 0(t1)\n1: j 1b\n"
    ".bss\n.align 4\n.skip 4096\nstack_top:\n.text\n");

static void result(const char *name, uint64_t cycles, uint64_t steps)
{
    while (*name)
        put(*name++);
    put('=');
    put_number(cycles * 1000 / steps);
    put('\n');
}

static inline uint64_t cycle(void)
{
    uint64_t v;
    asm volatile("csrr %0, mcycle" : "=r"(v)::"memory");
    return v;
}

/* ---- pointer chases: a ring of lines, in order or by Sattolo's shuffle ----
 */

static void ring(uint64_t bytes, int shuffled)
{
    uint64_t n = bytes / LINE, x = 88172645463325252ull;

    for (uint64_t i = 0; i < n; i++)
        *(uint64_t *)(ARENA + i * LINE) = ARENA + (i + 1) % n * LINE;
    if (!shuffled)
        return;
    for (uint64_t i = 0; i < n; i++)
        *(uint64_t *)(ARENA + i * LINE) = ARENA + i * LINE;
    for (uint64_t i = n - 1; i > 0; i--) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        uint64_t *a = (uint64_t *)(ARENA + i * LINE);
        uint64_t *b = (uint64_t *)(ARENA + x % i * LINE);
        uint64_t t = *a;
        *a = *b, *b = t;
    }
}

static void *follow(void *p, uint64_t steps)
{
    for (uint64_t i = 0; i < steps / 64; i++)
        asm volatile(".rept 64\n ld %0, 0(%0)\n .endr" : "+r"(p));
    return p;
}

static void chase(const char *name, uint64_t bytes, int shuffled)
{
    ring(bytes, shuffled);
    void *p = follow((void *)ARENA, 4 * bytes / LINE);
    uint64_t t = cycle();
    follow(p, STEPS);
    result(name, cycle() - t, STEPS);
}

static void stores(const char *name, uint64_t bytes)
{
    uint64_t t = 0;
    for (int round = 0; round < 3; round++) {
        t = cycle();
        for (uint64_t a = ARENA; a < ARENA + bytes; a += 16 * LINE)
            asm volatile(".set off, 0\n .rept 16\n sd x0, off(%0)\n"
                         " .set off, off + 64\n .endr" ::"r"(a)
                         : "memory");
        t = cycle() - t;
    }
    result(name, t, bytes / LINE);
}

/* Measures one store per line, each before `work` (instructions or a fence). */
#define STORES_AND(name, bytes, work)                                          \
    do {                                                                       \
        uint64_t t_ = 0, x_ = 0;                                               \
        for (int round = 0; round < 3; round++) {                              \
            t_ = cycle();                                                      \
            for (uint64_t a = ARENA; a < ARENA + (bytes); a += 16 * LINE)      \
                asm volatile(".set off, 0\n .rept 16\n sd x0, off(%1)\n"       \
                             " .set off, off + 64\n" work "\n .endr"           \
                             : "+r"(x_)                                        \
                             : "r"(a)                                          \
                             : "memory");                                      \
            t_ = cycle() - t_;                                                 \
        }                                                                      \
        result(name, t_, (bytes) / LINE);                                      \
    } while (0)

/* ---- one jump per line ---- */

static void jumps(const char *name, uint64_t bytes)
{
    uint32_t *code = (uint32_t *)CODE;
    uint64_t t = 0;

    for (uint64_t i = 0; i < bytes / LINE; i++)
        code[16 * i] = 0x0400006f; /* j .+64 */
    code[bytes / 4] = 0x00008067;  /* ret */
    asm volatile("fence.i" ::: "memory");
    /* with random replacement, lines evict each other for some rounds */
    for (int round = 0; round < 16; round++) {
        t = cycle();
        ((void (*)(void))CODE)();
        t = cycle() - t;
    }
    result(name, t, bytes / LINE);
}

/* ---- translation ---- */

static void tables(void)
{
    uint64_t *root = (uint64_t *)TABLES, *mid = root + 512, *leaf = mid + 1024;

    for (uint64_t i = 0; i < 512; i++)
        root[i] = 0;
    for (uint64_t i = 0; i < 2; i++)
        root[VA / (1ul << 30) + i] = (uint64_t)(mid + 512 * i) >> 12 << 10 | 1;
    for (uint64_t i = 0; i < 1024; i++)
        mid[i] = (uint64_t)(leaf + 512 * i) >> 12 << 10 | 1;
    for (uint64_t i = 0; i < 1024 * 512; i++)
        leaf[i] = DATA >> 12 << 10 | 0xc7; /* V R W A D */
    *(volatile uint64_t *)DATA = 0;
    asm volatile("csrw satp, %0\n sfence.vma" ::"r"(8ul << 60 | TABLES >> 12)
                 : "memory");
}

/* Loads from `pages` addresses, `stride` bytes apart, each computed from the
 * value of the load before; returns the cycles. */
static uint64_t walk_over(uint64_t stride, uint64_t pages)
{
    uint64_t va = VA, a, t = cycle();

    asm volatile("li %1, 0x20800\n csrs mstatus, %1\n" /* MPRV, MPP = S */
                 "1: ld %1, 0(%0)\n add %0, %0, %1\n add %0, %0, %2\n"
                 " addi %3, %3, -1\n bnez %3, 1b\n"
                 " li %1, 0x20000\n csrc mstatus, %1\n"
                 : "+r"(va), "=&r"(a), "+r"(stride), "+r"(pages)
                 :
                 : "memory");
    return cycle() - t;
}

/* Prints the cycles that translation adds to a load. */
static void walks(const char *name, uint64_t stride, uint64_t pages)
{
    walk_over(0, pages);
    uint64_t hit = walk_over(0, pages);
    walk_over(stride, pages);
    walk_over(stride, pages);
    uint64_t t = walk_over(stride, pages);
    result(name, t > hit ? t - hit : 0, pages);
}

int main(void)
{
    chase("l1d", 8 * KIB, 0);
    chase("l2", 256 * KIB, 0);
    chase("dram-row", 8192 * KIB, 0);
    chase("dram", 8192 * KIB, 1);
    stores("store-l1d", 8 * KIB);
    stores("store-l2", 256 * KIB);
    STORES_AND("store-work", 256 * KIB, ".rept 40\n addi %0, %0, 1\n .endr");
    STORES_AND("store-fence", 256 * KIB, "fence");
    jumps("l1i", 8 * KIB);
    jumps("l1i-l2", 256 * KIB);
    tables();
    walks("dtlb", 4 * KIB, 32);
    walks("l2tlb", 4 * KIB, 96);
    walks("walk-warm", 4 * KIB, 1024);
    walks("walk-l2", 32 * KIB, 2048);
    walks("walk-dram", 32 * KIB, 65536);
    tohost = 1;
    for (;;)
        ;
}
