/* SPDX-License-Identifier: MIT */
/* mlock and related calls: pages brought in, pages that stay, counts, refusals.
 * tests/guest/mlock.t tests under pressure that no locked page is evicted. */
#include "tests/test.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static s64 mlock(void *p, size_t pages)
{
    return SYS2(__NR_mlock, p, pages * PAGE);
}

static s64 munlock(void *p, size_t pages)
{
    return SYS2(__NR_munlock, p, pages * PAGE);
}

/* Returns the number of locked frames in the whole system. */
static s64 locked(void)
{
    return vmstat("nr_mlock");
}

/* Returns the number of pages in locked mappings of this process. */
static s64 vmlck(void)
{
    return proc_number("/proc/self/status", "VmLck:") / 4;
}

static size_t present(char *p, size_t pages)
{
    static u8 in[64];
    size_t n = 0;
    check_eq(SYS3(__NR_mincore, p, pages * PAGE, in), 0);
    for (size_t i = 0; i < pages; i++)
        n += in[i] & 1;
    return n;
}

void test_mlock_keeps(void)
{
    char *p = anon(48);
    s64 before = locked(), marked = vmstat("unevictable_pgs_mlocked");
    dirty(p, 8);
    check_eq(mlock(p + 4 * PAGE, 40), 0);
    check_eq(present(p, 48), 44); /* 4 touched before the range, 0 after */
    check_eq(locked() - before, 40);
    check_eq(vmstat("unevictable_pgs_mlocked") - marked, 40);
    check_eq(vmlck(), 40);
    check_eq(meminfo("Mlocked:"), locked() * 4);
    check_eq(meminfo("Unevictable:"), locked() * 4);
    check_eq(proc_number("/proc/self/smaps_rollup", "Locked:"), 160);
    check_eq(p[5 * PAGE], 6); /* content is as it was */
    check_eq(mlock(p + 4 * PAGE, 40), 0);
    check_eq(vmlck(), 40); /* locking twice is locking once */
    check_eq(munlock(p + 10 * PAGE, 2), 0);
    check_eq(vmlck(), 38);
    check_eq(locked() - before, 38);
    munmap(p, 20 * PAGE); /* removes the locks, too */
    check_eq(vmlck(), 24);
    check_eq(locked() - before, 24);
    check_eq(munlock(p + 20 * PAGE, 28), 0);
    check_eq(vmlck(), 0);
    check_eq(locked() - before, 0);
    check_eq(vmstat("unevictable_pgs_munlocked"),
             vmstat("unevictable_pgs_mlocked") - before);
}

/* Whole pages are locked, even if the range has only one byte of them. */
void test_mlock_bytes(void)
{
    char *p = anon(4);
    check_eq(SYS2(__NR_mlock, p + PAGE - 1, 2), 0);
    check_eq(vmlck(), 2);
    check_eq(SYS2(__NR_mlock, p + 3 * PAGE, 0), 0);
    check_eq(vmlck(), 2);
    check_eq(SYS2(__NR_mlock, p + 3 * PAGE + 5, 0), 0); /* Linux rounds up */
    check_eq(vmlck(), 3);
    check_eq(SYS2(__NR_munlock, p + 7, 1), 0);
    check_eq(vmlck(), 2);
}

void test_mlock_cow(void)
{
    s64 fd = open("/tests/all", O_RDONLY, 0);
    char *p = mmap(0, 4 * PAGE, RW, MAP_PRIVATE, (int)fd, 0);
    char *r = mmap(0, 4 * PAGE, PROT_READ, MAP_PRIVATE, (int)fd, 0);
    char *z = anon(4);
    check_eq(((volatile char *)z)[0], 0); /* mlock replaces the zero frame */
    s64 copied = vmstat("cow_copied"), before = locked();
    check_eq(mlock(p, 4), 0);
    check_eq(vmstat("cow_copied") - copied, 4);
    check_eq(mlock(r, 4), 0); /* not writable: the cache's own frames */
    check_eq(vmstat("cow_copied") - copied, 4);
    check_eq(mlock(z, 4), 0);
    check_eq(locked() - before, 12);
    s64 faults = vmstat("pgfault"), now = vmstat("pgfault");
    for (int i = 0; i < 4; i++) {
        p[(u64)i * PAGE] = 'x';
        z[(u64)i * PAGE] = 'y';
    }
    check_eq(vmstat("pgfault") - now, now - faults); /* none by the writes */
    /* mprotect to writable copies the pages of a locked mapping at once. */
    check_eq(mprotect(r, 4 * PAGE, RW), 0);
    check_eq(vmstat("cow_copied") - copied, 8);
    check_eq(locked() - before, 12);
}

static char *shared;

