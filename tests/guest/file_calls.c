/* SPDX-License-Identifier: MIT */
/* Makes file calls that the ordinary commands do not make, with and without
 * errors, and prints a line for each result. qemu_files.t compiles this program
 * for the host and for the guest; both must print the same lines. Arguments: a
 * directory to work in, and optionally `ordinary`, which makes root give up its
 * rights first (ordinary.h). */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/mount.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>
#include "ordinary.h"
#include "says.h"

#define SAY(call) say(#call, (long)(call))

static void vectors(void)
{
    char a[4], b[8], c[16] = "";
    struct iovec w[3] = {{"one ", 4}, {"", 0}, {"two three", 9}};
    struct iovec r[3] = {{a, 4}, {b, 8}, {c, 16}};
    int fd = open("v", O_RDWR | O_CREAT | O_TRUNC, 0644);

    SAY(writev(fd, w, 3));
    SAY(lseek(fd, 0, SEEK_SET));
    SAY(readv(fd, r, 3));
    printf("[%.4s][%.8s][%s]\n", a, b, c);
    SAY(preadv(fd, r, 2, 5));
    printf("[%.4s][%.8s]\n", a, b);
    SAY(pwrite(fd, "XYZ", 3, 2));
    SAY(pread(fd, b, 8, 0));
    printf("[%.8s]\n", b);
    SAY(lseek(fd, 0, SEEK_CUR));
    SAY(pread(fd, b, 8, 100));
    SAY(pread(fd, b, 8, -1));
    SAY(readv(fd, r, -1));
    SAY(readv(fd, r, 2000));
    SAY(read(-1, b, 1));
    SAY(read(fd, b, 0));
    SAY(lseek(fd, -1, SEEK_SET));
    SAY(lseek(fd, 5, SEEK_END));
    SAY(write(fd, "end", 3));
    SAY(lseek(fd, 0, 99));
    SAY(ftruncate(fd, 4));
    SAY(ftruncate(fd, -1));
    SAY(ftruncate(-1, -1));
    SAY(truncate("missing", -1));
    SAY(lseek(fd, 0, SEEK_END));
    SAY(close(fd));
    SAY(close(fd));
    fd = open("v", O_WRONLY | O_APPEND);
    SAY(write(fd, "app", 3));
    SAY(lseek(fd, 0, SEEK_CUR));
    SAY(read(fd, b, 1));
    SAY(fcntl(fd, F_GETFL));
    SAY(fcntl(fd, F_SETFL, O_NONBLOCK));
    SAY(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
    close(fd);
}

static void descriptors(void)
{
    int fd = open("v", O_RDONLY), other;
    char c;

    SAY((other = dup(fd)) > fd);
    SAY(fcntl(fd, F_DUPFD, 50));
    SAY(fcntl(50, F_GETFD));
    SAY(fcntl(fd, F_DUPFD_CLOEXEC, 50));
    SAY(fcntl(51, F_GETFD));
    SAY(fcntl(51, F_SETFD, 0));
    SAY(fcntl(51, F_GETFD));
    SAY(dup3(fd, 60, O_CLOEXEC));
    SAY(fcntl(60, F_GETFD));
    SAY(dup3(fd, fd, 0));
    SAY(dup3(fd, 60, O_APPEND));
    SAY(dup2(fd, fd) == fd);
    SAY(dup2(999, 3));
    SAY(dup2(fd, 100000000));
    SAY(fcntl(fd, F_DUPFD, 100000000));
    SAY(fcntl(999, F_GETFD));
    /* Copies share one position. */
    SAY(read(fd, &c, 1));
    SAY(lseek(other, 0, SEEK_CUR));
    SAY(syscall(SYS_close_range, 50, 60, 0));
    SAY(fcntl(51, F_GETFD));
    SAY(syscall(SYS_close_range, 60, 50, 0));
    int n = 0;
    SAY(ioctl(fd, FIONREAD, &n));
    SAY(n);
    lseek(fd, 1 << 20, SEEK_SET);
    SAY(ioctl(fd, FIONREAD, &n));
    SAY(n);
    lseek(fd, 1, SEEK_SET);
    SAY(ioctl(fd, TCGETS, &n));
    SAY(ioctl(fd, FIOCLEX));
    SAY(fcntl(fd, F_GETFD));
    SAY(fsync(fd));
    SAY(fsync(999));
    SAY(posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED));
    close(fd);
    close(other);
}

