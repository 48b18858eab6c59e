/* SPDX-License-Identifier: MIT */
/* Signals for job control and interval timers: a stopped sleep continues
 * (restart_syscall), SIGCHLD carries its reason, timers tick. */
#include "tests/test.h"

#define CLD_EXITED    1
#define CLD_STOPPED   5
#define CLD_CONTINUED 6
#define SS_DISABLE    2
#define SS_ONSTACK    1

static u64 ms_since(u64 us)
{
    return (now_us() - us) / 1000;
}

/* Lets a child sleep `ms` with fn, stops it after 50 ms, and continues it
 * `stopped` ms later. Returns its wait status, 0 if fn found no error. */
static int stop_and_continue(int (*fn)(u64 ms), u64 ms, u64 stopped)
{
    int status = -1;
    s64 pid = fork();
    if (pid == 0)
        exit(fn(ms));
    sleep_ms(50);
    SYS2(__NR_kill, pid, SIGSTOP);
    check_eq(wait4(pid, &status, WUNTRACED), pid);
    check_eq(status, SIGSTOP << 8 | 0x7f);
    sleep_ms(stopped);
    SYS2(__NR_kill, pid, SIGCONT);
    check_eq(wait4(pid, &status, WCONTINUED), pid);
    check_eq(status, 0xffff);
    check_eq(wait4(pid, &status, 0), pid);
    return status;
}

static int sleeps(u64 ms)
{
    u64 start = now_us();
    s64 t[2] = {0, (s64)ms * 1000000}, left[2] = {-1, -1};
    s64 err = SYS2(__NR_nanosleep, t, left);
    u64 took = ms_since(start);
    return err != 0 ? 1 : took < ms ? 2 : too_long(took, ms + 60) ? 3 : 0;
}

static int sleeps_by_clock(u64 ms)
{
    u64 start = now_us();
    s64 t[2] = {0, (s64)ms * 1000000};
    s64 err = SYS4(__NR_clock_nanosleep, 1, 0, t, 0);
    u64 took = ms_since(start);
    return err != 0 ? 1 : took < ms ? 2 : too_long(took, ms + 60) ? 3 : 0;
}

static int sleeps_too_long(u64 ms)
{
    u64 start = now_us();
    s64 t[2] = {0, (s64)ms * 1000000};
    s64 err = SYS2(__NR_nanosleep, t, 0);
    u64 took = ms_since(start);
    return err != 0 ? 1 : took < 240 ? 2 : too_long(took, 320) ? 3 : 0;
}

void test_job_sleep(void)
{
    /* A sleep that continues before its time is over ends on time. */
    check_eq(stop_and_continue(sleeps, 300, 100), 0);
    check_eq(stop_and_continue(sleeps_by_clock, 300, 100), 0);
    /* A sleep that continues after its time is over ends at once. */
    check_eq(stop_and_continue(sleeps_too_long, 100, 200), 0);
    /* No interrupted call is left to restart. */
    check_eq(SYS0(__NR_restart_syscall), -EINTR);
}

static volatile int caught, code, status_seen, pid_seen;

static void on_child(int sig, struct siginfo *info, void *context)
{
    caught++;
    code = info->code;
    status_seen = info->status;
    pid_seen = info->pid;
}

/* Waits until a signal has been caught, 200 ms at most. */
static int caught_soon(void)
{
    for (int i = 0; i < 20 && !caught; i++)
        sleep_ms(10);
    int n = caught;
    caught = 0;
    return n;
}

static void expect_child(s64 pid, int want_code, int want_status)
{
    check_eq(caught_soon(), 1);
    check_eq(code, want_code);
    check_eq(status_seen, want_status);
    check_eq(pid_seen, pid);
}

void test_job_sigchld(void)
{
    on_signal(SIGCHLD, on_child, SA_SIGINFO | SA_RESTART);
    s64 pid = fork();
    if (pid == 0) {
        sleep_ms(10000);
        exit(0);
    }
    SYS2(__NR_kill, pid, SIGSTOP);
    expect_child(pid, CLD_STOPPED, SIGSTOP);
    SYS2(__NR_kill, pid, SIGCONT);
    expect_child(pid, CLD_CONTINUED, SIGCONT);
    /* SA_NOCLDSTOP: only the child's end sends SIGCHLD. */
    on_signal(SIGCHLD, on_child, SA_SIGINFO | SA_RESTART | SA_NOCLDSTOP);
    SYS2(__NR_kill, pid, SIGTSTP);
    check_eq(caught_soon(), 0);
    SYS2(__NR_kill, pid, SIGCONT);
    check_eq(caught_soon(), 0);
    SYS2(__NR_kill, pid, SIGTERM);
    expect_child(pid, 2 /* CLD_KILLED */, SIGTERM);
    wait4(pid, NULL, 0);
}

