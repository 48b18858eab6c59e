/* SPDX-License-Identifier: MIT */
/* Checks Swap and SwapPss of /proc/self/smaps (spaces.t): of private memory, of
 * shared memory, and of mappings of a file in tmpfs, in a machine with swap.
 *
 *   swap_shares MIB     the memory that makes all other pages leave RAM
 *
 * Prints "ok" or "not ok" for each check. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE  4096l
#define RW    (PROT_READ | PROT_WRITE)
#define TMPFS 32 /* pages of the file */

static void ok(int good, const char *what)
{
    printf("%s - %s\n", good ? "ok" : "not ok", what);
    fflush(stdout);
}

/* Returns what the line `name` of smaps says of the mapping at p, in KiB. */
static long smaps(const char *p, const char *name)
{
    char line[256];
    unsigned long start = 0, from, to;
    long kib = -1;
    FILE *f = fopen("/proc/self/smaps", "r");
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "%lx-%lx", &from, &to) == 2)
            start = from;
        if (start == (unsigned long)p && !strncmp(line, name, strlen(name)))
            kib = atol(line + strlen(name));
    }
    fclose(f);
    return kib;
}

/* Maps pages, between two pages that keep other mappings from merging. */
static char *map(long pages, int flags, int fd, long from)
{
    char *p = mmap(NULL, (size_t)((pages + 2) * PAGE), PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mmap(p + PAGE, (size_t)(pages * PAGE), RW, flags | MAP_FIXED, fd,
                from * PAGE);
}

/* Fills memory with other pages until none of the mapping at p is in memory. */
static void push_out(const char *p, long mib)
{
    for (int i = 0; i < 20 && smaps(p, "Rss:"); i++) {
        char *hog = map(mib << 8, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(hog, 'h', (size_t)mib << 20);
        munmap(hog, (size_t)mib << 20);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    int fd = open("/tmp/shares", O_RDWR | O_CREAT | O_TRUNC, 0600);
    char page[PAGE];
    memset(page, 'f', PAGE);
    for (int i = 0; i < TMPFS; i++)
        if (write(fd, page, PAGE) != PAGE)
            return 2;
    char *shared = map(64, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *own = map(63, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *part = map(8, MAP_SHARED, fd, 8),
         *copy = map(TMPFS, MAP_PRIVATE, fd, 0);
    memset(shared, 's', 64 * PAGE);
    memset(own, 'o', 63 * PAGE);
    memset(copy, 'c', 6 * PAGE);
    ok(smaps(shared, "Swap:") == 0 && smaps(copy, "Swap:") == 0 &&
           smaps(own, "SwapPss:") == 0,
       "nothing is in swap");
    push_out(shared, atol(argv[1]));
    push_out(own, atol(argv[1]));
    push_out(copy, atol(argv[1]));
    ok(smaps(shared, "Swap:") == 256 && smaps(shared, "SwapPss:") == 0,
       "shared memory: its pages in swap, and no share");
    ok(smaps(part, "Swap:") == 32 && smaps(part, "SwapPss:") == 0,
       "a part of a file in tmpfs: the part's pages");
    ok(smaps(copy, "Swap:") == 4 * TMPFS && smaps(copy, "SwapPss:") == 24,
       "a private mapping: its copies, and the pages that they do not hide");
    ok(smaps(own, "Swap:") == 252 && smaps(own, "SwapPss:") == 252,
       "private memory: all is its own");
    pid_t children[2];
    for (int i = 0; i < 2; i++)
        if (!(children[i] = fork()))
            return pause();
    ok(smaps(own, "Swap:") == 252 && smaps(own, "SwapPss:") == 83,
       "... or a third, with two children (each share is rounded down)");
    ok(smaps(copy, "SwapPss:") == 7, "... and a third of the copies");
    ok(part[0] == 'f' && smaps(part, "Swap:") == 28,
       "a page that is read back is no longer in swap");
    for (int i = 0; i < 2; i++)
        kill(children[i], SIGKILL);
}
