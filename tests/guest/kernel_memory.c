/* SPDX-License-Identifier: MIT */
/* Makes calls for which the kernel needs memory of its own while little is free
 * (spaces.t). Linux frees memory then, and no call fails for want of it.
 *
 *   kernel_memory maps FILE     a fork and /proc/self/smaps with 12,000
 *                               mappings, while memory is full of FILE's pages
 *   kernel_memory busy MIB      calls that need several frames at once, while
 *                               three processes use MIB each
 *   kernel_memory exec KIB      execve with KIB of arguments beside three hogs
 *   kernel_memory unmap         munmap of single pages beside them
 *   kernel_memory locks         locks more than all memory beside a process
 *                               that wakes often: it must be killed
 *   kernel_memory swap DISK     swapon of a large area while memory is full;
 *                               first with a flag that does not exist
 *   kernel_memory swapoff DISK  swapoff while two processes need the swap: it
 *                               fails or is killed; they go on
 *   kernel_memory device        maps a page next to a device
 *
 * Prints a line for each call that fails, and "end". */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/uio.h>
#include "says.h"

#define PAGE     4096l
#define MAPS     12000l
#define FILES    900 /* fewer than RLIMIT_NOFILE */
#define HOGS     3
#define VECTORS  1024
#define PIPE     65536       /* bytes that a pipe holds */
#define FULL     (20l << 20) /* more than all of RAM */
#define NEEDED   (3300l << 10)
#define UART     0x10000000
#define EXEC_KIB 120l

static char bytes[PIPE];

