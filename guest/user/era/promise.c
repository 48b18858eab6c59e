/* SPDX-License-Identifier: MIT */
/* promise: how much memory the kernel promises, and what happens when it is
 * used. In each mode of vm.overcommit_memory (set back at the end) it asks for
 *
 *   RAM + swap + 1 page, in one request; the same with MAP_NORESERVE
 *   the largest single request that is granted, to the page
 *   4 x RAM in steps of 1 MiB; then all that was granted is written to
 *   60% of RAM, writes to it and forks; then the child writes to all of it
 *
 * Beside each result it prints the prediction of Linux's rules, computed from
 * /proc/meminfo before the request. Exit status 0: all agree. */
#include "lib/work.h"

#define STEP (1ul << 20)
#define KNOB "/proc/sys/vm/overcommit_memory"

static u64 ram, swap; /* bytes */
static int mode, wrong;

static u64 pages_of(const char *name)
{
    s64 kib = proc_number("/proc/meminfo", name);
    return kib < 0 ? 0 : (u64)kib / 4;
}

static s64 kills(void)
{
    return proc_number("/proc/vmstat", "oom_kill");
}

static int read_mode(void)
{
    char c = 0;
    s64 fd = open(KNOB, O_RDONLY, 0);
    if (fd < 0 || read((int)fd, &c, 1) != 1)
        cannot(KNOB, fd);
    close((int)fd);
    return c - '0';
}

static void set_mode(int to)
{
    s64 fd = open(KNOB, O_WRONLY, 0);
    char text[2] = {(char)('0' + to), '\n'};
    s64 n = fd < 0 ? fd : write((int)fd, text, 2);
    if (n != 2)
        cannot(KNOB, n);
    close((int)fd);
}

static char *ask(u64 bytes, int more)
{
    return mmap(0, bytes, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | more, -1, 0);
}

static void use(char *p, u64 bytes)
{
    for (u64 at = 0; at < bytes; at += PAGE)
        *(volatile u64 *)(p + at) = at;
}

static void row(const char *what, const char *expected, const char *got)
{
    bool same = !strcmp(expected, got);
    printf("%-6d%-32s%-16s%s%s\n", mode, what, expected, got,
           same ? "" : "   <-- not as predicted");
    wrong += !same;
}

static const char *word(bool granted)
{
    return granted ? "granted" : "refused";
}

/* True if mm/util.c promises `more` pages to a process of `vsize` pages, when
 * the sum of promises is `sum`. */
static bool allowed(u64 sum, u64 more, u64 vsize)
{
    if (mode == 1)
        return true;
    if (mode == 0)
        return more <= (ram + swap) / PAGE;
    return sum + more + vsize / 32 < pages_of("CommitLimit:");
}

static u64 vsize_now(void)
{
    return (u64)proc_number("/proc/self/status", "VmSize:") / 4;
}

static void single(int more)
{
    u64 bytes = ram + swap + PAGE;
    bool rule = more && mode != 2 ? true
                                  : allowed(pages_of("Committed_AS:"),
                                            bytes / PAGE, vsize_now());
    char *p = ask(bytes, more);
    row(more ? "the same, MAP_NORESERVE" : "RAM + swap + 4 KiB at once",
        word(rule), word(!is_error(p)));
    if (!is_error(p))
        munmap(p, bytes);
}

#define MOST (1ul << 22) /* pages: 16 GiB */

static u64 ratio(void)
{
    static const char path[] = "/proc/sys/vm/overcommit_ratio";
    char text[16] = {0};
    s64 fd = open(path, O_RDONLY, 0);
    if (fd < 0 || read((int)fd, text, sizeof text - 1) <= 0)
        cannot(path, fd);
    close((int)fd);
    return strtou(text);
}

/* Applies the rules; in mode 2: committed + request + size / 32 < RAM * ratio %
 * + swap, without CommitLimit, which would be the kernel's own result. */
static u64 largest_allowed(void)
{
    if (mode == 1)
        return MOST;
    if (mode == 0)
        return (ram + swap) / PAGE;
    u64 limit = ram / PAGE * ratio() / 100 + swap / PAGE;
    return limit - 1 - pages_of("Committed_AS:") - vsize_now() / 32;
}

