/* SPDX-License-Identifier: MIT */
/* Prints the kernel's answers when a process reaches a limit, or asks for what
 * it may not have, a line for each result. limits.t compiles this program
 * for the host and for the guest; both must print the same lines. Arguments: a
 * directory to work in, and a program to copy and run. Must run as root. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "says.h"

#define PAGE 4096ul
#define MIB  (1ul << 20)

static const char *dir, *program;
static volatile sig_atomic_t heard;

static void hear(int sig)
{
    (void)sig;
    heard++;
}

static void limit(int what, rlim_t cur, rlim_t max)
{
    struct rlimit r = {cur, max};
    if (setrlimit(what, &r))
        say("setrlimit", -1);
}

/* Returns the path of a name in the directory, in one of four buffers. */
static char *path(const char *name)
{
    static char buf[4][512];
    static int n;
    n = (n + 1) % 4;
    snprintf(buf[n], sizeof buf[n], "%s/%s", dir, name);
    return buf[n];
}

/* ---- RLIMIT_CPU: setrlimit(2) ---- */

static void spin(void)
{
    for (;;)
        ;
}

static void cpu_soft(void)
{
    limit(RLIMIT_CORE, 0, 0);
    limit(RLIMIT_CPU, 1, 5);
    spin();
}

static int *shared;

static void count_xcpu(int sig)
{
    (void)sig;
    ++*shared;
}

/* SIGXCPU comes each second from the soft limit on; the hard limit kills. */
static void cpu_hard(void)
{
    signal(SIGXCPU, count_xcpu);
    limit(RLIMIT_CPU, 1, 3);
    spin();
}

static void cpu_inherited(void)
{
    limit(RLIMIT_CORE, 0, 0);
    limit(RLIMIT_CPU, 1, 5);
    struct timespec a, b;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    while ((b.tv_sec - a.tv_sec) * 10 + (b.tv_nsec - a.tv_nsec) / 100000000 <
           6);
    in_child("a child's time starts at 0", spin);
}

static void cpu_none(void)
{
    signal(SIGXCPU, count_xcpu);
    *shared = 0;
    limit(RLIMIT_CPU, 0, 5);
    while (clock() < CLOCKS_PER_SEC / 4)
        ;
    printf("cpu: SIGXCPU at a limit of 0: %d\n", *shared);
}

static void cpu(void)
{
    shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    in_child("cpu: soft limit", cpu_soft);
    in_child("cpu: hard limit", cpu_hard);
    printf("cpu: SIGXCPU came %d times\n", *shared);
    in_child("cpu: parent", cpu_inherited);
    in_child("cpu: none", cpu_none);
}

/* ---- RLIMIT_FSIZE ---- */

static char block[8192];

static void file_size(void)
{
    int fd = open(path("size"), O_RDWR | O_CREAT | O_TRUNC, 0600);
    signal(SIGXFSZ, hear);
    limit(RLIMIT_FSIZE, 10000, RLIM_INFINITY);
    say("write below", write(fd, block, sizeof block));
    say("write across", write(fd, block, sizeof block));
    printf("heard %d\n", (int)heard);
    say("write at", write(fd, block, 1));
    say("write nothing", write(fd, block, 0));
    say("pwrite below", pwrite(fd, block, 10, 100));
    say("pwrite above", pwrite(fd, block, 10, 20000));
    say("ftruncate to the limit", ftruncate(fd, 10000));
    say("ftruncate above", ftruncate(fd, 10001));
    say("truncate above", truncate(path("size"), 10001));
    say("ftruncate down", ftruncate(fd, 100));
    int app = open(path("size"), O_WRONLY | O_APPEND);
    say("append", write(app, block, 8192));
    say("append", write(app, block, 8192));
    say("append", write(app, block, 8192));
    printf("heard %d\n", (int)heard);
    say("fallocate above", fallocate(fd, 0, 9000, 4096));
    limit(RLIMIT_FSIZE, 200, RLIM_INFINITY);
    say("a longer file: write within", pwrite(fd, block, 10, 5000));
    say("a longer file: ftruncate", ftruncate(fd, 9000));
    int p[2];
    ok("pipe", pipe(p));
    say("pipes have no limit", write(p[1], block, 1000));
    int null = open("/dev/null", O_WRONLY);
    say("nor devices", write(null, block, 1000));
    signal(SIGXFSZ, SIG_IGN);
    say("SIGXFSZ ignored", pwrite(fd, block, 10, 20000));
}

