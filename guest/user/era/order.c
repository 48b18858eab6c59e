/* SPDX-License-Identifier: MIT */
/* order PATTERN FILE: reads FILE page by page, in an order that a detector of
 * sequential access may misjudge (000-13):
 *
 *   forward    0 1 2 3 ...
 *   backwards  ... 3 2 1 0
 *   stride     0 2 4 ... 1 3 5 ...
 *   writers    two processes, each writes its half in order, turn by turn
 *   again      0 1 2 3 4 0 5 1 6 2 ... (page N + 4, then page N once more)
 *
 * Reads (writers: writes) a whole page each time; prints the number of pages.
 */
#include "lib/work.h"

static u64 buffer[PAGE / 8];
static u64 touched;

static void touch(s64 fd, u64 page, bool writes)
{
    s64 n = writes ? SYS4(__NR_pwrite64, fd, buffer, PAGE, page * PAGE)
                   : SYS4(__NR_pread64, fd, buffer, PAGE, page * PAGE);
    if (n != (s64)PAGE)
        cannot("order", n);
    touched++;
}

/* Forks; the two processes take turns, and each writes its half in order. */
static void writers(s64 fd, u64 pages)
{
    volatile u64 *turn = anonymous(PAGE, MAP_SHARED);
    u64 half = pages / 2;
    s64 pid = fork();
    if (pid < 0)
        cannot("order: fork", pid);
    u64 me = pid == 0;
    for (u64 i = 0; i < half; i++) {
        while (*turn % 2 != me)
            SYS0(__NR_sched_yield);
        touch(fd, me * half + i, true);
        ++*turn;
    }
    if (me)
        exit(0);
    int status;
    wait4(pid, &status, 0);
    touched *= 2;
}

int main(int argc, char **argv)
{
    const char *how = argc == 3 ? argv[1] : "";
    s64 fd = argc == 3 ? open(argv[2], O_RDWR, 0) : -ENOENT;
    s64 size = fd < 0 ? fd : SYS3(__NR_lseek, fd, 0, 2);
    if (size <= 0)
        cannot("usage: order PATTERN FILE", size);
    u64 n = (u64)size / PAGE;
    if (!strcmp(how, "forward")) {
        for (u64 i = 0; i < n; i++)
            touch(fd, i, false);
    } else if (!strcmp(how, "backwards")) {
        for (u64 i = n; i-- > 0;)
            touch(fd, i, false);
    } else if (!strcmp(how, "stride")) {
        for (u64 from = 0; from < 2; from++)
            for (u64 i = from; i < n; i += 2)
                touch(fd, i, false);
    } else if (!strcmp(how, "writers")) {
        writers(fd, n);
    } else if (!strcmp(how, "again")) {
        for (u64 i = 0; i < n; i++) {
            touch(fd, i, false);
            if (i >= 4)
                touch(fd, i - 4, false);
        }
    } else {
        cannot("usage: order forward|backwards|stride|writers|again FILE", 0);
    }
    printf("order: %s, %lu pages\n", how, touched);
    return 0;
}