/* Pending stop signals and SIGCONT cancel each other. */
static void stop_cancelled(void)
{
    u64 mask = 1ul << (SIGTSTP - 1), none = 0;
    SYS4(__NR_rt_sigprocmask, 0, &mask, 0, 8);
    SYS2(__NR_kill, SYS0(__NR_getpid), SIGTSTP);
    u64 pending = 0;
    SYS2(__NR_rt_sigpending, &pending, 8);
    check_eq(pending, mask);
    SYS2(__NR_kill, SYS0(__NR_getpid), SIGCONT);
    SYS2(__NR_rt_sigpending, &pending, 8);
    check_eq(pending, 0);
    SYS4(__NR_rt_sigprocmask, 2, &none, 0, 8);
}

/* A stopped process acts on SIGKILL at once, on other signals when it
 * continues. */
void test_job_stopped(void)
{
    int status;
    check_eq(in_child(stop_cancelled), 0);
    s64 pid = fork();
    if (pid == 0)
        for (;;)
            sleep_ms(1000);
    SYS2(__NR_kill, pid, SIGSTOP);
    wait4(pid, &status, WUNTRACED);
    SYS2(__NR_kill, pid, SIGTERM);
    sleep_ms(20);
    check_eq(wait4(pid, &status, 1 /* WNOHANG */), 0);
    SYS2(__NR_kill, pid, SIGCONT);
    check_eq(wait4(pid, &status, 0), pid);
    check_eq(status, SIGTERM);
    pid = fork();
    if (pid == 0)
        for (;;)
            sleep_ms(1000);
    SYS2(__NR_kill, pid, SIGSTOP);
    wait4(pid, &status, WUNTRACED);
    SYS2(__NR_kill, pid, SIGKILL);
    check_eq(wait4(pid, &status, 0), pid);
    check_eq(status, SIGKILL);
}

struct timer {
    s64 interval[2], value[2];
};

static void on_alarm(int sig)
{
    caught++;
}

void test_job_itimer(void)
{
    struct timer t = {{0, 20000}, {0, 50000}}, old;
    s64 pause[2] = {0, 500000000};
    on_signal(SIGALRM, on_alarm, 0);
    u64 start = now_us();
    check_eq(SYS3(__NR_setitimer, 0, &t, &old), 0);
    check_eq(old.value[0] + old.value[1] + old.interval[1], 0);
    check_eq(SYS2(__NR_getitimer, 0, &old), 0);
    check(old.value[1] <= 50000 && !too_long(50000 - old.value[1], 10000));
    check_eq(old.interval[1], 20000);
    /* At 50, 70, 90, 110, 130 ms a signal ends a sleep. */
    for (int i = 0; i < 5; i++)
        check_eq(SYS2(__NR_nanosleep, pause, 0), -EINTR);
    u64 took = ms_since(start);
    check(caught >= 5 && !too_long((u64)caught, 5));
    check(took >= 129 && !too_long(took, 144));
    /* A child inherits no timer; a timer that is off sends nothing. */
    s64 pid = fork();
    if (pid == 0) {
        SYS2(__NR_getitimer, 0, &old);
        exit(old.value[0] || old.value[1]);
    }
    int status = 0;
    while (wait4(pid, &status, 0) == -EINTR)
        ;
    check_eq(status, 0);
    t = (struct timer){{0, 5}, {0, 0}};
    check_eq(SYS3(__NR_setitimer, 0, &t, &old), 0);
    check_eq(old.interval[1], 20000);
    caught = 0;
    sleep_ms(60);
    check_eq(caught, 0);
    SYS2(__NR_getitimer, 0, &old);
    check_eq(old.interval[1], 0);
    int tty = (int)open("/dev/console", O_RDONLY, 0);
    check_eq(SYS4(__NR_pread64, tty, &t, 1, 0), -ESPIPE);
    t.value[1] = 1000000;
    check_eq(SYS3(__NR_setitimer, 0, &t, 0), -EINVAL);
    check_eq(SYS3(__NR_setitimer, 3, &t, 0), -EINVAL);
}