static void names(void)
{
    struct stat st, st2;
    char buf[64] = "";
    int dir, fd;

    SAY(mkdir("dir", 0777));
    dir = open("dir", O_RDONLY | O_DIRECTORY);
    SAY((fd = openat(dir, "in", O_CREAT | O_EXCL | O_RDWR, 0600)) > 0);
    SAY(openat(dir, "in", O_CREAT | O_EXCL | O_RDWR, 0600));
    char longest[320];
    snprintf(longest, sizeof longest, "dir/in/%0299d", 0);
    SAY(open(longest, O_RDONLY));
    SAY(fstatat(dir, "in", &st, 0));
    printf("mode %o nlink %d size %ld\n", st.st_mode, (int)st.st_nlink,
           (long)st.st_size);
    SAY(fstatat(fd, "", &st2, AT_EMPTY_PATH));
    SAY(st.st_ino == st2.st_ino && st.st_dev == st2.st_dev);
    SAY(openat(fd, "x", O_RDONLY));
    SAY(openat(999, "x", O_RDONLY));
    SAY(open("dir", O_WRONLY));
    SAY(open("dir", O_RDWR | O_CREAT, 0600));
    SAY(open("v", O_RDONLY | O_DIRECTORY));
    SAY(open("", O_RDONLY));
    SAY(open("v/x", O_RDONLY));
    SAY(open("no/x", O_CREAT | O_RDWR, 0600));
    SAY(linkat(dir, "in", AT_FDCWD, "linked", 0));
    SAY(link("dir", "dirlink"));
    SAY(fstat(fd, &st));
    SAY(st.st_nlink);
    SAY(syscall(SYS_renameat2, AT_FDCWD, "linked", AT_FDCWD, "v", 1));
    SAY(rename("linked", "v/"));
    SAY(rename("nothing", "v"));
    SAY(rename("dir", "v"));
    SAY(rename("v", "dir"));
    SAY(rename("dir", "dir/sub"));
    SAY(rename("v", "v"));
    SAY(rename("dir/.", "x"));
    SAY(unlink("dir"));
    SAY(rmdir("v"));
    SAY(rmdir("dir"));
    SAY(rmdir("dir/."));
    SAY(unlink("v/"));
    SAY(unlink("linked"));
    SAY(mkdir("dir/", 0777));
    SAY(mkdir("slash/", 0777));
    SAY(rmdir("slash/"));
    SAY(mkdir("", 0777));
    SAY(symlink("", "empty"));
    SAY(symlink("dir", "tolink"));
    SAY(open("tolink", O_RDONLY | O_NOFOLLOW));
    SAY((fd = open("tolink", O_PATH | O_NOFOLLOW)) > 0);
    SAY(readlinkat(fd, "", buf, sizeof buf));
    SAY(read(fd, buf, 1));
    SAY(fstat(fd, &st));
    SAY(S_ISLNK(st.st_mode));
    SAY(readlink("", buf, sizeof buf));
    SAY(umount2("none", 0x100));
    SAY(readlink("dir", buf, sizeof buf));
    SAY(readlink("tolink", buf, 2));
    SAY(readlink("tolink", buf, 0));
    SAY(access("v", R_OK | W_OK));
    SAY(access("v", X_OK));
    SAY(access("dir", X_OK));
    SAY(access("none", F_OK));
    SAY(faccessat(AT_FDCWD, "tolink", F_OK, AT_SYMLINK_NOFOLLOW));
    SAY(fchdir(dir));
    SAY(access("in", F_OK));
    SAY(chdir("../v"));
    SAY(chdir(".."));
    char *cwd = getcwd(NULL, 0);
    printf("%s\n", strrchr(cwd, '/'));
    SAY(syscall(SYS_getcwd, buf, 1));
    SAY(umask(027));
    SAY(umask(022));
    SAY(mknod("fifo", S_IFIFO | 0644, 0));
    SAY(mknod("reg", S_IFREG | 0644, 0));
    SAY(chmod("reg", 04711));
    SAY(stat("reg", &st));
    printf("%o\n", st.st_mode);
    SAY(truncate("reg", 12345));
    SAY(truncate("dir", 0));
    SAY(truncate("reg", -5));
    close(dir);
}

