/* SPDX-License-Identifier: MIT */
/* Tests that a hostile program does no harm to the kernel or to others. */
#include "tests/test.h"

/* Calls that by design end, block or harm the caller or other processes. */
static bool excluded(int nr)
{
    switch (nr) {
    case 93:  /* exit */
    case 94:  /* exit_group */
    case 133: /* rt_sigsuspend */
    case 137: /* rt_sigtimedwait */
    case 139: /* rt_sigreturn: kills, tested below */
    case 142: /* reboot */
    case 72:  /* pselect6: sleeps */
    case 73:  /* ppoll */
    case 101: /* nanosleep: the trampoline's code, read as a time, is long */
    case 115: /* clock_nanosleep */
    case 129: /* kill */
    case 130: /* tkill */
    case 131: /* tgkill */
    case 220: /* clone */
    case 435: /* clone3 */
    case 261: /* prlimit64: could lower our stack's limit */
        return true;
    }
    return false;
}

static const u64 bad[] = {0,
                          1,
                          0xfff,
                          0x10000000000,
                          0x4000000000 - 8,
                          0x3fffffe000, /* the trampoline: not writable */
                          0xffffffc080200000,
                          ~0ul - 7,
                          0x8000000000000000};
#define NBAD ((int)(sizeof bad / sizeof bad[0]))

static volatile int first, last;

static void attack(void)
{
    for (int nr = first; nr < last; nr++) {
        if (excluded(nr))
            continue;
        for (int i = 0; i < NBAD; i++) {
            u64 p = bad[i];
            SYS6(nr, p, p, p, p, p, p);
            SYS6(nr, 0, p, 8, p, 8, p);
            SYS6(nr, p, 8, p, 8, p, 8);
            SYS6(nr, -100, p, p, 0, 0, 0);
        }
    }
}

static void bad_sigreturn(void)
{
    __asm__ volatile("li sp, 0x7000\nli a7, 139\necall");
}

void test_bad_pointers(void)
{
    /* Each call in a child of its own, since some calls legally change the
     * process (close its files, change its brk). */
    for (first = 0; first < 470; first++) {
        last = first + 1;
        s64 pid = fork();
        int status;
        if (pid == 0) {
            close(0);
            close(1);
            close(2);
            attack();
            exit(0);
        }
        check_eq(wait4(pid, &status, 0), pid);
        if ((status & 0x7f) && (status & 0x7f) != SIGSEGV) {
            printf("# system call %d: died of signal %d\n", first,
                   status & 0x7f);
            test_failures++;
        }
    }
    died_of(bad_sigreturn, SIGSEGV);
    static char buf[16];
    int fd[2];
    check_eq(SYS2(__NR_pipe2, 8, 0), -EFAULT);
    check_eq(SYS2(__NR_pipe2, fd, 0), 0);
    check_eq(write(fd[1], (void *)8, 4), -EFAULT);
    write(fd[1], "abcd", 4);
    check_eq(read(fd[0], (void *)8, 4), -EFAULT);
    check_eq(open((char *)~0ul, 0, 0), -EFAULT);
    check_eq(SYS2(__NR_clock_gettime, 1, 8), -EFAULT);
    check_eq(SYS2(__NR_nanosleep, 8, 0), -EFAULT);
    check_eq(SYS4(__NR_wait4, -1, buf, 0x10, 0), -EINVAL);
}

void test_bad_numbers(void)
{
    static const s64 unknown[] = {-1, 511, 512, 600, 1 << 20, 1ul << 62};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        check_eq(SYS0(unknown[i]), -ENOSYS);
}

static void bomb(void)
{
    s64 pid, n = 0;
    while ((pid = fork()) > 0)
        n++;
    if (pid == 0)
        for (;;)
            sleep_ms(10000);
    check_eq(pid, -EAGAIN);
    check(n > 50);
    on_signal(SIGTERM, (void *)1, 0);
    SYS2(__NR_kill, 0, SIGTERM); /* our group; we ignore it */
    while (wait4(-1, 0, 0) > 0)
        n--;
    check_eq(n, 0);
}

static void bomb_in_group(void)
{
    SYS0(__NR_setsid);
    bomb();
}

void test_fork_bomb(void)
{
    check_eq(in_child(bomb_in_group), 0);
}

static void eat_all(void)
{
    for (;;)
        dirty(anon(256), 256);
}

void test_memory_hog(void)
{
    died_of(eat_all, SIGKILL);
    check_eq(in_child(0 ? eat_all : test_bad_numbers), 0);
}
