/* SPDX-License-Identifier: MIT */
/* Runs on Debian's kernel. Its parts make faults of every kind, fork, exec and
 * exit, use pages of 2 MiB, swap out and in, write and read files, cause an OOM
 * kill, and store to files and to shared memory. Between two parts mark() makes
 * a fault that the kernel refuses (SIGBUS), then reads and prints /proc/vmstat
 * and the forks in /proc/stat. So the events between two marks are those
 * counted between two readings. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul
#define MB   (1ul << 20)

static sigjmp_buf back;
static char *beyond; /* after the end of a file */
static char text[16384], stat_text[16384];

static void on_bus(int signal)
{
    (void)signal;
    siglongjmp(back, 1);
}

/* Makes the kernel add its CPUs' counts to the sums, which may lag a second. */
static void refresh(void)
{
    int f = open("/proc/sys/vm/stat_refresh", O_RDONLY);
    if (f < 0 || read(f, text, 1) < 0)
        exit(1);
    close(f);
}

static void mark(const char *name)
{
    int f = open("/proc/vmstat", O_RDONLY), g = open("/proc/stat", O_RDONLY);
    sync();
    usleep(400000);               /* until kswapd and the disk rest */
    memset(text, 0, sizeof text); /* else read() faults after the mark */
    memset(stat_text, 0, sizeof stat_text);
    if (!sigsetjmp(back, 1))
        raise(SIGBUS);
    refresh();
    if (!sigsetjmp(back, 1))
        *(volatile char *)beyond = 1;
    ssize_t n = read(f, text, sizeof text - 1);
    text[n > 0 ? n : 0] = 0;
    n = read(g, stat_text, sizeof stat_text - 1);
    stat_text[n > 0 ? n : 0] = 0;
    close(f);
    close(g);
    char *processes = strstr(stat_text, "\nprocesses ");
    if (processes)
        processes[1 + strcspn(processes + 1, "\n")] = 0;
    printf("MARK %s\n%s%s\nEND\n", name, text, processes ? processes + 1 : "");
    fflush(stdout);
}

static char *memory(size_t bytes)
{
    char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        _exit(1);
    return p;
}

static void fill(char *p, size_t bytes, int value)
{
    for (size_t at = 0; at < bytes; at += PAGE)
        memset(p + at, value + (int)(at / PAGE % 7), 64);
}

static void forks(void)
{
    volatile char *p = memory(96 * PAGE);
    int sum = 0;
    for (size_t i = 0; i < 32; i++) /* a read maps the zero page */
        sum += p[i * PAGE];
    fill((char *)p, 96 * PAGE, 1);
    if (!fork()) {
        fill((char *)p, 64 * PAGE, 2);
        _exit(sum);
    }
    wait(NULL);
    fill((char *)p, 96 * PAGE, 3);
}

static void lives(void)
{
    for (int i = 0; i < 8; i++) {
        if (!fork()) {
            execl("/root/linux_events", "linux_events", "ends", NULL);
            _exit(1);
        }
        wait(NULL);
    }
}

static void enable_huge(const char *when)
{
    int f = open("/tmp/sys/kernel/mm/transparent_hugepage/enabled", O_WRONLY);
    if (f < 0 || write(f, when, strlen(when)) < 0)
        exit(1);
    close(f);
}

/* Of four huge pages, the child's write splits one, and munmap another. */
static void huge(void)
{
    size_t big = 2 * MB;
    char *p = memory(5 * big);
    enable_huge("madvise"); /* off by default with so little memory */
    p += big - (size_t)p % big;
    madvise(p, 4 * big, MADV_HUGEPAGE);
    fill(p, 4 * big, 1);
    if (!fork()) {
        p[PAGE] = 2;
        _exit(0);
    }
    wait(NULL);
    munmap(p + big, 16 * PAGE);
    fill(p, PAGE, 3);
    munmap(p, big);
    munmap(p + big + 16 * PAGE, 3 * big - 16 * PAGE);
    enable_huge("never");
}