/* Makes calls with names that end in dots, slashes or symbolic links. */
static void last_components(void)
{
    static const char *const last[] = {"d/.", "d/..", "d/e/..", ".",  "./",
                                       "l",   "l/",   "l/.",    "f/", "f/.",
                                       "no/", "no/.", "../",    ".."};
    char what[99];
    mkdir("last", 0777);
    if (chdir("last") || mkdir("d", 0777) || mkdir("d/e", 0777) ||
        symlink("d/..", "l") || mknod("f", S_IFREG | 0600, 0))
        say("names", -1);
#define TRY(call) snprintf(what, sizeof what, "%s: " #call, n), ok(what, call)
    for (unsigned i = 0; i < sizeof last / sizeof *last; i++) {
        const char *n = last[i];
        TRY(rmdir(n));
        TRY(unlink(n));
        TRY(mkdir(n, 0777));
        TRY(symlink("x", n));
        TRY(link("f", n));
        TRY(rename(n, "new"));
        TRY(rename("d", n));
        TRY(rename("f", n));
        TRY(renameat2(AT_FDCWD, "f", AT_FDCWD, n, RENAME_NOREPLACE));
        TRY(open(n, O_CREAT | O_WRONLY, 0600));
        TRY(open(n, O_CREAT | O_EXCL | O_WRONLY, 0600));
    }
}

static void times(void)
{
    struct timespec t[2] = {{1000, 5}, {2000, 999999999}};
    struct stat st;
    struct statx sx;

    SAY(utimensat(AT_FDCWD, "reg", t, 0));
    SAY(stat("reg", &st));
    printf("%ld.%09ld %ld.%09ld\n", st.st_atim.tv_sec, st.st_atim.tv_nsec,
           st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    t[0].tv_nsec = UTIME_OMIT;
    t[1] = (struct timespec){3000, 0};
    SAY(utimensat(AT_FDCWD, "reg", t, 0));
    t[1].tv_nsec = 1000000000;
    SAY(utimensat(AT_FDCWD, "reg", t, 0));
    SAY(statx(AT_FDCWD, "reg", 0, STATX_BASIC_STATS, &sx));
    printf("%lld %lld %o %llu %d\n", (long long)sx.stx_atime.tv_sec,
           (long long)sx.stx_mtime.tv_sec, sx.stx_mode,
           (unsigned long long)sx.stx_size, sx.stx_nlink);
    SAY(statx(AT_FDCWD, "none", 0, 0, &sx));
    SAY(statx(AT_FDCWD, "reg", 0x80000, 0, &sx));
    SAY(statx(AT_FDCWD, "reg", AT_STATX_SYNC_TYPE, 0, &sx));
    SAY(statx(AT_FDCWD, "none", 0, STATX__RESERVED, &sx));
    t[0].tv_nsec = t[1].tv_nsec = UTIME_OMIT;
    SAY(utimensat(AT_FDCWD, "none", t, 0x4000));
    int fd = open("reg", O_RDONLY);
    SAY(futimens(fd, NULL));
    close(fd);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lists a directory in small pieces, then while removing entries, then anew. */
static void listing(void)
{
    char name[32], *seen[64];
    struct dirent *e;
    int n = 0, kinds = 0;

    mkdir("list", 0755);
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "list/entry %d", i);
        close(open(name, O_CREAT | O_WRONLY, 0600));
    }
    char tiny[20];
    int fd = open("list", O_RDONLY);
    SAY(syscall(SYS_getdents64, fd, tiny, sizeof tiny));
    char some[120];
    int calls = 0;
    long got, total = 0;
    while ((got = syscall(SYS_getdents64, fd, some, sizeof some)) > 0) {
        calls++;
        for (long at = 0; at < got; total++)
            at += *(unsigned short *)(some + at + 16);
    }
    printf("%ld entries, many calls: %d\n", total, calls > 10);
    close(fd);
    DIR *d = opendir("list");
    while ((e = readdir(d))) {
        seen[n++] = strdup(e->d_name);
        kinds += e->d_type == (e->d_name[0] == '.' ? DT_DIR : DT_REG);
        if (e->d_name[0] != '.' && n % 2) {
            snprintf(name, sizeof name, "list/%.20s", e->d_name);
            unlink(name);
        }
    }
    qsort(seen, n, sizeof *seen, compare);
    int repeated = 0;
    for (int i = 1; i < n; i++)
        repeated += !strcmp(seen[i - 1], seen[i]);
    printf("%d seen, %d repeated, %d of the right kind\n", n, repeated, kinds);
    rewinddir(d);
    for (n = 0; readdir(d); n++)
        ;
    printf("%d left\n", n);
    closedir(d);
}

