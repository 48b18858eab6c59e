/* SPDX-License-Identifier: MIT */
/* A mixed program for the engine's tests. With PAGED it runs in U-mode under
 * Sv39, and S-mode maps pages on demand; else it runs in M-mode. TICK: units of
 * mtime between two timer interrupts; 0: none. The finisher gets the result. */
#include "../../../tools/bench/bench.h"

#define FINISH   (*(volatile u64 *)0x100000)
#define MTIMECMP (*(volatile u64 *)0x2004000)
#define MTIME    (*(volatile u64 *)0x200bff8)
#ifndef TICK
#define TICK 0
#endif
#ifndef ROUNDS
#define ROUNDS 3
#endif

#define CSRC(name, v) __asm__ volatile("csrc " #name ", %0" ::"r"((u64)(v)))

void enter(void *pc, void *sp, u64 mode);
extern char s_stack_top[], heap[];

static volatile u64 ticks, faults, softs, calls;
static u64 sum, seed = 12345;

static u64 rnd(void)
{
    seed = seed * 6364136223846793005ul + 1442695040888963407ul;
    return seed >> 33;
}

/* ---- work ---- */
static u32 data[512];

static void sort(u32 *a, long n)
{
    if (n < 2)
        return;
    u32 pivot = a[n / 2];
    long i = 0, j = n - 1;
    for (;; i++, j--) {
        while (a[i] < pivot)
            i++;
        while (a[j] > pivot)
            j--;
        if (i >= j)
            break;
        u32 t = a[i];
        a[i] = a[j];
        a[j] = t;
    }
    sort(a, i);
    sort(a + i, n - i);
}

static u64 divides(void)
{
    u64 s = 0;
    for (int i = 1; i < 40; i++) {
        long a = (long)rnd() - 0x40000000, b = (long)rnd() % 1000 - 500;
        if (!b)
            b = i;
        s += (u64)(a / b) ^ (u64)(a % b) ^ ((u32)a / (u32)i) ^
             (u64)((int)a / (int)b);
        s += (u64)(((unsigned __int128)(u64)a * s) >> 64);
    }
    return s;
}

static double fma_chain(void)
{
    double x = 1.25, y = 0.5;
    float f = 3.5f;
    for (int i = 0; i < 30; i++) {
        x = x * y + 1.0 / (1 + i);
        y = y - x / 3;
        f = f * 1.01f + (float)x;
    }
    return x + y + f;
}

static u64 unaligned(u8 *p)
{
    u64 s = 0;
    for (int i = 0; i < 70; i += 3) {
        u64 v;
        __asm__ volatile("sd %1, 0(%2)\n ld %0, 1(%2)\n lw t0, 2(%2)\n"
                         "add %0, %0, t0"
                         : "=&r"(v)
                         : "r"(s + (u64)i), "r"(p + i)
                         : "t0", "memory");
        s = s * 3 + v;
    }
    return s;
}

static u64 atomics(u64 *p)
{
    u64 old, failed;
    *p = 5;
    __asm__ volatile("amoadd.d %0, %2, (%1)\n amomaxu.w %0, %2, (%1)\n"
                     "amoswap.d x0, %2, (%1)"
                     : "=&r"(old)
                     : "r"(p), "r"(77)
                     : "memory");
    __asm__ volatile("1: lr.d %0, (%2)\n addi %0, %0, 3\n sc.d %1, %0, (%2)\n"
                     "bnez %1, 1b\n"
                     : "=&r"(old), "=&r"(failed)
                     : "r"(p)
                     : "memory");
    return old + failed + *p;
}

/* Rewrites a hot function (li a0, n; ret) and calls it. */
static u32 __attribute__((aligned(64))) patch[16];
static u64 patched(u32 n)
{
    patch[0] = n << 20 | 0x00000513;
    patch[1] = 0x00008067;
    __asm__ volatile("fence.i" ::: "memory");
    return ((u64(*)(void))patch)();
}

