/* SPDX-License-Identifier: MIT */
/* Shows a disk's errors as a program sees them (tests/guest/disk_errors.t).
 *
 *   disk_errors CALLS FILE
 *
 * Prints FILE's name, the letters of CALLS with their results (a number, or the
 * name of the error or signal), and the first three bytes in FILE. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE 4096

static sigjmp_buf back;
static int ills;
extern const char touch_begin[], touch_end[];

/* Reads *p between two labels. */
static char touch(volatile char *p)
{
    char c;
    __asm__ volatile("touch_begin: lbu %0, %1\ntouch_end:" : "=r"(c) : "m"(*p));
    return c;
}

static void ill(int sig)
{
    (void)sig;
    ills++;
}

/* While the read of a page waits for the disk, another process sends SIGILL. */
static char touch_meanwhile(volatile char *p)
{
    pid_t parent = getpid();
    signal(SIGILL, ill);
    if (fork() == 0)
        _exit((int)syscall(SYS_tgkill, parent, parent, SIGILL));
    return touch(p);
}

static void bus(int sig, siginfo_t *info, void *context)
{
    const char *pc = (char *)((ucontext_t *)context)->uc_mcontext.__gregs[0];
    (void)sig;
    printf("SIGBUS%s", info->si_code == BUS_ADRERR ? "" : "?");
    if (ills)
        printf(" after SIGILL, %s", pc == touch_begin ? "here" : "elsewhere");
    ills = 0;
    siglongjmp(back, 1);
}

int main(int argc, char **argv)
{
    static char buf[PAGE];
    static volatile long at, r; /* kept over siglongjmp */
    struct sigaction sa = {.sa_sigaction = bus, .sa_flags = SA_SIGINFO};
    if (argc != 3 || sigaction(SIGBUS, &sa, NULL))
        return 2;
    int fd = open(argv[2], O_RDWR), other = open(argv[2], O_RDONLY);
    int out = open("/tmp/out", O_WRONLY | O_CREAT, 0600);
    char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    printf("%s:", argv[2]);
    for (const char *c = argv[1]; *c; c++) {
        printf(" %c=", *c);
        if (sigsetjmp(back, 1))
            continue;
        r = *c == 'n'   ? at += PAGE
            : *c == 'r' ? pread(fd, buf, PAGE, at)
            : *c == 't' ? *(volatile char *)(p + at)
            : *c == 'b' ? write(out, p + at, 10) /* EFAULT: bad page */
            : *c == 'w' ? pwrite(fd, "x", 1, 0)
            : *c == 'y' ? p[1] = 'y'
            : *c == 'm' ? msync(p, PAGE, MS_SYNC)
            : *c == 'f' ? fsync(fd)
            : *c == 'o' ? fsync(other)
            : *c == 'i' ? touch_meanwhile(p + at)
            : *c == 'd' ? fdatasync(fd)
            : *c == 'S' ? syncfs(fd)
            : *c == 'a' ? sync_file_range(fd, 0, 0, 7)
                        : pwrite(open(argv[2], O_WRONLY | O_DSYNC), "z", 1, 2);
        if (r < 0)
            printf("%s", strerrorname_np(errno));
        else
            printf("%ld", r);
    }
    printf(" %.3s\n", p);
    return 0;
}