/* A failed read of a pipe takes no bytes out, not even at a page's start. */
static void bad_readers(void)
{
    char out[5000], in[5000] = "", *bad = (char *)16;
    int p[2];
    for (int i = 0; i < 5000; i++)
        out[i] = (char)('a' + i % 26);
    SAY(pipe(p));
    SAY(write(p[1], out, 5000));
    SAY(read(p[0], bad, 5000));
    SAY(read(p[0], in, 4096));
    SAY(read(p[0], bad, 1));
    SAY(read(p[0], in + 4096, 904));
    SAY(memcmp(in, out, 5000));
    close(p[0]);
    close(p[1]);
}

static void pipes(void)
{
    char buf[70000];
    int p[2], n;

    memset(buf, 'p', sizeof buf);
    signal(SIGPIPE, SIG_IGN);
    SAY(pipe2(p, O_NONBLOCK));
    SAY(read(p[0], buf, 1));
    SAY(write(p[1], buf, 70000));
    SAY(write(p[1], buf, 1));
    SAY(ioctl(p[0], FIONREAD, &n));
    SAY(n);
    struct pollfd f[2] = {{p[0], POLLIN, 0}, {p[1], POLLOUT, 0}};
    SAY(poll(f, 2, 0));
    printf("%x %x\n", f[0].revents, f[1].revents);
    SAY(read(p[0], buf, 70000));
    SAY(poll(f, 2, 0));
    printf("%x %x\n", f[0].revents, f[1].revents);
    SAY(lseek(p[0], 0, SEEK_SET));
    SAY(pread(p[0], buf, 1, 0));
    SAY(write(p[0], buf, 1));
    SAY(write(p[1], buf, 65000)); /* less than PIPE_BUF is left */
    SAY(poll(f + 1, 1, 0));
    SAY(read(p[0], buf, 70000));
    SAY(write(p[1], "last", 4));
    close(p[1]);
    SAY(poll(f, 1, 0));
    printf("%x\n", f[0].revents);
    SAY(read(p[0], buf, 100));
    SAY(read(p[0], buf, 100));
    SAY(poll(f, 1, 0));
    printf("%x\n", f[0].revents);
    close(p[0]);
    SAY(pipe2(p, 0));
    close(p[0]);
    SAY(write(p[1], "x", 1));
    f[1].fd = p[1];
    SAY(poll(f + 1, 1, 0));
    printf("%x\n", f[1].revents);
    close(p[1]);
    SAY(pipe2(p, 0x40000000));
    SAY(open("fifo", O_WRONLY | O_NONBLOCK));
    int r = open("fifo", O_RDONLY | O_NONBLOCK);
    SAY(r >= 0);
    f[0].fd = r;
    SAY(poll(f, 1, 0)); /* no hangup: there was no writer */
    SAY(read(r, buf, 1));
    int w = open("fifo", O_WRONLY | O_NONBLOCK);
    SAY(write(w, "fifo", 4));
    SAY(read(r, buf, 10));
    SAY(read(r, buf, 10));
    close(w);
    SAY(read(r, buf, 10));
    SAY(poll(f, 1, 0));
    close(r);
}

static void waiting(void)
{
    struct pollfd bad = {999, POLLIN, 0}, off = {-1, POLLIN, 7};
    struct timespec zero = {0, 0}, some = {0, 30000000};
    int p[2];
    fd_set in, out;

    SAY(poll(&bad, 1, -1));
    SAY(bad.revents);
    SAY(poll(&off, 1, 0));
    SAY(off.revents);
    SAY(poll(NULL, 0, 10));
    pipe(p);
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(p[0], &in);
    FD_SET(p[1], &out);
    SAY(pselect(p[1] + 1, &in, &out, NULL, &zero, NULL));
    SAY(FD_ISSET(p[0], &in));
    SAY(FD_ISSET(p[1], &out) != 0);
    struct timespec left = {9, 0}; /* Linux changes it; glibc hides that */
    struct pollfd w = {p[1], POLLOUT, 0};
    SAY(syscall(SYS_pselect6, p[1] + 1, NULL, &out, NULL, &left, NULL));
    SAY(left.tv_sec);
    left.tv_sec = 7;
    SAY(syscall(SYS_ppoll, &w, 1, &left, NULL, 0));
    SAY(left.tv_sec);
    FD_SET(p[0], &in);
    SAY(pselect(p[0] + 1, &in, NULL, NULL, &some, NULL));
    SAY(FD_ISSET(p[0], &in));
    if (fork() == 0) {
        usleep(20000);
        write(p[1], "w", 1);
        _exit(0);
    }
    close(p[1]);
    struct pollfd f = {p[0], POLLIN, 0};
    char c;
    SAY(poll(&f, 1, 5000));
    printf("%d\n", (f.revents & POLLIN) != 0);
    SAY(read(p[0], &c, 1));
    SAY(read(p[0], &c, 1));
    wait(NULL);
    FD_ZERO(&in);
    FD_SET(200, &in);
    int high = dup2(p[0], 201);
    SAY(high);
    SAY(pselect(201, &in, NULL, NULL, &zero, NULL));
    close(201);
    unsigned long far[32] = {[1500 / 64] = 1ul << 1500 % 64};
    struct rlimit most = {2048, 2048};
    SAY(setrlimit(RLIMIT_NOFILE, &most));
    dup2(p[0], 1501);
    SAY(syscall(SYS_pselect6, 1501, far, NULL, NULL, &zero, NULL));
    SAY(dup2(p[0], 1500));
    SAY(syscall(SYS_pselect6, 1501, far, NULL, NULL, &zero, NULL));
    close(p[0]);
}