/* Unless PAGED, stores into the next instruction, without fence.i. */
static u64 self_patch(u64 v)
{
    u64 out = 0;
#ifndef PAGED
    __asm__ volatile("la t0, 1f\n"
                     "slli t1, %1, 20\n"
                     "li t2, 0x00000393\n" /* addi t2, x0, imm */
                     "or t1, t1, t2\n"
                     "sw t1, 0(t0)\n"
                     ".option push\n.option norvc\n"
                     "1: addi t2, x0, 0\n"
                     "mv %0, t2\n"
                     ".option pop\n"
                     : "=r"(out)
                     : "r"(v & 0x3ff)
                     : "t0", "t1", "t2", "memory");
#else
    out = v;
#endif
    return out;
}

static u64 dispatch(u64 i)
{
    static u64 (*const table[])(u64) = {self_patch};
    switch (i % 7) {
    case 0:
        return i * 3;
    case 1:
        return table[0](i);
    case 2:
        return i << 3;
    case 3:
        return patched((u32)i & 0x7ff);
    case 4:
        return i ^ 0x55;
    case 5:
        return CSRR(instret) & 0; /* only the read itself matters */
    default:
        return i + CSRR(cycle) * 0;
    }
}

/* Zeroes, cleans, flushes and invalidates 64-byte blocks between loads, stores,
 * clmul and cpop; then executes wrs.sto with a reservation, wrs.nto without. */
static u64 blocks(u8 *window, u64 v)
{
    u64 r = v;
    for (u64 i = 0; i < 40; i++) {
        u64 *p = (u64 *)(window + (i * 5 % 9) * PAGE + i * 192 % 4096 / 8 * 8);
        u64 m = r | 5;
        __asm__ volatile(".option push\n.option arch, +zicbom, +zicboz, +zbb, "
                         "+zbc\n"
                         "sd %0, 16(%1)\n"
                         "cbo.flush (%1)\n"
                         "clmul %0, %0, %2\n"
                         "sd %0, 0(%1)\n"
                         "cbo.clean (%1)\n"
                         "sd %0, 8(%1)\n"
                         "cbo.zero (%1)\n"
                         "cpop %2, %0\n"
                         "sd %2, 24(%1)\n"
                         "cbo.inval (%1)\n"
                         "ld %2, 24(%1)\n"
                         "add %0, %0, %2\n"
                         ".option pop"
                         : "+&r"(r), "+&r"(p), "+&r"(m)
                         :
                         : "memory");
    }
    __asm__ volatile(".option push\n.option arch, +zawrs\n"
                     "lr.d %0, (%1)\n"
                     "wrs.sto\n"
                     "add %0, %0, 1\n"
                     "wrs.sto\n"
                     "sc.d %0, %0, (%1)\n"
                     "wrs.nto\n"
                     ".option pop"
                     : "=&r"(v)
                     : "r"(window)
                     : "memory");
    return r ^ v;
}

static void work(u8 *window)
{
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < 512; i++)
            data[i] = (u32)rnd();
        sort(data, 512);
        for (int i = 1; i < 512; i++)
            if (data[i - 1] > data[i])
                sum += 1000000;
        sum = sum * 31 + data[100] + divides();
        union {
            double d;
            u64 u;
        } x = {.d = fma_chain()};
        sum ^= x.u;
        sum += unaligned(window + 4096 - 40);
        sum += atomics((u64 *)window);
        sum ^= blocks(window, sum);
        for (u64 i = 0; i < 60; i++)
            sum = sum * 7 + dispatch(i + (u64)round);
        for (u64 i = 0; i < 60; i++) { /* many pages, some of them twice */
            u64 *p = (u64 *)(window + (i * 7 % 48) * PAGE + i * 72 % 4088);
            *(volatile u64 *)((u64)p & ~7ul) = i;
            sum += *(volatile u64 *)((u64)p & ~7ul);
        }
    }
}

/* ---- traps ---- */
static u64 *root, *pt_window;
static u64 *new_page(void)
{
    static u64 next;
    if (!next)
        next = (u64)heap;
    u64 *p = (u64 *)next;
    next += PAGE;
    for (unsigned i = 0; i < 512; i++)
        p[i] = 0;
    return p;
}

