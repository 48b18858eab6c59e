/* SPDX-License-Identifier: MIT */
/* cut_pages FILE ROUNDS: a file grows and is truncated again and again, while
 * other processes map it page by page, use it, fork, unmap it and end. A
 * truncation yields between two mappings, so that all of that happens within
 * one truncation. Prints how many children ended well, how many by SIGBUS. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES  4000
#define PAGE   4096ul
#define USERS  4
#define LENGTH (PAGES * PAGE)

static int fd;

/* Every other page has other rights, so that each page is a mapping. */
static char *map_pages(int flags)
{
    char *p = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (p == MAP_FAILED)
        _exit(3);
    for (size_t i = 0; i < PAGES; i += 2)
        if (mprotect(p + i * PAGE, PAGE, PROT_READ))
            _exit(3);
    return p;
}

static void use(unsigned seed)
{
    for (int round = 0;; round++) {
        char *p = map_pages(round % 3 ? MAP_SHARED : MAP_PRIVATE);
        for (size_t i = seed; i < PAGES; i += 3)
            if (i % 2)
                p[i * PAGE] = (char)round;
        if (fork() == 0) {
            munmap(p + (size_t)seed * 100 * PAGE, LENGTH / 2);
            _exit(0);
        }
        wait(NULL);
        mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + LENGTH - PAGE);
        munmap(p, LENGTH);
    }
}

int main(int argc, char **argv)
{
    int well = 0, bus = 0, status;
    pid_t pid;
    fd = argc == 3 ? open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600) : -1;
    if (fd < 0)
        return 2;
    for (int round = atoi(argv[2]); round; round--) {
        ftruncate(fd, LENGTH);
        for (unsigned i = 0; i < USERS; i++)
            if (fork() == 0)
                use(i);
        usleep(20000);
        for (volatile long i = 0; i < round % 8 * 400000l; i++)
            ; /* so that the time slice ends early or late in ftruncate */
        ftruncate(fd, round % 2 ? 0 : LENGTH / 3);
        for (unsigned i = 0; i < USERS; i++) {
            pid = wait(&status);
            bus += pid > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS;
            well += pid > 0 && WIFEXITED(status) && !WEXITSTATUS(status);
        }
    }
    printf("%d by SIGBUS, %d well\n", bus, well);
    return 0;
}
