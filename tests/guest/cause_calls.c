/* SPDX-License-Identifier: MIT */
/* Makes events whose causes are easily confused, one kind a run, for causes.t.
 * Prints "ready" before, and waits for a line. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define N    32 /* pages of a file */
#define AT   ((char *)0x1000000000)

static char page[PAGE];

/* Returns a file of N pages, none of which is in memory. */
static int file_on_disk(void)
{
    int fd = open("/root/causes", O_RDWR | O_CREAT | O_TRUNC, 0600);
    memset(page, 'x', PAGE);
    for (int i = 0; i < N; i++)
        if (write(fd, page, PAGE) != PAGE)
            exit(1);
    fsync(fd);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    return fd;
}

static char *map(int flags, int fd)
{
    return mmap(AT, N * PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0);
}

static void ready(void)
{
    puts("ready");
    fflush(stdout);
    getchar();
}

/* A private copy of a page of fd: touched 0 is written at once, 1 is read
 * before. */
static void copies(int fd, int touched)
{
    volatile char *p = map(MAP_PRIVATE, fd);
    volatile char seen = touched ? p[PAGE] : 0;
    (void)seen;
    ready();
    p[PAGE] = 1;
}

static void of_tmpfs(const char *what)
{
    mount("none", "/mnt", "tmpfs", 0, NULL);
    int fd = open("/mnt/a", O_RDWR | O_CREAT, 0600);
    if (write(fd, page, PAGE) != PAGE || write(fd, page, PAGE) != PAGE)
        exit(1);
    if (!strcmp(what, "tmpfs"))
        copies(fd, 0);
    ready();
    close(fd);
    if (umount("/mnt"))
        exit(1);
}

/* A segment of which one page is read, another one written. */
static void segment(void)
{
    int id = shmget(IPC_PRIVATE, 2 * PAGE, IPC_CREAT | 0600);
    volatile char *p = shmat(id, NULL, 0);
    p[0] = 1;
    volatile char seen = p[PAGE];
    (void)seen;
    shmctl(id, IPC_RMID, NULL);
    ready();
    shmdt((void *)p);
}

/* A page of 2 MiB that a child had too, and that its parent writes alone. */
static void huge(void)
{
    char *p = mmap(AT, 2 << 20, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    madvise(p, 2 << 20, MADV_HUGEPAGE);
    memset(p, 1, 2 << 20);
    if (fork() == 0)
        _exit(0);
    wait(NULL);
    ready();
    p[7 * PAGE] = 2;
}

/* Pages that mremap has moved, some of which munmap takes, and pages at the
 * place that they left. */
static void moved(void)
{
    char *to = AT + 0x100000000;
    char *p = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
    memset(p, 1, 4 * PAGE);
    ready();
    p = mremap(p, N * PAGE, N * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
    if (p != to || map(MAP_PRIVATE | MAP_ANONYMOUS, -1) != AT)
        exit(1);
    memset(AT, 1, 2 * PAGE);
    munmap(to, 2 * PAGE);
    munmap(AT, N * PAGE);
    if (fork() == 0)
        to[2 * PAGE] = 2;
    else
        usleep(100000);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (!strcmp(what, "written") || !strcmp(what, "read")) {
        copies(file_on_disk(), *what == 'r');
    } else if (!strcmp(what, "willneed")) {
        int fd = file_on_disk();
        ready();
        posix_fadvise(fd, 8 * PAGE, 4 * PAGE, POSIX_FADV_WILLNEED);
        usleep(100000);
    } else if (!strcmp(what, "tmpfs") || !strcmp(what, "umount")) {
        of_tmpfs(what);
    } else if (!strcmp(what, "moved")) {
        moved();
    } else if (!strcmp(what, "huge")) {
        huge();
    } else if (!strcmp(what, "segment")) {
        segment();
    }
    puts("done");
    return 0;
}