static void child_locks(void)
{
    s64 before = locked();
    check_eq(vmlck(), 0); /* not inherited */
    check_eq(present(shared, 4), 4);
    check_eq(mlock(shared, 4), 0);
    check_eq(vmlck(), 4);
    check_eq(locked() - before, 0);
}

/* A frame counts once, however many processes lock it. */
void test_mlock_once(void)
{
    shared = mmap(0, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    s64 before = locked();
    check_eq(mlock(shared, 4), 0);
    check_eq(locked() - before, 4);
    check_eq(in_child(child_locks), 0);
    check_eq(locked() - before, 4); /* the child is gone, its locks too */
    char *again = mmap(0, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    munmap(again, 4 * PAGE);
    check_eq(munlock(shared, 4), 0);
    check_eq(locked() - before, 0);
}

static char *parents;

static void child_writes(void)
{
    s64 before = locked();
    parents[0] = 'c'; /* a frame of the child's own, which nobody locked */
    check_eq(locked() - before, 0);
    check_eq(parents[PAGE], 2);
    check_eq(munlock(parents, 4), 0);
    check_eq(locked() - before, 0); /* the parent's lock stays */
}

static void exec_drops(void)
{
    char *argv[] = {(char *)"sh", (char *)"-c",
                    (char *)"grep -q 'VmLck:[^1-9]* 0 kB' /proc/self/status",
                    NULL};
    check_eq(SYS1(__NR_mlockall, MCL_CURRENT | MCL_FUTURE), 0);
    check(vmlck() > 0);
    SYS3(__NR_execve, "/bin/sh", argv, environ);
    exit(77);
}

void test_mlock_fork(void)
{
    s64 before = locked();
    parents = anon(4);
    dirty(parents, 4);
    check_eq(mlock(parents, 4), 0);
    check_eq(in_child(child_writes), 0);
    check_eq(parents[0], 1);
    parents[0] = 'p';
    check_eq(locked() - before, 4);
    check_eq(in_child(exec_drops), 0);
    check_eq(locked() - before, 4);
}

void test_mlock_onfault(void)
{
    char *p = anon(16);
    s64 before = locked();
    dirty(p, 2);
    check_eq(SYS3(__NR_mlock2, p, 16 * PAGE, MLOCK_ONFAULT), 0);
    check_eq(vmlck(), 16);
    check_eq(present(p, 16), 2);
    check_eq(locked() - before, 2);
    dirty(p, 5);
    check_eq(locked() - before, 5);
    check_eq(mlock(p, 16), 0); /* now all of it */
    check_eq(locked() - before, 16);
    check_eq(SYS3(__NR_mlock2, p, PAGE, 2), -EINVAL);
}

void test_mlock_errors(void)
{
    char *p = anon(12);
    munmap(p + 4 * PAGE, PAGE);
    check_eq(mlock(p + 4 * PAGE, 2), -ENOMEM);
    check_eq(vmlck(), 0);
    check_eq(mlock(p, 12), -ENOMEM);
    check_eq(vmlck(), 4); /* the pages before the hole */
    check_eq(munlock(p, 12), -ENOMEM);
    check_eq(vmlck(), 0);
    check_eq(SYS2(__NR_mlock, p, -PAGE), -EINVAL);
    check_eq(SYS2(__NR_munlock, p, -PAGE), -EINVAL);
    check_eq(SYS2(__NR_mlock, 1ul << 38, PAGE), -ENOMEM);
    check_eq(SYS2(__NR_mlock, -PAGE, PAGE), -EINVAL);
    check_eq(SYS1(__NR_mlockall, 0), -EINVAL);
    check_eq(SYS1(__NR_mlockall, MCL_ONFAULT), -EINVAL);
    check_eq(SYS1(__NR_mlockall, 8), -EINVAL);
    char *none = mmap(0, PAGE, PROT_NONE, ANON, -1, 0);
    check_eq(mlock(none, 1), -ENOMEM); /* it cannot be brought in... */
    check_eq(vmlck(), 1);              /* ... but is locked */
    munmap(none, PAGE);
    /* Advice and msync fail if they would take locked pages away. */
    check_eq(mlock(p, 2), 0);
    check_eq(SYS3(__NR_madvise, p, PAGE, MADV_DONTNEED), -EINVAL);
    check_eq(SYS3(__NR_madvise, p + 2 * PAGE, PAGE, MADV_DONTNEED), 0);
    check_eq(SYS3(__NR_msync, p, PAGE, MS_INVALIDATE), -EBUSY);
    check_eq(SYS3(__NR_msync, p + 2 * PAGE, PAGE, MS_INVALIDATE), 0);
}

static void set_limit(u64 soft)
{
    u64 limit[2] = {soft, 16 * PAGE};
    check_eq(SYS4(__NR_prlimit64, 0, RLIMIT_MEMLOCK, limit, 0), 0);
}

static void locks_as_user(void)
{
    char *p = anon(32);
    set_limit(16 * PAGE);
    check_eq(SYS3(__NR_setresuid, 1, 1, 1), 0);
    check_eq(mlock(p, 17), -ENOMEM);
    check_eq(mlock(p, 12), 0);
    check_eq(mlock(p + 12 * PAGE, 5), -ENOMEM);
    check_eq(mlock(p + 4 * PAGE, 12), 0); /* eight of them are locked */
    check_eq(vmlck(), 16);
    check(is_error(mmap(0, PAGE, RW, ANON | MAP_LOCKED, -1, 0)));
    check_eq((s64)mmap(0, PAGE, RW, ANON | MAP_LOCKED, -1, 0), -EAGAIN);
    check_eq(SYS4(__NR_mremap, p, 16 * PAGE, 20 * PAGE, MREMAP_MAYMOVE),
             -EAGAIN);
    check_eq(munlock(p, 1), 0);
    char *q = mmap(0, PAGE, RW, ANON | MAP_LOCKED, -1, 0);
    check(!is_error(q));
    check_eq(SYS1(__NR_mlockall, MCL_CURRENT), -ENOMEM);
    check_eq(SYS1(__NR_mlockall, MCL_FUTURE), 0);
    check_eq((s64)mmap(0, PAGE, RW, ANON, -1, 0), -EAGAIN);
    u64 brk = (u64)SYS1(__NR_brk, 0);
    check_eq(SYS1(__NR_brk, brk + 4 * PAGE), brk);
    check_eq(SYS0(__NR_munlockall), 0);
    check_eq(vmlck(), 0);
    set_limit(0);
    check_eq(mlock(p, 1), -EPERM);
    check_eq(SYS1(__NR_mlockall, MCL_FUTURE), -EPERM);
    check_eq((s64)mmap(0, PAGE, RW, ANON | MAP_LOCKED, -1, 0), -EPERM);
    check_eq(munlock(p, 1), 0); /* always allowed */
}

/* RLIMIT_MEMLOCK binds every user except root. */
void test_mlock_limit(void)
{
    set_limit(0);
    char *p = anon(20);
    check_eq(mlock(p, 20), 0);
    check_eq(munlock(p, 20), 0);
    check_eq(in_child(locks_as_user), 0);
}

void test_mlockall(void)
{
    char *p = anon(8);
    s64 before = locked();
    check_eq(SYS1(__NR_mlockall, MCL_CURRENT), 0);
    check_eq(present(p, 8), 8);
    char *q = anon(8);
    check_eq(present(q, 8), 0); /* MCL_CURRENT: not later mappings */
    s64 all = proc_number("/proc/self/status", "VmSize:") / 4;
    check_eq(vmlck(), all - 8 - 1); /* not q, not the kernel's trampoline */
    check_eq(SYS1(__NR_mlockall, MCL_FUTURE), 0);
    char *r = anon(8);
    check_eq(present(q, 8), 0);
    check_eq(present(r, 8), 8);
    check_eq(vmlck(), all - 8 - 1 + 8);
    u64 brk = (u64)SYS1(__NR_brk, 0);
    check_eq(SYS1(__NR_brk, brk + 4 * PAGE), brk + 4 * PAGE);
    check_eq(present((char *)((brk + PAGE - 1) & -PAGE), 3), 3);
    check_eq(SYS1(__NR_mlockall, MCL_FUTURE | MCL_ONFAULT), 0);
    check_eq(present(anon(8), 8), 0);
    check_eq(SYS0(__NR_munlockall), 0);
    check_eq(vmlck(), 0);
    check_eq(locked() - before, 0);
    check_eq(present(anon(8), 8), 0);
}

/* A mapping that moves or grows takes its locks along. */
void test_mlock_remap(void)
{
    char *p = anon(8), *to = anon(32);
    s64 before = locked();
    dirty(p, 8);
    check_eq(mlock(p, 8), 0);
    char *q = (char *)SYS6(__NR_mremap, p, 8 * PAGE, 16 * PAGE,
                           MREMAP_MAYMOVE | MREMAP_FIXED, to, 0);
    check_eq((s64)q, (s64)to);
    check_eq(vmlck(), 16);
    check_eq(present(q, 16), 16);
    check_eq(locked() - before, 16);
    check_eq(q[7 * PAGE], 8);
    q = (char *)SYS4(__NR_mremap, q, 16 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
    check_eq(vmlck(), 4);
    check_eq(locked() - before, 4);
}
