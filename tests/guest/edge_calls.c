/* SPDX-License-Identifier: MIT */
/* Prints the answers of file calls whose arguments lie at an edge. limits.t
 * runs this program, like limit_calls.c, on the host and in the guest.
 * Argument: a directory to work in; or `terminal`. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/uio.h>
#include "says.h"

#define SAY(it) say(#it, (long)(it))

/* ---- select of descriptors that are not open ---- */

static int fdsize(void)
{
    char line[256];
    int n = -1;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        sscanf(line, "FDSize: %d", &n);
    if (f)
        fclose(f);
    return n;
}

static void select_each(const char *what)
{
    static const int fds[] = {0,  5,   15,  16,  31,  33,  63,  64,  69,  70,
                              71, 127, 128, 199, 200, 255, 256, 511, 512, 1023};
    printf("%s: a table of %d\n", what, fdsize());
    for (unsigned i = 0; i < sizeof fds / sizeof *fds; i++)
        for (int more = 0; more < 3; more++) {
            unsigned long set[3][16] = {{0}};
            struct timespec zero = {0, 0};
            set[more][fds[i] / 64] = 1ul << fds[i] % 64;
            printf("%s: %d in set %d", what, fds[i], more);
            say("", syscall(SYS_pselect6, more ? 1024 : fds[i] + 1, set[0],
                            set[1], set[2], &zero, NULL));
            printf("  now %lx\n", set[more][fds[i] / 64]);
        }
}

static void selects(void)
{
    select_each("few");
    close(dup2(0, 70));
    select_each("one was 70");
    dup2(0, 70);
    dup2(0, 200);
    close(70);
    select_each("200");
    close(200);
    select_each("200 closed");
}

