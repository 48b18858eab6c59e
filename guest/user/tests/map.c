/* SPDX-License-Identifier: MIT */
/* Mappings: files, fixed addresses, splitting, protection, moving, brk. */
#include "tests/test.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* Makes a file whose page i is full of bytes i + 1; returns its descriptor. */
static int make_file(const char *path, int pages)
{
    static char page[PAGE];
    s64 fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    check(fd >= 0);
    for (int i = 0; i < pages; i++) {
        memset(page, i + 1, PAGE);
        check_eq(write((int)fd, page, PAGE), PAGE);
    }
    return (int)fd;
}

static void unlink_file(const char *path)
{
    SYS3(__NR_unlinkat, AT_FDCWD, path, 0);
}

static void read_self(void)
{
    s64 fd = open("/tests/all", O_RDONLY, 0);
    volatile char *p = mmap(0, 2 * PAGE, PROT_READ, MAP_PRIVATE, (int)fd, 0);
    check(!is_error((char *)(uintptr_t)p));
    check_eq(p[1], 'E');
    check_eq(p[PAGE], p[PAGE]);
}

void test_text_shared(void)
{
    read_self();
    s64 before = meminfo("AnonPages:"), copied = vmstat("cow_copied");
    read_self(); /* maps the same two frames again */
    check_eq(meminfo("AnonPages:"), before);
    check_eq(vmstat("cow_copied"), copied);
}

