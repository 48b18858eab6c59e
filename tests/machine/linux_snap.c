// SPDX-License-Identifier: MIT
/* A program that runs under Debian's kernel and brings memory into many states.
 * Then, ROUNDS times, it records the kernel's account of memory
 * (/proc/kpageflags, kpagecount, vmstat, buddyinfo, PID/status, MGLRU's
 * lru_gen), prints "SNAP N", where linux_reader.t stops the machine, and
 * records a second time. A value that is the same in both records was the same
 * at the stop. The children, which need more memory than is free, do not run
 * during a round's records.
 *
 * linux_snap DISK ROUNDS ANON_MB: each round takes 4 MiB of DISK. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RAM_PFN  (0x80000000ul >> 12)
#define FRAMES   32768
#define TEXT     (256u << 10)
#define HALF     (FRAMES * 16 + TEXT) /* flags, counts, texts */
#define RECORD   (4u << 20)
#define CHILDREN 4

struct half {
    uint64_t flags[FRAMES], count[FRAMES];
    char text[TEXT];
};
static struct half *half; /* before, after */
static int flags_fd, count_fd;
static pid_t pid[CHILDREN + 2];
static unsigned pids;

static void check(int ok, const char *what)
{
    if (ok)
        return;
    printf("linux_snap: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void nap(unsigned ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000l};
    nanosleep(&t, NULL);
}

static void *memory(size_t n, int flags)
{
    void *p =
        mmap(NULL, n, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    check(p != MAP_FAILED, "mmap");
    return p;
}

/* ---- records ------------------------------------------------------------ */

static size_t text_of(const char *path, char *to, size_t room)
{
    size_t n = (size_t)snprintf(to, room, "== %s\n", path);
    int fd = open(path, O_RDONLY);
    ssize_t got;
    while (fd >= 0 && (got = read(fd, to + n, room - n)) > 0)
        n += (size_t)got;
    if (fd >= 0)
        close(fd);
    return n;
}

static void texts(struct half *h)
{
    char path[40];
    size_t n = text_of("/proc/vmstat", h->text, TEXT);
    n += text_of("/tmp/debug/lru_gen", h->text + n, TEXT - n);
    n += text_of("/proc/buddyinfo", h->text + n, TEXT - n);
    for (unsigned i = 0; i < pids; i++) {
        snprintf(path, sizeof path, "/proc/%d/status", pid[i]);
        n += text_of(path, h->text + n, TEXT - n);
    }
    memset(h->text + n, 0, TEXT - n);
}

static void frames(struct half *h)
{
    memset(h->flags, 0xff, sizeof h->flags);
    pread(count_fd, h->count, sizeof h->count, RAM_PFN * 8);
    check(pread(flags_fd, h->flags, sizeof h->flags, RAM_PFN * 8) > 0,
          "kpageflags");
}

static void record(const char *disk, unsigned round)
{
    int fd = open(disk, O_WRONLY | O_DIRECT);
    check(fd >= 0, disk);
    for (size_t at = 0; at < 2 * sizeof *half; at += 65536)
        check(pwrite(fd, (char *)half + at, 65536,
                     (off_t)round * RECORD + (off_t)at) == 65536,
              "pwrite");
    close(fd);
}

/* ---- memory in many states ---------------------------------------------- */

/* Writes to its own memory, to `shared` and to `copied`, again and again. */
static void child(unsigned i, char *shared, char *copied, size_t n, size_t mb)
{
    size_t own = mb << 20;
    char *mine = memory(own, MAP_PRIVATE);
    if (i == 0)
        mlock(mine, 65536);
    for (unsigned pass = 0;; pass++) {
        for (size_t at = 0; at < own; at += 4096) {
            mine[at] = (char)pass;
            if (!(at % (256 << 10)))
                nap(1);
        }
        for (size_t at = 0; at < n; at += 4096)
            shared[at] += copied[at]; /* a read leaves `copied` shared */
        if (i % 2)
            copied[pass * 4096 % n] = 1;
        nap(50);
    }
}

static void files(unsigned round)
{
    static char block[65536];
    char path[40];
    snprintf(path, sizeof path, "/root/file%u", round % 3);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    for (unsigned i = 0; fd >= 0 && i < 16; i++)
        if (write(fd, block, sizeof block) < 0)
            break;
    if (fd >= 0)
        close(fd);
    snprintf(path, sizeof path, "/tmp/file%u", round % 3);
    fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    for (unsigned i = 0; fd >= 0 && i < 8; i++)
        if (write(fd, block, sizeof block) < 0)
            break;
    if (fd >= 0)
        close(fd);
    fd = open("/bin/busybox", O_RDONLY);
    while (fd >= 0 && read(fd, block, sizeof block) > 0)
        ;
    if (fd >= 0)
        close(fd);
}

/* Waits until all children have stopped: a child that waits for memory stops
 * only after it gets the memory. main() then lets disk requests end. */
static void stand_still(void)
{
    char path[40], line[256];
    for (unsigned i = 0; i < CHILDREN; i++) {
        snprintf(path, sizeof path, "/proc/%d/stat", pid[i]);
        do {
            nap(10);
            line[0] = 0;
            int fd = open(path, O_RDONLY);
            ssize_t got = read(fd, line, sizeof line - 1);
            line[got > 0 ? got : 0] = 0;
            close(fd);
        } while (line[0] && !strstr(line, ") T ") && !strstr(line, ") Z "));
    }
}

static void tell(int signal)
{
    for (unsigned i = 0; i < CHILDREN; i++)
        kill(pid[i], signal);
}

int main(int argc, char **argv)
{
    check(argc == 4, "linux_snap DISK ROUNDS ANON_MB");
    unsigned rounds = (unsigned)atoi(argv[2]), mb = (unsigned)atoi(argv[3]);
    size_t n = 1 << 20;
    half = memory(2 * sizeof *half, MAP_PRIVATE | MAP_POPULATE);
    check(!mlockall(MCL_CURRENT), "mlockall"); /* keeps `half` in RAM */
    char *shared = memory(n, MAP_SHARED), *copied = memory(n, MAP_PRIVATE);
    memset(copied, 1, n);
    mkdir("/tmp/debug", 0700);
    check(!mount("debug", "/tmp/debug", "debugfs", 0, NULL), "debugfs");
    flags_fd = open("/proc/kpageflags", O_RDONLY);
    count_fd = open("/proc/kpagecount", O_RDONLY);
    check(flags_fd >= 0 && count_fd >= 0, "/proc/kpageflags");
    for (unsigned i = 0; i < CHILDREN; i++) {
        pid[pids] = fork();
        if (!pid[pids])
            child(i, shared, copied, n, mb / CHILDREN);
        check(pid[pids++] > 0, "fork");
    }
    pid[pids++] = getpid();
    pid[pids++] = 1;
    for (unsigned round = 0; round < rounds; round++) {
        files(round);
        nap(300);
        tell(SIGSTOP);
        stand_still();
        for (unsigned i = 0; !round && i < 2; i++) {
            texts(&half[i]); /* here, not below, writes copy pages */
            frames(&half[i]);
        }
        nap(500);
        texts(&half[0]);
        frames(&half[0]);
        dprintf(1, "SNAP %u\n", round);
        frames(&half[1]);
        texts(&half[1]);
        tell(SIGCONT);
        record(argv[1], round);
    }
    printf("SNAPPED\n");
    fflush(stdout);
    tell(SIGKILL);
    return 0;
}