void trap_m(u64 *frame)
{
    u64 cause = CSRR(mcause);
    if (cause == (1ul << 63 | 7)) {
        ticks++;
        MTIMECMP = MTIME + TICK;
        if (ticks % 3 == 0)
            CSRS(mip, 2); /* SSIP */
        return;
    }
    if (cause == 9 || cause == 8) { /* an ecall of S or U: finish */
        FINISH = frame[10] << 1 | 1;
    }
    FINISH = 0xbad0000 | cause << 1 | 1;
    for (;;)
        ;
}

void trap_s(u64 *frame)
{
    u64 cause = CSRR(scause), va = CSRR(stval);
    if (cause == (1ul << 63 | 1)) {
        softs++;
        CSRC(sip, 2);
        return;
    }
    if (cause == 8) {
        calls++;
        CSRW(sepc, CSRR(sepc) + 4);
        if (frame[17] == 1) { /* unmap every frame[11]-th window page */
            for (int i = 0; i < 512; i += (int)frame[11])
                pt_window[i] = 0;
            if (frame[10])
                __asm__ volatile("sfence.vma %0, x0" ::"r"(frame[10])
                                 : "memory");
            else
                __asm__ volatile("sfence.vma" ::: "memory");
            return;
        }
        register u64 a0 __asm__("a0") = frame[10];
        __asm__ volatile("ecall" ::"r"(a0) : "memory");
    }
    if ((cause == 13 || cause == 15) && va >> 21 == 0x40000000ul >> 21) {
        static u64 *pool[512];
        u64 i = va >> 12 & 511;
        faults++;
        if (!pool[i])
            pool[i] = new_page();
        pt_window[i] = (u64)pool[i] >> 2 | 0x17; /* V R W U */
        __asm__ volatile("sfence.vma %0, x0" ::"r"(va) : "memory");
        return;
    }
    register u64 a0 __asm__("a0") = 0xdead00 | cause;
    __asm__ volatile("ecall" ::"r"(a0) : "memory");
}

static u64 syscall(u64 n, u64 a, u64 b)
{
    register u64 a0 __asm__("a0") = a, a1 __asm__("a1") = b,
                    a7 __asm__("a7") = n;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
    return a0;
}

static void user_main(void)
{
    u8 *window = (u8 *)0x40000000;
    for (u64 i = 0; i < 2; i++) {
        work(window);
        syscall(1, i ? 0x40003000 : 0, 1 + i * 5);
    }
    syscall(0, sum & 0xffffff, 0);
}

int main(void)
{
    if (TICK) {
        MTIMECMP = MTIME + TICK;
        CSRS(mie, 1 << 7);
    }
#ifdef PAGED
    root = new_page();
    u64 *mid = new_page();
    pt_window = new_page();
    u64 *low = new_page();
    root[2] = 0x80000000ul >> 2 | 0xdf; /* 1 GiB, user, all rights */
    root[1] = (u64)mid >> 2 | 1;
    mid[0] = (u64)pt_window >> 2 | 1;
    root[0] = (u64)low >> 2 | 1;
    /* the kernel's alias of RAM: S may not fetch from root[2]'s user pages */
    root[510] = 0x80000000ul >> 2 | 0xcf | 0x20;
    CSRW(medeleg, 1 << 8 | 1 << 13 | 1 << 15 | 1 << 12);
    CSRW(mideleg, 2);
    CSRS(mie, 2);
    CSRW(stvec, CSRR(stvec) - 0x80000000ul + 0xffffffff80000000ul);
    CSRW(sscratch, (u64)s_stack_top - 0x80000000ul + 0xffffffff80000000ul);
    CSRS(mstatus, 1ul << 18); /* SUM */
    CSRW(satp, 8ul << 60 | 5ul << 44 | (u64)root >> 12);
    __asm__ volatile("sfence.vma");
    enter((void *)user_main, (void *)(heap + 400 * PAGE), 0);
#else
    if (TICK)
        CSRS(mstatus, 8);
    work((u8 *)heap + 16 * PAGE);
#endif
    return (int)(sum & 0xffffff);
}
