/* SPDX-License-Identifier: MIT */
/* huge: what system calls do to a page of 2 MiB. After each step it prints how
 * many kB are AnonHugePages in smaps, and if all words are right; Linux gives
 * the same lines. huge KIB: a child writes KIB of memory, so that the page goes
 * to swap; then it is collapsed. Runs on any Linux for riscv64 with /proc. */
#include "lib/tiny.h"

#define NPAGES 512ul
#define HUGE   (NPAGES * PAGE)
#define WORDS  (PAGE / 8)

static u64 errors;
static u64 lost; /* pages from 200 on that MADV_DONTNEED has taken */

static u64 expected(u64 page, u64 k)
{
    return page - 200 < lost ? 0 : page * 1000 + k;
}

static void fill(char *p)
{
    for (u64 i = 0; i < NPAGES; i++)
        for (u64 k = 0; k < WORDS; k++)
            ((u64 *)(p + i * PAGE))[k] = i * 1000 + k;
}

static const char *content(const char *p, u64 pages)
{
    u64 wrong = 0;
    for (u64 i = 0; i < pages; i++)
        for (u64 k = 0; k < WORDS; k++)
            wrong += ((const u64 *)(p + i * PAGE))[k] != expected(i, k);
    errors += wrong != 0;
    return wrong ? "WRONG" : "right";
}

static const char *next_line(const char *s)
{
    while (*s && *s != '\n')
        s++;
    return *s ? s + 1 : s;
}

static u64 hex(const char **s)
{
    u64 n = 0;
    for (;; ++*s) {
        char c = **s;
        if (c >= '0' && c <= '9')
            n = n * 16 + (u64)(c - '0');
        else if (c >= 'a' && c <= 'f')
            n = n * 16 + (u64)(c - 'a') + 10;
        else
            return n;
    }
}

/* Sums AnonHugePages of the mappings that overlap [p, p + n), in kB. */
static u64 huge_kb(const char *p, u64 n)
{
    static char buf[65536];
    static const char name[] = "AnonHugePages:";
    s64 fd = open("/proc/self/smaps", O_RDONLY, 0), got;
    u64 len = 0, sum = 0;
    bool inside = false;
    while ((got = read((int)fd, buf + len, sizeof buf - 1 - len)) > 0)
        len += (u64)got;
    close((int)fd);
    buf[len] = 0;
    for (const char *s = buf; *s; s = next_line(s)) {
        const char *at = s;
        u64 start = hex(&at);
        if (at > s && *at == '-') {
            at++;
            inside = start < (u64)p + n && hex(&at) > (u64)p;
        } else if (inside && !memcmp(s, name, sizeof name - 1)) {
            for (s += sizeof name - 1; *s == ' ';)
                s++;
            sum += strtou(s);
        }
    }
    return sum;
}

static void tell(const char *step, const char *p)
{
    u64 kb = huge_kb(p, HUGE);
    printf("%-32s %4lu kB, %s\n", step, kb, content(p, NPAGES));
}

static s64 advise(char *p, u64 n, int how)
{
    return SYS3(__NR_madvise, p, n, how);
}

static char *aligned(void)
{
    char *p = anonymous(3 * HUGE, MAP_PRIVATE);
    return p + (-(u64)p & (HUGE - 1));
}

static void forked(char *p)
{
    int status;
    s64 pid = fork();
    if (pid == 0) {
        tell("child", p);
        *(volatile u64 *)(p + 7 * PAGE) = 7000;
        tell("child, has written", p);
        exit(errors != 0);
    }
    wait4(pid, &status, 0);
    errors += status != 0;
    *(volatile u64 *)(p + 8 * PAGE) = 8000;
    tell("parent, has written", p);
}

static void parts(char *p)
{
    mprotect(p, HUGE, PROT_READ);
    tell("mprotect of all", p);
    mprotect(p, HUGE, PROT_READ | PROT_WRITE);
    mprotect(p + 3 * PAGE, PAGE, PROT_READ);
    tell("mprotect of a page", p);
    mprotect(p + 3 * PAGE, PAGE, PROT_READ | PROT_WRITE);
    printf("collapse: %ld\n", advise(p, HUGE, MADV_COLLAPSE));
    tell("collapsed", p);
    advise(p + 200 * PAGE, 5 * PAGE, MADV_DONTNEED);
    lost = 5;
    tell("MADV_DONTNEED of five", p);
    printf("collapse: %ld\n", advise(p, HUGE, MADV_COLLAPSE));
    tell("collapsed", p);
}

static void moved(char *p)
{
    char *to = aligned();
    SYS6(__NR_mremap, p, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, to, 0);
    tell("mremap, aligned", to);
    p = aligned() + PAGE;
    SYS6(__NR_mremap, to, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, p, 0);
    tell("mremap, not aligned", p);
    printf("collapse: %ld\n", advise(p, HUGE, MADV_COLLAPSE));
}

static int pressed(u64 kib)
{
    char *p = aligned();
    int status;
    advise(p, HUGE, MADV_HUGEPAGE);
    fill(p);
    tell("filled", p);
    s64 pid = fork();
    if (pid == 0) {
        char *q = anonymous(kib * 1024, MAP_PRIVATE);
        for (u64 i = 0; i < kib / 4; i++)
            q[i * PAGE] = 1;
        exit(0);
    }
    wait4(pid, &status, 0);
    printf("pressed: %lu kB, %s\n", huge_kb(p, HUGE),
           proc_number("/proc/self/status", "VmSwap:") > 1024
               ? "most of it in swap"
               : "most of it in memory");
    s64 err = advise(p, HUGE, MADV_COLLAPSE);
    if (err == -EINVAL) { /* fork left no page writable */
        *(volatile u64 *)p = 0;
        err = advise(p, HUGE, MADV_COLLAPSE);
    }
    printf("collapse: %ld\n", err);
    tell("collapsed", p);
    return errors != 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return pressed(strtou(argv[1]));
    char *p = aligned();
    printf("collapse of nothing: %ld\n", advise(p, HUGE, MADV_COLLAPSE));
    printf("advice: %ld\n", advise(p, HUGE, MADV_HUGEPAGE));
    fill(p);
    tell("filled", p);
    forked(p);
    parts(p);
    moved(p);
    lost = 0;
    p = aligned();
    advise(p, HUGE, MADV_HUGEPAGE);
    fill(p);
    tell("filled", p);
    SYS2(__NR_mlock, p, 64 * PAGE);
    tell("mlock of a part", p);
    printf("collapse: %ld\n", advise(p, HUGE, MADV_COLLAPSE));
    p = aligned();
    advise(p, HUGE, MADV_HUGEPAGE);
    fill(p);
    munmap(p + 500 * PAGE, 12 * PAGE);
    printf("munmap of the end: %lu kB, %s\n", huge_kb(p, HUGE),
           content(p, 500));
    return errors != 0;
}
