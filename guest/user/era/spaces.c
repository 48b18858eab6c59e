/* SPDX-License-Identifier: MIT */
/* spaces [N]: N processes (default 1) and their parent, each with memory of its
 * own and memory that they share, all of it at the same addresses:
 *
 *   0x100000000   a private page; child I writes 1000 + I, the parent 1000
 *   0x200000000   a page that all share, with a counter
 *   0x300000000   64 pages
 *   0x400000000   64 more; the pages of the two ranges are touched in turn, so
 *                 that neither range has neighbouring frames
 *   0x500000000   the real-time clock's registers (/dev/mem)
 *   0x600000000   a page that no process touches
 *
 * Each prints what it finds, and sleeps until it is killed. (001-1 ... 001-3,
 * 001-14, 002-3) */
#include "lib/work.h"

#define AT(n) ((volatile u64 *)((n)*0x100000000ul))
#define FEW   64

static void map(u64 n, u64 pages, int flags, int fd, u64 off)
{
    void *at = mmap((void *)(u64)AT(n), pages * PAGE,
                    fd < 0 ? PROT_READ | PROT_WRITE : PROT_READ,
                    MAP_FIXED | flags, fd, off);
    if (is_error(at))
        cannot("spaces: mmap", (s64)at);
}

static __attribute__((noreturn)) void say(const char *who, u64 number)
{
    printf("spaces: %s %lu finds %lu at 0x100000000\n", who, number, *AT(1));
    for (;;)
        sleep_ms(1000000);
}

int main(int argc, char **argv)
{
    u64 n = argc > 1 ? number_arg(argv[1]) : 1;
    s64 mem = open("/dev/mem", O_RDONLY, 0);
    if (mem < 0)
        cannot("/dev/mem", mem);
    map(1, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    map(2, 1, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    map(3, FEW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    map(4, FEW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    map(5, 1, MAP_SHARED, (int)mem, 0x101000);
    map(6, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *AT(1) = 1000;
    for (u64 i = 0; i < FEW; i++)
        AT(3)[i * PAGE / 8] = AT(4)[i * PAGE / 8] = i;
    for (u64 i = 1; i <= n; i++) {
        s64 pid = fork();
        if (pid < 0)
            cannot("spaces: fork", pid);
        if (pid == 0) {
            *AT(1) = 1000 + i;
            (void)*(volatile u32 *)AT(5);
            __atomic_add_fetch(AT(2), 1, __ATOMIC_RELAXED);
            say("child", i);
        }
    }
    while (*AT(2) < n) /* the children's writes appear without a system call */
        SYS0(__NR_sched_yield);
    printf("spaces: the counter says %lu\n", *AT(2));
    say("parent", 0);
}
