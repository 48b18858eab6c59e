/* SPDX-License-Identifier: MIT */
/* S-mode programs about translations. WHAT chooses what the program does:
 *    1  loads from PAGES pages in turn, ROUNDS times
 *    2  reads a page, changes its PTE, reads it before and after sfence.vma;
 *       changes it again, reads it, OTHERS pages STRIDE pages apart, and it
 *    3  as 2, but calls a function in the page instead of reading; no OTHERS
 *    4  runs a loop of branches in one frame at two addresses */
typedef unsigned long u64;
typedef unsigned int u32;

#define CSRW(name, v) __asm__ volatile("csrw " #name ", %0" ::"r"((u64)(v)))
#define PAGE          4096ul
#define WINDOW        0x40000000ul
#ifndef PAGES
#define PAGES 1
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef OTHERS
#define OTHERS 0
#define STRIDE 1
#endif

extern char heap[], s_stack_top[];
void enter(void *pc, void *sp, u64 mode);
u64 exit_value;

void trap_m(u64 *frame)
{
    u64 cause;
    __asm__ volatile("csrr %0, mcause" : "=r"(cause));
    u64 code = cause == 9 ? frame[10] : 0xbad000 | cause;
    *(volatile u64 *)0x100000 = code << 1 | 1;
    for (;;)
        ;
}

void trap_s(u64 *frame)
{
    (void)frame;
}

static void leave(u64 v)
{
    register u64 a0 __asm__("a0") = v;
    __asm__ volatile("ecall" ::"r"(a0));
}

#if WHAT == 1
static void supervisor(void)
{
    __asm__ volatile("li t0, %0\n"
                     "1: li t1, %1\n li t2, %2\n"
                     "2: ld t3, 0(t1)\n lui t4, 1\n add t1, t1, t4\n"
                     "addi t2, t2, -1\n bnez t2, 2b\n"
                     "addi t0, t0, -1\n bnez t0, 1b\n"
                     "li a0, 1\n ecall" ::"i"(ROUNDS),
                     "i"(WINDOW), "i"(PAGES));
}
#else
static u64 *leaf_table;

static u64 frame(u64 i)
{
    return ((u64)heap + 64 * PAGE) + i * PAGE;
}

static u64 look(void)
{
#if WHAT == 2
    return *(volatile u64 *)WINDOW;
#else
    return ((u64(*)(void))WINDOW)();
#endif
}

#if WHAT == 4
__asm__("loop_begin:\n"
        "1: andi t0, a0, 5\n beqz t0, 2f\n andi t0, a0, 2\n bnez t0, 2f\n"
        "addi a1, a1, 1\n 2: addi a0, a0, -1\n bnez a0, 1b\n"
        "mv a0, a1\n ret\n loop_end:\n");
extern char loop_begin[], loop_end[];

static void supervisor(void)
{
    char *at = (char *)frame(0);
    for (char *p = loop_begin; p < loop_end; p++)
        *at++ = *p;
    leaf_table[1] = leaf_table[0];
    __asm__ volatile("fence.i\n sfence.vma" ::: "memory");
    u64 sum = 0;
    for (u64 i = 0; i < 40; i++)
        sum = ((u64(*)(u64, u64))(WINDOW + i % 3 % 2 * PAGE))(9 + i, sum);
    leave(sum);
}
#else
static void supervisor(void)
{
    u64 seen = look();
    leaf_table[0] = frame(1) >> 2 | 0xcf;
    __asm__ volatile("" ::: "memory");
    seen = seen << 4 | look(); /* stale: still frame 0 */
    __asm__ volatile("sfence.vma" ::: "memory");
    seen = seen << 4 | look();
    leaf_table[0] = frame(0) >> 2 | 0xcf;
    seen = seen << 4 | look(); /* stale again */
#if WHAT == 2
    /* once loads from other pages evicted the entry, the new PTE is used */
    for (u64 i = 1; i <= OTHERS; i++)
        (void)*(volatile u64 *)(WINDOW + i * STRIDE * PAGE);
    seen = seen << 4 | look();
#endif
    leave(seen);
}
#endif
#endif

int main(void)
{
    u64 *root = (u64 *)heap, *mid = root + 512, *leaf = mid + 512;
    root[2] = 0x80000000ul >> 2 | 0xcf;
    root[1] = (u64)mid >> 2 | 1;
    for (u64 i = 0; i < 512; i++)
        mid[i] = (u64)leaf >> 2 | 1;
    for (u64 i = 0; i < 512; i++)
        leaf[i] = (((u64)heap + 64 * PAGE) + (i % 256) * PAGE) >> 2 | 0xcf;
#if WHAT > 1
    leaf_table = leaf;
#endif
#if WHAT == 2 || WHAT == 3
    for (u64 i = 0; i < 2; i++) {
        u32 *code = (u32 *)frame(i);
#if WHAT == 2
        *(u64 *)code = i + 1;
#else
        code[0] = 0x513 | (u32)(i + 1) << 20; /* li a0, i + 1 */
        code[1] = 0x8067;
#endif
    }
#endif
    CSRW(satp, 8ul << 60 | (u64)root >> 12);
    __asm__ volatile("sfence.vma");
    enter((void *)supervisor, s_stack_top, 1);
    return 0;
}
