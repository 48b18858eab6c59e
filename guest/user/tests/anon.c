/* SPDX-License-Identifier: MIT */
/* Anonymous memory: zero frame, demand zero, copy-on-write. */
#include "tests/test.h"

#define BIG 2048 /* pages: 8 MiB; less if MemFree is below 12 MiB */

static char bss[256 * PAGE] __attribute__((aligned(4096)));

static int sum(const char *p, size_t pages)
{
    int s = 0;
    for (size_t i = 0; i < pages; i++)
        s += *(volatile const char *)(p + i * PAGE);
    return s;
}

static s64 anon_kb(void)
{
    return meminfo("AnonPages:");
}

void test_zero_frame(void)
{
    char *p = anon(100);
    vmstat("zero_mapped"); /* touches the buffers of proc_number */
    s64 rss = proc_number("/proc/self/status", "VmRSS:");
    s64 before = anon_kb(), zero = vmstat("zero_mapped");
    check(rss > 0);
    check_eq(sum(p, 100), 0);
    check_eq(proc_number("/proc/self/status", "VmRSS:"), rss);
    check_eq(vmstat("zero_mapped") - zero, 100);
    check_eq(anon_kb(), before);
    s64 clear = vmstat("demand_zero");
    p[5 * PAGE] = 1; /* this page gets a frame of its own */
    check_eq(vmstat("demand_zero") - clear, 1);
    check_eq(sum(p, 100), 1);
    check_eq(anon_kb() - before, 4);
}

void test_demand_zero(void)
{
    char *p = anon(64);
    s64 before = anon_kb(), clear = vmstat("demand_zero");
    check_eq(anon_kb(), before);
    dirty(p, 64);
    check_eq(vmstat("demand_zero") - clear, 64);
    check_eq(anon_kb() - before, 64 * 4);
    munmap(p, 64 * PAGE);
    check_eq(anon_kb(), before);
}

static void set_prezero(const char *n)
{
    s64 fd = open("/proc/sys/vm/prezero", O_WRONLY, 0);
    check_eq(write((int)fd, n, strlen(n)), (s64)strlen(n));
    close((int)fd);
}

void test_prezero(void)
{
    char *p = anon(64);
    dirty(p, 64);
    munmap(p, 64 * PAGE); /* frames that are not zero */
    s64 ahead = vmstat("prezeroed"), clear = vmstat("demand_zero");
    p = anon(64);
    dirty(p, 64);
    check_eq(vmstat("prezeroed"), ahead); /* vm.prezero is 0 */
    munmap(p, 64 * PAGE);
    set_prezero("256");
    sleep_ms(50);
    p = anon(64);
    for (u64 i = 0; i < 64; i++)
        p[i * PAGE + 9] = 'p';
    s64 some = vmstat("prezeroed") - ahead;
    check(some >= 60 && some <= 80); /* a page table and stack, too */
    check_eq(vmstat("demand_zero") - clear, 128);
    for (u64 i = 0; i < 64 * PAGE; i++)
        if (p[i] != (i % PAGE == 9 ? 'p' : 0))
            check(!"zeros but where it was written");
    set_prezero("0");
}

void test_bss_demand(void)
{
    s64 before = anon_kb();
    check_eq(sum(bss, 256), 0);
    check_eq(anon_kb(), before);
    dirty(bss, 10);
    check_eq(anon_kb() - before, 40);
}

/* The child passes its measurements through shared memory. */
static volatile s64 *shared;

static void share(void)
{
    shared = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                  -1, 0);
    shared[0] = 0;
}

static char *big;

static void write_ten(void)
{
    s64 copied = vmstat("cow_copied"), before = anon_kb();
    shared[1] = anon_kb();
    for (int i = 0; i < 10; i++)
        big[i * 7 * PAGE] = 99;
    shared[2] = vmstat("cow_copied") - copied;
    shared[3] = anon_kb() - before;
}

