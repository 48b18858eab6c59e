/* SPDX-License-Identifier: MIT */
/* vmstress [SEED [STEPS [huge]]]: random mmap, munmap, mprotect, mremap,
 * madvise, mlock, fork and writes over a small region, against a model of its
 * contents. Each step changes pages or compares one; at the end all pages'
 * contents are compared. A step may fork a child, which goes on with a copy of
 * region and model. huge: a region of 6 MiB, in which leaves of 2 MiB are
 * mapped, made from small pages, and split again (MADV_HUGEPAGE, _NOHUGEPAGE,
 * _COLLAPSE). If nothing differs, prints "vmstress: SEED: N steps, all as the
 * model says" and ends with 0. */
#include "alone/fuzz.h"

/* npages: pages in the region; reach: pages that a step changes at most, ranges
 * of 2 MiB excepted. The small region crosses a page-table boundary. */
#define HUGE        512ul
#define NPAGES_HUGE (3 * HUGE)
static u64 npages = 96, reach = 12;
static bool huge;

enum { UNMAPPED, READABLE, WRITABLE, NOTHING };

static struct {
    u8 rights;
    bool locked;
    u32 value; /* the page's first word; 0 when untouched */
} model[NPAGES_HUGE];

static char *base;
static u64 failures;
static bool killed; /* a child, for want of memory */

static char *page(u64 i)
{
    return base + i * PAGE;
}

static void complain(const char *what, u64 i, u64 got, u64 want)
{
    if (failures++ < 10)
        printf("vmstress: page %lu: %s: %lu, not %lu\n", i, what, got, want);
}

static volatile u64 fault_hit;

/* Skips the probe's instruction, 4 bytes (probe_read, probe_write). */
static void on_fault(int sig, struct siginfo *info, u64 *uc)
{
    fault_hit = 1;
    uc[176 / 8] += 4;
}

static bool probe_read(const char *p, u32 *value)
{
    u32 v = 0;
    fault_hit = 0;
    __asm__ volatile(".option push\n.option norvc\n lw %0, 0(%1)\n"
                     ".option pop"
                     : "+r"(v)
                     : "r"(p)
                     : "memory");
    *value = v;
    return !fault_hit;
}

static bool probe_write(char *p, u32 value)
{
    fault_hit = 0;
    __asm__ volatile(".option push\n.option norvc\n sw %0, 0(%1)\n"
                     ".option pop"
                     :
                     : "r"(value), "r"(p)
                     : "memory");
    return !fault_hit;
}

static void compare(u64 i)
{
    u32 value;
    bool can = probe_read(page(i), &value);
    bool should = model[i].rights == READABLE || model[i].rights == WRITABLE;
    if (can != should)
        complain("readable", i, can, should);
    else if (can && value != model[i].value)
        complain("content", i, value, model[i].value);
}

static void poke(u64 i)
{
    u32 value = (u32)rnd(1u << 30) + 1;
    bool can = probe_write(page(i), value);
    if (can != (model[i].rights == WRITABLE))
        complain("writable", i, can, model[i].rights == WRITABLE);
    if (can)
        model[i].value = value;
}

static int prot_of(int rights)
{
    return rights == WRITABLE   ? PROT_READ | PROT_WRITE
           : rights == READABLE ? PROT_READ
                                : PROT_NONE;
}

static void set_range(u64 i, u64 n, int rights, bool fresh)
{
    for (; n--; i++) {
        model[i].rights = (u8)rights;
        if (fresh) {
            model[i].value = 0;
            model[i].locked = false;
        }
    }
}

static bool all_mapped(u64 i, u64 n)
{
    for (; n--; i++)
        if (model[i].rights == UNMAPPED)
            return false;
    return true;
}

