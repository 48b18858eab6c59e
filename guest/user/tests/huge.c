/* SPDX-License-Identifier: MIT */
/* Pages of 2 MiB: MADV_HUGEPAGE, MADV_COLLAPSE, and the operations that split
 * them. If no 512 free frames lie in a row, a test says so, gets small pages,
 * and checks the content of the memory only. */
#include "tests/test.h"

#define NPAGES 512ul
#define HUGE   (NPAGES * PAGE)
#define GB     (1ul << 30)
#define RW     (PROT_READ | PROT_WRITE)

static s64 advise(char *p, size_t n, int how)
{
    return SYS3(__NR_madvise, p, n, how);
}

/* Maps n times 2 MiB, aligned. */
static char *aligned(size_t n)
{
    char *p = anon((n + 1) * NPAGES);
    return p + (-(u64)p & (HUGE - 1));
}

static s64 huge_kb(void)
{
    return meminfo("AnonHugePages:");
}

static void set_word(char *p, u64 page, u64 value)
{
    *(volatile u64 *)(p + page * PAGE + page * 8) = value;
}

static u64 word(const char *p, u64 page)
{
    return *(const volatile u64 *)(p + page * PAGE + page * 8);
}

/* Checks that each page's word is `first` + the page's number, except in the n
 * pages from page `but` on, where it is 0. */
static void check_words(const char *p, u64 first, u64 but, u64 n)
{
    u64 wrong = 0;
    for (u64 i = 0; i < NPAGES; i++)
        wrong += word(p, i) != (i - but < n ? 0 : first + i);
    check_eq(wrong, 0);
}

static void set_words(char *p, u64 first)
{
    for (u64 i = 0; i < NPAGES; i++)
        set_word(p, i, first + i);
}

/* Maps one page of 2 MiB, or else 512 small pages, and sets their words. */
static char *huge_words(u64 first, bool *huge)
{
    char *p = aligned(1);
    s64 before = huge_kb();
    check_eq(advise(p, HUGE, MADV_HUGEPAGE), 0);
    set_words(p, first);
    *huge = huge_kb() - before == 2048;
    if (!*huge)
        printf("# no 512 free frames in a row\n");
    return p;
}

void test_huge_fault(void)
{
    char *p = aligned(2);
    check_eq(advise(p, 2 * HUGE, MADV_HUGEPAGE), 0);
    memset(p + HUGE, 'x', HUGE); /* frames that are not zero */
    check_eq(advise(p + HUGE, HUGE, MADV_DONTNEED), 0);
    s64 before = huge_kb(), faults = vmstat("thp_fault_alloc");
    s64 clear = vmstat("demand_zero"), none = vmstat("thp_fault_fallback");
    s64 rss = proc_number("/proc/self/status", "RssAnon:");
    p[HUGE + 5] = 1; /* the second of the two */
    if (vmstat("thp_fault_fallback") != none) {
        printf("# no 512 free frames in a row\n");
        return;
    }
    check_eq(huge_kb() - before, 2048);
    check_eq(vmstat("thp_fault_alloc") - faults, 1);
    check_eq(vmstat("demand_zero") - clear, NPAGES);
    check_eq(proc_number("/proc/self/status", "RssAnon:") - rss, 2048);
    u64 sum = 0;
    for (u64 i = 0; i < HUGE / 8; i++)
        sum += ((const u64 *)(p + HUGE))[i];
    check_eq(sum, 1ul << 40);
    int fd[2];
    check_eq(SYS2(__NR_pipe2, fd, 0), 0);
    check_eq(write(fd[1], p + HUGE + 4, 4), 4);
    check_eq(read(fd[0], p + 2 * HUGE - 5, 4), 4);
    check_eq(p[2 * HUGE - 4], 1); /* the kernel finds the right frame */
    munmap(p, 2 * HUGE);
    check_eq(huge_kb(), before);
}

