/* SPDX-License-Identifier: MIT */
/* inherited KIB HOG_KIB: if a page's first owner has ended, and only a child's
 * swap entry names the page, is it evicted? A parent writes KIB and forks a
 * child, which sleeps: by copy-on-write all pages are the child's, too. The
 * parent goes on reading pages at random while a hog of HOG_KIB drives out the
 * pages that are not read; then the parent ends, and two more hogs run. By then
 * no PTE maps the pages, only the child's swap entries name them, so the hogs
 * should have got their frames: the program prints how much of the memory is
 * still in the swap cache. The child then checks every word. */
#include "lib/work.h"

static char *base;
static u64 pages;

static char *memory(u64 n)
{
    char *p = need_mapping(anonymous(n, MAP_PRIVATE), "mmap");
    return p;
}

static s64 hog(u64 n, int rounds)
{
    s64 pid = fork();
    if (pid)
        return pid;
    if (base)
        munmap(base, pages * PAGE); /* the hog does not share them */
    volatile char *p = memory(n);
    while (rounds--)
        for (u64 i = 0; i < n; i += PAGE)
            p[i]++;
    exit(0);
}

/* Reads pages at random until the hog has ended. */
static void use_until(s64 pid)
{
    int status;
    for (u64 x = 0; wait4(pid, &status, 1) != pid; sleep_ms(1)) /* WNOHANG */
        for (u64 end = x + 64; x < end; x++)
            *(volatile char *)(base + mix(x) % pages * PAGE);
}

static void inherit(int go, int done)
{
    char byte;
    u64 errors = 0;
    read(go, &byte, 1);
    for (u64 i = 0; i < pages; i++)
        errors += !page_holds(base + i * PAGE, i, 1);
    printf("inherited: %lu pages, %lu errors\n", pages, errors);
    write(done, "d", 1);
    exit(0);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf_fd(2, "usage: inherited KIB HOG_KIB\n");
        return 2;
    }
    u64 n = number_arg(argv[1]) << 10, much = number_arg(argv[2]) << 10;
    int go[2], done[2], status;
    char byte;
    SYS2(__NR_pipe2, go, 0);
    SYS2(__NR_pipe2, done, 0);
    pages = n / PAGE;
    s64 owner = fork();
    if (owner == 0) {
        base = memory(n);
        for (u64 i = 0; i < pages; i++)
            page_fill(base + i * PAGE, i, 1);
        if (fork() == 0)
            inherit(go[0], done[1]);
        use_until(hog(much, 3));
        exit(0);
    }
    wait4(owner, &status, 0);
    for (int i = 0; i < 2; i++)
        wait4(hog(much, 2), &status, 0);
    printf("inherited: %ld of %lu kB left in memory\n",
           proc_number("/proc/meminfo", "SwapCached:"), KIB(n));
    close(go[0]);
    close(done[1]); /* if the child dies, the read below ends */
    write(go[1], "g", 1);
    read(done[0], &byte, 1); /* init's child by now: wait4 cannot wait for it */
    return 0;
}
