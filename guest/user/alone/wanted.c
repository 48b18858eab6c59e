/* SPDX-License-Identifier: MIT */
/* wanted private|shared|tmpfs|file PAGES HOG_KIB: are pages read from a disk
 * that no program wants, or read twice? Writes PAGES pages of the kind and as
 * many private ones in turns, so that their slots in swap lie side by side. A
 * hog drives them out and ends, so that there is room for all that is read
 * then. The program reads the first memory from end to end, and after that the
 * second. It prints how many of the pages were not in memory, how many pages
 * the disks read meanwhile, and how many faults waited for them. */
#include "lib/work.h"

static u64 pages;
static char *kind, *other;

static char *memory(const char *name)
{
    bool tmpfs = !strcmp(name, "tmpfs");
    if (!tmpfs && strcmp(name, "file"))
        return anonymous(pages * PAGE,
                         strcmp(name, "shared") ? MAP_PRIVATE : MAP_SHARED);
    s64 fd = open(tmpfs ? "/tmp/wanted" : "/root/wanted",
                  O_RDWR | O_CREAT | O_TRUNC, 0600);
    SYS2(__NR_ftruncate, fd, pages * PAGE);
    return mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd,
                0);
}

/* Returns how many pages disks have read, but for programs' text. */
static s64 disk_reads(void)
{
    return proc_number("/proc/counters", "anonpgin") +
           proc_number("/proc/counters", "fspgin");
}

static s64 major_faults(void)
{
    return proc_number("/proc/vmstat", "pgmajfault");
}

static u64 absent(char *at)
{
    static u8 in[1 << 14];
    u64 n = 0;
    SYS3(__NR_mincore, at, pages * PAGE, in);
    for (u64 i = 0; i < pages; i++)
        n += !(in[i] & 1);
    return n;
}

/* Touches its pages out of order: Mach gives up first what a program has passed
 * in order, and a hog of such pages drives out nothing else. */
static void hog(u64 bytes)
{
    const u64 n = bytes / PAGE, stride = 7919; /* a prime that n has not */
    int status;
    s64 pid = fork();
    if (pid) {
        wait4(pid, &status, 0);
        return;
    }
    munmap(kind, pages * PAGE);
    munmap(other, pages * PAGE);
    volatile char *p = need_mapping(anonymous(bytes, MAP_PRIVATE), "mmap");
    for (int round = 0; round < 2; round++)
        for (u64 i = 0; i < n; i++)
            p[i * stride % n * PAGE]++;
    exit(0);
}

int main(int argc, char **argv)
{
    if (argc != 4 || (pages = number_arg(argv[2])) > 1 << 14) {
        fprintf_fd(2, "usage: wanted KIND PAGES HOG_KIB\n");
        return 2;
    }
    u64 errors = 0;
    kind = need_mapping(memory(argv[1]), "mmap");
    other = need_mapping(memory("private"), "mmap");
    for (u64 i = 0; i < pages; i++) {
        page_fill(kind + i * PAGE, i, 1);
        page_fill(other + i * PAGE, i, 2);
    }
    SYS0(__NR_sync);
    for (int i = 0; i < 8 && absent(kind) + absent(other) < pages * 3 / 2; i++)
        hog(number_arg(argv[3]) << 10);
    u64 wanted = absent(kind) + absent(other);
    s64 before = disk_reads(), faults = major_faults();
    for (u64 i = 0; i < pages; i++)
        errors += !page_holds(kind + i * PAGE, i, 1);
    for (u64 i = 0; i < pages; i++)
        errors += !page_holds(other + i * PAGE, i, 2);
    printf("wanted: %s: %lu of %lu pages absent, %ld read, %ld major faults, "
           "%lu errors\n",
           argv[1], wanted, 2 * pages, disk_reads() - before,
           major_faults() - faults, errors);
    return errors != 0;
}
