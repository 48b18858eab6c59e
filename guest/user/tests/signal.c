/* SPDX-License-Identifier: MIT */
/* Tests signals: repair after SIGSEGV, the frame, masks, restarts, stops. */
#include "tests/test.h"

#define SIG(n) (1ul << ((n)-1))

static volatile int hits, last_code;
static volatile u64 last_addr;
static char *region;

static void mask(int how, u64 set)
{
    check_eq(SYS4(__NR_rt_sigprocmask, how, &set, 0, 8), 0);
}

static void kill_self(int sig)
{
    check_eq(SYS2(__NR_kill, SYS0(__NR_getpid), sig), 0);
}

static void repair(int sig, struct siginfo *info, void *uc)
{
    hits++;
    last_code = info->code;
    last_addr = info->addr;
    check_eq(sig, SIGSEGV);
    check_eq(info->signo, SIGSEGV);
    check_eq(
        mprotect((void *)(info->addr & -PAGE), PAGE, PROT_READ | PROT_WRITE),
        0);
}

void test_segv_handler(void)
{
    region = anon(4);
    dirty(region, 4);
    mprotect(region, 4 * PAGE, PROT_READ);
    on_signal(SIGSEGV, repair, SA_SIGINFO);
    for (size_t i = 0; i < 4; i++)
        ((volatile char *)region)[i * PAGE + 17] = 'r';
    check_eq(hits, 4);
    check_eq(last_addr, (u64)region + 3 * PAGE + 17);
    for (size_t i = 0; i < 4; i++) {
        check_eq(region[i * PAGE], (char)(i + 1));
        check_eq(region[i * PAGE + 17], 'r');
    }
}

static u64 frame_seen[1088 / 8];
static u64 frame_at, handler_sp, handler_ra;

static void look(int sig, void *info, void *uc)
{
    u64 sp, *context = uc;
    __asm__ volatile("mv %0, sp" : "=r"(sp));
    handler_sp = sp;
    handler_ra = (u64)__builtin_return_address(0);
    frame_at = (u64)info;
    check_eq((u64)uc, (u64)info + 128);
    memcpy(frame_seen, info, sizeof frame_seen);
    context[176 / 8] += 4; /* pc: past the store that faulted */
}

void test_segv_frame(void)
{
    on_signal(SIGSEGV, look, SA_SIGINFO);
    mask(SIG_BLOCK, SIG(SIGUSR2));
    register u64 s5 __asm__("s5") = 0x1122334455667788;
    register u64 address __asm__("s6") = 0x1234;
    u64 pc, sp;
    double pi = 3.25;
    __asm__ volatile("fmv.d fs7, %4\n"
                     "li t0, 0x61\n"
                     "fscsr t0\n"
                     "mv %1, sp\n"
                     "la %0, 1f\n"
                     ".option push\n.option norvc\n"
                     "1: sd zero, 0(%3)\n"
                     ".option pop\n"
                     : "=&r"(pc), "=&r"(sp)
                     : "r"(s5), "r"(address), "f"(pi)
                     : "t0", "fs7", "memory");
    check_eq(frame_at % 16, 0);
    check_eq(frame_at, (sp - 1088) & ~15ul);
    check((s32)frame_seen[0] == SIGSEGV);
    check_eq(frame_seen[2], 0x1234);                    /* si_addr */
    check_eq(frame_seen[(128 + 40) / 8], SIG(SIGUSR2)); /* uc_sigmask */
    check_eq(frame_seen[304 / 8], pc);
    check_eq(frame_seen[304 / 8 + 2], sp);
    check_eq(frame_seen[304 / 8 + 21], 0x1122334455667788);
    check_eq(frame_seen[304 / 8 + 22], 0x1234);
    double f;
    memcpy(&f, &frame_seen[560 / 8 + 23], 8); /* fs7 */
    check(f == pi);
    check_eq((u32)frame_seen[816 / 8], 0x61); /* fcsr */
    check_eq(frame_seen[1080 / 8], 0);        /* no extension follows */
    check_eq(frame_seen[1072 / 8] >> 32, 0);
    const u32 *trampoline = (const u32 *)handler_ra;
    check_eq(trampoline[0], 0x08b00893);
    check_eq(trampoline[1], 0x00000073);
    check(handler_sp <= frame_at);
    __asm__ volatile("fscsr zero");
}

