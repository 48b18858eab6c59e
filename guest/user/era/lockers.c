/* SPDX-License-Identifier: MIT */
/* lockers N KIB: N daemons that call mlockall(MCL_CURRENT | MCL_FUTURE), as
 * programs of tests/CONTRACT.md, 002-18, did, and then need KIB more each. Swap
 * does not help them: their pages cannot leave. Waits until all daemons have
 * their memory, or until one has been killed for want of it; prints which of
 * the two happened, and how much swap was free then. Exit status 0: every word
 * of the locked pages was right when it was read back. */
#include "lib/work.h"

#define STEP 16ul /* pages that a locker maps at once */

static volatile struct shared {
    u64 ready, wrong;
} * all;

static u64 kib(const char *name)
{
    s64 n = proc_number("/proc/meminfo", name);
    return n < 0 ? 0 : (u64)n;
}

static void locks(u64 me, u64 pages)
{
    SYS2(__NR_prctl, 15, "locker");
    s64 err = SYS1(__NR_mlockall, 3);
    if (err)
        cannot("mlockall", err);
    for (u64 at = 0; at < pages; at += STEP) {
        char *p = mmap(0, STEP * PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (is_error(p))
            cannot("mmap", (s64)p);
        for (u64 i = 0; i < STEP; i++) {
            page_fill(p + i * PAGE, at + i, me);
            if (!page_holds(p + i * PAGE, at + i, me))
                all->wrong++;
        }
    }
    all->ready++;
    for (;;)
        sleep_ms(1000000);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        cannot("usage: lockers N KIB", 0);
    u64 n = number_arg(argv[1]), pages = number_arg(argv[2]) / 4;
    s64 pid[64], before = proc_number("/proc/vmstat", "oom_kill"), after;
    if (n > 64)
        cannot("at most 64", 0);
    all = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
               0);
    for (u64 i = 0; i < n; i++)
        if ((pid[i] = fork()) == 0)
            locks(i, pages);
        else if (pid[i] < 0)
            cannot("lockers: fork", pid[i]);
    do {
        sleep_ms(20);
        after = proc_number("/proc/vmstat", "oom_kill");
    } while (after == before && all->ready < n);
    printf("lockers: %lu of %lu have their memory, %ld killed, %lu KiB locked, "
           "%lu of %lu KiB of swap free, %lu pages wrong\n",
           all->ready, n, after - before, kib("Mlocked:"), kib("SwapFree:"),
           kib("SwapTotal:"), all->wrong);
    for (u64 i = 0; i < n; i++) {
        SYS2(__NR_kill, pid[i], SIGKILL);
        wait4(pid[i], NULL, 0);
    }
    return all->wrong != 0;
}
