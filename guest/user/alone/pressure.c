/* SPDX-License-Identifier: MIT */
/* pressure private|shared|moved|swapoff KIB: checks every word of a memory that
 * is bigger than RAM. Writes all of it, forks twice; each child reads it and
 * changes a quarter (if private, others do not see that; if shared, they do);
 * all processes read it again. (In shared memory a child does not read what the
 * other changes.) "moved": after the first fork the parent moves the memory
 * (mremap), so that a page lies at different addresses. "swapoff": without the
 * two children; swapoff(2) on /dev/vdb reads the pages in swap back, then all
 * are checked. Each step is audited. Ends with 0 if nothing was wrong. */
#include "lib/tiny.h"

#define WORDS (PAGE / sizeof(u64))

static u64 *base;
static u64 npages;
static u64 errors;

static u64 mix(u64 n)
{
    n *= 0x9e3779b97f4a7c15;
    return n ^ n >> 29;
}

static u64 *page(u64 i)
{
    return base + i * WORDS;
}

static void fill(u64 i, u64 who)
{
    u64 *p = page(i), seed = mix(i * 8 + who);
#pragma GCC unroll 8
    for (u64 k = 0; k < WORDS; k++)
        p[k] = seed + k;
}

static void check(u64 i, u64 who, const char *what)
{
    const u64 *p = page(i);
    u64 seed = mix(i * 8 + who), differ = 0, wrong = 0;
#pragma GCC unroll 8
    for (u64 k = 0; k < WORDS; k++)
        differ |= p[k] ^ (seed + k);
    for (u64 k = 0; differ && k < WORDS; k++)
        wrong += p[k] != seed + k;
    if (wrong && errors++ < 5)
        printf("pressure: %s: page %lu: %lu words are wrong\n", what, i, wrong);
}

static void audit(const char *when)
{
    s64 fd = open("/proc/audit", O_WRONLY, 0);
    s64 n = fd < 0 ? fd : write((int)fd, "1", 1);
    close((int)fd);
    if (n != 1 && errors++ < 5)
        printf("pressure: audit %s: error %ld\n", when, -n);
}

/* MemAvailable must be between 0 and MemTotal at any moment, as in Linux. */
static void look_at_available(void)
{
    s64 is = proc_number("/proc/meminfo", "MemAvailable:");
    s64 total = proc_number("/proc/meminfo", "MemTotal:");
    if ((is < 0 || is > total) && errors++ < 5)
        is == -1 || total == -1 /* perhaps for want of memory */
            ? printf("pressure: /proc/meminfo cannot be read\n")
            : printf("pressure: MemAvailable is %ld kB\n", is);
}

static bool mine(u64 i, u64 who)
{
    return i % 4 == who;
}

static int child(u64 who, bool shared)
{
    for (u64 i = 0; i < npages; i++)
        if (!shared || !mine(i, 3 - who)) /* may be written already */
            check(i, 0, "child");
    for (u64 i = 0; i < npages; i++)
        if (mine(i, who))
            fill(i, who);
    audit("in a child");
    for (u64 i = 0; i < npages; i++)
        if (mine(i, who) || !shared || !mine(i, 3 - who))
            check(i, mine(i, who) ? who : 0, "child, again");
    return errors != 0;
}

static s64 start(u64 who, bool shared)
{
    s64 pid = fork();
    if (pid == 0)
        exit(child(who, shared));
    return pid;
}

/* True if the child ended well; else it may have left its quarter unwritten. */
static bool finish(s64 pid)
{
    int status = -1;
    if (pid >= 0 && wait4(pid, &status, 0) == pid && !status)
        return true;
    errors++;
    printf("pressure: child %ld: status %d\n", pid, status);
    return false;
}

