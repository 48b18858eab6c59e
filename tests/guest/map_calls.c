/* SPDX-License-Identifier: MIT */
/* Makes rare calls on mappings and programs, and prints each result.
 * map_calls.t compares the lines of the host with those of the guest. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "says.h"

#define PAGE 4096l
#define SELF "/proc/self/exe"

/* Makes a file of n pages, each full of its own letter; returns it open. */
static int lettered(const char *name, int n)
{
    char page[PAGE];
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0700);
    for (int i = 0; i < n; i++) {
        memset(page, 'a' + i, PAGE);
        if (write(fd, page, PAGE) != PAGE)
            say("write", -1);
    }
    return fd;
}

static long remap(void *p, long len, long prot, long page, long flags)
{
    return syscall(SYS_remap_file_pages, p, len, prot, page, flags);
}

static void letters(const char *what, const char *p, int n)
{
    printf("%s: ", what);
    for (int i = 0; i < n; i++)
        printf("%c", p[i * PAGE] ? p[i * PAGE] : '.');
    printf("\n");
}

static void remap_window(const char *what, int fd, int flags)
{
    char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);
    printf("remap_file_pages %s\n", what);
    for (int i = 0; i < 4 && fd < 0; i++)
        p[i * PAGE] = (char)('a' + i);
    say("first gets third", remap(p, PAGE, 0, 2, 0));
    letters("now", p, 4);
    say("second and third get first two", remap(p + PAGE, 2 * PAGE, 0, 0, 0));
    letters("now", p, 4);
    say("half a page", remap(p, PAGE / 2, 0, 0, 0));
    say("an odd start", remap(p + 100, PAGE, 0, 3, 0));
    letters("now", p, 4);
    say("with rights", remap(p, PAGE, PROT_READ, 0, 0));
    say("across two parts", remap(p, 4 * PAGE, 0, 0, 0));
    say("beyond the mapping", remap(p + 3 * PAGE, 1l << 40, 0, 0, 0));
    say("a number that wraps", remap(p, PAGE, 0, -1, 0));
    say("a number too high", remap(p, PAGE, 0, 1l << 52, 0));
    p[0] = 'X';
    munmap(p, 4 * PAGE);
}

static void remap_all(void)
{
    int fd = lettered("letters", 4);
    char c, *q = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    remap_window("of a file", fd, MAP_SHARED);
    say("read", pread(fd, &c, 1, 3 * PAGE));
    printf("the fourth page has %c\n", c);
    say("private", remap(q, PAGE, 0, 0, 0));
    say("nothing there", remap((void *)PAGE, PAGE, 0, 0, 0));
    munmap(q, PAGE);
    close(fd);
    remap_window("of shared memory", -1, MAP_SHARED | MAP_ANONYMOUS);
}

/* Prints each page's first byte; '.': 0, '-': unreadable, 'r': read-only. */
static void contents(char *p)
{
    for (int ends[2], i = 0; i < 6 && !pipe(ends); i++, p += PAGE)
        putchar(write(ends[1], p, 1) != 1  ? '-'
                : read(ends[0], p, 1) != 1 ? 'r'
                : *p                       ? *p
                                           : '.');
    putchar('\n');
    fflush(stdout);
}

/* Makes calls on six pages. The third is missing, and the fifth belongs to a
 * file that is not open for writing. */
static void holes(void)
{
    unsigned char in[6] = {9, 9, 9, 9};
    char *p = mmap(NULL, 6 * PAGE, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 6; i++)
        p[i * PAGE] = (char)('A' + i);
    munmap(p + 2 * PAGE, PAGE);
    mmap(p + 4 * PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED,
         open("letters", O_RDONLY), 0);
    say("mprotect", mprotect(p + PAGE, 3 * PAGE, PROT_READ));
    say("mprotect to the file", mprotect(p + 3 * PAGE, 2 * PAGE, PROT_WRITE));
    contents(p);
    say("mincore", mincore(p, 6 * PAGE, in));
    printf("%d %d %d %d\n", in[0] & 1, in[1] & 1, in[2], in[3]);
    say("madvise", madvise(p + PAGE, 5 * PAGE, MADV_DONTNEED));
    say("madvise from a hole", madvise(p + 2 * PAGE, 3 * PAGE, MADV_DONTFORK));
    contents(p);
    if (fork() == 0) {
        contents(p);
        _exit(0);
    }
    wait(NULL);
}

