/* SPDX-License-Identifier: MIT */
/* Checks shared mappings of files. write() and all mappings of a page use one
 * frame; a write through one mapping shows in all, and reaches the disk.
 *
 *   file_pages DIR
 *
 * Prints "ok" or "not ok" for each check; ends with 1 if a check failed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul
#define N    64ul

static int failed;
static void ok(int good, const char *what)
{
    printf("%s - %s\n", good ? "ok" : "not ok", what);
    failed |= !good;
}

static long vmstat(const char *name)
{
    char line[100], key[80];
    long value = -1, v;
    FILE *f = fopen("/proc/vmstat", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "%79s %ld", key, &v) == 2 && !strcmp(key, name))
            value = v;
    if (f)
        fclose(f);
    return value;
}

static char *map(int fd, int prot, int flags)
{
    char *p = mmap(NULL, N * PAGE, prot, flags, fd, 0);
    if (p == MAP_FAILED)
        exit(2);
    return p;
}

static void dirtying(int fd)
{
    char *a = map(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
    char *b = map(fd, PROT_READ, MAP_SHARED), c;
    char *private = map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    sync();
    ok(vmstat("nr_dirty") == 0, "sync leaves nothing dirty");
    long before = vmstat("nr_dirtied");
    for (unsigned long i = 0; i < N; i += 4)
        a[i * PAGE] = (char)('A' + i % 26);
    long dirtied = vmstat("nr_dirtied") - before;
    ok(dirtied == (long)N / 4, "each page written to is dirty, no other");
    a[1] = 'x';
    ok(vmstat("nr_dirtied") - before == dirtied, "a rewrite is not counted");
    ok(b[4 * PAGE] == 'E', "another mapping sees it at once");
    ok(pread(fd, &c, 1, 8 * PAGE) == 1 && c == 'I', "read() sees it, too");
    ok(pwrite(fd, "w", 1, 8 * PAGE) == 1 && a[8 * PAGE] == 'w',
       "mappings see what write() has written");
    private[12 * PAGE] = 'p';
    ok(a[12 * PAGE] == 'M' && private[12 * PAGE] == 'p',
       "a private mapping has its own copy");
    before = vmstat("nr_written");
    ok(msync(a, N * PAGE, MS_SYNC) == 0, "msync");
    ok(vmstat("nr_written") - before >= (long)N / 4, "msync writes back");
    ok(vmstat("nr_dirty") == 0, "then nothing is dirty");
    before = vmstat("nr_dirtied");
    a[0] = 'y'; /* faults: writeback has write-protected the page */
    ok(vmstat("nr_dirtied") == before + 1, "a write after msync dirties anew");
    if (fork() == 0) {
        a[16 * PAGE] = 'c';
        _exit(0);
    }
    wait(NULL);
    ok(b[16 * PAGE] == 'c', "a child's write is seen by the parent");
    ok(pread(fd, &c, 1, 12 * PAGE) == 1 && c == 'M',
       "the private write is in no file");
    munmap(a, N * PAGE);
    munmap(b, N * PAGE);
    munmap(private, N * PAGE);
}

static volatile char sink;
static int dies_of(void (*fn)(void *), void *arg)
{
    int status;
    fflush(stdout);
    if (fork() == 0) {
        fn(arg);
        _exit(0);
    }
    wait(&status);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}
static void touch(void *p)
{
    *(volatile char *)p = 1;
}

static void ends(const char *name)
{
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    char *a = map(fd, PROT_READ | PROT_WRITE, MAP_SHARED), c[4] = "";
    ok(write(fd, "abc", 3) == 3, "a file of three bytes");
    a[3] = 'd'; /* behind the end: in memory, never in the file */
    ok(dies_of(touch, a + PAGE) == SIGBUS, "behind its last page: SIGBUS");
    ok(ftruncate(fd, 10) == 0 && a[3] == 0, "growing shows zeros");
    ok(ftruncate(fd, 3 * PAGE) == 0, "growing");
    a[2 * PAGE] = 'z'; /* a hole gets a block */
    struct stat st;
    ok(fsync(fd) == 0 && fstat(fd, &st) == 0 && st.st_blocks == 16,
       "a hole written through a mapping takes one block");
    ok(ftruncate(fd, 2 * PAGE + 1) == 0 && ftruncate(fd, 2 * PAGE) == 0, "cut");
    ok(dies_of(touch, a + 2 * PAGE) == SIGBUS, "behind the cut: SIGBUS");
    ok(ftruncate(fd, 3 * PAGE) == 0 && a[2 * PAGE] == 0,
       "grown again, it has zeros there");
    ok(pread(fd, c, 3, 0) == 3 && !memcmp(c, "abc", 3), "the start is kept");
    ok(pwrite(fd, a, 3, PAGE) == 3 && a[PAGE] == 'a',
       "write() from a mapping of the same file");
    munmap(a, N * PAGE);
    close(fd);
    unlink(name);
}

/* Which of the 4 pages of a file of 13,000 bytes are in memory after a hint, as
 * Linux 6.12 has them. */
static void hints(void)
{
    static const struct {
        long at, length;
        int advice;
        const char *left;
    } hint[] = {{0, 13000, POSIX_FADV_DONTNEED, "0000"}, /* the whole file */
                {0, 12999, POSIX_FADV_DONTNEED, "0001"},
                {100, 8192, POSIX_FADV_DONTNEED, "1011"},
                {4095, 2, POSIX_FADV_DONTNEED, "1111"},
                {4095, 8194, POSIX_FADV_DONTNEED, "1001"},
                {4096, 0, POSIX_FADV_DONTNEED, "1000"},
                {4096, 1, POSIX_FADV_WILLNEED, "0100"},
                {4095, 2, POSIX_FADV_WILLNEED, "1100"}};
    char text[13000] = "", what[99], left[5];
    unsigned char in[4];
    int fd = open("hints", O_RDWR | O_CREAT, 0600);
    ok(write(fd, text, sizeof text) == sizeof text && !fsync(fd), "hints");
    char *p = mmap(NULL, sizeof text, PROT_READ, MAP_SHARED, fd, 0);
    for (size_t i = 0; i < sizeof hint / sizeof *hint; i++) {
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        if (hint[i].advice == POSIX_FADV_DONTNEED)
            pread(fd, text, sizeof text, 0);
        posix_fadvise(fd, hint[i].at, hint[i].length, hint[i].advice);
        usleep(100000); /* WILLNEED does not wait for the disk */
        mincore(p, sizeof text, in);
        for (int page = 0; page < 4; page++)
            left[page] = (char)('0' + (in[page] & 1));
        left[4] = 0;
        sprintf(what, "hint %zu: pages %s", i, left);
        ok(!strcmp(left, hint[i].left), what);
    }
    ok(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0x7ffffffffffff000) ==
               MAP_FAILED &&
           errno == EOVERFLOW,
       "no mapping holds the last offset");
    close(fd);
}

int main(int argc, char **argv)
{
    if (argc != 2 || chdir(argv[1]))
        return 2;
    int fd = open("shared", O_RDWR | O_CREAT | O_TRUNC, 0600);
    char page[PAGE];
    memset(page, '.', PAGE);
    for (unsigned long i = 0; i < N; i++)
        if (write(fd, page, PAGE) != (ssize_t)PAGE)
            return 2;
    dirtying(fd);
    close(fd);
    ends("ends");
    hints();
    int rd = open("/proc/audit", O_WRONLY);
    ok(write(rd, "1", 1) == 1, "the audit holds");
    return failed;
}
