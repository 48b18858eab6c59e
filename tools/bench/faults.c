/* SPDX-License-Identifier: MIT */
/* Page faults: U-mode touches page after page of a window; the S-mode handler
 * saves the caller-saved registers, maps the page, executes sfence.vma and
 * returns. After each sweep the window is unmapped. */
#include "bench.h"

#ifndef ROUNDS
#define ROUNDS 1500
#endif
#define WINDOW 0x40000000ul

static u64 *leaf, pages[256];
static u8 stack[4096] __attribute__((aligned(16)));
void handler(void);
void user(void);
void m_back(void);

__asm__(".balign 4\nhandler:\n"
        "csrrw sp, sscratch, sp\n addi sp, sp, -128\n"
        "sd ra, 0(sp)\n sd t0, 8(sp)\n sd t1, 16(sp)\n sd t2, 24(sp)\n"
        "sd t3, 32(sp)\n sd t4, 40(sp)\n sd t5, 48(sp)\n sd t6, 56(sp)\n"
        "sd a0, 64(sp)\n sd a1, 72(sp)\n sd a2, 80(sp)\n sd a3, 88(sp)\n"
        "sd a4, 96(sp)\n sd a5, 104(sp)\n sd a6, 112(sp)\n sd a7, 120(sp)\n"
        "csrr a0, scause\n csrr a1, stval\n call fault\n"
        "ld ra, 0(sp)\n ld t0, 8(sp)\n ld t1, 16(sp)\n ld t2, 24(sp)\n"
        "ld t3, 32(sp)\n ld t4, 40(sp)\n ld t5, 48(sp)\n ld t6, 56(sp)\n"
        "ld a0, 64(sp)\n ld a1, 72(sp)\n ld a2, 80(sp)\n ld a3, 88(sp)\n"
        "ld a4, 96(sp)\n ld a5, 104(sp)\n ld a6, 112(sp)\n ld a7, 120(sp)\n"
        "addi sp, sp, 128\n csrrw sp, sscratch, sp\n sret\n"
        ".balign 4\nm_back: li a0, 0\n tail finish\n");

void fault(u64 cause, u64 va)
{
    if (cause == 8) { /* ecall: unmap the window */
        for (u64 i = 0; i < 256; i++)
            leaf[i] = 0;
        __asm__ volatile("sfence.vma" ::: "memory");
        CSRW(sepc, CSRR(sepc) + 4);
        return;
    }
    u64 i = (va - WINDOW) >> 12;
    leaf[i] = pages[i] >> 2 | 0xd7; /* V R W U A D */
    __asm__ volatile("sfence.vma %0, x0" ::"r"(va) : "memory");
}

void user(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        for (u64 i = 0; i < 256; i++)
            *(volatile u64 *)(WINDOW + i * PAGE) = i;
        __asm__ volatile("ecall" ::: "memory");
    }
    __asm__ volatile("ebreak");
}

int main(void)
{
    u64 *root = (u64 *)(((u64)heap + 4095) & ~4095ul), *mid = root + 512;
    leaf = mid + 512;
    for (u64 i = 0; i < 512; i++)
        root[i] = mid[i] = leaf[i] = 0;
    root[2] = RAM_BASE >> 2 | 0xdf; /* with U: user()'s code and stack */
    root[1] = (u64)mid >> 2 | 1;
    mid[0] = (u64)leaf >> 2 | 1;
    root[510] = RAM_BASE >> 2 | 0xcf; /* without U: for S-mode's code */
    for (u64 i = 0; i < 256; i++)
        pages[i] = (u64)leaf + (i + 1) * PAGE;
    u64 alias = 0xffffffff80000000ul - RAM_BASE;
    CSRW(stvec, (u64)handler + alias);
    CSRW(mtvec, (u64)m_back);
    CSRW(sscratch, (u64)(stack + sizeof(stack)) + alias);
    CSRW(medeleg, 1 << 8 | 1 << 13 | 1 << 15);
    CSRW(satp, 8ul << 60 | (u64)root >> 12);
    CSRS(mstatus, 1ul << 18); /* SUM: S-mode writes leaf[] in U's pages */
    __asm__ volatile("sfence.vma\n csrw mepc, %0\n li t0, 0x1800\n"
                     "csrc mstatus, t0\n mret" ::"r"(user)
                     : "t0");
    return 0;
}
