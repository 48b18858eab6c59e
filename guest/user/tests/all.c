/* SPDX-License-Identifier: MIT */
/* /tests/all [NAME...]: runs the tests, prints TAP, ends with the line
 * "N passed, N failed". /tests/all --here NAME: runs that test in this process,
 * without checks of the kernel (for /tests/failnth). */
#include "lib/procs.h"
#include "tests/test.h"

int test_failures;

static const struct test {
    const char *name, *sentence;
    void (*fn)(void);
} tests[] = {
#define TEST(name, sentence) {#name, sentence, test_##name},
#include "tests/tests.def"
};
#define NTESTS ((int)(sizeof tests / sizeof tests[0]))

s64 vmstat(const char *name)
{
    return proc_number("/proc/vmstat", name);
}

s64 meminfo(const char *name)
{
    return proc_number("/proc/meminfo", name);
}

bool too_long(u64 took, u64 most)
{
    int fd = open("/dev/hostrun", O_RDONLY, 0);
    if (fd < 0)
        return false;
    close(fd);
    return took > most;
}

char *anon(size_t pages)
{
    char *p = mmap(0, pages * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (is_error(p)) {
        printf("# mmap of %lu pages: error %ld\n", pages, -(s64)p);
        exit(99);
    }
    return p;
}

void dirty(char *p, size_t pages)
{
    for (size_t i = 0; i < pages; i++)
        *(volatile char *)(p + i * PAGE) = (char)(i + 1);
}

s64 kernel_reads(const void *p)
{
    int fd[2];
    check_eq(SYS2(__NR_pipe2, fd, 0), 0);
    s64 got = write(fd[1], p, 1);
    close(fd[0]);
    close(fd[1]);
    return got;
}

/* Touches the pages that measuring needs, so that the first measurement in a
 * process that was just forked does not count its own faults; and waits until
 * the parent sleeps, so that no measurement counts the parent's either (after
 * the fork its first write to its stack copies a page). */
static void settle(void)
{
    struct process parent;
    vmstat("pgfault");
    meminfo("AnonPages:");
    while (process_read((u64)SYS0(__NR_getppid), &parent) &&
           parent.state == 'R')
        sleep_ms(1);
}

int in_child(void (*fn)(void))
{
    int status = -1;
    s64 pid = fork();
    if (pid == 0) {
        settle();
        test_failures = 0;
        fn();
        exit(test_failures != 0);
    }
    check(pid > 0);
    check_eq(wait4(pid, &status, 0), pid);
    return status;
}

/* Makes the kernel compare its frame table with its page tables. */
static bool audit(void)
{
    s64 fd = open("/proc/audit", O_WRONLY, 0);
    s64 n = fd < 0 ? fd : write((int)fd, "1", 1);
    if (fd >= 0)
        close((int)fd);
    if (n != 1)
        printf("# audit: error %ld\n", -n);
    return n == 1;
}

/* Returns the memory in use, in kB, which must be the same after each test. */
static s64 in_use(void)
{
    return vmstat("nr_anon_or_swapped") * 4 + meminfo("PageTables:") +
           meminfo("KernelStack:");
}

static bool run(const struct test *t)
{
    int status = 0;
    s64 before = in_use();
    s64 pid = fork();
    if (pid == 0) {
        settle();
        t->fn();
        exit(test_failures != 0);
    }
    if (pid < 0 || wait4(pid, &status, 0) != pid)
        return false;
    if (status & 0x7f)
        printf("# died of signal %d\n", status & 0x7f);
    for (int i = 0; i < 50 && in_use() != before; i++)
        sleep_ms(10); /* orphans may still be ending */
    s64 after = in_use();
    if (after != before)
        printf("# %ld kB of anonymous memory, page tables and stacks are "
               "gone\n",
               after - before);
    return status == 0 && audit() && after == before;
}

static bool wanted(const struct test *t, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], t->name))
            return true;
    return argc == 1;
}

static int run_here(const char *name)
{
    for (int i = 0; i < NTESTS; i++)
        if (!strcmp(tests[i].name, name)) {
            tests[i].fn();
            return test_failures != 0;
        }
    return 2;
}

int main(int argc, char **argv)
{
    int passed = 0, failed = 0;
    if (argc == 3 && !strcmp(argv[1], "--here"))
        return run_here(argv[2]);
    printf("1..%d\n", argc > 1 ? argc - 1 : NTESTS);
    settle();
    for (int i = 0; i < NTESTS; i++) {
        if (!wanted(&tests[i], argc, argv))
            continue;
        bool ok = run(&tests[i]);
        passed += ok;
        failed += !ok;
        printf("%sok %d - %s: %s\n", ok ? "" : "not ", passed + failed,
               tests[i].name, tests[i].sentence);
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
