/* SPDX-License-Identifier: MIT */
/* What programs learn of a disk that fails (tests/guest/disk_errors.t).
 *
 *   disk_errors STEP FILE...
 *
 * Each step prints its name, FILE and the results of its calls: 0 or more, or
 * the name of the error or signal. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096

static sigjmp_buf back;
static int code;

static void bus(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    code = info->si_code;
    siglongjmp(back, 1);
}

static void say(const char *what, long result)
{
    if (result >= 0)
        printf(" %s=%ld", what, result);
    else
        printf(" %s=%s", what, errno == EIO ? "EIO" : strerror(errno));
}

/* Touches a byte of a mapping. */
static void touch(const char *what, volatile char *p, int write)
{
    struct sigaction sa = {.sa_sigaction = bus, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &sa, NULL);
    if (sigsetjmp(back, 1)) {
        printf(" %s=SIGBUS/%s", what, code == BUS_ADRERR ? "ADRERR" : "?");
        return;
    }
    if (write)
        *p = 'w';
    printf(" %s=%d", what, *p);
}

static void *map(int fd, size_t n)
{
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        exit(3);
    return p;
}

/* Reads each page by read() and through a mapping; a system call reads one into
 * a bad page. */
static void reads(int fd, const char *name)
{
    static char buf[PAGE];
    char *p = map(fd, 4 * PAGE);
    int out = open("/tmp/out", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    for (int i = 0; i < 4; i++) {
        say("read", pread(fd, buf, PAGE, i * PAGE));
        touch("touch", p + i * PAGE, 0);
    }
    say("write", write(out, p + PAGE, 10));
    (void)name;
}

static void syncs(int fd, const char *name)
{
    int other = open(name, O_RDONLY);
    char *p = map(fd, PAGE);
    say("write", pwrite(fd, "x", 1, 0));
    say("fsync", fsync(fd));
    say("again", fsync(fd));
    say("other", fsync(other));
    p[1] = 'y';
    say("msync", msync(p, PAGE, MS_SYNC));
    say("again", msync(p, PAGE, MS_SYNC));
    say("write", pwrite(fd, "z", 1, 2));
    say("fdatasync", fdatasync(fd));
    int dsync = open(name, O_WRONLY | O_DSYNC);
    say("dsync", pwrite(dsync, "z", 1, 3));
    printf(" bytes=%.4s", p);
}

static void asks(int fd, const char *name)
{
    (void)name;
    say("fsync", fsync(fd));
    say("again", fsync(fd));
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*fn)(int, const char *);
    } steps[] = {{"reads", reads}, {"syncs", syncs}, {"asks", asks}};
    for (int k = 2; k < argc; k++)
        for (unsigned i = 0; i < sizeof steps / sizeof *steps; i++) {
            if (strcmp(steps[i].name, argv[1]))
                continue;
            int fd = open(argv[k], O_RDWR | O_CREAT, 0600);
            printf("%s %s:", argv[1], argv[k]);
            if (fd < 0)
                say("open", -1);
            else
                steps[i].fn(fd, argv[k]);
            printf("\n");
            fflush(stdout);
        }
    return 0;
}
