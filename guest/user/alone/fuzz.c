/* SPDX-License-Identifier: MIT */
/* fuzz [SEED [CHILDREN [CALLS]]]: random system calls with plausible and
 * implausible arguments, in children that may die of it; the kernel may not.
 * After each child the kernel audits itself. Prints "fuzz: SEED: N children,
 * kernel sound" and ends with 0. */
#include "lib/tiny.h"

static u64 seed;
static u8 scratch[4 * PAGE] __attribute__((aligned(4096)));
static char path[][16] = {
    "/tmp/fuzz", "/etc/passwd",  "/proc/self", "/dev/null",
    "/tests",    "/proc/1/maps", "relative",   "",
    "/dev/zero", "/tmp",         "..",         "/bin/ls"};

static u64 rnd(u64 n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (seed >> 11) % n;
}

/* Calls that stop the fuzzing or the machine. */
static bool harmless(u64 nr)
{
    switch (nr) {
    case 93:  /* exit */
    case 94:  /* exit_group */
    case 142: /* reboot */
    case 133: /* rt_sigsuspend: for ever */
    case 157: /* setsid: out of the parent's reach */
    case 154: /* setpgid */
        return false;
    case 129: /* kill, tkill, tgkill, sigqueue: only by chance ourselves */
    case 130:
    case 131:
    case 138:
        return false;
    }
    return true;
}

static u64 argument(void)
{
    static const u64 odd[] = {0,
                              1,
                              -1ul,
                              0x7fffffff,
                              0x80000000,
                              0xffffffff,
                              1ul << 38,
                              (1ul << 38) - 4096,
                              0x3fffffe000,
                              0xffffffc080200000,
                              1ul << 63,
                              0x10000,
                              0x11000,
                              4096,
                              -4096ul,
                              -100ul};
    switch (rnd(8)) {
    case 0:
        return odd[rnd(sizeof odd / sizeof odd[0])];
    case 1:
        return rnd(16);
    case 2:
        return 1ul << rnd(64);
    case 3:
        return (u64)path[rnd(sizeof path / sizeof path[0])];
    case 4:
        return (u64)scratch + rnd(sizeof scratch);
    case 5:
        return ((u64)scratch + rnd(sizeof scratch)) & -PAGE;
    case 6:
        return rnd(1 << 16);
    default:
        return rnd(8) * PAGE;
    }
}

static void wake(int sig)
{
    (void)sig;
}

static void fuzz(u64 calls)
{
    s64 timer[4] = {0, 0, 0, 20000}; /* ends calls that sleep */
    for (u64 i = 0; i < calls; i++) {
        u64 nr = rnd(300);
        if (!harmless(nr))
            continue;
        for (size_t k = 0; k < sizeof scratch; k += 64)
            scratch[k] = (u8)rnd(256);
        if (nr == 220) { /* clone: the child ends, or crashes on our stack */
            u64 flags = SIGCHLD | (rnd(2) ? 0 : rnd(1 << 15) << 8);
            s64 pid = SYS6(nr, flags, 0, argument(), argument(), argument(), 0);
            if (pid == 0)
                exit(0);
            continue;
        }
        on_signal(SIGALRM, (void *)wake, 0);
        SYS3(NR_setitimer, 0, timer, 0);
        SYS6(nr, argument(), argument(), argument(), argument(), argument(),
             argument());
    }
}

static bool audit(void)
{
    s64 fd = open("/proc/audit", O_WRONLY, 0);
    bool good = fd >= 0 && write((int)fd, "1", 1) != -5; /* EIO */
    close((int)fd);
    return good;
}

int main(int argc, char **argv)
{
    u64 first = argc > 1 ? strtou(argv[1]) : 1;
    u64 children = argc > 2 ? strtou(argv[2]) : 100;
    u64 calls = argc > 3 ? strtou(argv[3]) : 200;
    u64 bad = 0;
    for (u64 c = 0; c < children && !bad; c++) {
        seed = (first * 1000 + c) * 0x9e3779b97f4a7c15 + 1;
        s64 pid = fork();
        if (pid == 0) {
            SYS2(NR_setpgid, 0, 0);
            s64 fd = open("/dev/null", O_RDWR, 0);
            for (int i = 0; i < 3; i++)
                SYS3(NR_dup3, fd, i, 0);
            fuzz(calls);
            exit(0);
        }
        for (int i = 0; i < 3000 && wait4(pid, 0, 1) == 0; i++)
            sleep_ms(1);
        SYS2(NR_kill, -pid, SIGKILL); /* it and what it left behind */
        SYS2(NR_kill, pid, SIGKILL);
        wait4(pid, 0, 0);
        if (!audit()) {
            printf("fuzz: audit fails after child %lu of seed %lu\n", c, first);
            bad++;
        }
    }
    printf("fuzz: %lu: %lu children, %ld system calls, %s\n", first, children,
           proc_number("/proc/vmstat", "syscalls"),
           bad ? "KERNEL DAMAGED" : "kernel sound");
    return bad != 0;
}
