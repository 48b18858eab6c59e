/* SPDX-License-Identifier: MIT */
/* Works like the synthetic systems benchmarks of the 1980s: records copied and
 * linked, strings compared, many calls of small functions with pointers. */
#include "bench.h"

#ifndef ROUNDS
#define ROUNDS 1500000
#endif

struct record {
    struct record *next;
    int kind, colour, number;
    char text[31];
};

static struct record first, second;
static int array1[50], array2[50][50], global;
static char ch1, ch2;

#define NOINLINE __attribute__((noinline))

static NOINLINE void copy(char *to, const char *from)
{
    while ((*to++ = *from++))
        ;
}

static NOINLINE int compare(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (u8)*a - (u8)*b;
}

static NOINLINE void add7(int a, int b, int *out)
{
    *out = a + 2 + b;
}

static NOINLINE int letters(char a, char b)
{
    char c = a;
    return c != b ? 0 : (ch1 = c, 1);
}

static NOINLINE int strings(const char *a, const char *b)
{
    int at = 2;
    char c = 'A';
    while (at <= 2)
        if (letters(a[at], b[at + 1]) == 0) {
            c = 'A';
            at++;
        }
    if (c >= 'W' && c < 'Z')
        at = 7;
    if (c == 'R')
        return 1;
    if (compare(a, b) > 0) {
        global = at + 7;
        return 1;
    }
    return 0;
}

static NOINLINE void arrays(int *one, int (*two)[50], int at, int v)
{
    int i = at + 5;
    one[i] = v;
    one[i + 1] = one[i];
    one[i + 30] = i;
    for (int k = i; k <= i + 1; k++)
        two[i][k] = i;
    two[i][i - 1]++;
    two[i + 20][i] = one[i];
    global = 5;
}

static NOINLINE int classify(int kind)
{
    switch (kind) {
    case 0:
        return 3;
    case 1:
        return global > 100 ? 0 : 3;
    case 2:
        return 1;
    default:
        return 2;
    }
}

static NOINLINE void link_records(struct record *r)
{
    struct record *n = r->next;
    *n = *r;
    r->number = 5;
    n->number = r->number;
    n->next = r->next;
    if (n->kind == 0) {
        n->number = 6;
        n->colour = classify(r->colour);
        add7(n->number, 10, &n->number);
    } else {
        *r = *n;
    }
}

int main(void)
{
    char a[31], b[31];
    u64 sum = 0;

    first.next = &second;
    first.colour = 2;
    copy(first.text, "RECORDS PROGRAM, SOME STRING");
    copy(a, "RECORDS PROGRAM, 1'ST STRING");
    for (int i = 0; i < ROUNDS; i++) {
        int x = 2, y = 3, z = 0;
        ch2 = 'B';
        copy(b, "RECORDS PROGRAM, 2'ND STRING");
        int same = !strings(a, b);
        while (x < y) {
            z = 5 * x - y;
            add7(x, y, &z);
            x++;
        }
        arrays(array1, array2, x, z);
        link_records(&first);
        for (char c = 'A'; c <= ch2; c++)
            if (same == letters(c, 'C'))
                copy(b, "RECORDS PROGRAM, 3'RD STRING");
        y = y * x;
        x = y / (z | 1);
        y = 7 * (y - z) - x;
        sum += (u64)(y + z + second.number);
    }
    return sum == 0;
}
