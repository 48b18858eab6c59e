/* SPDX-License-Identifier: MIT */
/* thrash [-n FIRST-LAST] [-t MICROSECONDS] [-p PAGES] [-s SECONDS]: Denning's
 * cliff (AFIPS FJCC 1968; CSUR 1970). For each N from FIRST to LAST (default
 * 1-8), N processes go round and round through PAGES pages each (by default so
 * many that four processes just fit into memory), and work for MICROSECONDS
 * (default 45) at each page. All start at once with their pages in swap: a
 * process whose pages were in memory already would keep them, because it
 * touches them far more often than the disk brings other processes' pages, and
 * the clock hand would always find them referenced.
 * Measured, once every process has been round: the share of time in which the
 * processor did that work.
 *
 * Predicted; M, N* and a first D are measured before the N processes start:
 *   M   frames that programs can have: free ones above the low mark
 *   N*  floor(M / (PAGES + what a process costs besides))
 *   D   time of a fault / time of the work at a page. Measured beforehand with
 *       one process, which reads at random more pages than there are frames.
 *       N processes move the disk's arm differently: for each N, the time of a
 *       fault is the swap disk's busy time, divided by its number of reads
 *   utilisation: 1 up to N*; from there on Denning's duty factor 1/(1+mD),
 *   where m is the share of touches that fault. If the least recently used page
 *   is replaced, m is 1: 1/(1+D). A clock hand that spares used pages lets some
 *   process keep ahead of it while memory is only a little too small, so m is
 *   counted, and printed
 * With -s each N is measured for SECONDS, and not judged by the prediction: a
 * swapper takes whole processes out, each for many seconds.
 * Pages are read, not written, and each keeps its copy in swap: a fault is one
 * read. Wants vm.page-cluster=0: no read-ahead, as in the model. Exit status 0:
 * utilisation is at least 0.95 up to N* and within 10% of 1/(1+mD) beyond it, m
 * is at least 0.95 from twice N* on, and no page was wrong. */
#include "lib/work.h"

#define MAX_N  16
#define ROUNDS 3 /* measured rounds, on average over the processes */

static u64 frames_m, w, cost, touch_us = 45, spins_per_ms, seconds;
static u64 fault_us, faults_seen;

static volatile struct shared {
    u64 rounds[MAX_N]; /* whole rounds of each process */
    u64 touches[MAX_N];
    u64 ready; /* processes that have written their pages, and wait */
    bool go;
    u64 wrong;
} * all;

static u64 file_number(const char *file, const char *name)
{
    s64 n = proc_number(file, name);
    if (n < 0)
        cannot(name, n);
    return (u64)n;
}

static u64 low_mark(void)
{
    static char text[1024];
    s64 fd = open("/proc/zoneinfo", O_RDONLY, 0);
    if (fd < 0 || read((int)fd, text, sizeof text - 1) <= 0)
        cannot("/proc/zoneinfo", fd);
    close((int)fd);
    const char *at = strstr(text, " low ");
    while (at && *at && (*at < '0' || *at > '9'))
        at++;
    return at ? strtou(at) : 0;
}

static void write_file(const char *path, char c)
{
    s64 fd = open(path, O_WRONLY, 0);
    if (fd < 0 || write((int)fd, &c, 1) != 1)
        cannot(path, fd);
    close((int)fd);
}

static u64 free_frames(void)
{
    write_file("/proc/sys/vm/drop_caches", '3');
    return file_number("/proc/meminfo", "MemFree:") / 4;
}

/* ---- work that takes a known time ---- */

static void spin(u64 n)
{
    while (n--)
        __asm__ volatile("");
}

static void calibrate(void)
{
    u64 n = 20000, took;
    do {
        n *= 2;
        u64 start = now_us();
        spin(n);
        took = now_us() - start;
    } while (took < 20000);
    spins_per_ms = n * 1000 / took;
}

static void work(void)
{
    spin(spins_per_ms * touch_us / 1000);
}

