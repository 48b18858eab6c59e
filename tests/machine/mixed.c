/* SPDX-License-Identifier: MIT */
/* A bare-metal program with everything that makes time uneven: divides,
 * floating point, cache misses, walks under Sv39, TLB pressure, atomics,
 * self-modifying code, timer interrupts, wfi, misaligned accesses. */
#include <stdint.h>

#define ARENA    0x80400000ul
#define BYTES    (1ul << 20)
#define TABLES   0x80200000ul
#define MTIMECMP (*(volatile uint64_t *)0x2004000)
#define MTIME    (*(volatile uint64_t *)0x200bff8)

volatile uint64_t tohost __attribute__((aligned(64)));
volatile uint64_t fromhost __attribute__((aligned(64)));
volatile uint64_t ticks;

asm(".section .text.init,\"ax\"\n"
    ".globl _start\n_start: .option push\n.option norelax\n"
    " la gp, __global_pointer$\n.option pop\n la sp, stack_top\n"
    " li t0, 0x6000\n csrs mstatus, t0\n" /* FS */
    " la t0, trap\n csrw mtvec, t0\n j main\n"
    ".align 4\ntrap: addi sp, sp, -64\n sd t0, 0(sp)\n sd t1, 8(sp)\n"
    " sd t2, 16(sp)\n csrr t0, mcause\n bgez t0, 1f\n"
    " la t0, ticks\n ld t1, 0(t0)\n addi t1, t1, 1\n sd t1, 0(t0)\n"
    " li t0, 0x200bff8\n ld t1, 0(t0)\n addi t1, t1, 97\n"
    " li t0, 0x2004000\n sd t1, 0(t0)\n j 2f\n"
    "1: csrr t0, mepc\n addi t0, t0, 4\n csrw mepc, t0\n"
    /* an ecall from S-mode: mret goes on after it, in M-mode */
    " li t1, 0x1800\n csrs mstatus, t1\n"
    "2: ld t0, 0(sp)\n ld t1, 8(sp)\n ld t2, 16(sp)\n addi sp, sp, 64\n"
    " mret\n"
    ".bss\n.align 4\n.skip 8192\nstack_top:\n.text\n");

static uint64_t rng = 88172645463325252ull;
static uint64_t next(void)
{
    rng ^= rng << 13, rng ^= rng >> 7, rng ^= rng << 17;
    return rng;
}

static void map(void)
{
    uint64_t *root = (uint64_t *)TABLES, *mid = root + 512, *low = mid + 512;
    for (int i = 0; i < 1024; i++)
        root[i] = 0;
    root[0] = 0xc7;
    root[2] = (uint64_t)mid >> 12 << 10 | 1;
    for (uint64_t i = 0; i < 2; i++)
        mid[i] = (0x80000000ul + (i << 21)) >> 12 << 10 | 0xcf;
    for (uint64_t page = 0; page < BYTES / 4096; page++) {
        uint64_t pa = ARENA + (page << 12);
        mid[(pa >> 21) & 511] =
            (uint64_t)(low + (page & ~511ul)) >> 12 << 10 | 1;
        low[page] = pa >> 12 << 10 | 0x07; /* A and D not yet set */
    }
    asm volatile("csrw pmpaddr0, %0\n csrw pmpcfg0, %1\n csrw satp, %2\n"
                 "sfence.vma" ::"r"(~0ul),
                 "r"(0x1ful), "r"(8ul << 60 | TABLES >> 12)
                 : "memory");
}

/* Enters S-mode; interrupts to M-mode still arrive. machine() goes back. */
static void supervisor(void)
{
    asm volatile("li t0, 0x1800\n csrc mstatus, t0\n li t0, 0x800\n"
                 "csrs mstatus, t0\n la t0, 1f\n csrw mepc, t0\n mret\n1:" ::
                     : "t0", "memory");
}
static void machine(void)
{
    asm volatile("ecall" ::: "memory");
}

static uint64_t integers(uint64_t n)
{
    uint64_t s = 1;
    for (uint64_t i = 1; i < n; i++) {
        s += next() / (i | 1) + next() % (s | 3);
        s ^= s * i >> 3;
        if (s & 4)
            s -= i;
    }
    return s;
}

static uint64_t memory(uint64_t n)
{
    uint64_t s = 0;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t *p = (uint64_t *)(ARENA + next() % (BYTES - 16));
        s += *p; /* misaligned seven times in eight */
        *p = s + i;
        __atomic_fetch_add((uint32_t *)(ARENA + (s & 0xffffc)), 3,
                           __ATOMIC_SEQ_CST);
    }
    return s;
}

static double floats(int n)
{
    double x = 1.5, y = 0;
    for (int i = 1; i < n; i++) {
        y += x / i;
        double root;
        asm volatile("fsqrt.d %0, %1" : "=f"(root) : "f"((double)i));
        x = x * 1.0000001 + root;
        asm volatile("fmadd.d %0, %0, %1, %0" : "+f"(y) : "f"(x * 1e-9));
    }
    return y;
}

/* Writes `li a0, i; ret` n times, and calls it after a fence.i each time. */
static uint64_t patched(uint64_t n)
{
    static uint32_t code[64] __attribute__((aligned(64)));
    uint64_t s = 0;
    for (uint64_t i = 0; i < n; i++) {
        code[0] = (uint32_t)((i & 0x7ff) << 20 | 0x513);
        code[1] = 0x8067;
        asm volatile("fence.i" ::: "memory");
        s += ((uint64_t(*)(void))code)();
    }
    return s;
}

int main(void)
{
    uint64_t s = 0;
    map();
    MTIMECMP = MTIME + 50;
    asm volatile("csrs mie, %0\n csrsi mstatus, 8" ::"r"(0x80ul));
    for (int round = 0; round < 6; round++) {
        s += integers(800);
        supervisor();
        s += memory(2500);
        machine();
        s += (uint64_t)floats(400);
        s += patched(60);
        asm volatile("wfi");
    }
    *(volatile uint64_t *)(ARENA + 8) = s;
    tohost = 1;
    for (;;)
        ;
}
