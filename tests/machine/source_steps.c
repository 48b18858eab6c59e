/* SPDX-License-Identifier: MIT */
/* The program that source.t steps through: calls, recursion, a list, an array,
 * a union, flags, bit-fields, an inline function, a loop; with -DTICKS a timer
 * interrupt every hundred instructions or so; with -DCALLS a system call. */
#include <stdint.h>

#define MTIMECMP (*(volatile uint64_t *)0x2004000)
#define MTIME    (*(volatile uint64_t *)0x200bff8)

enum colour { RED, GREEN = 5, BLUE };
enum flags { FLAG_A = 1, FLAG_B = 2, FLAG_C = 8 };

struct point {
    short x;
    int y;
};
struct node {
    struct node *next;
    const char *name;
    enum colour colour;
    unsigned low : 3, high : 13;
    int below : 6;
    struct point at[2];
    union {
        long number;
        unsigned char bytes[4];
    };
    char label[8];
    int (*measure)(const struct node *, int);
};

volatile uint64_t ticks;
volatile int sink;
static long table[3][2] = {{1, 2}, {3, 4}, {5, 6}};
struct node nodes[3];

asm(".section .init,\"ax\"\n"
    ".globl _start\n_start: .option push\n.option norelax\n"
    " la gp, __global_pointer$\n.option pop\n la sp, stack_top\n"
    " la t0, trap\n csrw mtvec, t0\n call main\n"
    " li t0, 0x100000\n li t1, 0x5555\n sw t1, 0(t0)\n1: j 1b\n"
    ".align 4\n.globl trap\ntrap: addi sp, sp, -128\n sd ra, 0(sp)\n"
    " sd t0, 8(sp)\n sd t1, 16(sp)\n sd t2, 24(sp)\n sd a0, 32(sp)\n"
    " sd a1, 40(sp)\n sd a2, 48(sp)\n sd a3, 56(sp)\n sd a4, 64(sp)\n"
    " sd a5, 72(sp)\n sd a6, 80(sp)\n sd a7, 88(sp)\n sd t3, 96(sp)\n"
    " sd t4, 104(sp)\n sd t5, 112(sp)\n sd t6, 120(sp)\n call tick\n"
    " ld ra, 0(sp)\n ld t0, 8(sp)\n ld t1, 16(sp)\n ld t2, 24(sp)\n"
    " ld a0, 32(sp)\n ld a1, 40(sp)\n ld a2, 48(sp)\n ld a3, 56(sp)\n"
    " ld a4, 64(sp)\n ld a5, 72(sp)\n ld a6, 80(sp)\n ld a7, 88(sp)\n"
    " ld t3, 96(sp)\n ld t4, 104(sp)\n ld t5, 112(sp)\n ld t6, 120(sp)\n"
    " addi sp, sp, 128\n mret\n"
    ".bss\n .align 4\n .space 8192\nstack_top:\n.text\n");

void tick(void)
{
    ticks++;
    MTIMECMP = MTIME + 1;
#ifdef CALLS
    asm volatile("csrr t0, mepc\n addi t0, t0, 4\n csrw mepc, t0" ::: "t0");
#endif
}

#ifdef CALLS
__attribute__((noinline)) static void call(int number)
{
    sink = number;
    asm volatile("ecall");
    sink = -number;
}
#endif

static inline int twice(int value)
{
    int doubled = value * 2;
    sink = doubled;
    return doubled;
}

__attribute__((noinline)) static int measure(const struct node *n, int depth)
{
    int sum = n->low + depth;
    for (int i = 0; i < 2; i++)
        sum += n->at[i].y;
    return sum;
}

__attribute__((noinline)) static long factorial(long n)
{
    if (n < 2)
        return 1;
    long below = factorial(n - 1);
    return n * below;
}

__attribute__((noinline)) static void fill(struct node *n, int index)
{
    static const char *const names[] = {"first", "second", "third"};
    n->next = index ? n - 1 : 0;
    n->name = names[index];
    n->colour = index == 1 ? GREEN : BLUE;
    n->low = (unsigned)index;
    n->high = 1000u + (unsigned)index;
    n->below = -index;
    n->at[0] = (struct point){(short)-index, index * 10};
    n->at[1] = (struct point){7, index * 100};
    n->number = 0x1020304 + index;
    n->label[0] = 'l';
    n->label[1] = (char)('0' + index);
    n->measure = measure;
}

__attribute__((noinline)) static int walk(const struct node *n,
                                          enum flags flags)
{
    int length = 0;
    for (; n; n = n->next) {
        int one = n->measure(n, length);
        if (flags & FLAG_B)
            length += one;
        length += twice(length & 3);
        length++;
    }
    return length;
}

/* Inlined, also where nothing is optimised. */
__attribute__((always_inline)) static inline int thrice(int value)
{
    int sum = value;
    sum += value;
    sum += value;
    return sum;
}

/* Optimised, no code here keeps the arguments of forgets(); its caller does. */
__attribute__((noipa)) void touch(void)
{
    sink++;
}
__attribute__((noipa)) int forgets(int number, struct node *n)
{
    sink = number + n->low;
    touch();
    touch();
    return 1;
}
__attribute__((noipa)) int jumps(int number, struct node *n)
{
    sink = number;
    return forgets(number * 2 + 1, n);
}
__attribute__((noipa)) int remembers(int number, struct node *n)
{
    int sum = number;
    for (int i = 0; i < 2; i++)
        sum += forgets(number + 1, n);
    return sum;
}

int main(void)
{
#ifdef TICKS
    MTIMECMP = MTIME + 1;
    asm volatile("csrs mie, %0\n csrsi mstatus, 8" ::"r"(1 << 7));
#endif
#ifdef CALLS
    for (int i = 1; i < 4; i++)
        call(i);
#endif
    for (int i = 0; i < 3; i++)
        fill(&nodes[i], i);
    int length = walk(&nodes[2], FLAG_A | FLAG_B);
    long f = factorial(4);
    for (int i = 0; i < 3; i++)
        table[i][1] += f + length;
    length = thrice(length);
    length += remembers(length, &nodes[1]);
    length += jumps(sink, &nodes[1]);
    sink = (int)f + length;
    return 0;
}