void test_cow_fork(void)
{
    int pages = BIG;
    share();
    if (meminfo("MemFree:") < 12288)
        pages = (int)meminfo("MemFree:") / 8;
    big = anon((size_t)pages);
    dirty(big, (size_t)pages);
    vmstat("pgfault"); /* the buffers of proc_number are touched */
    s64 before = anon_kb();
    check_eq(in_child(write_ten), 0);
    /* Both processes copied a few frames of stack and data, none of big. */
    check(shared[1] - before < 64);
    check_eq(shared[2], 10);
    check_eq(shared[3], 40);
    for (int i = 0; i < pages; i++)
        if (big[(size_t)i * PAGE] != (char)(i + 1))
            check(!"the parent's content changed");
    check_eq(anon_kb(), before);
}

static void end_at_once(void)
{
}

void test_cow_last_owner(void)
{
    big = anon(100);
    dirty(big, 100);
    check_eq(in_child(end_at_once), 0);
    s64 copied = vmstat("cow_copied"), reused = vmstat("cow_reused");
    s64 before = anon_kb();
    for (size_t i = 0; i < 50; i++)
        big[i * PAGE] = 7;
    check_eq(vmstat("cow_copied") - copied, 0);
    check_eq(vmstat("cow_reused") - reused, 50);
    check_eq(anon_kb(), before);
}

static void scribble(void)
{
    for (size_t i = 0; i < 32; i++) {
        check_eq(big[i * PAGE], (char)(i + 1));
        big[i * PAGE] = 'c';
    }
    shared[0] = 1;
    while (shared[0] != 2)
        SYS0(__NR_sched_yield);
    for (size_t i = 0; i < 32; i++)
        check_eq(big[i * PAGE], 'c');
}

void test_cow_isolation(void)
{
    share();
    big = anon(32);
    dirty(big, 32);
    s64 pid = fork();
    if (pid == 0) {
        scribble();
        exit(test_failures);
    }
    while (shared[0] != 1)
        SYS0(__NR_sched_yield);
    for (size_t i = 0; i < 32; i++) {
        check_eq(big[i * PAGE], (char)(i + 1));
        big[i * PAGE] = 'p';
    }
    shared[0] = 2;
    int status;
    wait4(pid, &status, 0);
    check_eq(status, 0);
}

static void third_generation(void)
{
    check_eq(big[9 * PAGE], 10);
    big[9 * PAGE] = 3;
    s64 copied = vmstat("cow_copied");
    big[20 * PAGE] = 3;
    check_eq(vmstat("cow_copied") - copied, 1);
}

static void second_generation(void)
{
    check_eq(in_child(third_generation), 0);
    check_eq(big[9 * PAGE], 10);
}

void test_cow_grandchildren(void)
{
    big = anon(64);
    dirty(big, 64);
    s64 before = anon_kb();
    check_eq(in_child(second_generation), 0);
    check_eq(big[9 * PAGE], 10);
    check_eq(anon_kb(), before);
}

static s64 referenced(void)
{
    return proc_number("/proc/self/smaps_rollup", "Referenced:") / 4;
}

static void uses_few(void)
{
    check(referenced() < 64);
    for (int i = 0; i < 100; i++)
        check_eq(*(volatile char *)(big + i * PAGE), i + 1);
    check(referenced() >= 100);
    exit(test_failures);
}

/* Fork does not use pages, so it must mark none as referenced: neither in the
 * parent nor in the child, except a few of its stack and data. */
void test_fork_marks(void)
{
    big = anon(256);
    dirty(big, 256);
    referenced(); /* the buffers of proc_number are touched */
    check(referenced() >= 256);
    int fd = (int)open("/proc/self/clear_refs", O_WRONLY, 0);
    check_eq(write(fd, "1", 1), 1);
    close(fd);
    check_eq(in_child(uses_few), 0);
    check(referenced() < 64);
    dirty(big, 256);
    check_eq(in_child(uses_few), 0); /* a child inherits no marks */
    check(referenced() >= 256);
}

static void touch_much(void)
{
    dirty(anon(200), 200);
}

void test_fork_exit_frames(void)
{
    check_eq(in_child(touch_much), 0); /* warms the page cache */
    s64 before = meminfo("MemFree:");
    for (int i = 0; i < 5; i++)
        check_eq(in_child(touch_much), 0);
    check_eq(meminfo("MemFree:"), before);
}

static volatile int vfork_value;

