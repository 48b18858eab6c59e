/* SPDX-License-Identifier: MIT */
/* Prints the answers of file calls whose arguments lie at an edge. limits.t
 * runs this program, like limit_calls.c, on the host and in the guest.
 * Argument: a directory to work in. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
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

int main(int argc, char **argv)
{
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
    puts("end");
    return 0;
}