static void copying(void)
{
    char buf[100];
    int in = open("src", O_RDWR | O_CREAT | O_TRUNC, 0600), p[2];
    int out = open("dst", O_RDWR | O_CREAT | O_TRUNC, 0600);
    off_t at = 3;

    for (int i = 0; i < 5000; i++)
        write(in, "0123456789", 10);
    SAY(sendfile(out, in, &at, 40000));
    SAY(at);
    SAY(lseek(in, 0, SEEK_CUR));
    SAY(lseek(in, 49995, SEEK_SET));
    SAY(sendfile(out, in, NULL, 100));
    SAY(lseek(in, 0, SEEK_CUR));
    SAY(lseek(out, 0, SEEK_END));
    SAY(pread(out, buf, 10, 39997));
    printf("%.8s\n", buf);
    lseek(in, 0, SEEK_SET);
    SAY(sendfile(in, in, NULL, 30000));
    SAY(lseek(in, 0, SEEK_CUR));
    pipe(p);
    lseek(in, 49995, SEEK_SET);
    SAY(sendfile(p[1], in, NULL, 10));
    SAY(sendfile(out, p[0], NULL, 10));
    at = -1;
    SAY(sendfile(out, p[0], &at, 1));
    SAY(sendfile(out, in, &at, 1));
    SAY(sendfile(p[0], in, NULL, 0));
    SAY(sendfile(out, p[1], NULL, 0));
    SAY(sendfile(out, in, NULL, 0));
    SAY(sendfile(-1, in, (off_t *)16, 0));
    close(p[0]);
    close(p[1]);
    SAY(fallocate(out, 0, 50000, 20000));
    SAY(lseek(out, 0, SEEK_END));
    SAY(pread(out, buf, 2, 60000));
    SAY(buf[0]);
    SAY(fallocate(out, FALLOC_FL_KEEP_SIZE, 0, 200000));
    struct stat st;
    SAY(fstat(out, &st));
    printf("%ld bytes, %ld blocks\n", (long)st.st_size, (long)st.st_blocks);
    SAY(fallocate(out, 0, -1, 5));
    SAY(fallocate(out, 0, 5, 0));
    SAY(fallocate(open("dst", O_RDONLY), 0, 0, 5));
    SAY(fallocate(999, 0, 0, 5));
    SAY(fallocate(out, 0, 0x7fffffffffffffff, 5));
    SAY(flock(in, LOCK_EX));
    int again = open("src", O_RDONLY);
    SAY(flock(again, LOCK_SH | LOCK_NB));
    SAY(flock(in, LOCK_SH));
    SAY(flock(again, LOCK_SH | LOCK_NB));
    SAY(flock(again, LOCK_EX | LOCK_NB));
    close(in);
    SAY(flock(again, LOCK_EX | LOCK_NB));
    SAY(flock(again, 77));
    close(again);
    close(out);
}

