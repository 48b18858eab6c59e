/* SPDX-License-Identifier: MIT */
/* spike SIZE: a process of SIZE bytes, all of them written, starts a small
 * program the Unix way, by fork and exec (001-16, 001-29). Before fork, before
 * exec and after the child's end it prints promised memory (Committed_AS) and
 * anonymous memory in RAM or in swap, in KiB. Promised memory doubles for a
 * moment; anonymous memory hardly changes. Status 1 if this was not so, the
 * program could not be started or memory is wrong; 3 if fork was refused. */
#include "lib/work.h"

static volatile s64 *between; /* the child's numbers, seen by the parent */

static s64 kib(const char *name)
{
    return proc_number("/proc/meminfo", name);
}

static s64 there(void)
{
    return kib("AnonPages:") + kib("SwapTotal:") - kib("SwapFree:") -
           kib("SwapCached:");
}

static void row(const char *when, s64 promised, s64 have, s64 forked_us)
{
    printf("%-24s %10ld %10ld", when, promised, have);
    if (forked_us >= 0)
        printf("   fork took %ld us", forked_us);
    printf("\n");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf_fd(2, "usage: spike SIZE\n");
        return 2;
    }
    u64 bytes = size_arg(argv[1]), wrong = 0;
    char *p = anonymous(bytes, MAP_PRIVATE);
    between = anonymous(PAGE, MAP_SHARED);
    if (is_error(p) || is_error((void *)(u64)between))
        cannot("spike: mmap", is_error(p) ? (s64)p : (s64)between);
    for (u64 i = 0; i < bytes / PAGE; i++)
        page_fill(p + i * PAGE, i, 5);
    between[0] = kib("Committed_AS:"); /* touches the pages used below */
    between[1] = there();
    s64 promised = kib("Committed_AS:"), have = there();
    printf("%-24s %10s %10s\n", "spike, KiB", "promised", "there");
    row("before", promised, have, -1);
    u64 start = now_us();
    s64 pid = fork();
    if (pid == 0) {
        static char *const child[] = {"true", NULL};
        between[2] = (s64)(now_us() - start);
        between[0] = kib("Committed_AS:");
        between[1] = there();
        SYS3(__NR_execve, "/bin/true", child, environ);
        exit(127);
    }
    if (pid < 0) {
        printf("spike: fork refused: error %ld\n", -pid);
        return 3;
    }
    int status;
    wait4(pid, &status, 0);
    row("forked, before exec", between[0], between[1], between[2]);
    s64 promised_after = kib("Committed_AS:"), have_after = there();
    row("the child has ended", promised_after, have_after, -1);
    for (u64 i = 0; i < bytes / PAGE; i++)
        wrong += !page_holds(p + i * PAGE, i, 5);
    s64 grew = between[0] - promised, cost = between[1] - have;
    bool as_said =
        grew >= (s64)KIB(bytes) && cost < 256 && promised_after - promised < 64;
    printf("spike: status %d, %lu pages wrong, %s\n", status, wrong,
           as_said ? "as predicted" : "NOT as predicted");
    return status || wrong || !as_said;
}
