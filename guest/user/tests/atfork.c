/* SPDX-License-Identifier: MIT */
/* Tests which pages a child inherits after madvise. */
#include "tests/test.h"

#define RW (PROT_READ | PROT_WRITE)

static char *p; /* in a child: kept, missing, kept, wiped, kept, kept */

static s64 advise_page(int page, int how)
{
    return SYS3(__NR_madvise, p + page * PAGE, PAGE, how);
}

static void looks(void)
{
    check_eq(p[0], 'a');
    check_eq(kernel_reads(p + PAGE), -EFAULT);
    check_eq(p[2 * PAGE], 'c');
    check_eq(p[3 * PAGE], 0);
    check_eq(p[4 * PAGE], 'e');
    check_eq(p[5 * PAGE], 'f');
    p[3 * PAGE] = 'z';
    if (fork() == 0) { /* wiped again in its child */
        check_eq(p[3 * PAGE], 0);
        exit(test_failures);
    }
    int status = -1;
    wait4(-1, &status, 0);
    check_eq(status, 0);
    u64 size = (u64)proc_number("/proc/self/status", "VmSize:");
    check_eq(munmap(p, 6 * PAGE), 0);
    check_eq(proc_number("/proc/self/status", "VmSize:"), size - 20);
}

void test_at_fork(void)
{
    p = anon(6);
    for (int i = 0; i < 6; i++)
        p[i * PAGE] = (char)('a' + i);
    check_eq(advise_page(1, MADV_DONTFORK), 0);
    check_eq(advise_page(3, MADV_WIPEONFORK), 0);
    check_eq(advise_page(4, MADV_WIPEONFORK), 0);
    check_eq(advise_page(4, MADV_KEEPONFORK), 0);
    check_eq(advise_page(5, MADV_DONTFORK), 0);
    check_eq(advise_page(5, MADV_DOFORK), 0);
    check_eq(in_child(looks), 0);
    check_eq(p[PAGE], 'b');
    check_eq(p[3 * PAGE], 'd');
    char *shared = mmap(0, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check_eq(SYS3(__NR_madvise, shared, PAGE, MADV_WIPEONFORK), -EINVAL);
    check_eq(SYS3(__NR_madvise, shared, PAGE, MADV_DONTFORK), 0);
    munmap(shared, PAGE);
    munmap(p, 6 * PAGE);
}