static char *map(long size, int prot)
{
    char *p = mmap(NULL, (size_t)size, prot,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        say("mmap", -1);
    return p;
}

static long read_all(const char *path)
{
    long sum = 0, n;
    int fd = open(path, O_RDONLY);
    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        sum += n;
    if (fd < 0 || n < 0)
        say(path, -1);
    close(fd);
    return sum;
}

static void forks(void)
{
    pid_t pid = fork();
    if (pid < 0)
        say("fork", -1);
    else if (pid == 0)
        _exit(0);
    else
        waitpid(pid, NULL, 0);
}

static void many_maps(const char *file)
{
    char *p = map(MAPS * PAGE, PROT_NONE);
    for (long i = 0; i < MAPS; i += 2)
        if (mprotect(p + i * PAGE, PAGE, PROT_READ))
            say("mprotect", -1);
    read_all(file);
    forks();
    read_all(file);
    if (read_all("/proc/self/smaps") < MAPS * 400)
        puts("smaps is cut short");
}

static void hog(long size, unsigned seed)
{
    char *p = map(size, PROT_READ | PROT_WRITE);
    for (;; seed = seed * 1103515245 + 12345)
        p[(seed >> 8) % (unsigned long)(size / PAGE) * PAGE]++;
}

/* The daemon finds pages all the time: those of the parent, which wants them
 * again when it wakes. */
static void locks(void)
{
    int status;
    pid_t pid = fork();
    if (!pid) {
        mlockall(MCL_CURRENT | MCL_FUTURE);
        map(FULL * 2, PROT_READ | PROT_WRITE);
        pause();
    }
    for (int tenths = 0; tenths < 300; tenths++) {
        nap(100);
        if (waitpid(pid, &status, WNOHANG) == pid)
            return;
    }
    puts("locks: no end");
}

static void calls(const int *end, int null)
{
    static struct iovec vector[VECTORS];
    static struct pollfd polled[FILES];
    for (int i = 0; i < VECTORS; i++)
        vector[i] = (struct iovec){bytes, 1};
    for (int i = 0; i < FILES; i++)
        polled[i] = (struct pollfd){i, POLLIN, 0};
    if (writev(null, vector, VECTORS) != VECTORS)
        say("writev", -1);
    if (poll(polled, FILES, 0) < 0)
        say("poll", -1);
    forks();
    long n = write(end[1], bytes, PIPE);
    if (n != PIPE)
        say("write to a pipe", n);
    for (long got = 1; n > 0 && got > 0; n -= got)
        got = read(end[0], bytes, PIPE);
}

static pid_t hogs[HOGS];

static void hogs_start(long mib)
{
    for (unsigned i = 0; i < HOGS; i++)
        if (!(hogs[i] = fork()))
            hog(mib << 20, i * 77 + 1);
    nap(1000);
}

static void hogs_end(void)
{
    for (int i = 0; i < HOGS; i++)
        kill(hogs[i], SIGKILL);
}

static void busy(long mib)
{
    int end[2], null = open("/dev/null", O_RDWR);
    if (pipe(end))
        say("pipe", -1);
    for (int i = end[1] + 1; i < FILES; i++)
        dup2(null, i);
    hogs_start(mib);
    for (int i = 0; i < 30; i++)
        calls(end, null);
    hogs_end();
}

static void exec_once(char **argv)
{
    int status = 0;
    pid_t pid = vfork();
    if (pid == 0) {
        execv("/proc/self/exe", argv);
        _exit(1);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
        say("execve", status);
}

static void execs(long kib)
{
    static char arg[PAGE];
    char *argv[EXEC_KIB / 4 + 3] = {"kernel_memory", "nothing"};
    memset(arg, 'x', sizeof arg - 1);
    for (long i = 0; i < kib / 4 && i < EXEC_KIB / 4; i++)
        argv[2 + i] = arg;
    hogs_start(4);
    for (int i = 0; i < 40; i++) {
        nap(20);
        exec_once(argv);
    }
    hogs_end();
}

static void unmaps(void)
{
    hogs_start(4);
    for (int round = 0; round < 3; round++) {
        char *p = map(MAPS / 6 * PAGE, PROT_READ);
        for (long i = 1; i < MAPS / 6; i += 2)
            if (munmap(p + i * PAGE, PAGE))
                say("munmap", -1);
        munmap(p, (size_t)(MAPS / 6 * PAGE));
    }
    hogs_end();
}

static void more_swap(const char *disk)
{
    char *p = map(FULL, PROT_READ | PROT_WRITE);
    memset(p, 1, FULL);
    if (!swapon(disk, 1 << 24))
        puts("swapon takes any flag");
    errno = 0;
    if (swapon(disk, 0))
        say("swapon", -1);
}

static void less_swap(const char *disk)
{
    pid_t pid[2];
    for (unsigned i = 0; i < 2; i++)
        if (!(pid[i] = fork())) {
            char *p = map(NEEDED, PROT_READ | PROT_WRITE);
            for (;; nap(5))
                memset(p, 1, NEEDED);
        }
    nap(2000);
    for (int i = 0; i < 3; i++) {
        pid_t off = fork();
        if (!off)
            _exit(swapoff(disk) != 0);
        waitpid(off, NULL, 0);
        swapon(disk, 0);
    }
    for (int i = 0; i < 2; i++) {
        if (waitpid(pid[i], NULL, WNOHANG))
            puts("a process was killed for swapoff");
        kill(pid[i], SIGKILL);
    }
}

static void device(void)
{
    char *p = map(3 * PAGE, PROT_READ | PROT_WRITE);
    *p = 1;
    volatile char *uart = mmap(p, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED,
                               open("/dev/mem", O_RDWR), UART);
    if (uart == MAP_FAILED)
        say("/dev/mem", -1);
    else
        bytes[0] = uart[5];
    p[PAGE] = 1;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (argc > 2 && !strcmp(what, "maps"))
        many_maps(argv[2]);
    else if (argc > 2 && !strcmp(what, "busy"))
        busy(atol(argv[2]));
    else if (argc > 2 && !strcmp(what, "exec"))
        execs(atol(argv[2]));
    else if (!strcmp(what, "unmap"))
        unmaps();
    else if (argc > 1 && !strcmp(what, "locks"))
        locks();
    else if (argc > 2 && !strcmp(what, "swap"))
        more_swap(argv[2]);
    else if (argc > 2 && !strcmp(what, "swapoff"))
        less_swap(argv[2]);
    else if (!strcmp(what, "device"))
        device();
    if (strcmp(what, "nothing")) /* else one of exec's children */
        puts("end");
    return 0;
}