static int in_vfork(void *arg)
{
    sleep_ms(20);
    vfork_value = (int)(s64)arg; /* the parent's memory */
    return 0;
}

void test_vfork_shares(void)
{
    char *stack = anon(4);
    s64 pid = clone_run(CLONE_VM | CLONE_VFORK, in_vfork, (void *)42,
                        stack + 4 * PAGE);
    int status = -1;
    check_eq(vfork_value, 42);
    check_eq(wait4(pid, &status, 0), pid);
    check_eq(status, 0);
}

static volatile int rounds;

/* Maps, writes and unmaps in the space that it shares with its parent. */
static int share_space(void *arg)
{
    for (int i = 0; i < 50; i++) {
        char *p = anon(8);
        dirty(p, 8);
        SYS0(__NR_sched_yield);
        if (p[7 * PAGE] != 8)
            return 1;
        munmap(p, 8 * PAGE);
        rounds++;
    }
    return *(volatile int *)arg != 5;
}

void test_clone_vm(void)
{
    char *stack = anon(4);
    volatile int five = 0;
    s64 pid =
        clone_run(CLONE_VM, share_space, (void *)(u64)&five, stack + 4 * PAGE);
    int status = -1;
    check(pid > 0);
    five = 5;
    while (rounds < 25) {
        char *p = anon(3);
        dirty(p, 3);
        SYS0(__NR_sched_yield);
        check_eq(p[2 * PAGE], 3);
        munmap(p, 3 * PAGE);
    }
    check_eq(wait4(pid, &status, 0), pid);
    check_eq(status, 0);
    check_eq(rounds, 50);
}

static char *locked_out; /* protected again and again, under the space's lock */
static volatile bool forking;

static int protects(void *arg)
{
    while (!forking) {
        mprotect(locked_out, 2048 * PAGE, PROT_READ);
        mprotect(locked_out, 2048 * PAGE, PROT_READ | PROT_WRITE);
    }
    return 0;
}

static int moves(void *to)
{
    return SYS6(__NR_mremap, big, 16 * PAGE, 16 * PAGE,
                MREMAP_MAYMOVE | MREMAP_FIXED, to, 0) != (s64)to;
}

/* A fork and the first mremap of the space both wait for a third process,
 * preempted in the middle of an mprotect. The child gets the moved mapping; the
 * audit checks that the kernel finds its pages. */
void test_fork_behind_mremap(void)
{
    char *stack = anon(8), *to = anon(16);
    big = anon(16);
    dirty(big, 16);
    locked_out = anon(2048);
    dirty(locked_out, 2048);
    clone_run(CLONE_VM, protects, NULL, stack + 4 * PAGE);
    clone_run(CLONE_VM, moves, to, stack + 8 * PAGE);
    SYS0(__NR_sched_yield);
    forking = true;
    s64 pid = fork();
    if (pid == 0) {
        int fd = (int)open("/proc/audit", O_WRONLY, 0);
        exit(to[15 * PAGE] != 16 || write(fd, "1", 1) != 1);
    }
    int status = -1;
    check_eq(wait4(pid, &status, 0), pid);
    check_eq(status, 0);
    for (int i = 0; i < 2; i++) {
        check(wait4(-1, &status, 0) > 0);
        check_eq(status, 0);
    }
}

void test_dontneed(void)
{
    char *p = anon(16);
    dirty(p, 16);
    s64 before = anon_kb();
    check_eq(SYS3(__NR_madvise, p + 4 * PAGE, 8 * PAGE, MADV_DONTNEED), 0);
    check_eq(before - anon_kb(), 32);
    check_eq(p[4 * PAGE], 0);
    check_eq(p[3 * PAGE], 4);
    check_eq(p[12 * PAGE], 13);
}

void test_mincore_tells(void)
{
    char *p = anon(8);
    u8 vec[8];
    p[2 * PAGE] = 1;
    check_eq(SYS3(__NR_mincore, p, 8 * PAGE, vec), 0);
    for (int i = 0; i < 8; i++)
        check_eq(vec[i], i == 2);
    munmap(p + PAGE, PAGE);
    check_eq(SYS3(__NR_mincore, p, 8 * PAGE, vec), -ENOMEM);
}