void test_file_private(void)
{
    int fd = make_file("/tmp/private", 4);
    char *p = mmap(0, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
    char byte;
    check(!is_error(p));
    check_eq(p[PAGE], 2);
    s64 copied = vmstat("cow_copied");
    p[PAGE + 7] = 'x';     /* present: copied by break_cow */
    p[3 * PAGE + 7] = 'y'; /* not present: copied at once */
    check_eq(vmstat("cow_copied") - copied, 2);
    check_eq(p[PAGE + 8], 2);
    check_eq(p[3 * PAGE + 8], 4);
    SYS3(__NR_lseek, fd, PAGE + 7, 0);
    check_eq(read(fd, &byte, 1), 1);
    check_eq(byte, 2);
    char *q = mmap(0, 4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    check_eq(q[3 * PAGE + 7], 4);
    close(fd);
    check_eq(p[PAGE + 7], 'x'); /* the mapping outlives the descriptor */
    munmap(p, 4 * PAGE);
    munmap(q, 4 * PAGE);
    unlink_file("/tmp/private");
}

static char *shared_map;

static void write_shared(void)
{
    shared_map[2 * PAGE] = 'S';
}

void test_file_shared(void)
{
    int fd = make_file("/tmp/shared", 4);
    char *p = shared_map = mmap(0, 4 * PAGE, RW, MAP_SHARED, fd, 0);
    char byte = 0;
    check(!is_error(p));
    s64 copied = vmstat("cow_copied");
    p[5] = 'A';
    SYS3(__NR_lseek, fd, 5, 0);
    check_eq(read(fd, &byte, 1), 1);
    check_eq(byte, 'A');
    SYS3(__NR_lseek, fd, PAGE, 0);
    check_eq(write(fd, "B", 1), 1);
    check_eq(p[PAGE], 'B');
    check_eq(vmstat("cow_copied"), copied);
    check_eq(in_child(write_shared), 0);
    check_eq(p[2 * PAGE], 'S');
    s64 ro = open("/tmp/shared", O_RDONLY, 0);
    char *q = mmap(0, PAGE, RW, MAP_SHARED, (int)ro, 0);
    check_eq((s64)q, -EACCES);
    q = mmap(0, PAGE, PROT_READ, MAP_SHARED, (int)ro, 0);
    check_eq(mprotect(q, PAGE, RW), -EACCES);
    unlink_file("/tmp/shared");
}

static char *short_map;

static void read_behind_end(void)
{
    *(volatile char *)(short_map + PAGE);
}

void test_file_beyond_end(void)
{
    const char *names[] = {"/tmp/short", "/root/short"};
    for (int i = 0; i < 2; i++) {
        int fd = make_file(names[i], 1);
        check_eq(SYS2(__NR_ftruncate, fd, 100), 0);
        short_map = mmap(0, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
        check_eq(short_map[99], 1);
        check_eq(short_map[100], 0);
        died_of(read_behind_end, SIGBUS);
        check_eq(SYS2(__NR_ftruncate, fd, 2 * PAGE), 0);
        check_eq(short_map[PAGE], 0); /* the file has grown */
        unlink_file(names[i]);
    }
}

void test_anon_shared(void)
{
    shared_map = mmap(0, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check_eq(shared_map[2 * PAGE], 0);
    check_eq(in_child(write_shared), 0);
    check_eq(shared_map[2 * PAGE], 'S');
}

#define RTC                                                                    \
    0x101000 /* goldfish: nanoseconds since 1970, low half, high half          \
              */

static u64 rtc_now(volatile u32 *rtc)
{
    u64 low = rtc[0]; /* latches the high half */
    return (u64)rtc[1] << 32 | low;
}

static volatile u32 *rtc;

static void read_rtc(void)
{
    u64 then = rtc_now(rtc);
    sleep_ms(1);
    check(rtc_now(rtc) - then >= 1000000);
}

void test_map_device(void)
{
    s64 fd = open("/dev/mem", O_RDWR, 0);
    check(fd >= 0);
    /* A first mapping touches the pages that this process needs for it. */
    rtc = mmap(0, 2 * PAGE, PROT_READ, MAP_SHARED, (int)fd, RTC);
    munmap((void *)(u64)rtc, 2 * PAGE);
    s64 frames;
    do { /* the last write of an earlier test may free its frame late */
        frames = meminfo("MemFree:");
        sleep_ms(20);
    } while (meminfo("MemFree:") != frames);
    s64 slabs = meminfo("Slab:"), tables = meminfo("PageTables:");
    rtc = mmap(0, 2 * PAGE, PROT_READ, MAP_SHARED, (int)fd, RTC);
    check(!is_error((void *)(u64)rtc));
    u64 then = rtc_now(rtc);
    sleep_ms(50);
    u64 passed = rtc_now(rtc) - then;
    check(passed >= 50 * 1000000);
    check(!too_long(passed, 60 * 1000000));
    /* Nothing but page tables and the kernel's objects was needed. */
    check_eq(frames - meminfo("MemFree:"),
             meminfo("PageTables:") - tables + meminfo("Slab:") - slabs);
    check_eq(in_child(read_rtc), 0); /* the child has it, too */
    check_eq(kernel_reads((void *)(u64)rtc), -EFAULT);
    check_eq(mprotect((void *)(u64)(rtc + PAGE / 4), PAGE, PROT_NONE), 0);
    read_rtc(); /* cut in two; the first part works */
    check_eq(munmap((void *)(u64)rtc, 2 * PAGE), 0);
    /* RAM is no device, and a device cannot be mapped private. */
    check_eq((s64)mmap(0, PAGE, PROT_READ, MAP_SHARED, (int)fd, 0x80000000),
             -EPERM);
    check_eq((s64)mmap(0, PAGE, RW, MAP_PRIVATE, (int)fd, RTC), -EINVAL);
    /* The mapping must not grow: RAM follows the devices. */
    void *edge =
        mmap(0, PAGE, PROT_READ, MAP_SHARED, (int)fd, (1ul << 30) - PAGE);
    check(!is_error(edge));
    check_eq(SYS4(__NR_mremap, edge, PAGE, 3ul << 30, MREMAP_MAYMOVE), -EFAULT);
    check_eq(SYS4(__NR_mremap, edge, PAGE, 2 * PAGE, 0), -EFAULT);
    check_eq(munmap(edge, PAGE), 0);
}

void test_map_costs(void)
{
    munmap(mmap(0, PAGE, RW, ANON, -1, 0), PAGE); /* makes a slab of vmas */
    s64 before = meminfo("MemFree:"), tables = meminfo("PageTables:");
    char *p = mmap(0, 5 * 512 * PAGE, RW, ANON, -1, 0); /* 10 MiB */
    check(!is_error(p));
    check_eq(meminfo("MemFree:"), before);
    p[0] = 1; /* one frame, and the tables that lead to it */
    s64 more = meminfo("PageTables:") - tables;
    check(more <= 8);
    check_eq(before - meminfo("MemFree:"), 4 + more);
    p[4 * 512 * PAGE] = 1; /* 8 MiB on: one frame, and one table */
    check_eq(meminfo("PageTables:") - tables, more + 4);
    check_eq(before - meminfo("MemFree:"), 8 + more + 4);
    check_eq(munmap(p, 5 * 512 * PAGE), 0);
    check_eq(meminfo("MemFree:"), before);
}

/* Counts the frames that a file's page takes. A read brings one into the cache;
 * a shared write adds none; a private write adds a second, which stays when the
 * cache's frame is freed. */
void test_file_frames(void)
{
    int fd = make_file("/root/frames", 4);
    char *s = mmap(0, 4 * PAGE, RW, MAP_SHARED, fd, 0);
    char *p = mmap(0, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
    check_eq(s[PAGE] + p[PAGE], 4); /* one frame, mapped twice */
    s64 anonymous = meminfo("AnonPages:"), cached = meminfo("Cached:");
    s[PAGE] = 's';
    check_eq(p[PAGE], 's'); /* p is not written yet: it shows s's write */
    check_eq(meminfo("AnonPages:"), anonymous);
    check_eq(meminfo("Cached:"), cached);
    p[PAGE] = 'p';
    check_eq(s[PAGE], 's');
    check_eq(meminfo("AnonPages:"), anonymous + 4);
    check_eq(meminfo("Cached:"), cached);
    check_eq(munmap(s, 4 * PAGE), 0);
    SYS1(__NR_fsync, fd);
    s64 drop = open("/proc/sys/vm/drop_caches", O_WRONLY, 0);
    check_eq(write((int)drop, "1", 1), 1);
    check(meminfo("Cached:") <= cached - 16); /* all four have gone */
    check_eq(meminfo("AnonPages:"), anonymous + 4);
    check_eq(p[PAGE], 'p');
    char byte = 0;
    SYS3(__NR_lseek, fd, PAGE, 0);
    check_eq(read(fd, &byte, 1), 1); /* from the disk: the flushed page */
    check_eq(byte, 's');
    unlink_file("/root/frames");
}

void test_map_fixed(void)
{
    char *p = mmap(0, 8 * PAGE, RW, ANON, -1, 0);
    dirty(p, 8);
    char *q =
        mmap(p + 2 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0);
    check_eq((s64)q, -EEXIST);
    q = mmap(p + 2 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
    check(q == p + 2 * PAGE);
    check_eq(p[PAGE], 2);
    check_eq(p[2 * PAGE], 0);
    check_eq(p[4 * PAGE], 5);
    munmap(p, 8 * PAGE);
    q = mmap(p, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0);
    check(q == p);
    check_eq((s64)mmap(p + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0), -EINVAL);
    check((s64)mmap((void *)0x1000, PAGE, RW, ANON | MAP_FIXED, -1, 0) < 0);
    check((s64)mmap((void *)(1ul << 38), PAGE, RW, ANON | MAP_FIXED, -1, 0) <
          0);
}

enum { REGION = 512 };
static bool taken[REGION];

/* Returns the first page of the highest n adjacent free pages; -1: none. */
static int highest_hole(int n)
{
    int free = 0;
    for (int at = REGION - 1; at >= 0; at--) {
        free = taken[at] ? 0 : free + 1;
        if (free == n)
            return at;
    }
    return -1;
}

static u32 random_number(void)
{
    static u32 x = 1;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x;
}

void test_map_holes(void)
{
    char *base = mmap(0, REGION * PAGE, PROT_NONE, ANON, -1, 0);
    char *p = base;
    while (p >= base) /* fills the holes above */
        p = mmap(0, PAGE, PROT_NONE, ANON, -1, 0);
    memset(taken, true, sizeof taken);
    for (int step = 0; step < 4000; step++) {
        int n = 1 + (int)(random_number() % 4), at;
        bool take = random_number() % 2;
        if (take) {
            at = highest_hole(n);
            if (at < 0)
                continue;
            int rights = random_number() % 2 ? PROT_READ : PROT_NONE;
            p = mmap(0, (u64)n * PAGE, rights, ANON, -1, 0);
            check_eq((p - base) / (s64)PAGE, at);
        } else {
            at = (int)(random_number() % (REGION - 3));
            check_eq(munmap(base + (u64)at * PAGE, (u64)n * PAGE), 0);
        }
        memset(taken + at, take, (size_t)n);
    }
}

void test_map_hints(void)
{
    char *want = (char *)0x123456000;
    char *p = mmap(want, PAGE, RW, ANON, -1, 0);
    check(p == want);
    char *q = mmap(want, PAGE, RW, ANON, -1, 0);
    check(!is_error(q) && q != want);
    check_eq((s64)mmap(0, 0, RW, ANON, -1, 0), -EINVAL);
    check_eq((s64)mmap(0, PAGE, RW, MAP_ANONYMOUS, -1, 0), -EINVAL);
    check_eq((s64)mmap(0, PAGE, RW, MAP_PRIVATE, 77, 0), -EBADF);
    check_eq((s64)mmap(0, ~0ul, RW, ANON, -1, 0), -ENOMEM);
    check_eq((s64)mmap(0, 1ul << 40, RW, ANON, -1, 0), -ENOMEM);
    check_eq((s64)mmap(0, PAGE, PROT_READ, MAP_PRIVATE, 0, 1), -EINVAL);
}

static char *hole;

static void read_hole(void)
{
    *(volatile char *)(hole + 3 * PAGE);
}

void test_unmap_middle(void)
{
    hole = mmap(0, 8 * PAGE, RW, ANON, -1, 0);
    dirty(hole, 8);
    check_eq(munmap(hole + 3 * PAGE, 2 * PAGE), 0);
    died_of(read_hole, SIGSEGV);
    check_eq(hole[2 * PAGE], 3);
    check_eq(hole[5 * PAGE], 6);
    check_eq(munmap(hole + 3 * PAGE, 2 * PAGE), 0); /* a hole is no error */
    check_eq(munmap(hole + 1, PAGE), -EINVAL);
    check_eq(munmap(hole, 0), -EINVAL);
    check_eq(munmap(hole, 8 * PAGE), 0);
}

static void write_hole(void)
{
    *(volatile char *)(hole + 3 * PAGE) = 1;
}

void test_protect_rights(void)
{
    hole = mmap(0, 8 * PAGE, RW, ANON, -1, 0);
    dirty(hole, 8);
    check_eq(mprotect(hole + 2 * PAGE, 2 * PAGE, PROT_READ), 0);
    check_eq(hole[3 * PAGE], 4);
    died_of(write_hole, SIGSEGV);
    hole[4 * PAGE] = 1;
    hole[PAGE] = 1;
    s64 copied = vmstat("cow_copied");
    check_eq(mprotect(hole + 2 * PAGE, 2 * PAGE, RW), 0);
    hole[3 * PAGE] = 9;
    hole[2 * PAGE] = 9;
    check_eq(hole[3 * PAGE], 9);
    check_eq(vmstat("cow_copied") - copied, 0);
    char *w = mmap(0, PAGE, PROT_WRITE, ANON, -1, 0);
    check_eq(w[9], 0); /* Sv39 has no write-only pages: readable, too */
    w[9] = 1;
    munmap(hole + 6 * PAGE, PAGE);
    check_eq(mprotect(hole, 8 * PAGE, PROT_READ), -ENOMEM);
    check_eq(mprotect(hole + 1, PAGE, PROT_READ), -EINVAL);
}

void test_protect_none(void)
{
    hole = mmap(0, 8 * PAGE, RW, ANON, -1, 0);
    dirty(hole, 8);
    check_eq(mprotect(hole, 8 * PAGE, PROT_NONE), 0);
    died_of(read_hole, SIGSEGV);
    died_of(write_hole, SIGSEGV);
    check_eq(kernel_reads(hole), -EFAULT);
    check_eq(mprotect(hole, 8 * PAGE, PROT_READ), 0);
    for (int i = 0; i < 8; i++)
        check_eq(hole[(size_t)i * PAGE], i + 1);
    died_of(write_hole, SIGSEGV);
}

/* Linux, mm/mprotect.c: "cannot reduce our commit". If it were reduced, mode 2
 * of vm.overcommit_memory would promise the same frames twice. */
void test_protect_promised(void)
{
    s64 before = meminfo("Committed_AS:");
    char *p = anon(64);
    dirty(p, 64);
    check_eq(meminfo("Committed_AS:") - before, 64 * 4);
    check_eq(mprotect(p, 64 * PAGE, PROT_READ), 0);
    check_eq(meminfo("Committed_AS:") - before, 64 * 4);
    check_eq(mprotect(p, 64 * PAGE, RW), 0);
    check_eq(meminfo("Committed_AS:") - before, 64 * 4); /* not again */
    munmap(p, 64 * PAGE);
    check_eq(meminfo("Committed_AS:"), before);
    p = mmap(0, 64 * PAGE, PROT_READ, ANON, -1, 0);
    check_eq(meminfo("Committed_AS:"), before);
    check_eq(mprotect(p, 64 * PAGE, RW), 0);
    check_eq(meminfo("Committed_AS:") - before, 64 * 4);
}

static s64 mremap(void *old, size_t n, size_t new_n, int flags, void *to)
{
    return SYS6(__NR_mremap, old, n, new_n, flags, to, 0);
}

void test_remap(void)
{
    char *p = anon(8), *q;
    dirty(p, 8);
    s64 before = meminfo("AnonPages:");
    check_eq(mremap(p, 8 * PAGE, 4 * PAGE, 0, 0), (s64)p);
    check_eq(before - meminfo("AnonPages:"), 16);
    char *wall = mmap(p + 4 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
    check(wall == p + 4 * PAGE);
    check_eq(mremap(p, 4 * PAGE, 16 * PAGE, 0, 0), -ENOMEM);
    s64 copied = vmstat("cow_copied");
    q = (char *)mremap(p, 4 * PAGE, 600 * PAGE, MREMAP_MAYMOVE, 0);
    check(!is_error(q) && q != p);
    for (int i = 0; i < 4; i++)
        check_eq(q[(size_t)i * PAGE], i + 1);
    check_eq(q[599 * PAGE], 0);
    check_eq(vmstat("cow_copied"), copied);
    hole = p - 3 * PAGE;
    died_of(read_hole, SIGSEGV); /* nothing is left at the old place */
    char *to = anon(8);
    check_eq(mremap(q, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to),
             (s64)to);
    check_eq(to[3 * PAGE], 4);
    check_eq(mremap(to, 8 * PAGE, 16 * PAGE, 4, 0), -EINVAL);
    check_eq(mremap((char *)0x100000000, PAGE, 2 * PAGE, 1, 0), -EFAULT);
}

void test_brk_heap(void)
{
    char *base = (char *)SYS1(__NR_brk, 0);
    check_eq(SYS1(__NR_brk, base + 10 * PAGE + 5),
             (s64)base + 10 * (s64)PAGE + 5);
    char *page = (char *)(((u64)base + PAGE - 1) & -PAGE);
    dirty(page, 9);
    check_eq(page[8 * PAGE], 9);
    check_eq(SYS1(__NR_brk, page + 4 * PAGE), (s64)page + 4 * (s64)PAGE);
    check_eq(SYS1(__NR_brk, page + 9 * PAGE), (s64)page + 9 * (s64)PAGE);
    check_eq(page[3 * PAGE], 4);
    check_eq(page[8 * PAGE], 0);
    check_eq(SYS1(__NR_brk, 1ul << 40), (s64)page + 9 * (s64)PAGE);
    check_eq(SYS1(__NR_brk, 8), (s64)page + 9 * (s64)PAGE);
    check_eq(SYS1(__NR_brk, base), (s64)base);
}

#define FILE_PAGES 64

static char *file_map;

static void map_file(void)
{
    s64 fd = open("/tests/glibc", O_RDONLY, 0);
    file_map = mmap(0, FILE_PAGES * PAGE, PROT_READ, MAP_PRIVATE, (int)fd, 0);
    check(fd >= 0 && !is_error(file_map));
    close((int)fd);
}

static size_t not_resident(u8 *in)
{
    size_t n = 0;
    check_eq(SYS3(__NR_mincore, file_map, FILE_PAGES * PAGE, in), 0);
    for (size_t i = 0; i < FILE_PAGES; i++)
        n += !in[i];
    return n;
}

static void push_out(void)
{
    for (;;)
        dirty(anon(64), 64);
}

static volatile char seen;

void test_demand_paging(void)
{
    u8 in[FILE_PAGES];
    map_file();
    if (not_resident(in) < 32) /* an earlier run read it: drop the cache */
        died_of(push_out, SIGKILL);
    size_t absent = not_resident(in), touched = 0;
    check(absent >= 32);
    s64 major = vmstat("pgmajfault"), faults = vmstat("pgfault");
    s64 pages = vmstat("pgpgin");
    for (size_t i = 0; i < FILE_PAGES; i++)
        if (!in[i] && touched < 20) {
            seen = file_map[i * PAGE];
            touched++;
        }
    /* Each page faults, but a read from disk brings in neighbours, too. */
    check(vmstat("pgfault") - faults >= 20);
    s64 misses = vmstat("pgmajfault") - major;
    check(misses >= 1 && misses <= 20);
    check(vmstat("pgpgin") - pages >= 20 * 4);
    char *first = file_map;
    map_file(); /* the same file again: its pages in memory are mapped */
    major = vmstat("pgmajfault");
    faults = vmstat("pgfault");
    for (size_t i = 0, again = 0; again < touched; i++)
        if (!in[i]) {
            check_eq(file_map[i * PAGE], first[i * PAGE]);
            again++;
        }
    check_eq(vmstat("pgmajfault") - major, 0);
    check(vmstat("pgfault") - faults >= 20);
}