static void file_size_dies(void)
{
    limit(RLIMIT_CORE, 0, 0);
    int fd = open(path("size"), O_RDWR | O_CREAT | O_TRUNC, 0600);
    limit(RLIMIT_FSIZE, 100, 100);
    say("write", write(fd, block, 100));
    fflush(stdout);
    say("write", write(fd, block, 1));
}

/* ---- RLIMIT_NPROC ---- */

/* Prints how many children can exist at once; tries at most 6. */
static void children(const char *what)
{
    pid_t pid[6];
    int n = 0, p[2];
    if (pipe(p))
        return;
    fflush(stdout);
    while (n < 6 && (pid[n] = fork()) > 0)
        n++;
    if (n < 6 && pid[n] == 0) {
        char c;
        close(p[1]);
        _exit(read(p[0], &c, 1) == 1);
    }
    int why = errno;
    printf("%s: %d children", what, n);
    printf(n < 6 ? ", then %s\n" : "\n", strerrorname_np(why));
    for (int i = 0; i < n; i++) {
        kill(pid[i], SIGKILL);
        waitpid(pid[i], NULL, 0);
    }
    close(p[0]);
    close(p[1]);
}

static void nproc(void)
{
    limit(RLIMIT_NPROC, 3, 3);
    children("root");
    if (setuid(23456))
        say("setuid", -1);
    children("limit 3");
    limit(RLIMIT_NPROC, 0, 3);
    children("limit 0");
}

/* ---- RLIMIT_DATA, RLIMIT_AS ---- */