static char *pages(u64 n)
{
    char *p = mmap(0, n * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (is_error(p))
        cannot("mmap", (s64)p);
    return p;
}

static void put(char *p, u64 n, u64 whose)
{
    for (u64 i = 0; i < n; i++)
        *(u64 *)(p + i * PAGE) = mix(whose << 32 | i);
}

static void look(const char *p, u64 i, u64 whose)
{
    if (*(const volatile u64 *)(p + i * PAGE) != mix(whose << 32 | i))
        all->wrong++;
}

/* ---- what a process costs, what a fault costs ---- */

static u64 process_cost(void)
{
    int fd[2];
    char c = 0;
    SYS2(__NR_pipe2, fd, 0);
    u64 before = free_frames();
    s64 pid = fork();
    if (pid == 0) {
        char *p = pages(w);
        *p = 1; /* makes its tables; these 2 pages are not counted */
        p[(w - 1) * PAGE] = 1;
        read(fd[0], &c, 1);
        exit(0);
    }
    sleep_ms(50);
    u64 after = free_frames();
    write(fd[1], &c, 1);
    wait4(pid, NULL, 0);
    close(fd[0]);
    close(fd[1]);
    return before - after - 2;
}

static u64 major(void)
{
    s64 r[18];
    SYS2(__NR_getrusage, 0, r);
    return (u64)r[9];
}

/* Measures the time of a fault, by 2000 random reads in n pages. */
static void measure_fault(u64 n)
{
    s64 pid = fork();
    if (pid == 0) {
        char *p = pages(n);
        put(p, n, 99);
        for (u64 k = 0; k < n; k++) /* so that each page has been in swap */
            look(p, k, 99);
        u64 start = now_us(), before = major();
        for (u64 k = 0, x = 42; k < 2000; k++) {
            x = mix(x);
            look(p, x % n, 99);
        }
        all->touches[0] = now_us() - start;
        all->touches[1] = major() - before;
        exit(0);
    }
    wait4(pid, NULL, 0);
    fault_us = all->touches[0] / (all->touches[1] + !all->touches[1]);
    faults_seen = all->touches[1];
}

/* ---- N processes ---- */

static void go_round(unsigned me)
{
    char *p = pages(w);
    put(p, w, me);
    for (all->ready++; !all->go;)
        sleep_ms(50);
    for (;;) {
        for (u64 i = 0; i < w; i++) {
            look(p, i, me);
            work();
            all->touches[me]++;
        }
        all->rounds[me]++;
    }
}

/* Drives the other processes' pages to swap. */
static void push_out(void)
{
    s64 pid = fork();
    if (pid == 0) {
        put(pages(2 * frames_m), 2 * frames_m, 98);
        exit(0);
    }
    if (pid < 0)
        cannot("fork", pid);
    wait4(pid, NULL, 0);
}

static u64 sum(const volatile u64 *of, unsigned n)
{
    u64 s = 0;
    for (unsigned i = 0; i < n; i++)
        s += of[i];
    return s;
}

static bool all_round(unsigned n, u64 rounds)
{
    for (unsigned i = 0; i < n; i++)
        if (all->rounds[i] < rounds)
            return false;
    return true;
}

/* The swap disk: fields 1 and 10 of its line in /proc/diskstats (Linux,
 * Documentation/admin-guide/iostats.rst). */
struct disk {
    u64 reads, busy_ms;
};

static struct disk disk_now(void)
{
    static char text[1024];
    s64 fd = open("/proc/diskstats", O_RDONLY, 0);
    s64 got = fd < 0 ? fd : read((int)fd, text, sizeof text - 1);
    const char *at = got > 0 ? strstr(text, "vdb ") : NULL;
    struct disk d = {0};
    if (!at)
        cannot("/proc/diskstats: vdb", got);
    close((int)fd);
    at += 4;
    for (int field = 1; field <= 10; field++) {
        u64 n = strtou(at);
        if (field == 1)
            d.reads = n;
        d.busy_ms = n;
        while (*at && *at != ' ')
            at++;
        at += *at == ' ';
    }
    return d;
}

struct result {
    u64 util;   /* in 1/100000 */
    u64 faults; /* per 1000 touches */
    u64 d;      /* in hundredths */
};

static struct result run(unsigned n)
{
    s64 pid[MAX_N];
    memset((void *)all, 0, sizeof *all);
    for (unsigned i = 0; i < n; i++)
        if ((pid[i] = fork()) == 0)
            go_round(i);
        else if (pid[i] < 0)
            cannot("fork", pid[i]);
    while (all->ready < n)
        sleep_ms(50);
    push_out();
    all->go = true;
    while (!seconds && !all_round(n, 1))
        sleep_ms(100);
    sleep_ms(seconds * 250); /* until the swapper has settled */
    u64 t0 = now_us(), k0 = sum(all->touches, n);
    u64 f0 = file_number("/proc/vmstat", "pgmajfault");
    struct disk d0 = disk_now();
    while (seconds ? now_us() - t0 < seconds * 1000000
                   : sum(all->touches, n) - k0 < ROUNDS * n * w)
        sleep_ms(100);
    u64 t = now_us() - t0, k = sum(all->touches, n) - k0;
    u64 f = file_number("/proc/vmstat", "pgmajfault") - f0;
    struct disk d1 = disk_now();
    u64 reads = d1.reads - d0.reads;
    u64 us = reads ? (d1.busy_ms - d0.busy_ms) * 1000 / reads : fault_us;
    for (unsigned i = 0; i < n; i++) {
        SYS2(__NR_kill, pid[i], SIGKILL);
        wait4(pid[i], NULL, 0);
    }
    return (struct result){k * touch_us * 100000 / t, f * 1000 / k,
                           us * 100 / touch_us};
}

static void number(u64 in_100000)
{
    printf("  %lu.%04lu", in_100000 / 100000, in_100000 % 100000 / 10);
}

int main(int argc, char **argv)
{
    unsigned first = 1, last = 8, wrong = 0;
    u64 given = 0;
    for (int i = 1; i + 1 < argc; i += 2)
        if (!strcmp(argv[i], "-n")) {
            first = (unsigned)argv[i + 1][0] - '0';
            last = (unsigned)argv[i + 1][2] - '0';
        } else if (!strcmp(argv[i], "-t")) {
            touch_us = number_arg(argv[i + 1]);
        } else if (!strcmp(argv[i], "-p")) {
            given = w = number_arg(argv[i + 1]);
        } else if (!strcmp(argv[i], "-s")) {
            seconds = number_arg(argv[i + 1]);
        }
    all = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
               0);
    calibrate();
    measure_fault(2 * free_frames());
    frames_m = free_frames() - low_mark();
    w = w ? w : frames_m / 4;
    cost = process_cost();
    if (!given)
        w = frames_m * 100 / 402 - cost;
    u64 cliff = frames_m / (w + cost);
    u64 d = fault_us * 100 / touch_us; /* in hundredths */
    u64 past = 100000 * 100 / (100 + d);
    printf("M %lu frames, W %lu pages and %lu besides: N* = %lu\n", frames_m, w,
           cost, cliff);
    printf("a fault %lu us (of %lu), a touch %lu us: D = %lu, 1/(1+D) = "
           "%lu.%04lu\n",
           fault_us, faults_seen, touch_us, d / 100, past / 100000,
           past % 100000 / 10);
    printf("N  predicted  m      D    1/(1+mD)  measured\n");
    for (unsigned n = first; n <= last; n++) {
        struct result r = run(n);
        bool before = n <= cliff;
        u64 duty = 10000000000ul / (100000 + r.faults * r.d);
        bool ok = before ? r.util >= 95000
                         : r.util >= duty * 9 / 10 && r.util <= duty * 11 / 10;
        if (n >= 2 * cliff && r.faults < 950)
            ok = false;
        ok |= seconds > 0;
        printf("%u", n);
        number(before ? 100000 : past);
        printf("     %lu.%03lu  %-5lu", r.faults / 1000, r.faults % 1000,
               r.d / 100);
        number(before ? 100000 : duty);
        number(r.util);
        printf("%s\n", ok ? "" : "   <-- not as predicted");
        wrong += !ok;
    }
    printf("thrash: %u of %u not as predicted, %lu pages wrong\n", wrong,
           last - first + 1, all->wrong);
    return wrong || all->wrong;
}