/* Makes calls that not all files support; files of /proc have no xattrs. */
static void kinds(void)
{
    const char *path[] = {"src", "list", "/dev/null", "/proc/version", "src"};
    char b[8];
    int p[2], fd;
    pipe(p);
    for (int i = 0; i < 6; i++) {
        fd = i < 5 ? open(path[i], i == 4 ? O_PATH : O_RDONLY) : p[0];
        SAY(lseek(fd, 0, SEEK_CUR));
        SAY(fsync(fd));
        SAY(sync_file_range(fd, 0, 0, 0));
        SAY(syncfs(fd));
        SAY(posix_fadvise(fd, 0, -(i % 2), POSIX_FADV_NORMAL));
        SAY(readahead(fd, 0, 0));
        SAY(fcntl(fd, F_SETFL, O_APPEND));
    }
    SAY(futimens(open("src", O_PATH), NULL));
    SAY(open("/proc/self", O_DIRECTORY | O_NOFOLLOW));
    SAY(readahead(open("src", O_WRONLY), 0, 0));
    for (long i = 0; i < 12; i++) {
        const char *name = i % 3 == 1 ? "/proc/self" : "/proc/version";
        long at = i % 3 < 2 ? (long)name : open(name, O_RDONLY);
        SAY(syscall(SYS_setxattr + i, at, "system.a", b, sizeof b, 0));
    }
}

static long lock(int fd, int cmd, short type, long from, long len)
{
    struct flock l = {.l_type = type, .l_start = from, .l_len = len};
    return fcntl(fd, cmd, &l) ? -1 : l.l_start * 1000 + l.l_len;
}

/* F_GETLK reports the lowest conflicting lock of the first owner to lock. */
static void conflicts(void)
{
    const long from[] = {100, 50, 75, 60, 0, 40};
    int fd[2] = {open("src", O_RDWR), open("src", O_RDWR)};
    for (int i = 0; i < 6; i++)
        lock(fd[i / 4], F_OFD_SETLK, F_RDLCK, from[i], 10);
    SAY(lock(fd[0], F_GETLK, F_WRLCK, 0, 0));
    SAY(lock(fd[0], F_GETLK, F_WRLCK, 0, 50));
    SAY(lock(fd[0], F_GETLK, F_WRLCK, 72, 0));
}

static volatile sig_atomic_t bus;
static void on_bus(int sig)
{
    (void)sig;
    bus++;
    _exit(44);
}

static void mapping(void)
{
    int fd = open("map", O_RDWR | O_CREAT | O_TRUNC, 0600), status;
    char buf[16] = "";

    ftruncate(fd, 10000);
    char *m = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    SAY(m == MAP_FAILED);
    memcpy(m + 4090, "across pages", 12);
    SAY(pread(fd, buf, 12, 4090));
    printf("%s\n", buf);
    SAY(pwrite(fd, "WRITTEN", 7, 4094));
    printf("%.12s\n", m + 4090);
    char *priv = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    memcpy(priv + 4090, "private", 7);
    printf("%.12s|%.12s\n", m + 4090, priv + 4090);
    SAY(ftruncate(fd, 4092));
    SAY(ftruncate(fd, 8192));
    printf("%d %d\n", m[4091], m[4092]);
    fflush(stdout);
    SAY(ftruncate(fd, 100));
    fflush(stdout);
    if (fork() == 0) { /* beyond the end: SIGBUS */
        signal(SIGBUS, on_bus);
        m[5000] = 1;
        _exit(0);
    }
    wait(&status);
    SAY(WEXITSTATUS(status));
    int ro = open("map", O_RDONLY);
    SAY(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, ro, 0) == MAP_FAILED);
    SAY(errno == EACCES);
    SAY(mmap(NULL, 4096, PROT_READ, MAP_SHARED, ro, 100) == MAP_FAILED);
    char *again = mmap(NULL, 4096, PROT_READ, MAP_SHARED, ro, 0);
    close(ro);
    close(fd);
    unlink("map");
    m[0] = 'u'; /* the mapping keeps the file alive */
    printf("%c\n", again[0]);
    munmap(m, 12288);
    int zero = open("/dev/zero", O_RDWR);
    char *z = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, zero, 0);
    SAY(z == MAP_FAILED);
    SAY(z[100]++ + z[101]);
    int null = open("/dev/null", O_RDWR);
    SAY(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, null, 0) == MAP_FAILED);
    SAY(write(null, buf, 16));
    SAY(read(null, buf, 16));
    SAY(read(zero, buf, 16));
    int full = open("/dev/full", O_RDWR);
    SAY(write(full, buf, 1));
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    umask(022);
    if (argc < 2 || chdir(argv[1]) || (argc > 2 && !become_ordinary()))
        return 2;
    vectors();
    descriptors();
    names();
    times();
    listing();
    pipes();
    bad_readers();
    waiting();
    copying();
    kinds();
    conflicts();
    mapping();
    in_child("last components", last_components);
    printf("end\n");
    return 0;
}
