/* SPDX-License-Identifier: MIT */
/* Tests that RLIMIT_RSS holds to the exact page, is inherited, and is set by
 * prlimit64. tests/guest/play.t tests that the policy chooses the victim. */
#include "tests/test.h"

#define RW        (PROT_READ | PROT_WRITE)
#define ANON      (MAP_PRIVATE | MAP_ANONYMOUS)
#define UNLIMITED (~0ul)

static s64 limit(s64 pid, const u64 *new, u64 *old)
{
    return SYS4(__NR_prlimit64, pid, RLIMIT_RSS, new, old);
}

static s64 status(const char *name)
{
    return proc_number("/proc/self/status", name);
}

/* Checks that resident memory is at most the limit, if there is swap. Without
 * swap anonymous pages cannot leave, so the kernel lets a process exceed it. */
static void kept_to(s64 kilobytes)
{
    if (meminfo("SwapTotal:"))
        check(status("VmRSS:") <= kilobytes);
}

/* The process replaces its own pages; shared pages keep their content. */
void test_rss_limit(void)
{
    u64 room[2] = {40 * PAGE, UNLIMITED};
    char *p = anon(100),
         *shared = mmap(0, 8 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check_eq(limit(0, room, NULL), 0);
    for (int round = 0; round < 3; round++)
        for (u64 i = 0; i < 100; i++) {
            if (round)
                check_eq(p[i * PAGE], (char)(i + (u64)round));
            p[i * PAGE] = (char)(i + (u64)round + 1);
            shared[i % 8 * PAGE] = (char)i;
            if (i % 10 == 0)
                kept_to(160);
        }
    for (u64 i = 96; i < 100; i++)
        check_eq(shared[i % 8 * PAGE], i);
    check(status("VmSwap:") > 200 || !meminfo("SwapTotal:"));
    u64 none[2] = {UNLIMITED, UNLIMITED};
    check_eq(limit(0, none, NULL), 0);
    for (u64 i = 0; i < 100; i++)
        check_eq(p[i * PAGE], (char)(i + 3));
    check(status("VmRSS:") > 400);
    munmap(shared, 8 * PAGE);
}

/* An access across two pages needs both at once, whatever the limit is. */
void test_rss_limit_least(void)
{
    u64 one[2] = {PAGE, UNLIMITED};
    char *p = anon(3);
    check_eq(limit(0, one, NULL), 0);
    for (u64 i = 0; i < 50; i++) {
        volatile u64 *word = (volatile u64 *)(p + (i % 2 + 1) * PAGE - 4);
        *word = i;
        check_eq(*word, i);
    }
    kept_to(16);
}

static void lowered_below(void)
{
    u64 room[2] = {30 * PAGE, UNLIMITED};
    char *p = anon(80);
    for (u64 i = 0; i < 60; i++)
        p[i * PAGE] = 1;
    check_eq(limit(0, room, NULL), 0);
    p[70 * PAGE] = 1; /* this fault evicts all pages above the limit */
    kept_to(120);
}

/* A child and a program that it executes have its parent's limit. */
void test_rss_limit_inherited(void)
{
    u64 room[2] = {64 * PAGE, 128 * PAGE}, now[2] = {0};
    char *p = anon(50);
    for (u64 i = 0; i < 50; i++)
        p[i * PAGE] = (char)i;
    check_eq(limit(0, room, NULL), 0);
    s64 pid = fork();
    int code = -1;
    if (pid == 0) {
        check_eq(limit(0, NULL, now), 0);
        check(now[0] == room[0] && now[1] == room[1]);
        char *args[] = {"sh", "-c",
                        "[ $(ulimit -m) = 256 ] && "
                        "set -- $(grep SwapTotal /proc/meminfo) "
                        "$(grep VmHWM /proc/self/status) && "
                        "[ $2 = 0 -o $5 -le 256 ]",
                        NULL};
        check_eq(SYS3(__NR_execve, "/bin/sh", args, environ), 0);
        exit(9);
    }
    wait4(pid, &code, 0);
    check_eq(code, 0);
    for (u64 i = 0; i < 50; i++)
        check_eq(p[i * PAGE], (char)i);
}

static void limits_as_user(void)
{
    u64 room[2] = {64 * PAGE, 128 * PAGE}, now[2];
    u64 more[2] = {64 * PAGE, 129 * PAGE}, twisted[2] = {2, 1};
    check_eq(limit(0, room, NULL), 0);
    check_eq(limit(0, twisted, NULL), -EINVAL);
    check_eq(SYS3(__NR_setresuid, 1000, 1000, 1000), 0);
    check_eq(limit(0, more, NULL), -EPERM);
    check_eq(limit(1, NULL, now), -EPERM);
    check_eq(limit(99999, NULL, now), -ESRCH);
    check_eq(limit(0, NULL, (u64 *)16), -EFAULT);
    room[0] = room[1];
    check_eq(limit(0, room, now), 0);
    check(now[0] == 64 * PAGE && now[1] == 128 * PAGE);
}

/* More pages are locked than the limit allows; others must still come in. */
static void locked_above(void)
{
    u64 room[2] = {30 * PAGE, UNLIMITED};
    char *p = anon(50), *q = anon(20);
    check_eq(SYS2(__NR_mlock, p, 50 * PAGE), 0);
    check_eq(limit(0, room, NULL), 0);
    for (u64 i = 0; i < 200; i++)
        q[i % 20 * PAGE] = (char)i;
    for (u64 i = 180; i < 200; i++)
        check_eq(q[i % 20 * PAGE], (char)i);
    kept_to(54 * 4);
}

void test_rss_limit_rights(void)
{
    check_eq(in_child(limits_as_user), 0);
    check_eq(in_child(lowered_below), 0);
    check_eq(in_child(locked_above), 0);
}