static void do_map(u64 i, u64 n)
{
    int rights = huge && rnd(3) ? WRITABLE : 1 + (int)rnd(3);
    char *p = mmap(page(i), n * PAGE, prot_of(rights),
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (p != page(i))
        complain("mmap", i, (u64)p, (u64)page(i));
    set_range(i, n, rights, true);
}

static void do_protect(u64 i, u64 n)
{
    int rights = huge && rnd(3) ? WRITABLE : 1 + (int)rnd(3);
    u64 k = 0; /* pages before the first hole */
    while (k < n && model[i + k].rights != UNMAPPED)
        k++;
    s64 got = mprotect(page(i), n * PAGE, prot_of(rights));
    if (got != (k == n ? 0 : -ENOMEM))
        complain("mprotect", i, (u64)got, k == n ? 0 : (u64)-ENOMEM);
    set_range(i, k, rights, false);
}

/* Moves n pages from i to j. mremap moves a single mapping; over several it
 * fails, and the model stays as it is. */
static void do_remap(u64 i, u64 n, u64 j)
{
    if (j < i + n && i < j + n)
        return;
    s64 got = SYS6(__NR_mremap, page(i), n * PAGE, n * PAGE,
                   MREMAP_MAYMOVE | MREMAP_FIXED, page(j), 0);
    if (got == -EFAULT)
        return;
    if (got != (s64)page(j))
        complain("mremap", i, (u64)got, (u64)page(j));
    for (u64 k = 0; k < n; k++) {
        model[j + k] = model[i + k];
        model[i + k].rights = UNMAPPED;
        model[i + k].value = 0;
        model[i + k].locked = false;
    }
}

static void do_dontneed(u64 i, u64 n)
{
    s64 want = all_mapped(i, n) ? 0 : -ENOMEM;
    for (u64 k = 0; k < n && want != -EINVAL; k++)
        if (model[i + k].locked)
            want = -EINVAL;
        else
            model[i + k].value = 0;
    s64 got = SYS3(__NR_madvise, page(i), n * PAGE, MADV_DONTNEED);
    if (got != want)
        complain("madvise", i, (u64)got, (u64)want);
}

/* Calls mlock, mlock2 (on fault) or munlock, which go up to the first hole.
 * Pages without rights cannot be brought in, but are locked. */
static void do_lock(u64 i, u64 n)
{
    u64 how = rnd(3), k = 0, total = 0;
    bool none = false;
    for (; k < n && model[i + k].rights != UNMAPPED; k++) {
        model[i + k].locked = how != 2;
        none |= model[i + k].rights == NOTHING;
    }
    s64 want = k < n || (none && how == 0) ? -ENOMEM : 0;
    s64 got = how == 0   ? SYS2(__NR_mlock, page(i), n * PAGE)
              : how == 1 ? SYS3(__NR_mlock2, page(i), n * PAGE, 1)
                         : SYS2(__NR_munlock, page(i), n * PAGE);
    if (got != want)
        complain("mlock", i, (u64)got, (u64)want);
    for (k = 0; k < npages; k++)
        total += model[k].locked;
    u64 kib = (u64)proc_number("/proc/self/status", "VmLck:");
    if (kib != total * 4)
        complain("VmLck", i, kib, total * 4);
}

/* Gives advice on huge pages, which must not change the content. Whether the
 * kernel could collapse the memory is not checked. */
static void do_huge(u64 i, u64 n)
{
    static const int advice[] = {MADV_HUGEPAGE, MADV_HUGEPAGE, MADV_NOHUGEPAGE,
                                 MADV_COLLAPSE, MADV_COLLAPSE};
    int how = advice[rnd(5)];
    s64 got = SYS3(__NR_madvise, page(i), n * PAGE, how);
    if (how != MADV_COLLAPSE && got != (all_mapped(i, n) ? 0 : -ENOMEM))
        complain("madvise, huge", i, (u64)got, all_mapped(i, n) ? 0 : -ENOMEM);
}

static void step(int generation);

static void do_fork(int generation)
{
    int status = -1;
    s64 pid = generation < 3 ? fork() : -1;
    if (pid == 0) {
        failures = 0;
        for (u64 i = 0; i < npages; i++)
            model[i].locked = false; /* not inherited */
        for (int k = 0; k < 20; k++)
            step(generation + 1);
        for (u64 i = 0; i < npages; i++)
            compare(i);
        exit(failures ? 1 : killed ? 2 : 0);
    }
    bool ended = pid > 0 && wait4(pid, &status, 0) == pid;
    if (ended && (status == SIGKILL || status == 2 << 8))
        killed = true;
    else if (pid > 0 && status)
        complain("child's status", 0, (u64)status, 0);
    seed += 12345;
}

static void step(int generation)
{
    u64 i = rnd(npages), n = 1 + rnd(reach), j;
    if (huge && rnd(2)) { /* a range of leaves of 2 MiB */
        i -= i % HUGE;
        n = HUGE * (1 + rnd(2));
    }
    if (n > npages - i)
        n = npages - i;
    switch (rnd(huge ? 22 : 18)) {
    case 0:
    case 1:
        do_map(i, n);
        break;
    case 2:
        if (munmap(page(i), n * PAGE))
            complain("munmap", i, 1, 0);
        set_range(i, n, UNMAPPED, true);
        break;
    case 3:
    case 4:
        do_protect(i, n);
        break;
    case 5:
        j = rnd(npages - n + 1);
        if (rnd(2)) /* so that a leaf of 2 MiB may stay whole */
            j += i % HUGE - j % HUGE;
        if (j + n > npages)
            break;
        do_remap(i, n, j);
        break;
    case 6:
        do_dontneed(i, n);
        break;
    case 7:
        if (rnd(4) == 0)
            do_fork(generation);
        break;
    case 16:
    case 17:
        do_lock(i, n);
        break;
    case 18:
    case 19:
    case 20:
    case 21:
        do_huge(i, n);
        break;
    case 8:
    case 9:
    case 10:
        compare(i);
        break;
    default:
        poke(i);
    }
}

int main(int argc, char **argv)
{
    u64 first = argc > 1 ? strtou(argv[1]) : 1;
    u64 steps = argc > 2 ? strtou(argv[2]) : 3000;
    seed = first * 0x9e3779b97f4a7c15 + 1;
    base = (char *)(0x100000000ul + 512 * PAGE - npages / 2 * PAGE);
    if (argc > 3 && !strcmp(argv[3], "huge")) {
        base = (char *)0x100000000ul;
        npages = NPAGES_HUGE;
        reach = 100;
        huge = true;
    }
    on_signal(SIGSEGV, on_fault, SA_SIGINFO);
    for (u64 k = 0; k < steps && !failures; k++) {
        step(0);
        if (k % 500 == 0 && !audit())
            complain("audit", 0, 1, 0);
    }
    for (u64 i = 0; i < npages; i++)
        compare(i);
    if (!audit())
        complain("audit", 0, 1, 0);
    printf("vmstress: %lu: %lu steps, %s\n", first, steps,
           failures ? "WRONG"
           : killed ? "children were killed, the others are as the model says"
                    : "all as the model says");
    return failures != 0;
}
