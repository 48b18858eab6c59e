/* SPDX-License-Identifier: MIT */
/* overcommit: how much memory the kernel promises. Asks for memory in these
 * ways, touches none of it, and prints which were granted:
 *
 *   single GRANTED        one mapping of one page more than RAM and swap
 *   steps N of M          N mappings of 1 MiB granted; M MiB are 4 times RAM
 *   limit exact|no        exact: before each step /proc/meminfo's Committed_AS
 *                         and CommitLimit told if the kernel would grant it
 *   fork GRANTED          of a process with 60% of RAM (not touched)
 *   fork of two GRANTED   of a process with two mappings: CommitLimit leaves
 *                         enough for a copy of either, but not of both
 *   noreserve GRANTED     the first mapping again, with MAP_NORESERVE
 *   mprotect GRANTED      read-only memory of that size, made writable */
#include "lib/work.h"

#define STEP (1ul << 20)

static u64 kib(const char *name)
{
    s64 n = proc_number("/proc/meminfo", name);
    return n < 0 ? 0 : (u64)n;
}

static char *ask(u64 bytes, int prot, int more)
{
    return mmap(0, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS | more, -1, 0);
}

static const char *word(bool granted)
{
    return granted ? "granted" : "refused";
}

static bool one(u64 bytes, int more)
{
    char *p = ask(bytes, PROT_READ | PROT_WRITE, more);
    if (is_error(p))
        return false;
    munmap(p, bytes);
    return true;
}

/* True if another step is within the limit, less the reserve that Linux's
 * mm/util.c denies to any one program: 1/32 of the program's size. */
static bool within(u64 vsize)
{
    u64 pages = kib("Committed_AS:") / 4 + STEP / PAGE + vsize / 32 / PAGE;
    return pages < kib("CommitLimit:") / 4;
}

static u64 vsize_now(void)
{
    return (u64)proc_number("/proc/self/status", "VmSize:") << 10;
}

static void steps(u64 ram)
{
    u64 want = 4 * ram / STEP, n = 0;
    bool exact = true, more = true, allowed = true;
    char *first = NULL;
    for (; n < want && more; n += more) {
        allowed = within(vsize_now());
        char *p = ask(STEP, PROT_READ | PROT_WRITE, 0);
        more = !is_error(p);
        first = more ? p : first; /* each lies below the one before */
        if (more != allowed)
            exact = false;
    }
    printf("steps %lu of %lu\nlimit %s\n", n, want, exact ? "exact" : "no");
    if (n)
        munmap(first, n * STEP);
}

static bool forks(u64 bytes)
{
    char *p = ask(bytes, PROT_READ | PROT_WRITE, 0);
    if (is_error(p))
        return false;
    s64 pid = fork();
    if (pid == 0)
        exit(0);
    if (pid > 0)
        wait4(pid, NULL, 0);
    munmap(p, bytes);
    return pid > 0;
}

static bool forks_two(void)
{
    u64 left = (kib("CommitLimit:") - kib("Committed_AS:")) << 10;
    u64 half = left * 29 / 100 & -PAGE;
    char *p = ask(half, PROT_READ | PROT_WRITE, 0);
    char *q = ask(half, PROT_READ | PROT_WRITE | PROT_EXEC, 0);
    bool granted = !is_error(p) && !is_error(q) && forks(PAGE);
    munmap(p, half);
    munmap(q, half);
    return granted;
}

static bool unprotects(u64 bytes)
{
    char *p = ask(bytes, PROT_READ, 0);
    if (is_error(p))
        return false;
    bool granted = mprotect(p, bytes, PROT_READ | PROT_WRITE) == 0;
    munmap(p, bytes);
    return granted;
}

int main(int argc, char **argv)
{
    u64 ram = ram_bytes(), all = ram + (kib("SwapTotal:") << 10) + PAGE;
    printf("single %s\n", word(one(all, 0)));
    steps(ram);
    printf("fork %s\n", word(forks((ram * 6 / 10) & -PAGE)));
    printf("fork of two %s\n", word(forks_two()));
    printf("noreserve %s\n", word(one(all, MAP_NORESERVE)));
    printf("mprotect %s\n", word(unprotects(all)));
    return 0;
}
