/* SPDX-License-Identifier: MIT */
/* Lets the kernel fill pages in different ways, and then executes each. The
 * calls of begins() and ends() enclose what stale.t looks at: in between the
 * kernel must have run fence.i, if it has filled the page, and the program has
 * not run it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul
#define HUGE (512 * PAGE)
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#define RX  (PROT_READ | PROT_EXEC)
#define RWX (RX | PROT_WRITE)

/* At an address that no other program uses: stale.t has breakpoints here. */
#define MARK __attribute__((noinline, section(".marks")))
MARK static void begins(const char *way)
{
    __asm__ volatile("" : : "r"(way) : "memory");
}
MARK static void ends(int right)
{
    __asm__ volatile("" : : "r"(right) : "memory");
}

/* Writes a function that returns n. */
static void function(void *at, unsigned n)
{
    const unsigned code[] = {0x513 | n << 20, 0x8067}; /* li a0, n; ret */
    memcpy(at, code, sizeof code);
}

static void run(const void *at, int n)
{
    int (*volatile f)(void) = (int (*)(void))(unsigned long)at;
    ends(f() == n);
}

static char *map(unsigned long n, int rights, int fd)
{
    return mmap(NULL, n, rights, MAP_PRIVATE | (fd < 0 ? MAP_ANONYMOUS : 0), fd,
                0);
}

/* Returns 2 MiB, aligned, whose page 1 holds a function that returns n. */
static char *own(unsigned n)
{
    char *p = map(2 * HUGE, RWX, -1);
    p += -(unsigned long)p % HUGE;
    function(p + PAGE, n);
    __builtin___clear_cache(p + PAGE, p + PAGE + 8);
    run(p + PAGE, (int)n);
    return p;
}

int main(void)
{
    char page[PAGE] = "", *p, *much;
    int fd = open("/root/code", O_RDWR | O_CREAT, 0700);
    function(page, 1);
    write(fd, page, PAGE);

    begins("file");
    p = map(PAGE, RX, fd);
    run(p, 1);

    munmap(p, PAGE);
    begins("same file again");
    p = map(PAGE, RX, fd);
    run(p, 1);

    function(page, 2);
    begins("file, written");
    pwrite(fd, page, PAGE, 0);
    run(p, 2);

    begins("rights given");
    p = map(PAGE, RWX & ~PROT_EXEC, -1);
    function(p, 3);
    mprotect(p, PAGE, RX);
    run(p, 3);

    p = map(PAGE, RWX, fd);
    run(p, 2);
    begins("copy on write");
    p[PAGE - 1] = 1;
    run(p, 2);

    p = own(4);
    begins("collapsed");
    if (madvise(p, HUGE, MADV_COLLAPSE))
        perror("MADV_COLLAPSE");
    run(p + PAGE, 4);

    p = own(5);
    if (fork() == 0) {
        begins("inherited");
        run(p + PAGE, 5);
        begins("inherited, copy on write");
        p[2 * PAGE - 1] = 1;
        run(p + PAGE, 5);
        _exit(0);
    }
    wait(NULL);

    much = map(16 * HUGE, RWX & ~PROT_EXEC, -1);
    for (unsigned long i = 0; i < 32 * HUGE; i += PAGE)
        much[i % (16 * HUGE)] = 1;
    unsigned char in;
    mincore(p + PAGE, PAGE, &in);
    begins(in & 1 ? "still in memory" : "swap");
    run(p + PAGE, 5);
    return 0;
}
