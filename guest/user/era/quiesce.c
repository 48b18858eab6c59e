/* SPDX-License-Identifier: MIT */
/* quiesce [-n N] [-r REQUESTS] [-e MILLISECONDS] PAGES: a system that works a
 * little and blocks again. N servers (default 4) have PAGES each; every
 * MILLISECONDS (default 200) each gets a request, for which it goes through all
 * its pages once; after REQUESTS (default 20) each, no more arrive. While the
 * servers keep up, the backlog is zero, and between requests the working set
 * shrinks to the few pages of a sleeper. If they must fetch pages from disk
 * they fall behind, the backlog grows, and all pages are wanted at once, which
 * makes it worse. Every five intervals it prints
 *
 *   ms  done  backlog  working set (KiB) begins, ends  resident (KiB)
 *
 * where the working set is the memory referenced (/proc/PID/clear_refs,
 * smaps_rollup's Referenced) in the first and in the last fifth of the last
 * MILLISECONDS. At the end it prints the time until all was quiet. */
#include "lib/work.h"

#define MAX_N 8
#define LOOKS 5 /* at the working set, in each interval */

static volatile struct shared {
    u64 asked[MAX_N], done[MAX_N];
    u64 wrong;
} * all;

static u64 w;

static void path_of(char path[48], s64 pid, const char *file)
{
    char digits[8], *at = path + 6;
    int n = 0;
    memcpy(path, "/proc/", 6);
    for (; pid; pid /= 10)
        digits[n++] = (char)('0' + pid % 10);
    while (n)
        *at++ = digits[--n];
    memcpy(at, file, strlen(file) + 1);
}

static u64 kib_of(s64 pid, const char *field)
{
    char path[48];
    path_of(path, pid, "/smaps_rollup");
    s64 n = proc_number(path, field);
    return n < 0 ? 0 : (u64)n;
}

static void clear_refs(s64 pid)
{
    char path[48];
    path_of(path, pid, "/clear_refs");
    s64 fd = open(path, O_WRONLY, 0);
    if (fd < 0 || write((int)fd, "1", 1) != 1)
        cannot(path, fd);
    close((int)fd);
}

static void serve(u64 me)
{
    char *p = mmap(0, w * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (is_error(p))
        cannot("mmap", (s64)p);
    for (u64 i = 0; i < w; i++)
        *(u64 *)(p + i * PAGE) = mix(me << 32 | i);
    for (all->done[me] = 1;;) {
        while (all->done[me] > all->asked[me])
            sleep_ms(5);
        for (u64 i = 0; i < w; i++)
            if (*(volatile u64 *)(p + i * PAGE) != mix(me << 32 | i))
                all->wrong++;
        all->done[me]++;
    }
}

static u64 sum(const volatile u64 *of, u64 n)
{
    u64 s = 0;
    for (u64 i = 0; i < n; i++)
        s += of[i];
    return s;
}

/* Returns the KiB that the servers reference from now to the time `until`. */
static u64 referenced(const s64 *pid, u64 n, u64 until)
{
    u64 used = 0;
    for (u64 k = 0; k < n; k++)
        clear_refs(pid[k]);
    while (now_us() < until)
        sleep_ms(5);
    for (u64 k = 0; k < n; k++)
        used += kib_of(pid[k], "Referenced:");
    return used;
}

int main(int argc, char **argv)
{
    u64 n = 4, requests = 20, every = 200, most = 0, quiet = 0;
    s64 pid[MAX_N];
    int i = 1;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        u64 v = number_arg(argv[i + 1]);
        *(argv[i][1] == 'n' ? &n : argv[i][1] == 'r' ? &requests : &every) = v;
    }
    if (i != argc - 1 || n > MAX_N || !n)
        cannot("usage: quiesce [-n N] [-r REQUESTS] [-e MILLISECONDS] PAGES",
               0);
    w = number_arg(argv[i]);
    all = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
               0);
    for (u64 k = 0; k < n; k++)
        if ((pid[k] = fork()) == 0)
            serve(k);
        else if (pid[k] < 0)
            cannot("quiesce: fork", pid[k]);
    for (u64 k = 0; k < n; k++)
        while (!all->done[k])
            sleep_ms(10);
    printf("     ms  done  backlog   begins     ends  resident\n");
    u64 start = now_us(), next = start;
    for (u64 turn = 0; !quiet; turn++) {
        u64 asked = turn < requests ? turn + 1 : requests;
        u64 used[LOOKS];
        for (u64 k = 0; k < n; k++)
            all->asked[k] = asked;
        for (u64 look = 0; look < LOOKS; look++)
            used[look] = referenced(pid, n, next += every * 1000 / LOOKS);
        u64 done = sum(all->done, n) - n, behind = asked * n - done, rss = 0;
        for (u64 k = 0; k < n; k++)
            rss += kib_of(pid[k], "Rss:");
        most = behind > most ? behind : most;
        quiet = turn > requests && !behind;
        if (turn % 5 == 4 || quiet)
            printf("%7lu %5lu %8lu %8lu %8lu %9lu\n", (now_us() - start) / 1000,
                   done, behind, used[0], used[LOOKS - 1], rss);
    }
    printf("quiesce: %lu requests in %lu ms, backlog at most %lu, %lu pages "
           "wrong\n",
           requests * n, (now_us() - start) / 1000, most, all->wrong);
    for (u64 k = 0; k < n; k++) {
        SYS2(__NR_kill, pid[k], SIGKILL);
        wait4(pid[k], NULL, 0);
    }
    return all->wrong != 0;
}