static void select_forked(void)
{
    dup2(0, 70);
    dup2(0, 300);
    close(300);
    fflush(stdout);
    if (fork() == 0) {
        select_each("in a child");
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
}

static void select_odd(void)
{
    unsigned long in[2] = {~0ul << 8, 7}, out[2] = {1ul << 40, 0};
    struct timespec zero = {0, 0};
    int path = open(".", O_PATH);
    SAY(syscall(SYS_pselect6, -1, in, out, NULL, &zero, NULL));
    /* Bits from nfds on are no descriptors; they are cleared in the word. */
    SAY(syscall(SYS_pselect6, 8, in, out, NULL, &zero, NULL));
    printf("%lx %lx, %lx\n", in[0], in[1], out[0]);
    SAY(syscall(SYS_pselect6, INT_MAX, in, NULL, (void *)16, &zero, NULL));
    for (int k = 0; k < 8; k++) {
        unsigned long set[3] = {1ul << path, 1ul << path, 1ul << path};
        SAY(syscall(SYS_pselect6, path + 1, k & 1 ? &set[0] : NULL,
                    k & 2 ? &set[1] : NULL, k & 4 ? &set[2] : NULL, &zero,
                    NULL));
        printf("%d: %d %d %d\n", k, set[0] != 0, set[1] != 0, set[2] != 0);
    }
}

/* ---- open mode 3, which may neither read nor write ---- */

static void each_call(int fd)
{
    char b[8] = "";
    struct iovec v = {b, 8};
    struct flock r = {.l_type = F_RDLCK}, w = {.l_type = F_WRLCK};
    SAY(fcntl(fd, F_GETFL) & O_ACCMODE);
    SAY(read(fd, b, 8));
    SAY(read(fd, b, 0));
    SAY(write(fd, b, 8));
    SAY(pread(fd, b, 8, 0));
    SAY(readv(fd, &v, 1));
    SAY(pwritev(fd, &v, 1, 0));
    SAY(ftruncate(fd, 3));
    SAY(fcntl(fd, F_SETLK, &r));
    SAY(fcntl(fd, F_SETLK, &w));
    SAY(lseek(fd, 0, SEEK_CUR));
    ok("mmap",
       mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
    SAY(sendfile(fd, fd, NULL, 1));
    SAY(posix_fadvise(fd, 0, 0, POSIX_FADV_NORMAL));
    SAY(readahead(fd, 0, 1));
}

static void link_mode(int fd)
{
    char path[40];
    struct stat st;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    SAY(lstat(path, &st));
    printf("%o\n", st.st_mode);
}

static void open_mode_3(void)
{
    int fd = open("mode3", O_CREAT | O_RDWR, 0600);
    SAY(write(fd, "content", 7));
    mkfifo("fifo3", 0600);
    static const char *const names[] = {"mode3", "/dev/null", "/dev/zero"};
    for (int i = 0; i < 3; i++) {
        fd = open(names[i], O_ACCMODE);
        ok(names[i], fd);
        each_call(fd);
        link_mode(fd);
        close(fd);
    }
    SAY(open("fifo3", O_ACCMODE | O_NONBLOCK));
    SAY(open(".", O_ACCMODE));
    ok("O_TRUNC", fd = open("mode3", O_ACCMODE | O_TRUNC));
    SAY(lseek(fd, 0, SEEK_END));
    SAY(open("/proc/self/exe", O_ACCMODE | O_TRUNC));
    ok("a running program", open("/proc/self/exe", O_ACCMODE));
    link_mode(open("mode3", O_RDONLY));
    link_mode(open("mode3", O_WRONLY));
    link_mode(open("mode3", O_RDWR));
    link_mode(open("mode3", O_PATH));
    chmod("mode3", 0400);
    if (setuid(23456))
        say("setuid", -1);
    SAY(open("mode3", O_ACCMODE));
}

/* ---- the ends of positions ---- */

static void positions(void)
{
    char b[8] = "";
    struct iovec v = {b, 8}, none = {b, 0};
    struct statfs fs;
    long last = LONG_MAX;
    int fd = open("positions", O_CREAT | O_RDWR, 0600);
    SAY(pwrite(fd, "0123456789", 10, 0));
    statfs(".", &fs);
    /* Only tmpfs has files of any size. */
    long at = lseek(fd, last, SEEK_SET);
    printf("the last position: %d\n",
           fs.f_type == 0x01021994 ? at == last : at < 0 && errno == EINVAL);
    SAY(lseek(fd, 5, SEEK_SET));
    SAY(lseek(fd, last, SEEK_CUR));
    SAY(lseek(fd, last - 4, SEEK_CUR));
    SAY(lseek(fd, last, SEEK_END));
    SAY(lseek(fd, LONG_MIN, SEEK_CUR));
    SAY(lseek(fd, LONG_MIN, SEEK_END));
    SAY(lseek(fd, -6, SEEK_CUR));
    SAY(lseek(fd, -5, SEEK_CUR));
    SAY(lseek(fd, 10, SEEK_DATA));
    SAY(lseek(fd, LONG_MIN, SEEK_DATA));
    SAY(lseek(fd, last, SEEK_HOLE));
    SAY(lseek(fd, -1, SEEK_HOLE));
    SAY(lseek(fd, 0, 5));
    SAY(lseek(fd, 0, -1));
    SAY(pread(fd, b, 8, last));
    SAY(pread(fd, b, 0, last));
    SAY(pread(fd, b, 8, last - 7));
    SAY(pread(fd, b, 8, last - 8));
    SAY(pread(fd, b, 8, last - 9));
    SAY(pwrite(fd, b, 8, last));
    SAY(pwrite(fd, b, 0, last));
    SAY(preadv(fd, &v, 1, last - 7));
    SAY(preadv(fd, &v, 1, last - 8));
    SAY(preadv(fd, &none, 1, last));
    SAY(preadv(fd, NULL, 0, last));
    SAY(preadv(fd, &v, 1, -1));
    SAY(preadv(fd, &v, 1, LONG_MIN));
    SAY(pwritev(fd, &v, 1, -5));
    SAY(pwritev(fd, &v, 1, last));
    SAY(pread(-1, b, 8, -1));
    SAY(pread(-1, b, 8, 0));
    SAY(pwrite(-1, b, 8, -1));
    SAY(preadv(-1, &v, 1, -1));
    SAY(preadv(-1, &v, 5000, 0));
    SAY(preadv(fd, &v, 5000, 0));
    SAY(preadv(fd, &v, -1, 0));
    SAY(readv(-1, &v, 5000));
    SAY(readv(fd, NULL, 0));
    SAY(readv(fd, (void *)16, 1));
    SAY(ftruncate(fd, LONG_MIN));
    SAY(truncate("positions", LONG_MIN));
    static const char *const names[] = {"/dev/null", "/dev/zero", "/dev/full"};
    for (int i = 0; i < 3; i++) {
        int d = open(names[i], O_RDWR);
        SAY(lseek(d, last, SEEK_SET));
        SAY(lseek(d, -1, SEEK_SET));
        SAY(pread(d, b, 8, last));
        SAY(pread(d, b, 8, -1));
        SAY(pwrite(d, b, 8, last));
    }
    int p[2];
    SAY(pipe(p));
    SAY(lseek(p[0], last, SEEK_SET));
    SAY(lseek(p[0], 0, 77));
    SAY(pread(p[0], b, 1, -1));
    SAY(pread(p[0], b, 1, last));
    SAY(pwritev(p[1], &v, 1, 0));
}

/* ---- the mode of a symbolic link ---- */

static void link_modes(void)
{
    char path[40];
    SAY(symlink("nowhere", "link"));
    int fd = open("link", O_PATH | O_NOFOLLOW);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    SAY(chmod(path, 0600));
    SAY(fchmod(fd, 0600));
    SAY(chmod("link", 0600));
    SAY(chmod("/proc/self/fd", 0600));
    fd = open("/proc/self", O_PATH | O_NOFOLLOW);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    SAY(chmod(path, 0600));
    SAY(lchown("link", 5, 6));
    fd = open("link", O_PATH | O_NOFOLLOW);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    SAY(chown(path, 7, 8));
    if (setuid(23456))
        say("setuid", -1);
    SAY(chmod(path, 0600));
}

/* ---- signals that tell of input and output ---- */

static void take_signals(const char *what)
{
    sigset_t all;
    siginfo_t info;
    struct timespec zero = {0, 0};
    sigfillset(&all);
    printf("%s:", what);
    while (sigtimedwait(&all, &info, &zero) > 0) {
        printf(" signal %d code %d", info.si_signo, info.si_code);
        if (info.si_code > 0 && info.si_code < SI_KERNEL)
            printf(" band %lx fd %d", info.si_band, info.si_fd);
    }
    puts("");
}

static void show_owner(int fd)
{
    struct f_owner_ex ex = {9, 9};
    int r = syscall(SYS_fcntl, fd, F_GETOWN, 0), me = getpid();
    if (r == -1) /* a small group's number looks like an error's */
        r = -errno;
    printf("owner %s", r == me ? "self" : r == -getpgrp() ? "group" : "");
    if (r != me && r != -getpgrp())
        printf("%d", r);
    r = fcntl(fd, F_GETOWN_EX, &ex);
    printf(", %d: type %d %s\n", r, ex.type,
           ex.pid == me          ? "self"
           : ex.pid == getpgrp() ? "group"
           : ex.pid              ? "another"
                                 : "0");
}

static void owners(void)
{
    int p[2], path = open(".", O_PATH);
    struct f_owner_ex ex = {F_OWNER_TID, getpid()}, none = {F_OWNER_PGRP, 0};
    SAY(pipe(p));
    show_owner(p[0]);
    SAY(fcntl(p[0], F_SETOWN, INT_MIN));
    show_owner(p[0]);
    SAY(fcntl(p[0], F_SETOWN, 0x3fffffff));
    SAY(fcntl(p[0], F_SETOWN, -0x3fffffff));
    SAY(fcntl(p[0], F_SETOWN, getpid()));
    show_owner(p[0]);
    show_owner(p[1]);
    show_owner(dup(p[0]));
    SAY(fcntl(p[0], F_SETOWN, -getpgrp()));
    show_owner(p[0]);
    SAY(fcntl(p[0], F_SETOWN, 0));
    show_owner(p[0]);
    SAY(fcntl(p[0], F_SETOWN_EX, &ex));
    show_owner(p[0]);
    ex.type = 3;
    SAY(fcntl(p[0], F_SETOWN_EX, &ex));
    ex.type = -1;
    SAY(fcntl(p[0], F_SETOWN_EX, &ex));
    ex.type = F_OWNER_PID;
    ex.pid = 0x3fffffff;
    SAY(fcntl(p[0], F_SETOWN_EX, &ex));
    SAY(fcntl(p[0], F_SETOWN_EX, 16));
    SAY(fcntl(p[0], F_GETOWN_EX, 16));
    show_owner(p[0]);
    SAY(fcntl(p[0], F_SETOWN_EX, &none));
    show_owner(p[0]);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    SAY(fcntl(p[0], F_SETOWN, pid));
    waitpid(pid, NULL, 0);
    show_owner(p[0]);
    SAY(fcntl(p[0], F_GETSIG));
    SAY(fcntl(p[0], F_SETSIG, 65));
    SAY(fcntl(p[0], F_SETSIG, -1));
    SAY(fcntl(p[0], F_SETSIG, 64));
    SAY(fcntl(p[0], F_GETSIG));
    SAY(fcntl(p[0], F_SETSIG, 0));
    SAY(fcntl(p[0], F_GETSIG));
    SAY(fcntl(path, F_SETOWN, getpid()));
    SAY(fcntl(path, F_GETOWN));
    SAY(fcntl(-1, F_SETSIG, 5));
    SAY(fcntl(open("/dev/null", O_RDONLY), F_SETOWN, getpid()));
}

/* Writes, reads and closes, and says which signals came. */
static void transfers(int p[2])
{
    char b[8];
    take_signals("before");
    SAY(write(p[1], "12", 2));
    take_signals("written");
    SAY(read(p[0], b, 1));
    take_signals("read");
    SAY(write(p[1], "", 0));
    take_signals("nothing written");
    SAY(read(p[0], b, 1));
    SAY(read(p[0], b, 1));
    take_signals("nothing to read");
}

static void asynchronous(void)
{
    sigset_t all;
    int p[2], fd;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (int how = 0; how < 16; how++) {
        SAY(pipe2(p, O_NONBLOCK));
        printf("%d: ", how);
        if (how & 1)
            SAY(fcntl(p[0], F_SETFL, O_ASYNC | O_NONBLOCK));
        if (how & 2)
            SAY(fcntl(p[1], F_SETFL, O_ASYNC | O_NONBLOCK));
        if (how & 4)
            fcntl(p[0], F_SETOWN, getpid()), fcntl(p[1], F_SETOWN, getpid());
        if (how & 8)
            fcntl(p[0], F_SETSIG, SIGRTMIN), fcntl(p[1], F_SETSIG, SIGUSR1);
        SAY(fcntl(p[0], F_GETFL) & O_ASYNC);
        transfers(p);
        close(p[how >> 1 & 1]);
        take_signals("one end closed");
        close(p[!(how >> 1 & 1)]);
        take_signals("both ends closed");
    }
    SAY(pipe2(p, O_NONBLOCK));
    int on = 1;
    SAY(ioctl(p[0], FIOASYNC, &on));
    SAY(fcntl(p[0], F_GETFL) & O_ASYNC);
    SAY(ioctl(p[0], FIOASYNC, 16));
    fcntl(p[0], F_SETOWN, getpid());
    fcntl(p[0], F_SETSIG, SIGCHLD);
    transfers(p);
    fcntl(p[0], F_SETSIG, SIGRTMIN);
    struct rlimit old, none = {0, 0};
    getrlimit(RLIMIT_SIGPENDING, &old);
    none.rlim_max = old.rlim_max;
    setrlimit(RLIMIT_SIGPENDING, &none);
    transfers(p);
    setrlimit(RLIMIT_SIGPENDING, &old);
    int copy = dup2(p[0], 50);
    close(p[0]);
    SAY(write(p[1], "x", 1));
    take_signals("a copy is left");
    close(copy);
    take_signals("none is left");
    on = 0;
    for (int i = 0; i < 3; i++) {
        fd = open(i == 0 ? "positions" : i == 1 ? "/dev/null" : ".", O_RDONLY);
        SAY(fcntl(fd, F_SETFL, O_ASYNC));
        SAY(fcntl(fd, F_GETFL) & O_ASYNC);
        SAY(ioctl(fd, FIOASYNC, &on));
        on = !on;
        SAY(ioctl(fd, FIOASYNC, &on));
    }
    mkfifo("async", 0600);
    p[0] = p[1] = fd = open("async", O_RDWR | O_NONBLOCK);
    fcntl(fd, F_SETOWN, getpid());
    fcntl(fd, F_SETSIG, SIGRTMIN + 1);
    SAY(fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK));
    transfers(p);
}

/* An owner of another user, a group, a process that has ended. */
static void others_signals(void)
{
    sigset_t all;
    int p[2], said[2];
    char b;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (int how = 0; how < 4; how++) {
        if (pipe(p) || pipe(said))
            return;
        fcntl(p[0], F_SETFL, O_ASYNC);
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            setpgid(0, 0);
            if (how == 1 && setuid(5))
                say("setuid", -1);
            if (how == 2 && setresuid(5, 0, 0))
                say("setresuid", -1);
            write(said[1], "1", 1);
            read(p[0], &b, 1);
            take_signals("child");
            fflush(stdout);
            _exit(0);
        }
        setpgid(pid, pid);
        read(said[0], &b, 1);
        if (fork() == 0) {
            if (how && how < 3 && setuid(6))
                say("setuid", -1);
            printf("%d: %d\n", how, fcntl(p[0], F_SETOWN, how ? pid : -pid));
            fflush(stdout);
            write(p[1], "x", 1);
            _exit(0);
        }
        wait(NULL);
        wait(NULL);
    }
}