static void swaps(void)
{
    size_t bytes = 40 * MB;
    char *p = memory(bytes);
    int sum = 0;
    for (int round = 0; round < 2; round++)
        fill(p, bytes, 1 + round);
    for (size_t at = 0; at < bytes; at += PAGE)
        sum += p[at];
    munmap(p, bytes);
    text[0] = (char)sum;
}

static void write_file(const char *path)
{
    int f = open(path, O_RDWR | O_CREAT, 0600);
    char *page = memory(PAGE);
    memset(page, 1, PAGE);
    for (int i = 0; i < 64; i++)
        if (write(f, page, PAGE) != (ssize_t)PAGE)
            exit(1);
    fsync(f);
    char *p = mmap(NULL, 64 * PAGE, PROT_READ, MAP_SHARED, f, 0);
    for (int i = 0; i < 64; i++)
        text[0] += p[(size_t)i * PAGE];
    munmap(p, 64 * PAGE);
    posix_fadvise(f, 0, 0, POSIX_FADV_DONTNEED);
    close(f);
}

static void files(void)
{
    write_file("/root/file");
    write_file("/root/other");
}

/* Gets 64 pages by read(), in order, and 64 by mapping; none is cached. */
static void reads(void)
{
    int f = open("/root/file", O_RDONLY), g = open("/root/other", O_RDONLY);
    char *page = memory(PAGE);
    for (int i = 0; i < 64; i++)
        if (read(f, page, PAGE) != (ssize_t)PAGE)
            exit(1);
    char *p = mmap(NULL, 64 * PAGE, PROT_READ, MAP_SHARED, g, 0);
    for (int i = 0; i < 64; i++)
        text[0] += p[(size_t)i * PAGE];
    munmap(p, 64 * PAGE);
    close(f);
    close(g);
}

/* Writes a file, waits for its write-back if any, maps it, and stores to it. */
static void store(const char *path, char *at)
{
    int f = open(path, O_RDWR | O_CREAT, 0600);
    if (write(f, memory(2 * PAGE), 2 * PAGE) != (ssize_t)(2 * PAGE) || fsync(f))
        exit(1);
    volatile char *p = mmap(at, 2 * PAGE, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_FIXED, f, 0);
    text[0] += p[0]; /* maps the page read-only */
    p[0] = 1;
    close(f);
}

static void stores(void)
{
    store("/root/stored", (char *)0x2000000000);
    store("/tmp/stored", (char *)0x2000100000);
    fill(mmap((char *)0x2000200000, 64 * PAGE, PROT_READ | PROT_WRITE,
              MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
         64 * PAGE, 1);
    printf("STORED\n");
    fflush(stdout);
    usleep(1000);
}

static void starves(void)
{
    pid_t child = fork();
    if (!child) {
        mlockall(MCL_FUTURE); /* nothing goes to swap: the end comes soon */
        for (int i = 1;; i++)
            fill(memory(MB), MB, i);
    }
    waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "stores"))
        stores();
    if (argc > 1) /* as the program that lives() executes */
        return 0;
    static const struct {
        const char *name;
        void (*run)(void);
    } part[] = {{"forks", forks}, {"lives", lives},     {"huge", huge},
                {"swaps", swaps}, {"starves", starves}, {"files", files},
                {"reads", reads}, {"stores", stores}};
    int f = open("/root/empty", O_RDWR | O_CREAT, 0600);
    mkdir("/tmp/sys", 0700);
    mount("sys", "/tmp/sys", "sysfs", 0, NULL);
    beyond = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
    signal(SIGBUS, on_bus);
    mark("warm");
    mark("begin");
    for (unsigned i = 0; i < sizeof part / sizeof *part; i++) {
        part[i].run();
        mark(part[i].name);
    }
    printf("MARKED\n");
    return 0;
}
