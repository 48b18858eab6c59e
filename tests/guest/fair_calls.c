/* SPDX-License-Identifier: MIT */
/* A call must return while another program goes on for ever with work that it
 * waits for: writes of the same file, a lock that is taken again and again.
 * Prints a line for each pair; "waits" if the call has not returned after five
 * seconds. Last, mlock beside a thread that changes the mappings: how much is
 * in memory afterwards. Run in a directory on a disk. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define MIB  (1 << 20)

static char bytes[65536];
static volatile int stop;

static int file(const char *name)
{
    int fd = open(name, O_RDWR | O_CREAT, 0600);
    if (fd < 0)
        exit(3);
    return fd;
}

/* ---- what goes on for ever ---- */

static void rewrite(void)
{
    int fd = file("fair");
    for (;;)
        for (int at = 0; at < MIB; at += (int)sizeof bytes)
            if (pwrite(fd, bytes, sizeof bytes, at) < 0)
                exit(3);
}

static void *map_unmap(void *unused)
{
    while (!stop)
        munmap(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
               PAGE);
    return unused;
}

/* ---- calls ---- */

static void call_fsync(void)
{
    fsync(file("fair"));
}

static void call_fsync_other(void)
{
    int fd = file("other");
    if (write(fd, "x", 1) != 1)
        exit(3);
    fsync(fd);
}

static void call_write(void)
{
    if (pwrite(file("fair"), "x", 1, 0) != 1)
        exit(3);
}

static void call_truncate(void)
{
    if (ftruncate(file("fair"), 2 * MIB))
        exit(3);
}

static void nothing(int signo)
{
    (void)signo;
}

/* True if the child ends within five seconds. (It does not poll: whoever wakes
 * often gives the others turns.) */
static int ends(pid_t child)
{
    struct sigaction act = {.sa_handler = nothing};
    sigaction(SIGALRM, &act, NULL);
    alarm(5);
    int good = waitpid(child, NULL, 0) == child;
    alarm(0);
    return good;
}

static void beside(const char *name, void (*busy)(void), void (*call)(void))
{
    pid_t other = fork(), caller;
    if (!other)
        busy();
    usleep(100000);
    if (!(caller = fork())) {
        call();
        _exit(0);
    }
    int good = ends(caller);
    printf("%s: %s\n", name, good ? "returns" : "waits");
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    if (!good) {
        kill(caller, SIGKILL);
        waitpid(caller, NULL, 0);
    }
}

static void lock_pages(void)
{
    enum { PAGES = 200 };
    int fd = file("locked"), kib = 0;
    char line[256];
    pthread_t thread;
    unsigned long start, of = 0;
    for (int i = 0; i < PAGES; i++)
        if (write(fd, bytes, PAGE) != PAGE)
            exit(3);
    fsync(fd);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    pthread_create(&thread, NULL, map_unmap, NULL);
    usleep(1000);
    char *p =
        mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    int err = mlock(p, PAGES * PAGE);
    stop = 1;
    FILE *smaps = fopen("/proc/self/smaps", "r");
    while (fgets(line, sizeof line, smaps)) {
        if (sscanf(line, "%lx-%*x ", &start) == 1)
            of = start;
        if (of == (unsigned long)p)
            sscanf(line, "Rss: %d", &kib);
    }
    printf("mlock: %d, %d KiB of %d\n", err, kib, PAGES * PAGE / 1024);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    beside("fsync beside a writer", rewrite, call_fsync);
    beside("sync beside a writer", rewrite, sync);
    beside("fsync of another file", rewrite, call_fsync_other);
    beside("write beside a writer", rewrite, call_write);
    beside("ftruncate beside a writer", rewrite, call_truncate);
    lock_pages();
    puts("end");
    return 0;
}
