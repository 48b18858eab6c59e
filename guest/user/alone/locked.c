/* SPDX-License-Identifier: MIT */
/* locked KIB HOG_KIB [FILE]: do locked pages stay when memory is short? Locks
 * KIB of private memory, as much shared memory and FILE's pages; a child then
 * writes HOG_KIB and reads it back (its death by the OOM killer is no error).
 * All locked pages must have stayed: none faults when it is read again, and the
 * words written are right. Then the pages are unlocked; a child writes again:
 * pages leave (without swap only FILE's) and return. Audits each step. Prints
 *
 *   locked: N pages stayed, E errors; hog: ok|killed
 *   unlocked: F pages had left
 */
#include "lib/work.h"

static u64 errors;

static void complain(const char *what, s64 n)
{
    if (errors++ < 5)
        printf("locked: %s: %ld\n", what, n);
}

static void audit(void)
{
    s64 fd = open("/proc/audit", O_WRONLY, 0);
    s64 n = fd < 0 ? fd : write((int)fd, "1", 1);
    close((int)fd);
    if (n != 1)
        complain("audit", n);
}

struct area {
    char *p;
    u64 pages;
    bool ours; /* written by us: the pattern is known */
};
static struct area areas[3];

static void add(unsigned i, u64 pages, int prot, int flags, int fd)
{
    struct area *a = &areas[i];
    a->p = mmap(0, pages * PAGE, prot, flags, fd, 0);
    if (is_error(a->p))
        cannot("mmap", (s64)a->p);
    a->pages = pages;
    a->ours = prot & PROT_WRITE;
    for (u64 k = 0; a->ours && k < pages; k++)
        page_fill(a->p + k * PAGE, k, i);
}

static u64 all_areas(s64 nr)
{
    u64 n = 0;
    for (unsigned i = 0; i < 3; n += areas[i++].pages) {
        s64 err =
            areas[i].pages ? SYS2(nr, areas[i].p, areas[i].pages * PAGE) : 0;
        if (err)
            cannot("mlock", err);
    }
    return n;
}

/* Reads all pages and checks ours. Returns how many faulted: these were not in
 * this address space. (mincore cannot tell: it asks the page cache.) */
static u64 faults(void)
{
    u64 missing = 0;
    for (unsigned i = 0; i < 3; i++)
        for (u64 k = 0; k < areas[i].pages; k++) {
            volatile char *at = areas[i].p + k * PAGE;
            s64 before[18], after[18];
            SYS2(__NR_getrusage, 0, before);
            (void)*at;
            SYS2(__NR_getrusage, 0, after);
            missing += after[8] + after[9] != before[8] + before[9];
            if (areas[i].ours && !page_holds((char *)at, k, i))
                complain("page is wrong", (s64)k);
        }
    return missing;
}

static const char *hog(u64 pages)
{
    int status = 0;
    s64 pid = fork();
    if (pid == 0) {
        char *p = anonymous(pages * PAGE, MAP_PRIVATE);
        if (is_error(p))
            exit(3);
        for (u64 k = 0; k < pages; k++)
            page_fill(p + k * PAGE, k, 9);
        for (u64 k = 0; k < pages; k++)
            if (!page_holds(p + k * PAGE, k, 9))
                exit(4);
        exit(0);
    }
    wait4(pid, &status, 0);
    if ((status & 0x7f) == 9)
        return "killed";
    if (status)
        complain("hog's status", status);
    return "ok";
}

int main(int argc, char **argv)
{
    if (argc < 3)
        cannot("usage: locked KIB HOG_KIB [FILE]", 0);
    u64 pages = number_arg(argv[1]) / 4, load = number_arg(argv[2]) / 4;
    add(0, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    add(1, pages, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
    s64 fd = argc > 3 ? open(argv[3], O_RDONLY, 0) : -1;
    if (fd >= 0)
        add(2, (u64)SYS3(__NR_lseek, fd, 0, 2) / PAGE, PROT_READ, MAP_PRIVATE,
            (int)fd);
    u64 n = all_areas(__NR_mlock), gone;
    audit();
    const char *end = hog(load);
    audit();
    gone = faults();
    if (gone)
        complain("locked pages that left", (s64)gone);
    printf("locked: %lu pages stayed, %lu errors; hog: %s\n", n - gone, errors,
           end);
    all_areas(__NR_munlock);
    audit();
    hog(load);
    printf("unlocked: %lu pages had left\n", faults());
    audit();
    return errors != 0;
}