/* Moves the upper half to a new address, and the lower half below it. */
static void move_up(void)
{
    u64 bytes = npages / 2 * PAGE;
    char *to =
        mmap(0, npages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    s64 got = SYS6(__NR_mremap, (char *)base + bytes, bytes, bytes,
                   MREMAP_MAYMOVE | MREMAP_FIXED, to + bytes, 0);
    if (got == (s64)(to + bytes))
        got = SYS6(__NR_mremap, base, bytes, bytes,
                   MREMAP_MAYMOVE | MREMAP_FIXED, to, 0);
    if (got != (s64)to) {
        printf("pressure: mremap: error %ld\n", -got);
        exit(1);
    }
    base = (u64 *)to;
}

/* Kills a swapoff: the signal must end it; the area must stay in use. */
static void kill_swapoff(void)
{
    s64 total = proc_number("/proc/meminfo", "SwapTotal:"), pid = fork();
    int status = -1;
    if (pid == 0)
        exit(SYS1(__NR_swapoff, "/dev/vdb") != 0);
    sleep_ms(20);
    SYS2(__NR_kill, pid, 9);
    if (wait4(pid, &status, 0) != pid || status != 9 ||
        proc_number("/proc/meminfo", "SwapTotal:") != total) {
        errors++;
        printf("pressure: swapoff was killed: status %d\n", status);
    }
}

static bool some_are_out(void)
{
    static unsigned char in[1 << 16]; /* mincore's answer, a byte a page */
    SYS3(__NR_mincore, base, npages * PAGE, in);
    for (u64 i = 0; i < npages; i++)
        if (!(in[i] & 1))
            return true;
    return false;
}

/* Tests swapoff: in full memory; killed; and reading all pages back. First it
 * writes other memory, twice the size, again and again until some of the memory
 * at `base` is in swap (linux240t and kpaged evict the other memory first). */
static void without_swap(void)
{
    u64 more = 2 * npages;
    char *other = anonymous(more * PAGE, MAP_PRIVATE);
    for (int round = 0; round < 8 && !some_are_out(); round++)
        for (u64 i = 0; i < more; i++)
            other[i * PAGE] = 1;
    s64 full = SYS1(__NR_swapoff, "/dev/vdb");
    munmap(other, more * PAGE);
    kill_swapoff();
    audit("before swapoff");
    s64 swapped = proc_number("/proc/self/status", "VmSwap:");
    s64 got = SYS1(__NR_swapoff, "/dev/vdb");
    audit("after swapoff");
    printf("pressure: swapoff: %ld while memory was full, then %ld; VmSwap %s "
           "before, %ld after; SwapTotal %ld\n",
           full, got, swapped > 0 ? "some" : "none",
           proc_number("/proc/self/status", "VmSwap:"),
           proc_number("/proc/meminfo", "SwapTotal:"));
    errors += got != 0;
    for (u64 i = 0; i < npages; i++)
        check(i, 0, "after swapoff");
    got = SYS2(__NR_swapon, "/dev/vdb", 0);
    if (got || SYS2(__NR_swapon, "/dev/vdb", 0) != -16) /* EBUSY */
        errors++;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    bool shared = !strcmp(argv[1], "shared"), moved = !strcmp(argv[1], "moved");
    npages = strtou(argv[2]) / 4 & ~1ul;
    base = mmap(0, npages * PAGE, PROT_READ | PROT_WRITE,
                (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS, -1, 0);
    if (is_error(base)) {
        printf("pressure: mmap: error %ld\n", -(s64)base);
        return 1;
    }
    for (u64 i = 0; i < npages; i++)
        fill(i, 0);
    audit("after writing");
    if (!strcmp(argv[1], "swapoff")) {
        without_swap();
        printf("pressure: %lu errors\n", errors);
        return errors != 0;
    }
    s64 one = start(1, shared);
    if (moved)
        move_up();
    s64 two = start(2, shared);
    for (u64 i = 0; i < npages; i++) {
        if (!shared || i % 4 == 0 || i % 4 == 3)
            check(i, 0, "parent");
        if (i % 64 == 0)
            look_at_available();
    }
    audit("while the children run");
    bool ended[] = {true, finish(one), finish(two), true};
    for (u64 i = 0; i < npages; i++)
        if (!shared || ended[i % 4])
            check(i, shared && i % 4 != 3 ? i % 4 : 0, "parent, after");
    audit("at the end");
    printf("pressure: %s: %lu pages, %lu errors\n", argv[1], npages, errors);
    return errors != 0;
}
