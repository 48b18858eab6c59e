/* SPDX-License-Identifier: MIT */
/* chain N PAGES: does a page's reverse map grow with each fork? Writes PAGES
 * pages; then N times a process touches a page of its own and forks, and its
 * child does the same. A process ends when it has a grandchild. So all pages
 * are the last processes' in the end. Prints how long fork, and an audit, which
 * searches all PTEs of each page, take in an early process and in the last. */
#include "lib/work.h"

#define FIRST 8 /* the generation that is measured first */

static void audit(void)
{
    s64 fd = open("/proc/audit", O_WRONLY, 0);
    if (write((int)fd, "1", 1) != 1)
        cannot("/proc/audit", EIO);
    close((int)fd);
}

/* Returns the us that fork takes. */
static u64 time_fork(void)
{
    u64 began = now_us();
    s64 pid = fork();
    int status;
    if (pid == 0)
        exit(0);
    u64 us = now_us() - began;
    wait4(pid, &status, 0);
    return us;
}

static u64 time_audit(void)
{
    u64 began = now_us();
    audit();
    return now_us() - began;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf_fd(2, "usage: chain N PAGES\n");
        return 2;
    }
    u64 n = number_arg(argv[1]), pages = number_arg(argv[2]), errors = 0;
    u64 forks[2], audits[2];
    char *old = need_mapping(anonymous(pages * PAGE, MAP_PRIVATE), "mmap");
    char *own = need_mapping(anonymous(n * PAGE, MAP_PRIVATE), "mmap");
    int ended[2], born[2][2]; /* born: a grandchild, of even and of odd ones */
    char byte;
    SYS2(__NR_pipe2, ended, 0);
    SYS2(__NR_pipe2, born[0], 0);
    SYS2(__NR_pipe2, born[1], 0);
    for (u64 i = 0; i < pages; i++)
        page_fill(old + i * PAGE, i, 1);
    s64 first = fork();
    if (first) { /* waits until the last child closes the pipe */
        close(ended[1]);
        read(ended[0], &byte, 1);
        return 0;
    }
    for (u64 i = 0; i < n; i++) {
        page_fill(own + i * PAGE, i, 2);
        s64 pid = fork();
        if (pid < 0)
            cannot("fork", pid);
        if (pid > 0) {
            read(born[i % 2][0], &byte, 1);
            exit(0);
        }
        if (i)
            write(born[(i - 1) % 2][1], "b", 1);
        if (i == FIRST || i == n - 1) {
            forks[i != FIRST] = time_fork();
            audits[i != FIRST] = time_audit();
        }
    }
    for (u64 i = 0; i < pages; i++)
        errors += !page_holds(old + i * PAGE, i, 1);
    for (u64 i = 0; i < n; i++)
        errors += !page_holds(own + i * PAGE, i, 2);
    printf("chain: fork %lu us, then %lu; audit %lu us, then %lu; %lu errors\n",
           forks[0], forks[1], audits[0], audits[1], errors);
    write(born[(n - 1) % 2][1], "b", 1); /* the parent has no grandchild */
    return 0;
}
