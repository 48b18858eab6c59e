/* SPDX-License-Identifier: MIT */
/* Processes use the same file at the same time, and each has to wait for the
 * disk in the middle of a call. */
#include "tests/test.h"

#define PAGES 16
#define FILE  "/root/share"

static char *page; /* a buffer for one page of the file */

static void forget_cache(void)
{
    int fd = (int)open("/proc/sys/vm/drop_caches", O_WRONLY, 0);
    check_eq(write(fd, "1", 1), 1);
    close(fd);
}

/* Makes a file whose pages are on the disk and not in memory. */
static int cold_file(void)
{
    int fd = (int)open(FILE, O_RDWR | O_CREAT | O_TRUNC, 0600);
    page = anon(1);
    for (int i = 0; i < PAGES; i++) {
        memset(page, i + 1, PAGE);
        check_eq(write(fd, page, PAGE), PAGE);
    }
    check_eq(SYS1(__NR_fsync, fd), 0);
    forget_cache();
    return fd;
}

static char *private_copy;
static void read_copy(void)
{
    check_eq(private_copy[PAGE], 'X');
}

/* A truncation removes a private copy of a page beyond the new end from the
 * mapping, although no page of the file is in memory. */
void test_truncate_private(void)
{
    int fd = cold_file();
    private_copy =
        mmap(0, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    private_copy[PAGE] = 'X';
    forget_cache();
    read_copy();
    check_eq(SYS2(__NR_ftruncate, fd, PAGE), 0);
    died_of(read_copy, SIGBUS);
    SYS3(__NR_unlinkat, AT_FDCWD, FILE, 0);
}

static int to_parent[2], file;

/* Reads a page at a time until the end; reports each page's number. */
static void read_pages(void)
{
    while (read(file, page, PAGE) == PAGE)
        write(to_parent[1], page, 1);
}

/* Two readers share a file position. They must not both wait for the same page,
 * read it, and then both skip the next one. */
void test_file_position(void)
{
    char which;
    u64 seen = 0;
    file = cold_file();
    SYS2(__NR_pipe2, to_parent, 0);
    check_eq(SYS3(__NR_lseek, file, 0, 0), 0);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            read_pages();
            exit(0);
        }
    close(to_parent[1]);
    while (read(to_parent[0], &which, 1) == 1) {
        check(!(seen >> which & 1));
        seen |= 1ul << which;
    }
    check_eq(seen, (1ul << (PAGES + 1)) - 2);
    while (wait4(-1, NULL, 0) > 0)
        ;
    close(file);
    SYS3(__NR_unlinkat, AT_FDCWD, FILE, 0);
}

/* Two processes append; each waits for the disk first. Returns the new size. */
static s64 appended(const char *name)
{
    int fd = (int)open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    const char *from;
    file = cold_file();
    from = mmap(0, PAGES * PAGE, PROT_READ, MAP_PRIVATE, file, 0);
    for (int k = 0; k < 2; k++)
        if (fork() == 0) {
            int own = (int)open(name, O_WRONLY | O_APPEND, 0);
            for (int i = k; i < PAGES; i += 2)
                write(own, from + (u64)i * PAGE, PAGE);
            exit(0);
        }
    while (wait4(-1, NULL, 0) > 0)
        ;
    s64 size = SYS3(__NR_lseek, fd, 0, 2);
    close(fd);
    close(file);
    munmap((void *)from, PAGES * PAGE);
    SYS3(__NR_unlinkat, AT_FDCWD, name, 0);
    SYS3(__NR_unlinkat, AT_FDCWD, FILE, 0);
    return size;
}

/* If both found the same end of the file, one would overwrite the other. */
void test_file_append(void)
{
    check_eq(appended("/tmp/end"), PAGES * PAGE);
    check_eq(appended("/root/end"), PAGES * PAGE);
}

#define CREATORS 8

static int start[2], ready[2], create[2]; /* pipes: a byte for each process */

/* After start's byte brings its code into memory; after create's and `us` us
 * opens the absent file. While one process creates it, others look it up. */
static int create_at(const char *name, u64 us)
{
    char go;
    read(start[0], &go, 1);
    close((int)open("/root", O_RDONLY, 0));
    write(ready[1], "", 1);
    read(create[0], &go, 1);
    SYS2(__NR_nanosleep, ((u64[]){0, us * 1000}), NULL);
    s64 fd = open(name, O_RDWR | O_CREAT, 0600);
    return fd < 0 ? (int)-fd : 0;
}

/* Several processes open one absent name with O_CREAT. The first makes the
 * file, for which it waits for the disk; the others, which found no such name
 * either, must open that file. */
void test_create_race(void)
{
    int status;
    char byte[CREATORS] = "";
    SYS2(__NR_pipe2, start, 0);
    SYS2(__NR_pipe2, ready, 0);
    SYS2(__NR_pipe2, create, 0);
    for (int k = 0; k < CREATORS; k++)
        if (fork() == 0)
            exit(create_at("/root/race", (u64)k * 3000));
    SYS0(__NR_sync);
    int drop = (int)open("/proc/sys/vm/drop_caches", O_WRONLY, 0);
    check_eq(write(drop, "3", 1), 1);
    close(drop);
    write(start[1], byte, CREATORS);
    for (int k = 0; k < CREATORS; k++)
        check_eq(read(ready[0], byte, 1), 1);
    write(create[1], byte, CREATORS);
    for (int k = 0; k < CREATORS; k++) {
        check(wait4(-1, &status, 0) > 0);
        check_eq(status >> 8, 0);
    }
    SYS3(__NR_unlinkat, AT_FDCWD, "/root/race", 0);
}