static long barrier(int cmd, int flags)
{
    return syscall(SYS_membarrier, cmd, flags, 0);
}

static void barriers(void)
{
    long all = barrier(0, 0);
    say("membarrier: kinds that host and guest have", all & 127);
    for (int cmd = 1; cmd <= 64; cmd *= 2) {
        if (cmd == 16 || cmd == 64)
            say("unregistered", barrier(cmd / 2, 0));
        say("kind", barrier(cmd, 0));
        if (cmd == 16 || cmd == 64)
            say("registered", barrier(cmd / 2, 0));
    }
    say("registrations", barrier(512, 0));
    say("flags", barrier(0, 1));
    say("unknown", barrier(1 << 20, 0));
    int status;
    if (fork() == 0)
        _exit((int)barrier(8, 0));
    wait(&status);
    say("a child with its parent's registration", status);
}

static void run_at(const char *what, int fd, const char *path, int flags)
{
    /* (If a program is run by its descriptor, Linux before 6.13 names it after
     * the descriptor, later Linux after its file: the name is not compared.) */
    char *argv[] = {flags & AT_EMPTY_PATH ? "a descriptor" : "a path", "hello",
                    NULL};
    char *none[] = {NULL};
    printf("execveat %s\n", what);
    fflush(stdout);
    int pid = fork(), status;
    if (pid == 0) {
        syscall(SYS_execveat, fd, path, argv, none, flags);
        say("no", -1);
        _exit(9);
    }
    waitpid(pid, &status, 0);
    say("status", status);
}

static void run_all(const char *program)
{
    int dir, fd, cloexec, script;
    const char *text = "#!/bin/sh\ntest -f $0 && echo a script\n";
    mkdir("d", 0755);
    char copy[65536];
    int from = open(program, O_RDONLY),
        to = open("d/p", O_WRONLY | O_CREAT, 0755);
    for (ssize_t n; (n = read(from, copy, sizeof copy)) > 0;)
        if (write(to, copy, (size_t)n) != n)
            say("write", -1);
    close(to);
    symlink("p", "d/link");
    to = open("d/s", O_WRONLY | O_CREAT, 0755);
    if (write(to, text, strlen(text)) < 0)
        say("write", -1);
    close(to);
    dir = open("d", O_RDONLY | O_DIRECTORY);
    fd = open("d/p", O_PATH);
    cloexec = open("d/s", O_RDONLY | O_CLOEXEC);
    script = open("d/s", O_RDONLY);
    run_at("in a directory", dir, "p", 0);
    run_at("here", AT_FDCWD, "d/p", 0);
    run_at("a descriptor", fd, "", AT_EMPTY_PATH);
    run_at("a link", dir, "link", 0);
    run_at("a link, not followed", dir, "link", AT_SYMLINK_NOFOLLOW);
    run_at("an empty path", fd, "", 0);
    run_at("below a file", fd, "p", 0);
    run_at("a directory", dir, "", AT_EMPTY_PATH);
    run_at("no descriptor", 99, "p", 0);
    run_at("a path from the root", 99, "/nothing", 0);
    run_at("unknown flags", dir, "p", 1);
    run_at("a script by its descriptor", script, "", AT_EMPTY_PATH);
    run_at("a script by a cloexec descriptor", cloexec, "", AT_EMPTY_PATH);
    run_at("a script in a directory", dir, "s", 0);
}