/* Waits for the signal that tells of a line on the terminal, whose foreground
 * group is the owner by default. */
static void wait_for_line(void)
{
    sigset_t all;
    siginfo_t info;
    struct f_owner_ex ex;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    fcntl(0, F_SETSIG, SIGUSR1);
    fcntl(0, F_SETFL, O_ASYNC);
    fcntl(0, F_GETOWN_EX, &ex);
    printf("the group: %d; waiting\n",
           ex.type == F_OWNER_PGRP && ex.pid == getpgrp());
    int sig = sigwaitinfo(&all, &info);
    printf("line: signal %d code %d\n", sig, info.si_code);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "terminal")) {
        wait_for_line();
        return 0;
    }
    if (argc < 2 || chdir(argv[1]))
        return 2;
    umask(0);
    syscall(SYS_close_range, 3, ~0u, 0); /* a child's table is the smallest */
    dup2(open("/dev/null", O_RDONLY), 0);
    in_child("select", selects);
    in_child("select in a child", select_forked);
    in_child("select, odd sets", select_odd);
    in_child("open mode 3", open_mode_3);
    in_child("positions", positions);
    in_child("modes of links", link_modes);
    in_child("owners", owners);
    in_child("O_ASYNC", asynchronous);
    in_child("O_ASYNC of others", others_signals);
    puts("end");
    return 0;
}
