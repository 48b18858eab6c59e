/* SPDX-License-Identifier: MIT */
/* Processes: exec, wait, pipes, time, registers across switches. */
#include "tests/test.h"

#include <linux/futex.h>

void test_kill_child(void)
{
    int status;
    s64 pid = fork();
    if (pid == 0)
        exit(37);
    check_eq(wait4(pid, &status, 0), pid);
    check_eq(status, 37 << 8);
    pid = fork();
    if (pid == 0)
        for (;;)
            sleep_ms(1000);
    check_eq(wait4(pid, &status, WNOHANG), 0);
    check_eq(SYS2(__NR_kill, pid, SIGTERM), 0);
    check_eq(wait4(-1, &status, 0), pid);
    check_eq(status, SIGTERM);
    check_eq(wait4(-1, &status, 0), -ECHILD);
    check_eq(SYS2(__NR_kill, 30000, 0), -ESRCH);
    check_eq(SYS2(__NR_kill, 1, 65), -EINVAL);
}

void test_wait_for_one(void)
{
    int status;
    s64 early = fork();
    if (early == 0)
        exit(1);
    s64 late = fork();
    if (late == 0) {
        sleep_ms(20);
        exit(2);
    }
    check_eq(wait4(late, &status, 0), late);
    check_eq(status, 2 << 8);
    check_eq(wait4(late, &status, 0), -ECHILD);
    check_eq(wait4(early, &status, 0), early);
    check_eq(status, 1 << 8);
}