static void note(int sig, struct siginfo *info, void *uc)
{
    u64 *context = uc;
    hits++;
    last_code = info->code;
    last_addr = info->addr;
    context[176 / 8] += 4;
}

static void store_to(u64 address)
{
    __asm__ volatile(".option push\n.option norvc\n"
                     "sb zero, 0(%0)\n"
                     ".option pop\n"
                     :
                     : "r"(address)
                     : "memory");
}

void test_segv_codes(void)
{
    on_signal(SIGSEGV, note, SA_SIGINFO);
    region = mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    store_to((u64)region + 5);
    check_eq(last_code, 2); /* SEGV_ACCERR */
    check_eq(last_addr, (u64)region + 5);
    munmap(region, PAGE);
    store_to((u64)region + 5);
    check_eq(last_code, 1); /* SEGV_MAPERR */
    check_eq(hits, 2);
}

void test_sigtrap_place(void)
{
    u64 pc;
    on_signal(SIGTRAP, note, SA_SIGINFO);
    __asm__ volatile("la %0, 1f\n"
                     ".option push\n.option norvc\n"
                     "1: ebreak\n"
                     ".option pop\n"
                     : "=r"(pc)
                     :
                     : "memory");
    check_eq(hits, 1);
    check_eq(last_code, 1); /* TRAP_BRKPT */
    check_eq(last_addr, pc);
}

static void count(int sig)
{
    hits++;
}

void test_signal_mask(void)
{
    u64 pending = 0, none = 0;
    on_signal(SIGUSR1, count, 0);
    mask(SIG_BLOCK, SIG(SIGUSR1) | SIG(SIGKILL));
    kill_self(SIGUSR1);
    kill_self(SIGUSR1); /* a standard signal is pending once */
    check_eq(hits, 0);
    SYS2(__NR_rt_sigpending, &pending, 8);
    check_eq(pending, SIG(SIGUSR1));
    check_eq(SYS2(__NR_rt_sigsuspend, &none, 8), -EINTR);
    check_eq(hits, 1);
    kill_self(SIGUSR1); /* the mask is back */
    check_eq(hits, 1);
    mask(SIG_SETMASK, 0);
    check_eq(hits, 2);
}

static volatile int depth, deepest, sends;

static void nest(int sig)
{
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (sends && sends--)
        kill_self(sig);
    depth--;
}

void test_signal_flags(void)
{
    on_signal(SIGUSR1, count, SA_RESETHAND);
    kill_self(SIGUSR1);
    check_eq(hits, 1);
    struct sigaction old = {0};
    SYS4(__NR_rt_sigaction, SIGUSR1, 0, &old, 8);
    check_eq((u64)old.sa_handler, 0);
    sends = 2;
    on_signal(SIGUSR2, nest, SA_NODEFER);
    kill_self(SIGUSR2);
    check_eq(deepest, 3);
    deepest = 0;
    sends = 2; /* the signal is blocked while its handler runs */
    on_signal(SIGUSR2, nest, 0);
    kill_self(SIGUSR2);
    check_eq(sends, 0);
    check_eq(deepest, 1);
    check_eq(on_signal(SIGKILL, count, 0), -EINVAL);
}

static void interrupted_read(u64 flags, s64 expected)
{
    int fd[2];
    char byte = 0;
    s64 parent = SYS0(__NR_getpid);
    SYS2(__NR_pipe2, fd, 0);
    on_signal(SIGUSR1, count, flags);
    hits = 0;
    s64 pid = fork();
    if (pid == 0) {
        sleep_ms(30);
        SYS2(__NR_kill, parent, SIGUSR1);
        sleep_ms(30);
        write(fd[1], "x", 1);
        exit(0);
    }
    check_eq(read(fd[0], &byte, 1), expected);
    check_eq(hits, 1);
    check_eq(wait4(pid, 0, 0), pid);
    close(fd[0]);
    close(fd[1]);
}