/* Spins until `n` signals have come; returns the user time it took, in ms. */
static u64 spin_until(int n)
{
    u64 t[18], from;
    SYS2(__NR_getrusage, 0, t);
    from = t[0] * 1000000 + t[1];
    while (caught < n)
        ;
    SYS2(__NR_getrusage, 0, t);
    return (t[0] * 1000000 + t[1] - from) / 1000;
}

static void on_cpu_timer(int sig)
{
    caught++;
}

/* Timers of processor time do not run while the program sleeps. */
void test_job_cputimer(void)
{
    struct timer t = {{0, 10000}, {0, 30000}}, old;
    on_signal(SIGVTALRM, on_cpu_timer, 0);
    on_signal(SIGPROF, on_cpu_timer, 0);
    for (int which = 1; which <= 2; which++) {
        caught = 0;
        check_eq(SYS3(__NR_setitimer, which, &t, 0), 0);
        sleep_ms(100);
        check(!too_long((u64)caught, 0));
        SYS2(__NR_getitimer, which, &old);
        check(old.value[1] <= 30000 && !too_long(30000 - old.value[1], 5000));
        u64 took = spin_until(4); /* 30, 40, 50, 60 ms of work */
        check(!too_long(55, took) && !too_long(took, 62));
        struct timer off = {{0, 0}, {0, 0}};
        check_eq(SYS3(__NR_setitimer, which, &off, &old), 0);
        check_eq(old.interval[1], 10000);
    }
    /* While another process runs, too, only the program's own time counts. */
    s64 pid = fork();
    if (pid == 0)
        for (;;)
            ;
    caught = 0;
    t = (struct timer){{0, 0}, {0, 50000}};
    u64 start = now_us();
    SYS3(__NR_setitimer, 1, &t, 0);
    u64 took = spin_until(1);
    check(!too_long(48, took) && !too_long(took, 55));
    check(!too_long(80, ms_since(start)));
    SYS2(__NR_kill, pid, SIGKILL);
    wait4(pid, NULL, 0);
}

struct stack {
    void *sp;
    s32 flags, pad;
    u64 size;
};
static char other_stack[16384] __attribute__((aligned(16)));
static volatile s64 inside;

static bool on_other_stack(void)
{
    char here;
    return &here > other_stack && &here < other_stack + sizeof other_stack;
}

static void on_usr1(int sig)
{
    struct stack s = {other_stack, 0, 0, sizeof other_stack}, old;
    SYS2(__NR_sigaltstack, 0, &old);
    check_eq(old.flags, SS_ONSTACK);
    check_eq(SYS2(__NR_sigaltstack, &s, 0), -EPERM); /* not while on it */
    inside += on_other_stack();
    if (inside == 1) /* a nested handler runs on the same stack */
        SYS2(__NR_kill, SYS0(__NR_getpid), SIGUSR2);
}

static void on_usr2(int sig)
{
    inside += on_other_stack() ? 10 : 100;
}

void test_job_altstack(void)
{
    struct stack s = {other_stack, 0, 0, sizeof other_stack}, old;
    struct stack small = {other_stack, 0, 0, 1024};
    check_eq(SYS2(__NR_sigaltstack, &s, &old), 0);
    check_eq(old.flags, SS_DISABLE);
    check_eq(SYS2(__NR_sigaltstack, &small, 0), -ENOMEM);
    on_signal(SIGUSR1, on_usr1, SA_ONSTACK);
    on_signal(SIGUSR2, on_usr2, SA_ONSTACK);
    SYS2(__NR_kill, SYS0(__NR_getpid), SIGUSR1);
    check_eq(inside, 11);
    on_signal(SIGUSR2, on_usr2, 0); /* without the flag: the usual stack */
    SYS2(__NR_kill, SYS0(__NR_getpid), SIGUSR2);
    check_eq(inside, 111);
    s.flags = SS_DISABLE;
    check_eq(SYS2(__NR_sigaltstack, &s, 0), 0);
    on_signal(SIGUSR2, on_usr2, SA_ONSTACK); /* it is off: the usual stack */
    SYS2(__NR_kill, SYS0(__NR_getpid), SIGUSR2);
    check_eq(inside, 211);
}
