/* SPDX-License-Identifier: MIT */
/* Files in /tmp: a page counts once, and no page is made beyond the limit.
 * tests/guest/tmpfs.t tests pages that are in swap. */
#include "tests/test.h"

#define RW   (PROT_READ | PROT_WRITE)
#define FILE "/tmp/pages"

static int file;
static char *map, buf[PAGE];

/* Returns how many pages /tmp still has room for. */
static u64 room(void)
{
    u64 st[15]; /* f_type, f_bsize, f_blocks, f_bfree, ... */
    check_eq(SYS2(__NR_statfs, "/tmp", st), 0);
    return st[3];
}

/* Returns how many pages the file has, from st_blocks. */
static u64 pages(void)
{
    u64 st[16];
    check_eq(SYS2(__NR_fstat, file, st), 0);
    return st[8] / 8;
}

static s64 write_at(u64 page)
{
    check_eq(SYS3(__NR_lseek, file, page * PAGE, 0), page * PAGE);
    return write(file, "w", 1);
}

static s64 allocate(u64 n)
{
    return SYS4(__NR_fallocate, file, 0, 0, n * PAGE);
}

static void make(u64 n)
{
    file = (int)open(FILE, O_RDWR | O_CREAT | O_TRUNC, 0600);
    check_eq(SYS2(__NR_ftruncate, file, n * PAGE), 0);
    map = mmap(0, n * PAGE, RW, MAP_SHARED, file, 0);
    check(!is_error(map));
}

static void remove(void)
{
    close(file);
    SYS3(__NR_unlinkat, AT_FDCWD, FILE, 0);
}

/* On Linux this test sees the same numbers. */
void test_tmpfs_pages(void)
{
    u64 before = room();
    s64 promised = meminfo("Committed_AS:");
    make(64);
    for (int i = 0; i < 64; i++)
        check_eq(read(file, buf, PAGE), PAGE);
    check_eq(pages(), 0); /* reading a hole makes no page */
    check_eq(write_at(3), 1);
    map[5 * PAGE] = 'm';
    check_eq(((volatile char *)map)[7 * PAGE], 0); /* a load makes a page */
    check_eq(pages(), 3);
    check_eq(allocate(10), 0);
    check_eq(pages(), 10);
    check_eq(before - room(), 10);
    check_eq(meminfo("Committed_AS:") - promised, 40);
    check_eq(map[3 * PAGE] == 'w' && map[5 * PAGE] == 'm', 1);
    check_eq(SYS2(__NR_ftruncate, file, 4 * PAGE), 0);
    check_eq(pages(), 4);
    munmap(map, 64 * PAGE);
    remove();
    check_eq(room(), before);
    check_eq(meminfo("Committed_AS:"), promised);
}

static u64 beyond;

static void map_write(void)
{
    map[beyond * PAGE] = 1;
}

static void map_read(void)
{
    check(((volatile char *)map)[beyond * PAGE]);
}

/* write(), fallocate and faults all stop at the same page. */
void test_tmpfs_limit(void)
{
    beyond = room();
    make(beyond + 2);
    check_eq(allocate(beyond + 1), -ENOSPC);
    check_eq(pages(), 0); /* nothing was done */
    check_eq(allocate(beyond - 2), 0);
    map[(beyond - 2) * PAGE] = 1;
    check_eq(write_at(beyond - 1), 1);
    check_eq(room(), 0);
    check_eq(pages(), beyond);
    check_eq(write_at(beyond), -ENOSPC);
    check_eq(allocate(beyond + 1), -ENOSPC);
    check_eq(kernel_reads(map + beyond * PAGE), -EFAULT);
    died_of(map_write, SIGBUS);
    died_of(map_read, SIGBUS);
    check_eq(pages(), beyond);
    check_eq(write_at(0), 1); /* a page that exists */
    check_eq(allocate(beyond), 0);
    check_eq(SYS3(__NR_lseek, file, beyond * PAGE, 0), beyond * PAGE);
    check_eq(read(file, buf, 1), 1); /* a hole can be read */
    check_eq(SYS2(__NR_ftruncate, file, (beyond - 1) * PAGE), 0);
    check_eq(write_at(beyond), 1);
    munmap(map, (beyond + 2) * PAGE);
    remove();
    check_eq(room(), beyond);
}
