/* SPDX-License-Identifier: MIT */
/* Limits in /proc/sys: each call works up to its limit and fails beyond it. */
#include "tests/test.h"

#define RW            (PROT_READ | PROT_WRITE)
#define ANON          (MAP_PRIVATE | MAP_ANONYMOUS)
#define SHM_LOCK      11
#define SHM_UNLOCK    12
#define SHM_LOCKED    02000
#define SHM_NORESERVE 010000

static s64 put(const char *file, const char *text)
{
    int fd = (int)open(file, O_WRONLY, 0);
    s64 got = write(fd, text, strlen(text));
    close(fd);
    return got < 0 ? got : 0;
}

static s64 number_in(const char *file)
{
    char text[32] = "";
    int fd = (int)open(file, O_RDONLY, 0);
    s64 n = read(fd, text, sizeof text - 1);
    close(fd);
    return n > 0 ? (s64)strtou(text) : -1;
}

static u64 lines_of(const char *file)
{
    static char text[512];
    u64 lines = 0;
    int fd = (int)open(file, O_RDONLY, 0);
    for (s64 n; (n = read(fd, text, sizeof text)) > 0;)
        for (s64 i = 0; i < n; i++)
            lines += text[i] == '\n';
    close(fd);
    return lines;
}

/* mmap may exceed vm.max_map_count by one. A call that would cut a mapping in
 * two fails at the limit; one that takes an end off adds no mapping. */
void test_max_map_count(void)
{
    char *p = anon(8), *last;
    u64 n = lines_of("/proc/self/maps"), got = 0;
    check_eq(put("/proc/sys/vm/max_map_count", "60"), 0);
    while (!is_error(
        last = mmap(0, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0)))
        got++;
    check_eq((s64)last, -ENOMEM);
    check_eq(n + got, 61);
    check_eq(lines_of("/proc/self/maps"), 61);
    check_eq(munmap(p + 3 * PAGE, PAGE), -ENOMEM);
    check_eq(mprotect(p + 3 * PAGE, PAGE, PROT_READ), -ENOMEM);
    check_eq(SYS6(__NR_mremap, p, 8 * PAGE, 8 * PAGE,
                  MREMAP_MAYMOVE | MREMAP_FIXED, 0x10000000, 0),
             -ENOMEM);
    check_eq(munmap(p, PAGE), 0);
    check_eq(munmap(p + 7 * PAGE, PAGE), 0);
    check_eq(lines_of("/proc/self/maps"), 61);
    check_eq(put("/proc/sys/vm/max_map_count", "65530"), 0);
    check_eq(munmap(p + 3 * PAGE, PAGE), 0);
}