void test_futex_wakes(void)
{
    u32 *shared = mmap(0, PAGE, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;
    for (int i = 0; i < 3; i++)
        if (fork() == 0)
            exit(-(int)SYS4(__NR_futex, &shared[0], FUTEX_WAIT, 0, 0));
    sleep_ms(50); /* all three wait */
    check_eq(SYS4(__NR_futex, &shared[1], FUTEX_WAKE, 9, 0), 0);
    check_eq(SYS4(__NR_futex, &shared[1], 0x1000 | FUTEX_WAKE, 9, 0), -ENOSYS);
    check_eq(SYS4(__NR_futex, &shared[0], FUTEX_WAKE, 2, 0), 2);
    check(wait4(-1, &status, 0) > 0);
    check_eq(status, 0);
    check(wait4(-1, &status, 0) > 0);
    check_eq(wait4(-1, &status, WNOHANG), 0);
    check_eq(SYS4(__NR_futex, &shared[0], FUTEX_WAKE, 9, 0), 1);
    check(wait4(-1, &status, 0) > 0);
    shared[0] = 1; /* not the value that the waiter expects */
    check_eq(SYS4(__NR_futex, &shared[0], FUTEX_WAIT, 0, 0), -EAGAIN);
}

/* Sets the clock forward while two children sleep until a time of it. */
void test_clock_set(void)
{
    s64 now[2], until[2], after[2];
    u32 word = 0;
    int status;
    check_eq(SYS2(__NR_clock_gettime, 0, now), 0);
    for (int i = 0; i < 2; i++) {
        until[i] = now[i] + (i ? 0 : 1000);
        after[i] = now[i] + (i ? 0 : 2000);
    }
    for (int i = 0; i < 2; i++)
        if (fork() == 0)
            exit(i ? (int)SYS4(__NR_clock_nanosleep, 0, 1, until, 0)
                   : -(int)SYS6(__NR_futex, &word,
                                FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0,
                                until, 0, -1));
    sleep_ms(20);
    check_eq(wait4(-1, &status, WNOHANG), 0);
    s64 early[2] = {0}; /* before the machine's start: not in Linux either */
    check_eq(SYS2(__NR_clock_settime, 0, early), -EINVAL);
    check_eq(SYS2(__NR_clock_settime, 0, after), 0);
    int ends = 0;
    for (int i = 0; i < 100 && ends < 11; i++) {
        sleep_ms(20);
        while (wait4(-1, &status, WNOHANG) > 0)
            ends += status == 0 ? 1 : status == ETIMEDOUT << 8 ? 10 : 100;
    }
    check_eq(SYS2(__NR_clock_settime, 0, now), 0);
    check_eq(ends, 11);
}

void test_kill_init(void)
{
    check_eq(SYS2(__NR_kill, 1, SIGKILL), 0);
    check_eq(SYS2(__NR_kill, 1, SIGSTOP), 0);
    check_eq(SYS2(__NR_kill, 1, SIGTERM), 0);
    sleep_ms(5);
    check_eq(SYS2(__NR_kill, 1, 0), 0);
    test_orphans(); /* init still reaps orphans */
}

/* SIGKILL must not stay pending in a kernel thread: the thread would count as
 * dying, take frames of the last reserve and not wait for any. */
void test_kill_kernel(void)
{
    static const char *const at[] = {"/proc/2/status", "/proc/3/status"};
    for (int i = 0; i < 2; i++) {
        check_eq(SYS2(__NR_kill, 2 + i, SIGKILL), 0);
        check_eq(SYS2(__NR_kill, 2 + i, SIGTERM), 0);
        check_eq(proc_number(at[i], "SigPnd:"), 0);
        check_eq(SYS2(__NR_kill, 2 + i, 0), 0);
    }
}

static int to_parent[2];

static void leave_orphan(void)
{
    if (fork() == 0) {
        while (SYS0(__NR_getppid) != 1)
            sleep_ms(1);
        write(to_parent[1], "o", 1);
        exit(0);
    }
}

void test_orphans(void)
{
    char byte = 0;
    SYS2(__NR_pipe2, to_parent, 0);
    check_eq(in_child(leave_orphan), 0);
    check_eq(read(to_parent[0], &byte, 1), 1);
    check_eq(byte, 'o');
}

void test_sigchld_ignored(void)
{
    on_signal(SIGCHLD, (void *)1, 0);
    for (int i = 0; i < 5; i++)
        if (fork() == 0)
            exit(i);
    check_eq(wait4(-1, 0, 0), -ECHILD);
}

void test_pipe_order(void)
{
    enum { TOTAL = 1 << 20, STEP = 5000 };
    static u8 buf[STEP];
    int fd[2], status;
    SYS2(__NR_pipe2, fd, 0);
    s64 pid = fork();
    if (pid == 0) {
        close(fd[0]);
        for (u32 done = 0; done < TOTAL;) {
            u32 n = TOTAL - done < STEP ? TOTAL - done : STEP;
            for (u32 i = 0; i < n; i++)
                buf[i] = (u8)((done + i) * 7 + ((done + i) >> 8));
            check_eq(write(fd[1], buf, n), n);
            done += n;
        }
        exit(test_failures);
    }
    close(fd[1]);
    u32 at = 0, wrong = 0;
    for (s64 n; (n = read(fd[0], buf, 3333)) > 0;)
        for (s64 i = 0; i < n; i++, at++)
            wrong += buf[i] != (u8)(at * 7 + (at >> 8));
    check_eq(at, TOTAL);
    check_eq(wrong, 0);
    wait4(pid, &status, 0);
    check_eq(status, 0);
}

/* Keeps the pipe full, so that the writer's end of the ring comes round to the
 * page that the reader has not left yet. */
void test_pipe_ring(void)
{
    static u8 buf[65536];
    int fd[2];
    u32 in = 0, out = 0, wrong = 0;
    SYS2(__NR_pipe2, fd, O_NONBLOCK);
    for (int round = 0; round < 300; round++) {
        u32 step = 1 + (u32)round * 977 % 9000;
        for (;;) { /* until it is full */
            for (u32 i = 0; i < step; i++)
                buf[i] = (u8)((in + i) * 13 + ((in + i) >> 9));
            s64 n = write(fd[1], buf, step);
            if (n <= 0)
                break;
            in += (u32)n;
        }
        s64 n = read(fd[0], buf, 1 + (u32)round * 3331 % 30000);
        for (s64 i = 0; i < n; i++, out++)
            wrong += buf[i] != (u8)(out * 13 + (out >> 9));
    }
    check_eq(wrong, 0);
    check(out > 1000000);
}

void test_pipe_block(void)
{
    static char block[4096];
    int fd[2];
    s64 n, total = 0;
    SYS2(__NR_pipe2, fd, O_NONBLOCK);
    while ((n = write(fd[1], block, sizeof block)) > 0)
        total += n;
    check_eq(n, -EAGAIN);
    check_eq(total, 65536);
    SYS3(__NR_fcntl, fd[1], 4, O_WRONLY); /* F_SETFL: blocking again */
    s64 pid = fork();
    if (pid == 0)
        exit(write(fd[1], block, sizeof block) != sizeof block);
    sleep_ms(20);
    check_eq(wait4(pid, 0, WNOHANG), 0); /* it waits for room */
    for (int i = 0; i < 16; i++)
        total -= read(fd[0], block, sizeof block);
    int status = -1;
    wait4(pid, &status, 0);
    check_eq(status, 0);
}

/* Fills all FP registers with a pattern of `seed`, waits, and counts those
 * that have changed. */
static u32 fp_wrong(u64 seed, u32 rounds)
{
    u64 in[32], out[32];
    u32 wrong = 0;
    for (u32 r = 0; r < rounds; r++) {
        for (u64 i = 0; i < 32; i++)
            in[i] = seed * 0x9e3779b97f4a7c15 + i * 0x1234567 + r;
        __asm__ volatile(
            ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,"
            "22,23,24,25,26,27,28,29,30,31\n fld f\\n, \\n * 8(%0)\n .endr\n"
            "li t1, 20000\n"
            "1: addi t1, t1, -1\n bnez t1, 1b\n"
            "li a7, 124\n ecall\n" /* sched_yield */
            ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,"
            "22,23,24,25,26,27,28,29,30,31\n fsd f\\n, \\n * 8(%1)\n .endr\n"
            :
            : "r"(in), "r"(out)
            : "memory", "t1", "a0", "a7", "ft0", "ft1", "ft2", "ft3", "ft4",
              "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3",
              "fa4", "fa5", "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6",
              "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10",
              "ft11");
        for (int i = 0; i < 32; i++)
            wrong += in[i] != out[i];
    }
    return wrong;
}

static void clobber(int sig)
{
    __asm__ volatile("fcvt.d.w fs3, zero\n fcvt.d.w ft1, zero\n"
                     "li t0, 0xff\n fscsr t0" ::
                         : "fs3", "ft1", "t0");
}

void test_fp_state(void)
{
    s64 pid[3];
    s64 tick[4] = {0, 3000, 0, 3000};
    u64 fcsr;
    for (u64 i = 0; i < 3; i++)
        if ((pid[i] = fork()) == 0) {
            on_signal(SIGALRM, clobber, SA_RESTART);
            SYS3(__NR_setitimer, 0, tick, 0);
            exit(fp_wrong(i + 1, 200) != 0);
        }
    for (int i = 0; i < 3; i++) {
        int status = -1;
        wait4(pid[i], &status, 0);
        check_eq(status, 0);
    }
    __asm__ volatile("fscsr zero");
    on_signal(SIGUSR1, clobber, 0);
    SYS2(__NR_kill, SYS0(__NR_getpid), SIGUSR1);
    __asm__ volatile("frcsr %0" : "=r"(fcsr));
    check_eq(fcsr, 0);
}

void test_preemption(void)
{
    volatile u64 *n = mmap(0, PAGE, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    s64 pid[3];
    for (int i = 0; i < 3; i++)
        if ((pid[i] = fork()) == 0)
            for (;;)
                n[i * 8]++;
    sleep_ms(300);
    for (int i = 0; i < 3; i++)
        SYS2(__NR_kill, pid[i], SIGKILL);
    for (int i = 0; i < 3; i++)
        check_eq(wait4(pid[i], 0, 0), pid[i]);
    for (int i = 0; i < 3; i++)
        check(n[i * 8] > 0);
}

void test_sleep_time(void)
{
    s64 bad[2] = {0, 2000000000};
    u64 start = now_us();
    sleep_ms(50);
    u64 took = now_us() - start;
    check(took >= 50000 && took < 500000);
    check_eq(SYS2(__NR_nanosleep, bad, 0), -EINVAL);
}

/* /tests/args (alone/args.c) exits with 0 if exec has set it up correctly. */
void test_exec_argv(void)
{
    char *argv[] = {"zero", "", "two words", "3", 0};
    char *envp[] = {"A=1", "EMPTY=", 0};
    int status = -1;
    s64 pid = fork();
    if (pid == 0) {
        u64 stack[3] = {(u64)anon(4), 0, 4 * PAGE}; /* exec must forget it */
        SYS2(__NR_sigaltstack, stack, 0);
        on_signal(SIGUSR1, (void *)1, 0);
        on_signal(SIGUSR2, (void *)(u64)leave_orphan, 0);
        SYS3(__NR_execve, "/tests/args", argv, envp);
        exit(99);
    }
    wait4(pid, &status, 0);
    check_eq(status, 0);
}

void test_exec_errors(void)
{
    char *argv[] = {"x", 0};
    s64 fd = open("/tmp/notelf", O_WRONLY | O_CREAT | O_TRUNC, 0755);
    write((int)fd, "\177ELF\2\1\1 but no more", 20);
    close((int)fd);
    check_eq(SYS3(__NR_execve, "/nowhere", argv, 0), -ENOENT);
    check_eq(SYS3(__NR_execve, "/tmp/notelf", argv, 0), -8); /* ENOEXEC */
    check_eq(SYS3(__NR_execve, "/etc/passwd", argv, 0), -EACCES);
    check_eq(SYS3(__NR_execve, "/etc", argv, 0), -EACCES);
    check_eq(SYS3(__NR_execve, 8, argv, 0), -EFAULT);
    check_eq(SYS3(__NR_execve, "/tests/args", 8, 0), -EFAULT);
    SYS3(__NR_unlinkat, AT_FDCWD, "/tmp/notelf", 0);
}

static void hog_then_exec(void)
{
    char *argv[] = {"frames", 0};
    dirty(anon(500), 500);
    SYS3(__NR_execve, "/tests/args", argv, 0);
}

void test_exec_frames(void)
{
    in_child(hog_then_exec);
    s64 before = meminfo("MemFree:");
    int status = in_child(hog_then_exec);
    check_eq(status, 1 << 8); /* args ran: it saw wrong arguments */
    check_eq(meminfo("MemFree:"), before);
}