void test_signal_restart(void)
{
    interrupted_read(SA_RESTART, 1);
    interrupted_read(0, -EINTR);
}

static u64 stack_low, stack_high;

static void where(int sig)
{
    u64 here = (u64)__builtin_frame_address(0);
    hits += here > stack_low && here <= stack_high;
}

void test_signal_altstack(void)
{
    char *p = anon(4);
    u64 stack[3] = {(u64)p, 0, 4 * PAGE}, old[3] = {0};
    stack_low = (u64)p;
    stack_high = stack_low + 4 * PAGE;
    check_eq(SYS2(__NR_sigaltstack, stack, 0), 0);
    on_signal(SIGUSR1, where, SA_ONSTACK);
    on_signal(SIGUSR2, where, 0);
    kill_self(SIGUSR1);
    check_eq(hits, 1);
    kill_self(SIGUSR2);
    check_eq(hits, 1);
    SYS2(__NR_sigaltstack, 0, old);
    check_eq(old[0], stack[0]);
    check_eq((u32)old[1], 0);
    stack[2] = 100;
    check_eq(SYS2(__NR_sigaltstack, stack, 0), -ENOMEM);
}

static void write_to_nobody(void)
{
    int fd[2];
    SYS2(__NR_pipe2, fd, 0);
    close(fd[0]);
    write(fd[1], "x", 1);
}

void test_signal_pipe(void)
{
    int fd[2];
    died_of(write_to_nobody, SIGPIPE);
    on_signal(SIGPIPE, (void *)1, 0);
    SYS2(__NR_pipe2, fd, 0);
    close(fd[0]);
    check_eq(write(fd[1], "x", 1), -EPIPE);
}

void test_alarm(void)
{
    s64 once[4] = {0, 0, 0, 20000}, periodic[4] = {0, 10000, 0, 10000};
    s64 off[4] = {0};
    u64 none = 0;
    on_signal(SIGALRM, count, SA_RESTART);
    u64 start = now_us();
    mask(SIG_BLOCK, SIG(SIGALRM));
    SYS3(__NR_setitimer, 0, once, 0);
    SYS2(__NR_rt_sigsuspend, &none, 8);
    check(now_us() - start >= 20000);
    check_eq(hits, 1);
    SYS3(__NR_setitimer, 0, periodic, 0);
    while (hits < 4)
        SYS2(__NR_rt_sigsuspend, &none, 8);
    SYS3(__NR_setitimer, 0, off, 0);
    check(now_us() - start >= 50000);
}

void test_stop_continue(void)
{
    int status;
    s64 pid = fork();
    if (pid == 0)
        for (;;)
            sleep_ms(1000);
    SYS2(__NR_kill, pid, SIGSTOP);
    check_eq(wait4(pid, &status, 2), pid); /* WUNTRACED */
    check_eq(status, SIGSTOP << 8 | 0x7f);
    check_eq(wait4(pid, &status, 2 | 1), 0); /* reported once */
    SYS2(__NR_kill, pid, SIGCONT);
    check_eq(wait4(pid, &status, 8), pid); /* WCONTINUED */
    check_eq(status, 0xffff);
    SYS2(__NR_kill, pid, SIGSTOP);
    SYS2(__NR_kill, pid, SIGCONT); /* cancels the stop before it acts */
    sleep_ms(5);
    check_eq(wait4(pid, &status, 2 | 1), 0);
    SYS2(__NR_kill, pid, SIGSTOP);
    sleep_ms(5);
    SYS2(__NR_kill, pid, SIGTERM); /* pending until SIGCONT */
    sleep_ms(5);
    check_eq(wait4(pid, &status, 1), 0);
    SYS2(__NR_kill, pid, SIGKILL); /* ends a stopped process, too */
    check_eq(wait4(pid, &status, 0), pid);
    check_eq(status, SIGKILL);
}