/* remap_file_pages has the limit of mmap; mremap's is three mappings lower. */
void test_remap_file_pages_count(void)
{
    char *p = mmap(0, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char most[8] = "   ";
    u64 n = lines_of("/proc/self/maps");
    most[0] = (char)('0' + n / 10);
    most[1] = (char)('0' + n % 10);
    check(n < 100);
    check_eq(put("/proc/sys/vm/max_map_count", most), 0);
    check_eq(SYS6(__NR_remap_file_pages, p, PAGE, 0, 0, 0, 0), 0);
    check_eq(SYS6(__NR_mremap, p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                  0x10000000, 0),
             -ENOMEM);
    check_eq(put("/proc/sys/vm/max_map_count", "65530"), 0);
    munmap(p, PAGE);
}

/* An open file about a task that has ended is not about a later task with its
 * number, which does not own it either. */
static s64 first, about_first;

static s64 child_pid(void)
{
    char path[] = "/proc/////comm", text[32];
    s64 pid = fork();
    if (pid == 0)
        exit(0);
    if (pid == first) {
        check_eq(read((int)about_first, text, sizeof text), -ESRCH);
        check_eq(SYS2(__NR_fcntl, about_first, F_GETOWN), 0);
        check_eq(close((int)about_first), 0);
    } else if (!first && pid >= 300) {
        char *digit = path + 8;
        for (first = pid; pid; pid /= 10)
            *digit-- = (char)('0' + pid % 10);
        pid = first;
        check((about_first = open(path, O_RDONLY, 0)) >= 0);
        check_eq(SYS3(__NR_fcntl, about_first, F_SETOWN, first), 0);
    }
    wait4(pid, NULL, 0);
    return pid;
}

/* Process ids wrap around below kernel.pid_max, to 300 as in Linux. */
void test_pid_max(void)
{
    check_eq(put("/proc/sys/kernel/pid_max", "300"), -EINVAL);
    check_eq(put("/proc/sys/kernel/pid_max", "400"), 0);
    s64 before = 0, most = 0, met = 0, again = 0;
    for (int i = 0; i < 500 && met < 2; i++) {
        s64 pid = child_pid();
        again = pid < before ? pid : again;
        most = pid > most ? pid : most;
        met += pid == first;
        before = pid;
    }
    check(again == 300 && most == 399 && met == 2);
    check_eq(put("/proc/sys/kernel/pid_max", "32768"), 0);
}

/* Root can have fs.nr_open descriptors, and not one more. */
void test_nr_open(void)
{
    u64 most = (u64)number_in("/proc/sys/fs/nr_open");
    u64 limit[2] = {most, most + 1};
    check_eq(SYS4(__NR_prlimit64, 0, RLIMIT_NOFILE, limit, NULL), -EPERM);
    limit[1] = most;
    check_eq(SYS4(__NR_prlimit64, 0, RLIMIT_NOFILE, limit, NULL), 0);
    check_eq(SYS3(__NR_dup3, 1, most - 1, 0), most - 1);
    check_eq(SYS3(__NR_dup3, 1, most, 0), -EBADF);
    close((int)most - 1);
}

/* shm_next_id is used once, and not if a segment has that id already. */
void test_shm_sysctl(void)
{
    check_eq(put("/proc/sys/kernel/shm_next_id", "1234"), 0);
    check_eq(SYS3(__NR_shmget, 0, PAGE, 0600), 1234);
    check_eq(put("/proc/sys/kernel/shm_next_id", "1234"), 0);
    s64 id = SYS3(__NR_shmget, 0, PAGE, 0600);
    check_eq(id, 1235);
    check_eq(SYS3(__NR_shmctl, 1234, 0, 0), 0);
    check_eq(SYS3(__NR_shmctl, id, 0, 0), 0);
    check_eq(put("/proc/sys/kernel/shmmax", "8192"), 0);
    check_eq(put("/proc/sys/kernel/shmmax", "18446744073709551616"), -EINVAL);
    check_eq(SYS3(__NR_shmget, 0, 8193, 0600), -EINVAL);
    check_eq(put("/proc/sys/kernel/shmmax", "18446744073692774399"), 0);
    check_eq(put("/proc/sys/kernel/shmall", "2"), 0);
    check_eq(SYS3(__NR_shmget, 0, 8193, 0600), -ENOSPC);
    check_eq(put("/proc/sys/kernel/shmall", "18446744073692774399"), 0);
}

/* Returns the segment's bytes in swap: the last number of its line. */
static s64 swapped(s64 id)
{
    static char text[8192];
    int fd = (int)open("/proc/sysvipc/shm", O_RDONLY, 0);
    s64 n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    for (char *line = text; (line = strstr(line, "\n"));) {
        char *at = ++line;
        for (int field = 0; field < 16; field++) {
            while (*at == ' ')
                at++;
            if (field == 1 && (s64)strtou(at) != id)
                break;
            if (field == 15)
                return (s64)strtou(at);
            while (*at && *at != ' ' && *at != '\n')
                at++;
        }
    }
    return -1;
}

/* After SHM_LOCK no page of the segment is swapped out. */
void test_shm_lock(void)
{
    u64 n = 64, ds[14];
    s64 id = SYS3(__NR_shmget, 0, n * PAGE, 0600);
    char *p = (char *)SYS3(__NR_shmat, id, 0, 0);
    dirty(p, n);
    check_eq(SYS3(__NR_shmctl, id, SHM_LOCK, 0), 0);
    check_eq(SYS3(__NR_shmctl, id, 2, ds), 0);
    check(((u32 *)ds)[5] & SHM_LOCKED);
    u64 more = (u64)meminfo("MemTotal:") / 4 + 256;
    if (meminfo("SwapFree:") > 4 * (s64)more) { /* the hog fits into it */
        s64 before = meminfo("SwapFree:");
        char *hog = anon(more);
        dirty(hog, more);
        check(meminfo("SwapFree:") < before);
        check_eq(swapped(id), 0);
        munmap(hog, more * PAGE);
    }
    check_eq(SYS3(__NR_shmctl, id, SHM_UNLOCK, 0), 0);
    check_eq(SYS3(__NR_shmctl, id, 2, ds), 0);
    check(!(((u32 *)ds)[5] & SHM_LOCKED));
    check_eq(SYS1(__NR_shmdt, p), 0);
    check_eq(SYS3(__NR_shmctl, id, 0, 0), 0);
}

static s64 unevictable(void)
{
    return meminfo("Unevictable:") / 4;
}

/* SHM_LOCK: the segment's pages in memory count as Unevictable, each once. */
void test_shm_lock_counted(void)
{
    s64 before = unevictable(), id = SYS3(__NR_shmget, 0, 8 * PAGE, 0600);
    char *p = (char *)SYS3(__NR_shmat, id, 0, 0);
    dirty(p, 4);
    check_eq(unevictable() - before, 0);
    check_eq(SYS3(__NR_shmctl, id, SHM_LOCK, 0), 0);
    check_eq(unevictable() - before, 4);
    dirty(p, 6);
    check_eq(unevictable() - before, 6);
    check_eq(SYS2(__NR_mlock, p, 2 * PAGE), 0);
    check_eq(unevictable() - before, 6);
    check_eq(SYS3(__NR_shmctl, id, SHM_UNLOCK, 0), 0);
    check_eq(unevictable() - before, 2);
    check_eq(SYS1(__NR_shmdt, p), 0);
    check_eq(SYS3(__NR_shmctl, id, 0, 0), 0);
    check_eq(unevictable(), before);
}

static s64 promised(void)
{
    return meminfo("Committed_AS:") / 4;
}

/* Shared memory is charged once, from its creation to its end, regardless of
 * how many processes map it and how much of it they map. */
void test_shared_promised(void)
{
    s64 before = promised(), id = SYS3(__NR_shmget, 0, 64 * PAGE, 0600), pid;
    check_eq(promised() - before, 64);
    char *p = (char *)SYS3(__NR_shmat, id, 0, 0);
    char *q = (char *)SYS3(__NR_shmat, id, 0, 0);
    check_eq(promised() - before, 64);
    check_eq(SYS1(__NR_shmdt, p), 0);
    check_eq(SYS3(__NR_shmctl, id, 0, 0), 0);
    check_eq(promised() - before, 64);
    check_eq(SYS1(__NR_shmdt, q), 0);
    check_eq(promised(), before);
    id = SYS3(__NR_shmget, 0, 64 * PAGE, 0600 | SHM_NORESERVE);
    check_eq(promised(), before);
    check_eq(SYS3(__NR_shmctl, id, 0, 0), 0);
    p = mmap(0, 64 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check_eq(promised() - before, 64);
    if ((pid = fork()) == 0) {
        s64 with_child = promised();
        munmap(p, 64 * PAGE);
        exit(with_child - promised() != 0); /* the parent has it still */
    }
    int status;
    wait4(pid, &status, 0);
    check_eq(status, 0);
    munmap(p, 32 * PAGE);
    check_eq(promised() - before, 64);
    munmap(p + 32 * PAGE, 32 * PAGE);
    check_eq(promised(), before);
    /* Mode 2 refuses shared memory when it is created. */
    check_eq(put("/proc/sys/vm/overcommit_memory", "2"), 0);
    u64 all = (u64)meminfo("CommitLimit:") * 1024;
    check_eq(SYS3(__NR_shmget, 0, all, 0600), -ENOMEM);
    check_eq(SYS3(__NR_shmget, 0, all, 0600 | SHM_NORESERVE), -ENOMEM);
    check(is_error(mmap(0, all, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0)));
    id = SYS3(__NR_shmget, 0, all / 4, 0600);
    for (int i = 0; i < 8; i++)
        check(!is_error((void *)SYS3(__NR_shmat, id, 0, 0)));
    check_eq(put("/proc/sys/vm/overcommit_memory", "0"), 0);
    check_eq(SYS3(__NR_shmctl, id, 0, 0), 0);
}

/* Linux 6.12, mm/vma.c: mmap_region does not count pages that it replaces. */
void test_fixed_promised(void)
{
    check_eq(put("/proc/sys/vm/overcommit_memory", "2"), 0);
    u64 left = (u64)(meminfo("CommitLimit:") / 4 - promised());
    u64 most = left * 6 / 10 * PAGE, half = left * 3 / 10 * PAGE;
    char *p = mmap(0, most, RW, ANON, -1, 0);
    check(!is_error(p));
    s64 before = promised();
    check(is_error(mmap(0, most, RW, ANON, -1, 0)));
    check_eq((s64)mmap(p, most, RW, ANON | MAP_FIXED, -1, 0), (s64)p);
    check_eq(promised(), before);
    /* Half of the new mapping replaces promised pages. */
    check_eq((s64)mmap(p - half, 2 * half, RW, ANON | MAP_FIXED, -1, 0),
             (s64)(p - half));
    check_eq(promised() - before, half / PAGE);
    check(is_error(mmap(p - most, 2 * half, RW, ANON | MAP_FIXED, -1, 0)));
    check_eq(put("/proc/sys/vm/overcommit_memory", "0"), 0);
}

/* Each page of /tmp is charged (Linux: mm/shmem.c, shmem_inode_acct_blocks). */
void test_tmpfs_promised(void)
{
    int fd = (int)open("/tmp/promised", O_RDWR | O_CREAT | O_TRUNC, 0600);
    check_eq(write(fd, "a", 1), 1);
    check_eq(SYS2(__NR_ftruncate, fd, 2 * PAGE), 0);
    char *p = mmap(0, 2 * PAGE, RW, MAP_SHARED, fd, 0);
    check_eq(put("/proc/sys/vm/overcommit_memory", "2"), 0);
    for (u64 n = (u64)meminfo("CommitLimit:") / 4; n;) /* until none is left */
        n /= is_error(mmap(0, n * PAGE, RW, ANON, -1, 0)) ? 2 : 1;
    check_eq(write(fd, "b", 1), 1); /* the page exists */
    check_eq(SYS3(__NR_lseek, fd, PAGE, 0), PAGE);
    check_eq(write(fd, "c", 1), -ENOSPC);
    check_eq(kernel_reads(p + PAGE), -EFAULT);
    check_eq(put("/proc/sys/vm/overcommit_memory", "0"), 0);
    check_eq(write(fd, "c", 1), 1);
    munmap(p, 2 * PAGE);
    close(fd);
    SYS3(__NR_unlinkat, AT_FDCWD, "/tmp/promised", 0);
}
