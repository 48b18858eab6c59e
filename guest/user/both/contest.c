/* SPDX-License-Identifier: MIT */
/* contest seq|hot|two|mix FRAMES DIR: a workload for two kernels, ours and
 * Linux 6.12 (tools/contest). First it locks memory until FRAMES frames are
 * left to spare. Reads DIR/a (2 * FRAMES pages) and DIR/b (FRAMES pages).
 *
 *   seq   a is read twice from end to end
 *   hot   a is read once; after each of its pages, one of FRAMES/2 pages of
 *         memory is written, at random
 *   two   two processes, in step, write 3/4 FRAMES pages each; then each writes
 *         2 FRAMES times one of them at random, 4 of 5 times in the first fifth
 *   mix   2 FRAMES times: a page of b (mapped), drawn as in two, is read, then
 *         the next page of a is read, and one of FRAMES/4 pages is written
 *
 * Prints `spare` and `locked`, in frames, then `at EIGHTH ANON FILE` eight
 * times, the resident pages (/proc/vmstat, less the locked ones), then `NAME
 * NUMBER`, the increase of each of the counters in `names` that the running
 * kernel's /proc/vmstat has. */
#include "lib/work.h"

#define CHUNK  16ul /* pages that are locked at once */
#define BUFFER (64ul << 10)

static const char *const names[] = {"pgscan_kswapd",
                                    "pgscan_direct",
                                    "pgsteal_kswapd",
                                    "pgsteal_direct",
                                    "pgscan_anon",
                                    "pgscan_file",
                                    "pgsteal_anon",
                                    "pgsteal_file",
                                    "workingset_refault_anon",
                                    "workingset_refault_file",
                                    "workingset_activate_anon",
                                    "workingset_activate_file",
                                    "pgactivate",
                                    "pgdeactivate",
                                    "pswpin",
                                    "pswpout",
                                    "pgmajfault",
                                    "pgpgin"};
#define NAMES (sizeof names / sizeof *names)

static s64 before[NAMES];
static u64 frames, locked, seed = 42;
static char buffer[BUFFER] __attribute__((aligned(4096)));
static const char *dir;

static u64 vmstat(const char *name)
{
    return (u64)proc_number("/proc/vmstat", name);
}

static u64 random_below(u64 n)
{
    return mix(seed++) % n;
}

/* Draws a number below n, four of five times from the first fifth alone. */
static u64 skewed(u64 n)
{
    return random_below(5) ? random_below(n / 5) : random_below(n);
}