static void *map_private(size_t n, int prot)
{
    return mmap(NULL, n, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void data(void)
{
    char *low = sbrk(0), *ro = map_private(64 * MIB, PROT_READ);
    limit(RLIMIT_DATA, 32 * MIB, RLIM_INFINITY);
    ok("data: brk within", (long)brk(low + MIB));
    ok("data: brk above", brk(low + 40 * MIB) ? -1 : 0);
    ok("data: mmap within", map_private(16 * MIB, 3) == MAP_FAILED ? -1 : 0);
    ok("data: mmap above", map_private(30 * MIB, 3) == MAP_FAILED ? -1 : 0);
    ok("data: read-only does not count",
       map_private(64 * MIB, PROT_READ) == MAP_FAILED ? -1 : 0);
    ok("data: mprotect above", mprotect(ro, 64 * MIB, 3));
    ok("data: mprotect within", mprotect(ro, 4 * MIB, 3));
    ok("data: shared does not count",
       mmap(NULL, 40 * MIB, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
           ? -1
           : 0);
    char *p = map_private(MIB, 3);
    ok("data: mremap above",
       mremap(p, MIB, 40 * MIB, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
}

static void address_space(void)
{
    char *p = map_private(MIB, 3), *low = sbrk(0);
    limit(RLIMIT_AS, 64 * MIB, RLIM_INFINITY);
    ok("as: mmap within", map_private(8 * MIB, 3) == MAP_FAILED ? -1 : 0);
    ok("as: mmap above", map_private(80 * MIB, 1) == MAP_FAILED ? -1 : 0);
    ok("as: mremap above",
       mremap(p, MIB, 80 * MIB, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
    ok("as: brk above", brk(low + 70 * MIB) ? -1 : 0);
    ok("as: replacing counts once",
       mmap(p, MIB, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
               MAP_FAILED
           ? -1
           : 0);
}

/* mprotect adds no address space: RLIMIT_DATA applies, RLIMIT_AS does not. */
static void protect_at_limit(void)
{
    char *ro = map_private(40 * MIB, PROT_READ);
    char *shared =
        mmap(NULL, 40 * MIB, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *down = mmap(NULL, 40 * MIB, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0);
    limit(RLIMIT_DATA, 16 * MIB, RLIM_INFINITY);
    ok("protect: data", mprotect(ro, 20 * MIB, 3));
    ok("protect: shared", mprotect(shared, 40 * MIB, 3));
    ok("protect: a stack", mprotect(down, 40 * MIB, 3));
    ok("protect: data within", mprotect(ro, 4 * MIB, 3));
    ok("protect: again", mprotect(ro, 4 * MIB, 7));
    limit(RLIMIT_AS, 130 * MIB, RLIM_INFINITY);
    ok("protect: data at RLIMIT_AS", mprotect(ro, 20 * MIB, 3));
    limit(RLIMIT_DATA, RLIM_INFINITY, RLIM_INFINITY);
    ok("protect: at RLIMIT_AS", mprotect(ro, 40 * MIB, 3));
}

/* ---- nice values; the children's greatest memory ---- */

static void nice_values(void)
{
    pid_t parent = getppid();
    int sig = -1;
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    ok("nice: root, lower", setpriority(PRIO_PROCESS, 0, -3));
    if (setresuid(23456, 23456, 23456))
        say("setresuid", -1);
    prctl(PR_GET_PDEATHSIG, &sig);
    printf("death signal after a change of user: %d\n", sig);
    ok("nice: higher", setpriority(PRIO_PROCESS, 0, 5));
    ok("nice: the same", setpriority(PRIO_PROCESS, 0, 5));
    ok("nice: lower", setpriority(PRIO_PROCESS, 0, 4));
    ok("nice: much lower", setpriority(PRIO_PROCESS, 0, -20));
    say("nice: now", getpriority(PRIO_PROCESS, 0) + 20);
    ok("nice: another user's", setpriority(PRIO_PROCESS, parent, 10));
    ok("nice: of no process", setpriority(PRIO_PROCESS, 4000000, 10));
    ok("nice: a group, not all mine", setpriority(PRIO_PGRP, 0, 11));
    say("nice: mine is", getpriority(PRIO_PROCESS, 0) + 20);
}

static void touch(size_t n)
{
    char *p = map_private(n, 3);
    memset(p, 1, n);
    munmap(p, n);
}

static void grandchild(void)
{
    if (fork() == 0) {
        touch(24 * MIB);
        execl(program, program, "quick", NULL);
        _exit(1);
    }
    wait(NULL);
}

static void most_memory(void)
{
    struct rusage ru;
    int status;
    getrusage(RUSAGE_CHILDREN, &ru);
    printf("rss: no children: %ld\n", ru.ru_maxrss);
    pid_t pid = fork();
    if (pid == 0) {
        touch(10 * MIB);
        grandchild();
        _exit(0);
    }
    wait4(pid, &status, 0, &ru);
    printf("rss: a child's child, before its exec: %d\n",
           ru.ru_maxrss >= 24 * 1024 && ru.ru_maxrss < 36 * 1024);
    touch(12 * MIB);
    getrusage(RUSAGE_CHILDREN, &ru);
    printf("rss: children: %d\n",
           ru.ru_maxrss >= 24 * 1024 && ru.ru_maxrss < 36 * 1024);
    printf("they have slept: %d\n", ru.ru_nvcsw > 0);
    getrusage(RUSAGE_SELF, &ru);
    printf("rss: own: %d\n",
           ru.ru_maxrss >= 12 * 1024 && ru.ru_maxrss < 24 * 1024);
}

/* ---- ETXTBSY ---- */

static void run_it(const char *name)
{
    fflush(stdout);
    pid_t pid = fork();
    int status;
    if (pid == 0) {
        execl(name, name, "quick", NULL);
        say("exec", -1);
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    printf("ran: %d\n", status);
}

static void text_busy(void)
{
    static char buf[1 << 16];
    char *copy = path("program");
    int in = open(program, O_RDONLY),
        out = open(copy, O_WRONLY | O_CREAT, 0700);
    for (ssize_t n; (n = read(in, buf, sizeof buf)) > 0;)
        if (write(out, buf, n) != n)
            say("write", -1);
    run_it(copy);
    int ro = open(copy, O_RDONLY);
    close(out);
    run_it(copy);
    out = open(copy, O_RDWR);
    int twice = dup(out);
    close(out);
    run_it(copy);
    close(twice);
    run_it(copy);
    close(ro);
    int self = open("/proc/self/exe", O_RDWR);
    say("a running program", self < 0 ? -1 : 0);
    unlink(copy);
}

/* ---- CLONE_PARENT ---- */

static void clone_parent(void)
{
    pid_t me = getpid(), pid;
    int p[2], status, who[2];
    if (pipe(p))
        return;
    fflush(stdout);
    if ((pid = fork()) == 0) {
        long sister = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
        if (sister == 0) {
            int line[2] = {getpid(), getppid()};
            _exit(write(p[1], line, sizeof line) != sizeof line);
        }
        errno = 0;
        int none = waitpid(-1, NULL, 0);
        _exit(none == -1 && errno == ECHILD ? 5 : 6);
    }
    waitpid(pid, &status, 0);
    printf("CLONE_PARENT: the caller has no child: %d\n", WEXITSTATUS(status));
    if (read(p[0], who, sizeof who) != sizeof who)
        return;
    printf("CLONE_PARENT: the new child is mine: %d\n", who[1] == me);
    say("... is waited for", waitpid(who[0], &status, 0) == who[0] ? 0 : -1);
}

/* ---- wait ---- */

static void waits(void)
{
    siginfo_t info;
    fflush(stdout);
    say("wait4 INT_MIN", waitpid(INT_MIN, NULL, 0));
    say("wait4 without a child", waitpid(-1, NULL, 0));
    say("wait4 not a child", waitpid(getpid(), NULL, WNOHANG));
    say("wait4 flags", waitpid(-1, NULL, 0x100));
    say("waitid P_PID 0", waitid(P_PID, 0, &info, WEXITED));
    say("waitid P_PID -1", waitid(P_PID, (id_t)-1, &info, WEXITED));
    say("waitid P_PGID -1", waitid(P_PGID, (id_t)-1, &info, WEXITED));
    say("waitid no options", waitid(P_ALL, 0, &info, WNOHANG));
    say("kill INT_MIN", kill(INT_MIN, 0));
    pid_t pid = fork();
    if (pid == 0)
        _exit(3);
    say("waitid P_PGID 0", waitid(P_PGID, 0, &info, WEXITED | WNOWAIT));
    char stat[40];
    unsigned flags = 0;
    snprintf(stat, sizeof stat, "/proc/%d/stat", pid);
    fscanf(fopen(stat, "r"), "%*d %*s Z %*d %*d %*d %*d %*d %u", &flags);
    say("a zombie's PF_KTHREAD", flags & 0x200000);
    say("wait4 __WCLONE", waitpid(pid, NULL, __WCLONE));
    say("wait4 another", waitpid(pid + 1, NULL, 0));
    say("wait4 bad status", waitpid(pid, (int *)16, 0) == pid ? 0 : -1);
    say("wait4 a child that has gone", waitpid(pid, NULL, 0));
    pid = (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0);
    if (pid == 0)
        _exit(3);
    say("a clone without signal", waitpid(pid, NULL, 0));
    say("a clone by __WALL", waitpid(pid, NULL, __WALL) == pid ? 0 : -1);
}

/* ---- mmap's errors ---- */

static void *map(size_t n, int prot, int flags, int fd, long off)
{
    return (void *)syscall(SYS_mmap, NULL, n, prot, flags, fd, off);
}
#define MAP(what, ...) ok(what, map(__VA_ARGS__) == MAP_FAILED ? -1 : 0)

static void maps(void)
{
    int fd = open(path("map"), O_RDWR | O_CREAT | O_TRUNC, 0600);
    int ro = open(path("map"), O_RDONLY), wo = open(path("map"), O_WRONLY);
    int zero = open("/dev/zero", O_RDONLY), at = open(dir, O_PATH);
    ok("ftruncate", ftruncate(fd, 4 * PAGE));
    MAP("bad fd, no length", 0, 1, MAP_PRIVATE, -1, 0);
    MAP("bad fd, bad type", PAGE, 1, 0, -1, 0);
    MAP("bad fd, bad offset", PAGE, 1, MAP_PRIVATE, -1, 1);
    MAP("bad fd", PAGE, 1, MAP_PRIVATE, 999, 0);
    MAP("O_PATH", PAGE, 1, MAP_PRIVATE, at, 0);
    MAP("no length", 0, 1, MAP_PRIVATE, fd, 0);
    MAP("no type", PAGE, 1, 0, fd, 0);
    MAP("no type, anonymous", PAGE, 1, MAP_ANONYMOUS, -1, 0);
    MAP("too long", -PAGE, 1, MAP_PRIVATE, fd, 0);
    MAP("overflow", 4 * PAGE, 1, MAP_PRIVATE, fd, -PAGE);
    MAP("validate", PAGE, 3, MAP_SHARED_VALIDATE, fd, 0);
    MAP("validate MAP_SYNC", PAGE, 3, MAP_SHARED_VALIDATE | MAP_SYNC, fd, 0);
    MAP("validate unknown", PAGE, 3, MAP_SHARED_VALIDATE | 0x200000, fd, 0);
    MAP("validate legacy", PAGE, 3,
        MAP_SHARED_VALIDATE | MAP_POPULATE | MAP_NORESERVE | MAP_STACK, fd, 0);
    MAP("shared unknown", PAGE, 3, MAP_SHARED | 0x200000, fd, 0);
    MAP("validate anonymous", PAGE, 3, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1,
        0);
    MAP("shared for writing, opened for reading", PAGE, 3, MAP_SHARED, ro, 0);
    MAP("private for writing, opened for reading", PAGE, 3, MAP_PRIVATE, ro, 0);
    MAP("opened for writing", PAGE, 2, MAP_SHARED, wo, 0);
    MAP("growsdown of a file", PAGE, 1, MAP_PRIVATE | MAP_GROWSDOWN, fd, 0);
    MAP("directory", PAGE, 1, MAP_PRIVATE, open(dir, O_RDONLY), 0);
    char *p = map(PAGE, 1, MAP_SHARED, ro, 0);
    ok("mprotect of a shared file", mprotect(p, PAGE, 3));
    MAP("shared zeros for writing", PAGE, 3, MAP_SHARED, zero, 0);
    p = map(PAGE, 1, MAP_SHARED, zero, 0);
    ok("mprotect of shared zeros", mprotect(p, PAGE, 3));
    p = map(PAGE, 1, MAP_PRIVATE, zero, 0);
    ok("mprotect of private zeros", mprotect(p, PAGE, 3));
}

/* ---- which mappings become one ---- */

/* Returns the number of mappings that overlap [p, p + n). */
static int count_maps(char *p, size_t n)
{
    FILE *f = fopen("/proc/self/maps", "r");
    unsigned long from, to;
    char line[512];
    int found = 0;
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "%lx-%lx", &from, &to) == 2 && to > (unsigned long)p &&
            from < (unsigned long)p + n)
            found++;
    if (f)
        fclose(f);
    return found;
}

static char *fixed(char *at, size_t pages)
{
    return mmap(at, pages * PAGE, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                -1, 0);
}

/* Returns the start of a hole of 16 pages. */
static char *hole(void)
{
    char *p = mmap(NULL, 16 * PAGE, 0, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(p, 16 * PAGE);
    return p;
}

static char *used, *unused, *both, *cut, *parts;

static void merge(const char *who)
{
    fixed(used + 4 * PAGE, 4);
    fixed(unused + 4 * PAGE, 4);
    printf("%s: mappings: after used memory %d, after unused %d\n", who,
           count_maps(used, 8 * PAGE), count_maps(unused, 8 * PAGE));
    mprotect(cut + PAGE, PAGE, 1);
    int three = count_maps(cut, 4 * PAGE);
    mprotect(cut + PAGE, PAGE, 3);
    printf("%s: cut %d, joined %d\n", who, three, count_maps(cut, 4 * PAGE));
    mprotect(parts + PAGE, PAGE, 3);
    printf("%s: joined parts %d\n", who, count_maps(parts, 4 * PAGE));
}

static void merging(void)
{
    used = fixed(hole(), 4);
    unused = fixed(hole(), 4);
    both = fixed(hole(), 4);
    cut = fixed(hole(), 4);
    parts = fixed(hole(), 4);
    memset(used, 1, 4 * PAGE);
    memset(cut, 1, 4 * PAGE);
    memset(parts, 1, 4 * PAGE);
    mprotect(parts + PAGE, PAGE, 1);
    memset(both, 1, PAGE);
    fixed(both + 8 * PAGE, 4);
    memset(both + 8 * PAGE, 1, PAGE);
    fixed(both + 4 * PAGE, 4);
    printf("mappings when a gap is full: %d\n", count_maps(both, 12 * PAGE));
    fflush(stdout);
    if (fork() == 0) {
        merge("child");
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    merge("parent");
}

/* ---- O_TMPFILE ---- */

static void tmpfile_at(void)
{
    struct stat st;
    char proc[64], buf[6] = "";
    ok("tmpfile read-only", open(dir, O_TMPFILE | O_RDONLY, 0600));
    ok("tmpfile O_CREAT", open(dir, O_TMPFILE | O_RDWR | O_CREAT, 0600));
    ok("tmpfile of a file", open(program, O_TMPFILE | O_RDWR, 0600));
    ok("tmpfile of nothing", open(path("no"), O_TMPFILE | O_RDWR, 0600));
    ok("tmpfile in proc", open("/proc", O_TMPFILE | O_RDWR, 0600));
    umask(022);
    int fd = open(dir, O_TMPFILE | O_RDWR, 0666);
    ok("tmpfile", fd);
    ok("fstat", fstat(fd, &st));
    printf("mode %o, links %d\n", st.st_mode, (int)st.st_nlink);
    say("write", write(fd, "hello", 5));
    say("read", pread(fd, buf, 5, 0));
    snprintf(proc, sizeof proc, "/proc/self/fd/%d", fd);
    ok("link",
       linkat(AT_FDCWD, proc, AT_FDCWD, path("linked"), AT_SYMLINK_FOLLOW));
    ok("stat", stat(path("linked"), &st));
    printf("size %d, links %d\n", (int)st.st_size, (int)st.st_nlink);
    ok("unlink", unlink(path("linked")));
    ok("link again",
       linkat(AT_FDCWD, proc, AT_FDCWD, path("linked"), AT_SYMLINK_FOLLOW));
    close(fd);
    fd = open(dir, O_TMPFILE | O_RDWR | O_EXCL, 0600);
    snprintf(proc, sizeof proc, "/proc/self/fd/%d", fd);
    ok("link of O_EXCL",
       linkat(AT_FDCWD, proc, AT_FDCWD, path("linked"), AT_SYMLINK_FOLLOW));
}

/* ---- a call that fails has done nothing ---- */

static void size_of(const char *what, const char *name)
{
    struct stat st;
    say(what, stat(path(name), &st) ? -1 : st.st_size);
}

static void nothing_done(void)
{
    int fd = open(path("kept"), O_RDWR | O_CREAT, 0600);
    struct rlimit r;
    say("write", write(fd, "kept", 4));
    getrlimit(RLIMIT_NOFILE, &r);
    limit(RLIMIT_NOFILE, (rlim_t)fd + 1, r.rlim_max);
    say("at the limit: O_TRUNC", open(path("kept"), O_WRONLY | O_TRUNC));
    size_of("size", "kept");
    say("O_EXCL", open(path("lock"), O_CREAT | O_EXCL | O_WRONLY, 0600));
    size_of("lock", "lock");
    say("tmpfile", open(dir, O_TMPFILE | O_RDWR, 0600));
    say("no such file", open(path("no/no"), O_RDONLY));
    say("dup", dup(fd));
    say("pipe", syscall(SYS_pipe2, 8, 0));
    limit(RLIMIT_NOFILE, (rlim_t)fd + 2, r.rlim_max);
    say("pipe, one short", syscall(SYS_pipe2, 8, 0));
    limit(RLIMIT_NOFILE, (rlim_t)fd + 3, r.rlim_max);
    say("pipe to unmapped memory", syscall(SYS_pipe2, 8, 0));
    say("the next descriptor", dup(fd) - fd);
}

/* ---- times of a truncated file ---- */

static struct stat times;
static void set_times(void)
{
    struct timespec old[2] = {{1000, 0}, {1000, 0}};
    utimensat(AT_FDCWD, path("times"), old, 0);
    stat(path("times"), &times);
    /* File times advance by clock ticks; some file systems keep seconds. */
    usleep(times.st_ctim.tv_nsec ? 20000 : 1000000);
}

static void times_after(const char *what, int result)
{
    struct stat st;
    stat(path("times"), &st);
    printf("%s: %d, mtime %d, ctime %d\n", what, result < 0,
           st.st_mtim.tv_sec != 1000,
           memcmp(&st.st_ctim, &times.st_ctim, sizeof st.st_ctim) != 0);
    set_times();
}

static void truncated_times(void)
{
    const char *at = path("times");
    int fd = open(at, O_RDWR | O_CREAT, 0600);
    set_times();
    times_after("O_TRUNC, empty", open(at, O_WRONLY | O_TRUNC));
    times_after("ftruncate, empty", ftruncate(fd, 0));
    times_after("truncate, empty", truncate(at, 0));
    times_after("truncate", truncate(at, 5));
    times_after("truncate, the same", truncate(at, 5));
    times_after("ftruncate, the same", ftruncate(fd, 5));
    times_after("ftruncate, refused", ftruncate(fd, -1));
    times_after("O_TRUNC", open(at, O_WRONLY | O_TRUNC));
}

/* open with O_CREAT opens a new file as asked, whatever mode it gives the file.
 * A directory that moves gets another "..", and must therefore be writable. */
static void made_here(void)
{
    char inside[4096];
    int made = mkdir(path("made"), 0777);
    chmod(path("made"), 0777);
    mkdir(path("made/roots"), 0755);
    snprintf(inside, sizeof inside, "%s", path("made/file"));
    printf("mkdir %d\n", made);
    if (setgid(1000) || setuid(1000))
        printf("still root\n");
    int fd = open(inside, O_CREAT | O_WRONLY, 0444);
    ok("made read-only", fd);
    say("write", write(fd, "x", 1));
    ok("opened again", open(inside, O_CREAT | O_WRONLY, 0444));
    ok("tmpfile of mode 0", open(path("made"), O_TMPFILE | O_RDWR, 0));
    mkdir(path("made/to"), 0777);
    ok("moved", rename(path("made/roots"), path("made/to/roots")));
    ok("renamed", rename(path("made/roots"), path("made/root")));
    ok("moved, mine", rename(path("made/to"), path("to")));
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return argc == 2 ? 0 : 2;
    dir = argv[1];
    program = argv[2];
    cpu();
    in_child("file_size", file_size);
    in_child("file_size_dies", file_size_dies);
    in_child("nproc", nproc);
    in_child("data", data);
    in_child("address_space", address_space);
    in_child("protect", protect_at_limit);
    in_child("nice", nice_values);
    in_child("rss", most_memory);
    in_child("text_busy", text_busy);
    in_child("clone_parent", clone_parent);
    in_child("waits", waits);
    in_child("maps", maps);
    in_child("merging", merging);
    in_child("tmpfile_at", tmpfile_at);
    in_child("made_here", made_here);
    in_child("nothing_done", nothing_done);
    in_child("truncated_times", truncated_times);
    puts("end");
    return 0;
}
