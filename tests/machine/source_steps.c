/* SPDX-License-Identifier: MIT */
/* source.t looks at this program's calls, recursion, list, array, union, enum,
 * bit-fields, inline functions and loops. */
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

volatile int sink;
static long table[3][2] = {{1, 2}, {3, 4}, {5, 6}};
struct node nodes[3];

asm(".section .init,\"ax\"\n"
    ".globl _start\n_start: .option push\n.option norelax\n"
    " la gp, __global_pointer$\n.option pop\n la sp, stack_top\n"
    " call main\n"
    " li t0, 0x100000\n li t1, 0x5555\n sw t1, 0(t0)\n1: j 1b\n"
    ".bss\n .align 4\n .space 8192\nstack_top:\n.text\n");

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

/* Is inlined even at -O0. */
__attribute__((always_inline)) static inline int thrice(int value)
{
    int sum = value;
    sum += value;
    sum += value;
    return sum;
}

/* At -O2, in touch(), forgets()'s arguments are lost, remembers()'s are not. */
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
