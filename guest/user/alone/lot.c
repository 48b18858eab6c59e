/* SPDX-License-Identifier: MIT */
/* lot MS COMMAND [MS:FILE=VALUE]...: runs COMMAND (sh -c) for at most MS
 * milliseconds and, at the times given, writes values to files of /proc/sys.
 * Then the pressure is off: all processes of COMMAND are killed. Waits until
 * none is left, audits the kernel, flushes the disks, and ends with 0, or with
 * 1 if the audit failed. Its own memory is locked, and the OOM killer spares
 * it, so that it acts in time whatever memory is like. */
#include "lib/tiny.h"

#define MS 1000ul /* us */

static void put(const char *file, const char *value)
{
    s64 fd = open(file, O_WRONLY, 0);
    s64 n = fd < 0 ? fd : write((int)fd, value, strlen(value));
    if (fd >= 0)
        close((int)fd);
    if (n < 0)
        printf("lot: %s to %s: error %ld\n", value, file, -n);
}

/* Splits MS:FILE=VALUE, and writes when it is time. */
static void write_later(char *text, u64 start)
{
    u64 due = start + strtou(text) * MS, now;
    char *file = strstr(text, ":"), *value = file ? strstr(file, "=") : NULL;
    if (!value)
        exit(2);
    *value++ = '\0';
    while ((now = now_us()) < due)
        sleep_ms((due - now) / MS + 1);
    put(file + 1, value);
}

/* Starts the process that writes the values. It may wait for memory. */
static s64 start_writer(char **texts, u64 start)
{
    s64 pid = fork();
    if (pid)
        return pid;
    SYS1(__NR_mlockall, 3); /* MCL_CURRENT | MCL_FUTURE */
    for (; *texts; texts++)
        write_later(*texts, start);
    exit(0);
}

static s64 start_command(char *command)
{
    char *const argv[] = {"sh", "-c", command, NULL};
    s64 pid = fork();
    if (pid == 0) {
        SYS2(__NR_setpgid, 0, 0);
        put("/proc/self/oom_score_adj", "0");
        SYS3(__NR_execve, "/bin/sh", argv, environ);
        exit(127);
    }
    return pid;
}

static bool any_left(s64 group)
{
    return SYS2(__NR_kill, -group, 0) == 0;
}

int main(int argc, char **argv)
{
    u64 start = now_us();
    if (argc < 3)
        return 2;
    put("/proc/self/oom_score_adj", "-1000");
    SYS1(__NR_mlockall, 3);
    s64 writer = argc > 3 ? start_writer(argv + 3, start) : -1;
    s64 command = start_command(argv[2]);
    u64 end = start + strtou(argv[1]) * MS;
    bool runs = command > 0;
    while (runs && now_us() < end) {
        runs = wait4(command, NULL, WNOHANG) != command;
        sleep_ms(runs ? 5 : 0);
    }
    bool rest = command > 0 && any_left(command);
    u64 off = now_us();
    if (rest)
        SYS2(__NR_kill, -command, 9);
    if (writer > 0) {
        SYS2(__NR_kill, writer, 9);
        wait4(writer, NULL, 0);
    }
    if (runs)
        wait4(command, NULL, 0);
    while (rest && any_left(command)) /* init reaps those without a parent */
        sleep_ms(5);
    printf("lot: %s after %lu ms, gone %lu ms later\n",
           rest ? "killed" : "ended", (off - start) / MS,
           (now_us() - off) / MS);
    s64 fd = open("/proc/audit", O_WRONLY, 0);
    s64 n = fd < 0 ? fd : write((int)fd, "1", 1);
    printf(n == 1 ? "lot: sound\n" : "lot: audit: error %ld\n", -n);
    SYS0(__NR_sync);
    return n != 1;
}