/* ---- arguments and #! lines ---- */

#define PIECE (128l << 10) /* the longest string, with its NUL */

static void run(const char *path, char **argv)
{
    fflush(stdout);
    if (fork() == 0) {
        execve(path, argv, (char *[]){"HOME=/", NULL});
        say("  execve", -1);
        _exit(0);
    }
    wait(NULL);
}

/* Limits the stack, and runs this program with n strings of the greatest size
 * and one further string, after which `left` of `allowed` bytes remain. */
static void sum(rlim_t stack, long allowed, int n, long left)
{
    char *argv[64] = {"sum"}, *all = calloc(PIECE + 1, 1);
    long last = allowed - left - (n + 3) * 8 - n * PIECE;
    last -= sizeof SELF + sizeof "sum" + sizeof "HOME=/";
    memset(all, 'a', PIECE);
    for (int i = 1; i <= n; i++)
        argv[i] = all + 1;
    argv[n + 1] = all + 1 + PIECE - last;
    printf("%lu KiB, %ld left\n", stack >> 10, left);
    setrlimit(RLIMIT_STACK, &(struct rlimit){stack, RLIM_INFINITY});
    run(SELF, argv);
}

/* Runs a script, whose text is `format` printed with the width n. */
static void script(const char *format, int n)
{
    FILE *f = fopen("s", "w");
    fprintf(f, format, n, ' ');
    fclose(f);
    chmod("s", 0755);
    printf("%s, %d\n", format, n);
    run("./s", (char *[]){"lost", "kept", NULL});
}

static void arguments(void)
{
    const int path = sizeof "#!" SELF - 1;
    char name[] = "s0", line[] = "#!./s0\n";
    for (long left = 0; left >= -1; left--) {
        sum(8 << 20, 2 << 20, 15, left);
        sum(256 << 10, PIECE, 0, left);
        sum(RLIM_INFINITY, 6 << 20, 47, left);
    }
    sum(8 << 20, PIECE + 51, 0, 0); /* one string, a byte too long */
    script("#! \t" SELF "\t \t one  two \t\n rest", 0);
    script("#!" SELF, 0);
    script("#!" SELF " ", 0);
    script("#!" SELF " one ", 0);
    script("#!" SELF " %0*d\n", 254 - path);
    script("#!" SELF " %0*d\n", 300);
    script("#!%*c" SELF " ", 255 - path);
    script("#!%*c" SELF " ", 256 - path);
    script("#!", 0);
    for (int i = 0; i < 6; i++) {
        script(i ? line : "#!" SELF "\n", 0);
        name[1] = line[5] = (char)('0' + i);
        rename("s", name);
    }
}

/* Prints each argument that exec has brought: length, sum and beginning. */
static int show(char **argv)
{
    for (long sum = 0; *argv; argv++, sum = 0) {
        for (const char *c = *argv; *c; c++)
            sum += *c;
        printf("  %zu bytes, %ld, %.20s\n", strlen(*argv), sum, *argv);
    }
    return 0;
}

int main(int argc, char **argv)
{
    say("msync of nothing", msync((void *)(1l << 46), PAGE, MS_ASYNC));
    say("mremap of nothing",
        (long)mremap((void *)(1l << 46), PAGE, PAGE, MREMAP_MAYMOVE));
    say("getrandom", syscall(SYS_getrandom, "", 0, 6));
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc > 1 && !strcmp(argv[1], "hello")) {
        char name[32] = "";
        int fd = open("/proc/self/comm", O_RDONLY);
        if (read(fd, name, sizeof name - 1) > 0)
            printf("hello from %s, %s", argv[0],
                   strcmp(argv[0], "a path") ? "\n" : name);
        return 7;
    }
    if (argc < 2 || chdir(argv[1]))
        return show(argv);
    remap_all();
    holes();
    barriers();
    run_all(argv[2]);
    arguments();
    printf("end\n");
    return 0;
}