/* These mappings must get no page of 2 MiB. */
void test_huge_refused(void)
{
    s64 faults = vmstat("thp_fault_alloc"), before = huge_kb();
    char *p = aligned(2);
    p[0] = 1; /* nobody asked */
    p += HUGE;
    check_eq(advise(p, HUGE, MADV_HUGEPAGE), 0);
    check_eq(advise(p, HUGE, MADV_NOHUGEPAGE), 0);
    p[0] = 1; /* asked for, then revoked */
    check_eq(advise(p, HUGE, MADV_COLLAPSE), -EINVAL);
    p = aligned(2) + PAGE;
    check_eq(advise(p, HUGE, MADV_HUGEPAGE), 0);
    p[HUGE / 2] = p[HUGE - PAGE] = 1; /* no 2 MiB of it are aligned */
    char *shared = mmap(aligned(1), HUGE, RW,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    check_eq(advise(shared, HUGE, MADV_HUGEPAGE), 0);
    shared[0] = 1;
    check_eq(advise(shared, HUGE, MADV_COLLAPSE), -EINVAL);
    check_eq(advise(shared, HUGE, 13), -EINVAL);
    munmap(p, PAGE);
    check_eq(advise(p, HUGE, MADV_HUGEPAGE), -ENOMEM);
    check_eq(vmstat("thp_fault_alloc"), faults);
    check_eq(huge_kb(), before);
}

/* Parent and child share one page of 2 MiB; a write of the child splits the
 * child's leaf only. */
void test_huge_fork(void)
{
    bool huge;
    char *p = huge_words(1000, &huge);
    s64 splits = vmstat("thp_split_pmd"), copied = vmstat("cow_copied");
    s64 kb = huge_kb();
    int status = -1;
    s64 pid = fork();
    if (pid == 0) {
        test_failures = 0;
        check_words(p, 1000, 0, 0);
        check_eq(huge_kb(), kb);
        set_word(p, 7, 1);
        check_eq(vmstat("thp_split_pmd") - splits, huge);
        check_eq(word(p, 7), 1);
        check_eq(word(p, 8), 1008);
        exit(test_failures != 0);
    }
    check_eq(wait4(pid, &status, 0), pid);
    check_eq(status, 0);
    check_words(p, 1000, 0, 0);
    check(vmstat("cow_copied") - copied >= 1);
    copied = vmstat("cow_copied");
    s64 reused = vmstat("cow_reused");
    set_word(p, 7, 7); /* alone again: the leaf is kept, nothing is copied */
    check_eq(vmstat("cow_copied"), copied);
    if (huge) {
        check_eq(vmstat("cow_reused") - reused, NPAGES);
        check_eq(vmstat("thp_split_pmd") - splits, 1);
        check_eq(huge_kb(), kb);
    }
    set_word(p, 7, 1007);
    check_words(p, 1000, 0, 0);
}

void test_huge_unmap(void)
{
    bool huge;
    char *p = huge_words(2000, &huge);
    s64 splits = vmstat("thp_split_pmd"), kb = huge_kb();
    check_eq(advise(p + 100 * PAGE, 3 * PAGE, MADV_DONTNEED), 0);
    check_eq(vmstat("thp_split_pmd") - splits, huge);
    check_words(p, 2000, 100, 3);
    munmap(p + 500 * PAGE, 12 * PAGE);
    check_eq(kernel_reads(p + 500 * PAGE), -EFAULT);
    check_eq(kernel_reads(p + 499 * PAGE), 1);
    check_eq(word(p, 499), 2499);
    munmap(p, HUGE);
    p = huge_words(3000, &huge);
    splits = vmstat("thp_split_pmd");
    check_eq(advise(p, HUGE, MADV_DONTNEED), 0); /* the whole page: no split */
    check_eq(vmstat("thp_split_pmd"), splits);
    check_eq(huge_kb(), kb - 2048 * huge);
    check_eq(word(p, 511), 0);
}

void test_huge_protect(void)
{
    bool huge;
    char *p = huge_words(4000, &huge);
    s64 splits = vmstat("thp_split_pmd");
    int fd[2];
    check_eq(SYS2(__NR_pipe2, fd, 0), 0);
    check_eq(mprotect(p, HUGE, PROT_READ), 0); /* the whole stays one leaf */
    check_eq(write(fd[1], "x", 1), 1);
    check_eq(read(fd[0], p + 3 * PAGE + 1, 1), -EFAULT);
    check_words(p, 4000, 0, 0);
    check_eq(mprotect(p, HUGE, PROT_NONE), 0);
    check_eq(kernel_reads(p), -EFAULT);
    check_eq(mprotect(p, HUGE, RW), 0);
    check_words(p, 4000, 0, 0);
    check_eq(vmstat("thp_split_pmd"), splits);
    check_eq(mprotect(p + 3 * PAGE, PAGE, PROT_READ), 0);
    check_eq(vmstat("thp_split_pmd") - splits, huge);
    check_eq(read(fd[0], p + 3 * PAGE + 1, 1), -EFAULT);
    check_eq(read(fd[0], p + 4 * PAGE + 1, 1), 1);
    check_eq(p[4 * PAGE + 1], 'x');
    check_words(p, 4000, 0, 0);
}

/* mremap: at an aligned address the page stays whole, elsewhere it is split. */
void test_huge_remap(void)
{
    bool huge;
    char *p = huge_words(5000, &huge), *to = aligned(2);
    s64 splits = vmstat("thp_split_pmd"), kb = huge_kb();
    check_eq(
        SYS6(__NR_mremap, p, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, to, 0),
        to);
    check_eq(vmstat("thp_split_pmd"), splits);
    check_eq(huge_kb(), kb);
    check_words(to, 5000, 0, 0);
    check_eq(kernel_reads(p), -EFAULT);
    p = to;
    to = aligned(2) + PAGE;
    check_eq(
        SYS6(__NR_mremap, p, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, to, 0),
        to);
    check_eq(vmstat("thp_split_pmd") - splits, huge);
    check_words(to, 5000, 0, 0);
}

void test_huge_lock(void)
{
    bool huge;
    char *p = huge_words(6000, &huge);
    s64 splits = vmstat("thp_split_pmd"), locked = meminfo("Mlocked:");
    check_eq(SYS2(__NR_mlock, p, HUGE), 0);
    check_eq(meminfo("Mlocked:") - locked, 2048);
    check_eq(vmstat("thp_split_pmd"), splits);
    check_eq(SYS2(__NR_munlock, p + PAGE, HUGE - PAGE), 0);
    check_eq(meminfo("Mlocked:") - locked, 4);
    check_eq(vmstat("thp_split_pmd") - splits, huge);
    munmap(p, PAGE);
    check_eq(meminfo("Mlocked:"), locked);
    check_eq(word(p, 1), 6001);
}

/* Collapses pages shared with a child; two of them were discarded. */
void test_huge_collapse(void)
{
    char *p = aligned(1);
    s64 kb = huge_kb(), done = vmstat("thp_collapse_alloc");
    int status = -1, go[2];
    check_eq(advise(p, HUGE, MADV_COLLAPSE), -EINVAL); /* no page is there */
    set_words(p, 7000);
    check_eq(advise(p + 9 * PAGE, 2 * PAGE, MADV_DONTNEED), 0);
    (void)*(volatile char *)(p + 10 * PAGE); /* the zero frame */
    check_eq(SYS2(__NR_pipe2, go, 0), 0);
    s64 pid = fork();
    if (pid == 0) {
        char c;
        test_failures = 0;
        close(go[1]);
        read(go[0], &c, 1); /* until the parent has collapsed its pages */
        check_words(p, 7000, 9, 2);
        exit(test_failures != 0);
    }
    check_eq(advise(p, HUGE, MADV_COLLAPSE), -EINVAL); /* all read-only */
    set_word(p, 0, 7000);
    s64 err = advise(p, HUGE, MADV_COLLAPSE);
    check_words(p, 7000, 9, 2);
    if (err == -ENOMEM) {
        printf("# no 512 free frames in a row\n");
    } else {
        check_eq(err, 0);
        check_eq(vmstat("thp_collapse_alloc") - done, 1);
        check_eq(huge_kb() - kb, 2048);
        check_eq(advise(p, HUGE, MADV_COLLAPSE), 0); /* huge already */
    }
    set_words(p, 8000);
    close(go[1]);
    check_eq(wait4(pid, &status, 0), pid);
    check_eq(status, 0);
    check_words(p, 8000, 0, 0);
    u64 us = now_us();
    check_eq(advise((char *)(32 * GB), 128 * GB, MADV_COLLAPSE), -ENOMEM);
    check(now_us() - us < 5000); /* a hole takes no time, as in Linux */
}
