/* SPDX-License-Identifier: MIT */
/* chase PLACES STRIDE [ACCESSES]: follows a chain through PLACES words, STRIDE
 * bytes apart, in random order. Each load's address is the word that the load
 * before it read, so the time of a load is its latency. Prints "linked", goes
 * round once, prints "warm", makes ACCESSES loads (default 100000; rounded
 * down to a multiple of 8), and prints how many cycles each took. With -s it
 * reads the same words in order, and no load waits for another; with -H it
 * asks for pages of 2 MiB (MADV_HUGEPAGE). (001-8, 001-9, 001-30) */
#include "lib/work.h"

static u64 cycles(void)
{
    u64 c;
    __asm__ volatile("rdcycle %0" : "=r"(c));
    return c;
}

#define HUGE (2ul << 20)

/* Maps memory; huge: aligned to 2 MiB, with MADV_HUGEPAGE. */
static char *memory(u64 bytes, bool huge)
{
    char *at = anonymous(bytes + (huge ? HUGE : 0), MAP_PRIVATE);
    if (is_error(at))
        cannot("chase: mmap", (s64)at);
    if (!huge)
        return at;
    at += -(u64)at % HUGE;
    s64 err = SYS3(__NR_madvise, at, bytes, MADV_HUGEPAGE);
    if (err)
        cannot("chase: madvise", err);
    return at;
}

/* Links all places in one random cycle (Sattolo 1986). */
static void link_up(char *at, u64 places, u64 stride)
{
    u64 *order =
        need_mapping(anonymous(places * 8, MAP_PRIVATE), "chase: mmap");
    for (u64 i = 0; i < places; i++)
        order[i] = i;
    for (u64 i = places - 1; i > 0; i--) {
        u64 j = mix(i) % i, t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
    for (u64 i = 0; i < places; i++)
        *(u64 *)(at + order[i] * stride) =
            (u64)(at + order[(i + 1) % places] * stride);
    munmap(order, places * 8);
}

static u64 chase(u64 at, u64 n)
{
    for (; n >= 8; n -= 8)
        __asm__ volatile("ld %0, 0(%0)\n ld %0, 0(%0)\n"
                         "ld %0, 0(%0)\n ld %0, 0(%0)\n"
                         "ld %0, 0(%0)\n ld %0, 0(%0)\n"
                         "ld %0, 0(%0)\n ld %0, 0(%0)\n"
                         : "+r"(at)
                         :
                         : "memory");
    return at;
}

static void stream(const char *at, u64 places, u64 stride, u64 n)
{
    while (n)
        for (u64 i = 0; i < places && n; i++, n--)
            *(volatile const u64 *)(at + i * stride);
}

int main(int argc, char **argv)
{
    bool in_order = false, huge = false;
    for (; argc > 1; argc--, argv++)
        if (!strcmp(argv[1], "-s"))
            in_order = true;
        else if (!strcmp(argv[1], "-H"))
            huge = true;
        else
            break;
    if (argc < 3 || argc > 4) {
        fprintf_fd(2, "usage: chase [-s] [-H] PLACES STRIDE [ACCESSES]\n");
        return 2;
    }
    u64 places = number_arg(argv[1]), stride = number_arg(argv[2]);
    u64 n = argc > 3 ? number_arg(argv[3]) : 100000;
    u64 bytes;
    if (places < 2 || stride < 8 || stride % 8 || n < 8) {
        fprintf_fd(2, "chase: 2 PLACES or more, STRIDE 8, 16, 24 ...\n");
        return 2;
    }
    n -= n % 8; /* chase() makes eight in a row */
    if (__builtin_mul_overflow(places, stride, &bytes) || bytes + HUGE < HUGE)
        cannot("chase: mmap", ENOMEM);
    char *at = memory((bytes + PAGE - 1) / PAGE * PAGE, huge);
    link_up(at, places, stride);
    printf("linked\n");
    u64 here = chase((u64)at, places + 8);
    printf("warm\n");
    u64 before = cycles();
    if (in_order)
        stream(at, places, stride, n);
    else
        here = chase(here, n);
    u64 took = cycles() - before;
    printf("chase: %lu places, %lu bytes apart: %lu.%02lu cycles each\n",
           places, stride, took / n, took * 100 / n % 100);
    return here < (u64)at;
}
