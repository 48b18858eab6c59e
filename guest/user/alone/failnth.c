/* SPDX-License-Identifier: MIT */
/* failnth [-f FIRST] [-s STEP] [-n MOST] COMMAND [ARGUMENT...]: runs the
 * command again and again; in each run one allocation in the kernel fails
 * (/proc/PID/fail-nth): number FIRST, in the next run FIRST + STEP, and so on
 * up to MOST or until the command makes no more allocations. Any result of the
 * command is right; a command that runs for a second is killed. It must then
 * die, the kernel's audit must find no error, and at the end no memory may be
 * lost. Prints "failnth: COMMAND: N failures, kernel sound" and ends with 0;
 * otherwise "kernel DAMAGED" and 1. */
#include "lib/tiny.h"

#define PATIENCE 1000 /* ms */

static int put(const char *path, const char *text)
{
    s64 fd = open(path, O_WRONLY, 0);
    s64 n = fd < 0 ? fd : write((int)fd, text, strlen(text));
    if (fd >= 0)
        close((int)fd);
    return n < 0 ? (int)n : 0;
}

static char *digits(u64 n)
{
    static char text[24];
    char *at = text + sizeof text - 1;
    do {
        *--at = (char)('0' + n % 10);
    } while (n /= 10);
    return at;
}

/* Becomes the command; ends the process if it cannot be started. */
static void child(u64 n, char **command)
{
    s64 null = open("/dev/null", O_RDWR, 0);
    for (int fd = 0; fd < 3; fd++)
        SYS3(__NR_dup3, null, fd, 0);
    SYS2(__NR_setpgid, 0, 0);
    if (n && put("/proc/self/fail-nth", digits(n)))
        exit(98);
    exit(SYS3(__NR_execve, command[0], command, environ) ? 97 : 0);
}

/* Returns n if the process's n-th allocation from now is to fail; 0: it has
 * failed, or none was to; -1: unreadable. */
static s64 fail_nth(s64 pid)
{
    char path[40] = "/proc/", text[16] = "";
    char *number = digits((u64)pid);
    memcpy(path + 6, number, strlen(number));
    memcpy(path + 6 + strlen(number), "/fail-nth", 10);
    s64 fd = open(path, O_RDONLY, 0), n = read((int)fd, text, sizeof text - 1);
    close((int)fd);
    return n > 0 ? (s64)strtou(text) : -1;
}

/* A run's outcome. CAME: the planned allocation failed. LEFT: the command ended
 * before it. BROKEN: the run was not set up. STAYS: it could not be killed. */
enum outcome { CAME, LEFT, BROKEN, STAYS };

static enum outcome once(u64 n, char **command, bool *hung)
{
    s64 info[16], left, pid = fork();
    int status;
    if (pid == 0)
        child(n, command);
    if (pid < 0)
        return BROKEN;
    for (int ms = 0;; ms++) {
        memset(info, 0, sizeof info);
        if (SYS6(__NR_waitid, P_PID, pid, info, WEXITED | WNOHANG | WNOWAIT, 0,
                 0) ||
            info[0])
            break;
        if (ms == PATIENCE)
            *hung = true;
        if (ms >= PATIENCE)
            SYS2(__NR_kill, -pid, SIGKILL);
        if (ms == 2 * PATIENCE)
            return STAYS;
        sleep_ms(1);
    }
    left = fail_nth(pid);
    SYS2(__NR_kill, -pid, SIGKILL);
    wait4(pid, &status, 0);
    return left < 0 || status >> 8 == 98 ? BROKEN : n && !left ? CAME : LEFT;
}

/* Drops all caches; returns the bytes of kernel and anonymous memory in use. */
static s64 lent(void)
{
    s64 n = 0;
    for (int i = 0; i < 3; i++) {
        put("/proc/sys/vm/drop_caches", "3");
        n = proc_number("/proc/vmstat", "kmem_small_alloc") +
            proc_number("/proc/vmstat", "kmem_large_alloc") +
            proc_number("/proc/vmstat", "kmem_oversize") +
            1024 * (proc_number("/proc/meminfo", "PageTables:") +
                    proc_number("/proc/meminfo", "KernelStack:")) +
            4096 * proc_number("/proc/vmstat", "nr_anon_or_swapped");
        sleep_ms(20);
    }
    return n;
}

static u64 option(int *argc, char ***argv, char letter, u64 preset)
{
    if (*argc < 4 || (*argv)[1][0] != '-' || (*argv)[1][1] != letter)
        return preset;
    u64 n = strtou((*argv)[2]);
    *argc -= 2;
    *argv += 2;
    return n;
}

int main(int argc, char **argv)
{
    u64 first = option(&argc, &argv, 'f', 1);
    u64 step = option(&argc, &argv, 's', 1);
    u64 most = option(&argc, &argv, 'n', ~0ul), failures = 0;
    bool hung = false, sound = true;
    if (argc < 2 || SYS3(__NR_faccessat, AT_FDCWD, argv[1], 1 /* X_OK */)) {
        printf("usage: failnth [-f FIRST] [-s STEP] [-n MOST] PROGRAM...\n");
        return 2;
    }
    for (int i = 0; i < 2; i++) /* the first run allocates things that stay */
        once(0, argv + 1, &hung);
    s64 before = lent();
    enum outcome is = CAME;
    for (u64 n = first; is == CAME && n <= most; n += step) {
        is = once(n, argv + 1, &hung);
        failures += is == CAME;
        const char *bad = is == STAYS               ? "it cannot be killed"
                          : is == BROKEN            ? "it cannot be started"
                          : put("/proc/audit", "1") ? "the audit found a fault"
                                                    : NULL;
        if (bad || hung)
            printf("# failure %lu: %s\n", n,
                   bad ? bad : "it hung and was killed");
        sound &= !bad;
        if (bad)
            break;
        hung = false;
    }
    s64 lost = lent() - before;
    if (lost)
        printf("# %ld bytes are lost\n", lost);
    printf("failnth: %s: %lu failures, kernel %s\n", argv[1], failures,
           sound && !lost ? "sound" : "DAMAGED");
    return !sound || lost;
}