/* Bisects; each mapping that is granted is unmapped at once. */
static u64 largest_granted(void)
{
    u64 granted = 0, refused = MOST + 1;
    while (refused - granted > 1) {
        u64 n = (granted + refused) / 2;
        char *p = ask(n * PAGE, 0);
        if (is_error(p)) {
            refused = n;
        } else {
            granted = n;
            munmap(p, n * PAGE);
        }
    }
    return granted;
}

/* ---- steps; the child's results are shared, since it may be killed ---- */

static struct found {
    u64 predicted, granted;
    bool forked, rule;
} * found;

static void takes_steps(void)
{
    u64 want = 4 * ram / STEP, n = 0, step = STEP / PAGE;
    u64 sum = pages_of("Committed_AS:"), size = vsize_now();
    while (n < want && allowed(sum + n * step, step, size + n * step))
        n++;
    found->predicted = n;
    char *first = NULL, *p;
    for (n = 0; n < want && !is_error(p = ask(STEP, 0)); n++)
        first = p; /* each mapping lies below the one before */
    found->granted = n;
    use(first, n * STEP);
    exit(0);
}

static void forks(void)
{
    u64 bytes = (ram / 10 * 6) & -PAGE;
    char *p = ask(bytes, 0);
    if (is_error(p))
        exit(1);
    use(p, bytes);
    /* The child is promised all memory that is private and writable: this
     * mapping, and the program's data and stack, estimated at 8 pages. */
    u64 before = pages_of("Committed_AS:");
    found->rule = allowed(before, bytes / PAGE + 8, vsize_now());
    s64 pid = fork();
    if (pid == 0) {
        found->forked = true;
        use(p, bytes);
        exit(0);
    }
    if (pid > 0)
        wait4(pid, NULL, 0);
    exit(0);
}

/* Runs fn in a child; true if the OOM killer struck. Waits for all descendants,
 * as promises to orphans count, too: the pipe's read ends with the last one. */
static bool in_child(void (*fn)(void))
{
    int fd[2];
    char c;
    if (SYS2(__NR_pipe2, fd, 0))
        cannot("pipe", 0);
    s64 before = kills(), pid = fork();
    if (pid == 0)
        fn();
    if (pid < 0)
        cannot("fork", pid);
    close(fd[1]);
    read(fd[0], &c, 1);
    close(fd[0]);
    wait4(pid, NULL, 0);
    return kills() != before;
}

static void row_numbers(const char *what, u64 expected, u64 got)
{
    int width = 1;
    for (u64 n = expected; n >= 10; n /= 10)
        width++;
    printf("%-6d%-32s%lu granted%*s%lu granted%s\n", mode, what, expected,
           width < 8 ? 8 - width : 0, "", got,
           expected == got ? "" : "   <-- not as predicted");
    wrong += expected != got;
}

static void all_in(int how)
{
    set_mode(mode = how);
    single(0);
    single(MAP_NORESERVE);
    u64 most = largest_allowed();
    row_numbers("largest request, pages", most, largest_granted());
    *found = (struct found){0};
    bool killed = in_child(takes_steps);
    row_numbers("4 x RAM, in steps of 1 MiB", found->predicted, found->granted);
    bool fits = found->predicted * STEP < ram + swap;
    row("... and every page is used", fits ? "all there" : "killed",
        killed ? "killed" : "all there");
    *found = (struct found){0};
    killed = in_child(forks);
    row("fork of 60% of RAM, in use", word(found->rule), word(found->forked));
    fits = !found->rule || ram / 10 * 12 < ram + swap - (2 * STEP);
    row("... and the child writes it", fits ? "no kill" : "killed",
        killed ? "killed" : "no kill");
}

int main(int argc, char **argv)
{
    int was = read_mode();
    ram = ram_bytes();
    swap = pages_of("SwapTotal:") * PAGE;
    found = anonymous(PAGE, MAP_SHARED);
    printf("promise: RAM %lu KiB, swap %lu KiB\n", KIB(ram), KIB(swap));
    printf("%-6s%-32s%-16s%s\n", "mode", "request", "predicted", "measured");
    for (int i = 0; i < 3; i++)
        all_in(i);
    set_mode(was);
    printf("promise: %d of 21 not as predicted\n", wrong);
    return wrong != 0;
}