static char *memory(u64 pages)
{
    char *m = mmap(0, pages * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (is_error(m))
        cannot("contest: mmap", (s64)m);
    return m;
}

/* Only Linux has nr_active_file, and counts the swap cache in nr_file_pages. */
static u64 file_pages(void)
{
    s64 active = proc_number("/proc/vmstat", "nr_active_file");
    return active < 0 ? vmstat("nr_file_pages")
                      : (u64)active + vmstat("nr_inactive_file");
}

static u64 to_spare(void)
{
    return vmstat("nr_free_pages") + file_pages() + vmstat("nr_anon_pages") -
           locked;
}

static void lock_others(void)
{
    char *m = memory(ram_bytes() / PAGE);
    if (to_spare() < frames)
        cannot("contest: fewer frames can be spared", 0);
    while (to_spare() > frames) {
        s64 err = SYS2(__NR_mlock, m + locked * PAGE, CHUNK * PAGE);
        if (err)
            cannot("contest: mlock", err);
        locked += CHUNK;
    }
}

static int file(const char *name)
{
    static char path[256];
    size_t n = strlen(dir);
    if (n + 3 > sizeof path)
        cannot("contest: DIR is too long", 0);
    memcpy(path, dir, n);
    path[n] = '/', path[n + 1] = *name, path[n + 2] = '\0';
    s64 fd = open(path, O_RDONLY, 0);
    if (fd < 0)
        cannot(path, fd);
    return (int)fd;
}

static void take(int fd, u64 bytes)
{
    s64 n = read(fd, buffer, bytes);
    if (n != (s64)bytes)
        cannot("contest: read", n < 0 ? n : 0);
}

/* Prints the resident pages if step i of n was the last of an eighth. */
static void sample(u64 i, u64 n)
{
    if ((i + 1) % (n / 8) == 0)
        printf("at %d %d %d\n", (int)((i + 1) / (n / 8)),
               (int)(vmstat("nr_anon_pages") - locked), (int)file_pages());
}

static void seq(void)
{
    u64 steps = 2 * frames * PAGE / BUFFER;
    for (u64 pass = 0; pass < 2; pass++) {
        int fd = file("a");
        for (u64 i = 0; i < steps; i++) {
            take(fd, BUFFER);
            sample(pass * steps + i, 2 * steps);
        }
        close(fd);
    }
}

static void hot(void)
{
    u64 n = frames / 2;
    char *m = memory(n);
    int fd = file("a");
    for (u64 i = 0; i < n; i++)
        m[i * PAGE] = 1;
    for (u64 i = 0; i < 2 * frames; i++) {
        take(fd, PAGE);
        m[random_below(n) * PAGE]++;
        sample(i, 2 * frames);
    }
}

/* Begins step i of one of two processes and waits until it is at most 64 steps
 * ahead of the other: otherwise the kernel's scheduler would decide which
 * process finds its pages in memory. */
static void keep_step(volatile u64 *mine, const volatile u64 *other, u64 i)
{
    *mine = i;
    while (i > 64 && *other < i - 64)
        SYS0(__NR_sched_yield);
}

static void writer(volatile u64 *mine, const volatile u64 *other, bool samples)
{
    u64 n = frames / 4 * 3;
    char *m = memory(n);
    for (u64 i = 0; i < n; i++) {
        keep_step(mine, other, i);
        m[i * PAGE] = 1;
    }
    for (u64 i = 0; i < 2 * frames; i++) {
        keep_step(mine, other, n + i);
        m[skewed(n) * PAGE]++;
        if (samples)
            sample(i, 2 * frames);
    }
    *mine = ~0ul;
}

static void two(void)
{
    volatile u64 *steps = mmap(0, PAGE, PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (is_error((const void *)steps))
        cannot("contest: mmap", (s64)steps);
    s64 child = fork();
    if (child < 0)
        cannot("contest: fork", child);
    seed += child ? 0 : 1ul << 32;
    writer(&steps[!child], &steps[child != 0], child != 0);
    if (!child)
        exit(0);
    wait4(child, 0, 0);
}

static void mixed(void)
{
    u64 n = frames / 4;
    char *m = memory(n);
    int a = file("a");
    const volatile char *b =
        mmap(0, frames * PAGE, PROT_READ, MAP_SHARED, file("b"), 0);
    if (is_error((const void *)b))
        cannot("contest: mmap", (s64)b);
    for (u64 i = 0; i < 2 * frames; i++) {
        (void)b[skewed(frames) * PAGE];
        take(a, PAGE);
        m[random_below(n) * PAGE]++;
        sample(i, 2 * frames);
    }
}

static const struct {
    const char *name;
    void (*run)(void);
} loads[] = {{"seq", seq}, {"hot", hot}, {"two", two}, {"mix", mixed}};

int main(int argc, char **argv)
{
    for (size_t l = 0; argc == 4 && l < sizeof loads / sizeof *loads; l++) {
        if (strcmp(argv[1], loads[l].name) != 0)
            continue;
        frames = number_arg(argv[2]);
        dir = argv[3];
        lock_others();
        printf("contest: %s begins\n", argv[1]);
        printf("spare %d\nlocked %d\n", (int)to_spare(), (int)locked);
        for (size_t i = 0; i < NAMES; i++)
            before[i] = proc_number("/proc/vmstat", names[i]);
        loads[l].run();
        for (size_t i = 0; i < NAMES; i++)
            if (before[i] >= 0)
                printf(
                    "%s %d\n", names[i],
                    (int)(proc_number("/proc/vmstat", names[i]) - before[i]));
        printf("contest: %s done\n", argv[1]);
        return 0;
    }
    cannot("usage: contest seq|hot|two|mix FRAMES DIR", 0);
}
